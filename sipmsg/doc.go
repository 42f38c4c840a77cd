// Package sipmsg reads one SIP message as bytes and writes it again with a few
// edits. It is the strict gate in front of everything else: what it accepts
// has one reading only, for us and for whoever comes after us.
//
// The one call to start with is [Message.Parse]. It indexes a datagram in place,
// without allocation, and refuses what two readers could read in two ways:
// header names that are no RFC 3261 tokens, a bare CR or LF, NUL, repeated
// single-value headers, a broken Content-Length. Legal but rare spellings
// (folding, white space before the colon, compact forms, any case) always pass.
// A response cannot be refused, so there an offending line is marked to be cut.
//
// [Splice] forwards a message: the received octets with the edits of RFC 3261
// section 16.6, everything else as it came. [Message.AppendAnswer] builds a
// local response (section 8.2.6), [AppendHeader] is the one writer of headers.
//
// What it is not: it knows no transactions, sockets or routing (package proxy),
// no MIME bodies (package sipi) and no ISUP (package isupbody). Parse takes a
// whole message; on a stream [Framer] finds where one ends.
package sipmsg
