package proxy

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"

	"sipid/router"
)

// Proxy moves calls between trunks and PBX groups. Make one with New.
type Proxy struct {
	router    *router.Router
	log       *slog.Logger
	key       []byte
	ready     func() bool
	observer  func(Event)
	listeners []*listener
	streams   *streams
	workers   sync.Pool
	names     map[string]bool // host:port forms of ourselves
	peers     *peers
	pools     map[*router.Group]*pool
	table     *table
	wheel     *wheel
	metrics   *metrics
	draining  atomic.Bool
}

// New checks the options and binds the sockets. Nothing is read before Serve.
// It reports misuse as ErrNoListener, ErrNoRouter, ErrShortKey or ErrNetwork.
func New(o Options) (*Proxy, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	var bound []*listener
	for i, l := range o.Listen {
		s, err := listen(i, l)
		if err != nil {
			closeAll(bound)
			return nil, err
		}
		bound = append(bound, s)
	}
	p, err := assemble(o, bound)
	if err != nil {
		closeAll(bound)
	}
	return p, err
}

// assemble puts a proxy together on listeners that are bound.
func assemble(o Options, bound []*listener) (*Proxy, error) {
	p := &Proxy{
		router: o.Router, log: o.Log, key: o.Key, ready: o.Ready, observer: o.Observe,
		listeners: bound, names: ownNames(bound),
		peers: newPeers(o.Router, o.Edges), table: newTable(), wheel: newWheel(),
	}
	p.pools = newPools(o.Router, p.wheel.now)
	p.streams = newStreams(p, o.TLS, o.TLSClient)
	p.workers.New = func() any { return newWorker(p) }
	var err error
	p.metrics, err = newMetrics(o.Metrics, p)
	return p, err
}

// Addrs are the local addresses, in the order of Options.Listen.
func (p *Proxy) Addrs() []netip.AddrPort {
	addrs := make([]netip.AddrPort, len(p.listeners))
	for i, s := range p.listeners {
		addrs[i] = s.local
	}
	return addrs
}

// Serve moves calls until ctx is done; then it closes the sockets. To lose no
// call, Drain first and wait until Transactions says 0.
func (p *Proxy) Serve(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var running sync.WaitGroup
	errs := make(chan error, len(p.listeners))
	for _, l := range p.listeners {
		running.Go(func() { errs <- p.read(l) })
	}
	clock := newWorker(p)
	running.Go(func() { p.wheel.run(ctx, clock.fire) })
	p.probeAll(ctx)

	var err error
	select {
	case <-ctx.Done():
	case err = <-errs: // a socket that cannot be read any more: let the process be started again
	}
	stop()
	p.Close()
	p.streams.close()
	running.Wait()
	return err
}

// Close closes the sockets. Serve does it too.
func (p *Proxy) Close() { closeAll(p.listeners) }

func closeAll(bound []*listener) {
	for _, l := range bound {
		l.close()
	}
}

// read takes what comes in by a listener until that is closed.
func (p *Proxy) read(l *listener) error {
	if l.network == networkUDP {
		return newWorker(p).readPackets(l)
	}
	return p.streams.accept(l)
}

// Drain refuses new calls from now on, with 503 and Retry-After, and answers
// OPTIONS with 503. What runs goes on.
func (p *Proxy) Drain() { p.draining.Store(true) }

// Transactions counts the transactions whose final response has not been sent,
// or not been acknowledged.
func (p *Proxy) Transactions() int { return p.table.open() }

// send sends a message on its way. The network's errors are not the call's end:
// over UDP whoever waits for an answer sends again.
func (p *Proxy) send(f flow, b []byte) { p.sendFor(nil, f, b) }

// sendFor is send for the request of an attempt, which is told when a connection
// for it cannot be had. Nothing here waits.
func (p *Proxy) sendFor(a *attempt, f flow, b []byte) {
	if f.by.network == networkUDP {
		if _, err := f.by.packets.WriteToUDPAddrPort(b, f.addr); err != nil && !errors.Is(err, net.ErrClosed) {
			p.metrics.sendErrors.Inc()
		}
		return
	}
	s := f.stream
	if s == nil || !s.open() {
		to := f.addr
		if f.alt.IsValid() {
			to = f.alt
		}
		s = p.streams.find(f.by, to)
	}
	if s == nil || !s.put(outgoing{text: bytes.Clone(b), attempt: a}) {
		p.metrics.sendErrors.Inc()
	}
}

// outgoing is the way to a target: by the listener its call came in by, or the
// first one of the target's network and address family. It is false when there
// is none.
func (p *Proxy) outgoing(in *listener, n network, target netip.AddrPort) (flow, bool) {
	if in.reaches(n, target.Addr()) {
		return flow{by: in, addr: target}, true
	}
	for _, l := range p.listeners {
		if l.reaches(n, target.Addr()) {
			return flow{by: l, addr: target}, true
		}
	}
	return flow{}, false
}
