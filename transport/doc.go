// Package transport brings SIP messages in and out: UDP, TCP and TLS (RFC 3261
// section 18).
//
// It binds the listeners, cuts streams into messages, keeps connections and
// their limits, and sends without ever waiting for a slow peer. What it is not:
// it reads no more of a message than its length, and knows nothing of calls
// (package proxy).
//
// Start with Open, then Layer.Serve with a Handler.
package transport
