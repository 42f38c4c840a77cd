package router

import (
	"cmp"
	"math"
	"net/netip"
)

// Endpoint is a place where a target takes calls. A target with an address has
// one; a target with a name has those that DNS says (RFC 3263), which change
// while we run.
type Endpoint struct {
	Transport string // "udp", "tcp" or "tls"
	Addr      netip.AddrPort
	Priority  int // the lowest is tried first
	Weight    int // share of the calls among equals; 0 means 1
}

// Compare says which of a target's endpoints a call is offered first: by
// priority, and among equals by the same weighted rendezvous hash of the Call-ID
// as the targets themselves, so that nodes with the same answer choose the same.
func (e *Endpoint) Compare(o *Endpoint, callID []byte) int {
	if c := cmp.Compare(e.Priority, o.Priority); c != 0 {
		return c
	}
	call := fnv1a(fnvOffset, callID)
	if c := cmp.Compare(o.score(call), e.score(call)); c != 0 {
		return c
	}
	return e.Addr.Compare(o.Addr)
}

// score is what an endpoint bids for a call.
func (e *Endpoint) score(call uint64) float64 {
	addr := e.Addr.Addr().As16()
	port := [2]byte{byte(e.Addr.Port() >> 8), byte(e.Addr.Port())}
	h := fnv1a(fnv1a(fnv1a(call, e.Transport), addr[:]), port[:])
	u := (float64(mix(h)>>11) + 0.5) / (1 << 53)
	return float64(atLeastOne(e.Weight)) / -math.Log(u)
}
