package proxy

import (
	"net/netip"

	"sipid/transport"
)

// way is a Flow as a transaction keeps it: half as large.
type way struct {
	by     *transport.Listener
	addr   netip.Addr
	stream *transport.Stream
	port   uint16
	alt    uint16 // the port of Flow.Alt, which is at the same address; 0: none
}

func wayOf(f transport.Flow) way {
	return way{by: f.By, addr: f.Addr.Addr(), port: f.Addr.Port(), stream: f.Stream, alt: f.Alt.Port()}
}

func (w *way) flow() transport.Flow {
	f := transport.Flow{By: w.by, Addr: netip.AddrPortFrom(w.addr, w.port), Stream: w.stream}
	if w.alt != 0 {
		f.Alt = netip.AddrPortFrom(w.addr, w.alt)
	}
	return f
}

// Reliable is Flow.Reliable.
func (w *way) Reliable() bool { return w.by.Network.Reliable() }
