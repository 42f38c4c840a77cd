package proxy

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"sipid/pbx"
	"sipid/record"
	"sipid/router"
	"sipid/transport"
)

// Proxy moves calls between trunks and PBX groups. Make one with New.
type Proxy struct {
	router    *router.Router
	log       *slog.Logger
	key       []byte
	ready     func() bool
	observer  func(Event)
	record    *record.Log
	transport *transport.Layer
	workers   sync.Pool
	questions sync.Pool // of *unsettled
	idle      sync.Pool // of *transaction
	buffers   buffers
	names     map[string]bool // host:port forms of ourselves
	edges     []netip.Prefix
	known     atomic.Pointer[peers]
	groups    *pbx.Groups
	setting   sync.Mutex // of where the groups' targets are
	watching  watching
	strangers bool // are told that they are none of ours
	faults    faults
	dialects  dialects
	table     *table
	wheel     *wheel
	metrics   *metrics
	calls     *calls
	overload  overload
	room      room

	trunkLimits  map[*router.Trunk]*trunkLimit
	clientLimits *clientLimits
	draining     atomic.Bool
	resumes      bool
}

// New checks the options and binds the listeners. Nothing is read before Serve.
// It reports misuse as ErrNoRouter, ErrShortKey or an error of transport.Open.
func New(o Options) (*Proxy, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	p := assemble(o)
	layer, err := transport.Open(o.Listen, transport.Options{TLS: o.TLS, TLSClient: o.TLSClient, HostOf: p.hostOf})
	if err != nil {
		return nil, err
	}
	if err := p.on(layer, o.Metrics); err != nil {
		layer.Close()
		return nil, err
	}
	return p, nil
}

// assemble puts a proxy together that has no transport yet.
func assemble(o Options) *Proxy {
	p := &Proxy{
		router: o.Router, log: o.Log, key: o.Key, ready: o.Ready, observer: o.Observe, record: o.Record, resumes: o.Resumes,
		edges: o.Edges, strangers: o.RefuseStrangers, table: newTable(), wheel: newWheel(),
	}
	p.room.inAll, p.room.each = roomInAll, roomEach
	p.trunkLimits, p.clientLimits, p.calls = newTrunkLimits(o.Router), newClientLimits(), newCalls(p.wheel.now)
	p.groups = pbx.New(o.Router, p.wheel.now, o.Log)
	p.dialects = newDialects(o.Router)
	p.overload.now, p.overload.entered = p.wheel.now, p.overloaded
	p.overload.hurried = func(is bool) { p.transport.Precede(is) } // there is none yet
	p.overload.shedder = newShedder(p.admit)
	p.workers.New = func() any { return newWorker(p) }
	p.questions.New = func() any { return new(unsettled) }
	p.idle.New = func() any { return newTransaction(p) }
	p.SetEndpoints(o.Endpoints)
	return p
}

// on gives the proxy its transport.
func (p *Proxy) on(layer *transport.Layer, reg prometheus.Registerer) error {
	p.transport, p.names = layer, ownNames(layer.Listeners())
	p.overload.queues = make([]queue, len(layer.Listeners()))
	layer.Handle(handler{p})
	var err error
	p.metrics, err = newMetrics(reg, p)
	return err
}

// Addrs are the local addresses, in the order of Options.Listen.
func (p *Proxy) Addrs() []netip.AddrPort {
	var addrs []netip.AddrPort
	for _, l := range p.transport.Listeners() {
		addrs = append(addrs, l.Local)
	}
	return addrs
}

// Serve moves calls until ctx is done; then it closes the listeners. To lose no
// call, Drain first and wait until Transactions says 0.
func (p *Proxy) Serve(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var running sync.WaitGroup
	clock := newWorker(p)
	running.Go(func() { p.wheel.run(ctx, clock.fire) })
	running.Go(func() { p.sweepCalls(ctx) })
	running.Go(func() { p.overload.control(ctx) })
	p.probeAll(ctx)
	err := p.transport.Serve(ctx)
	stop()
	p.probeNone()
	running.Wait()
	return err
}

// Close closes the listeners of a proxy that is not to be served.
func (p *Proxy) Close() { p.transport.Close() }

// Drain refuses new calls from now on, with 503 and Retry-After, and answers
// OPTIONS with 503. What runs goes on.
func (p *Proxy) Drain() { p.draining.Store(true) }

// Targets tells how all PBX targets are, in the order of the configuration.
func (p *Proxy) Targets() []pbx.State { return p.groups.States() }

// SetDrained takes targets out, or back in: those with this URI, in the named
// group or, when group is empty, in all. It tells how many there were.
func (p *Proxy) SetDrained(group, uri string, out bool) int {
	return p.groups.SetDrained(group, uri, out)
}

// Vet closes the connections that peers made by TLS and that trusted says no to,
// and gives these peers.
func (p *Proxy) Vet(trusted func(tls.ConnectionState) bool) []netip.AddrPort {
	return p.transport.Vet(trusted)
}

// overloaded notes the beginning and the end of overload.
func (p *Proxy) overloaded(is bool) {
	if !is {
		p.log.Info("overload is over")
		return
	}
	p.metrics.overloads.Inc()
	p.log.Warn("overload: new calls are refused while they would wait", "longer_than", refuseAge)
}

// admit has the kernel drop what is over this share of the new calls. Without that
// they are dropped when they were received, which costs more.
func (p *Proxy) admit(share float64) {
	if err := p.transport.Admit(share); err != nil {
		p.log.Warn("overload: a socket's filter was not set", "err", err)
	}
}

// Transactions counts the transactions whose final response has not been sent,
// or not been acknowledged.
func (p *Proxy) Transactions() int { return p.table.open() }

// send sends a message on its way.
func (p *Proxy) send(f transport.Flow, b []byte) { p.transport.Send(f, b, nil) }
