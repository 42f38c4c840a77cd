// Package locator finds where PBX targets are that have names, by DNS as
// RFC 3263 says: NAPTR for the transport, SRV for hosts and ports, A and AAAA for
// addresses. It asks beside the calls, again and again as the answers grow old,
// and keeps the last good answer for as long as DNS gives none.
//
// What it is not: it does not know which targets take calls, and no call waits
// for it (package proxy, which is told by SetEndpoints).
//
// Start with New, then Locator.Locate once and Locator.Run.
package locator
