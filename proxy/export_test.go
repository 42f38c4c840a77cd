package proxy

import "sipid/transport"

// NewOn is New on connections that a test made.
func NewOn(o Options, conns ...transport.PacketConn) (*Proxy, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	return assemble(o, newPeers(o.Router, o.Edges), transport.On(transport.Options{}, conns...))
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
