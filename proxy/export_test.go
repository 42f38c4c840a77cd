package proxy

import (
	"maps"
	"net/netip"
	"slices"

	"sipid/isupbody"
	"sipid/router"
	"sipid/sipmsg"
	"sipid/transport"
)

// NewOn is New on connections that a test made.
func NewOn(o Options, conns ...transport.PacketConn) (*Proxy, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	p := assemble(o)
	return p, p.on(transport.On(transport.Options{}, conns...), o.Metrics)
}

// Router is what the proxy asks.
func (p *Proxy) Router() *router.Router { return p.router }

// Explainer is Explain that is made once for many messages, for fuzzing.
func Explainer(r *router.Router) func(raw []byte, source netip.AddrPort) (*Explanation, error) {
	w := newExplainer(r, nil)
	return func(raw []byte, source netip.AddrPort) (*Explanation, error) { return w.explain(raw, source, false) }
}

// SetRoom bounds the octets of requests that wait, and Waiting counts them.
func (p *Proxy) SetRoom(inAll, each int64) { p.room.inAll, p.room.each = inAll, each }

func (p *Proxy) Waiting() int64 {
	all := p.room.taken.Load()
	for _, l := range p.trunkLimits {
		all += l.waiting.Load()
	}
	return all
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

// LoseRequests tells all attempts that no connection took their request.
func (p *Proxy) LoseRequests() {
	for i := range p.table.shards {
		s := &p.table.shards[i]
		s.mu.Lock()
		lost := slices.Collect(maps.Values(s.client))
		s.mu.Unlock()
		for _, a := range lost {
			handler{p}.Unreachable(a)
		}
	}
}

// Upward gives the way of an answer to an INVITE of a trunk, again and again for
// the same call and always its first answer, for measuring. The trunk is the
// first one; ISUP is added or not.
func (p *Proxy) Upward(speaks bool) func(raw []byte) []byte {
	w := newWorker(p)
	tx := newTransaction(p)
	tx.method = sipmsg.MethodInvite
	tx.up.by = &transport.Listener{}
	tx.backward = backward{dialect: p.dialects.of(p.router.Trunks()[0]), base: isupbody.BaseITU92, speaks: speaks}
	return func(raw []byte) []byte {
		tx.backward.first = early{}
		if err := w.msg.Parse(raw); err != nil {
			panic(err)
		}
		return w.upward(tx)
	}
}

// Identifier runs steps 4 to 6 of a call, and no more: for what they cost.
type Identifier struct {
	w *worker
	m sipmsg.Message
	t *router.Trunk
}

// NewIdentifier indexes an INVITE that is then identified again and again.
func NewIdentifier(r *router.Router, invite []byte) (*Identifier, error) {
	id := &Identifier{w: newWorker(&Proxy{router: r, dialects: newDialects(r), key: make([]byte, MinKeyLength)}), t: r.Trunks()[0]}
	return id, id.m.Parse(invite)
}

// Identify splits the body, decodes the IAM and decides.
func (id *Identifier) Identify() *router.Decision { return id.w.identify(id.t, &id.m) }

// ParseHost is parseHost.
var ParseHost = parseHost
