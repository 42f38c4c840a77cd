package sipmsg

import (
	"net/netip"
	"strconv"
)

// patch is one edit of a via-parm: the octets at a span give way to a name and
// the source's port or address.
type patch struct {
	at   Span
	lead string
	port bool
}

func (p *patch) append(dst []byte, source netip.AddrPort) []byte {
	dst = append(dst, p.lead...)
	if p.port {
		return strconv.AppendUint(dst, uint64(source.Port()), 10)
	}
	return appendAddr(dst, source.Addr())
}

// appendAddr writes an address as received wants it: without brackets, without
// a zone, IPv4 as IPv4.
func appendAddr(dst []byte, a netip.Addr) []byte {
	return a.Unmap().WithZone("").AppendTo(dst)
}

// stamp lists the edits for received and rport, in ascending order. received is
// needed when rport is there (RFC 3581 section 4) or when the host is not the
// source's address (RFC 3261 section 18.2.1); one that is there is overwritten.
func (v *Via) stamp(raw []byte, source netip.AddrPort, to []patch) []patch {
	if !source.IsValid() {
		return to
	}
	if v.HasRPort {
		p := patch{at: v.RPort, port: true}
		if v.RPort.Empty() {
			p.lead = "="
		}
		to = append(to, p)
	}
	switch {
	case !v.Received.Empty():
		to = append(to, patch{at: v.Received})
	case v.HasRPort || !v.sentBy(raw, source.Addr()):
		to = append(to, patch{at: Span{v.ParamsEnd, v.ParamsEnd}, lead: ";received="})
	}
	if len(to) == 2 && to[1].at.Start < to[0].at.Start {
		to[0], to[1] = to[1], to[0]
	}
	return to
}

// sentBy reports whether the via-parm's host is an address as text.
func (v *Via) sentBy(raw []byte, a netip.Addr) bool {
	host := raw[v.Host.Start:v.Host.End]
	if len(host) > 1 && host[0] == '[' {
		host = host[1 : len(host)-1]
	}
	var buf [64]byte
	return equalFold(host, string(appendAddr(buf[:0], a)))
}
