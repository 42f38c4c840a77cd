package proxy

import (
	"net"
	"net/netip"
)

// PacketConn is what a test puts in the place of a UDP socket.
type PacketConn interface {
	ReadFromUDPAddrPort(b []byte) (n int, src netip.AddrPort, err error)
	WriteToUDPAddrPort(b []byte, dst netip.AddrPort) (int, error)
	LocalAddr() net.Addr
	Close() error
}

// NewOn is New on connections that a test made.
func NewOn(o Options, conns ...PacketConn) (*Proxy, error) {
	o.Listen = make([]Listen, len(conns))
	var bound []*listener
	for i, c := range conns {
		o.Listen[i].Network = "udp"
		bound = append(bound, newPacketListener(i, c, ""))
	}
	if err := o.validate(); err != nil {
		return nil, err
	}
	return assemble(o, bound)
}

// Held counts what the proxy keeps: server transactions and attempts.
func (p *Proxy) Held() (server, client int) {
	for i := range p.table.shards {
		s := &p.table.shards[i]
		s.mu.Lock()
		server += len(s.server)
		client += len(s.client)
		s.mu.Unlock()
	}
	return server, client
}
