// Package proxy moves calls: it reads SIP from its sockets, asks router where a
// call goes, and carries it there by RFC 3261 transactions.
//
// It is a stateful, record-routing proxy (RFC 3261 section 16) between trunks
// that speak SIP-I and the agent PBX. A forwarded message is the received octets
// with the few edits of section 16.6 and those of the identification; nothing is
// parsed and rebuilt. In one respect it is more than a proxy: where a PBX group
// wants it, the multipart body is unwrapped, as session border controllers do.
//
// What it is not: it does not know how a caller is identified or which PBX group
// serves a client (package router), what a multipart body looks like (sipi), what
// an IAM holds (isupbody), or how a header is spelled (sipmsg).
//
// Start with New, then Proxy.Serve. A newcomer reads worker.onInvite first: the
// way of an INVITE, step by step.
//
// # How it is built
//
// A message is handled where it is read, in the reader's goroutine, in order.
// A transaction is one struct under its own mutex, found through a sharded map;
// there is no goroutine, channel or timer for each. One timer wheel serves all.
// The branch of our Via and our Record-Route carry, signed, what is needed to go
// on when the transaction is gone: the process may be another one by then.
package proxy
