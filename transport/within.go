package transport

import "bytes"

// RouteMark stands in the Route of a request within a call: it is written behind
// the host of our Record-Route, and peers repeat that as it is (RFC 3261 12.1.2).
// Of seven octets every word of a datagram that falls among them, wherever the
// words begin, is one of four: the kernel's filter has no loops to look for more.
const RouteMark = ";lr;sd="

// withinLooked is how far into a message a RouteMark is looked for, in octets.
const withinLooked = 2048

// Within tells, by a look, whether a request belongs to a call that runs.
func Within(b []byte) bool {
	return bytes.Contains(b[:min(len(b), withinLooked)], []byte(RouteMark))
}
