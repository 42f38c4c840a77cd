package proxy

import (
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
	router   *router.Router
	log      *slog.Logger
	key      []byte
	ready    func() bool
	observer func(Event)
	sockets  []*socket
	names    map[string]bool // host:port forms of ourselves
	peers    *peers
	table    *table
	wheel    *wheel
	metrics  *metrics
	draining atomic.Bool
}

// New checks the options and binds the sockets. Nothing is read before Serve.
// It reports misuse as ErrNoListener, ErrNoRouter, ErrShortKey or ErrNetwork.
func New(o Options) (*Proxy, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	var sockets []*socket
	for i, l := range o.Listen {
		s, err := listen(i, l)
		if err != nil {
			closeAll(sockets)
			return nil, err
		}
		sockets = append(sockets, s)
	}
	p, err := assemble(o, sockets)
	if err != nil {
		closeAll(sockets)
	}
	return p, err
}

// assemble puts a proxy together on sockets that are bound.
func assemble(o Options, sockets []*socket) (*Proxy, error) {
	p := &Proxy{
		router: o.Router, log: o.Log, key: o.Key, ready: o.Ready, observer: o.Observe,
		sockets: sockets, names: ownNames(sockets),
		peers: newPeers(o.Router, o.Edges), table: newTable(), wheel: newWheel(),
	}
	var err error
	p.metrics, err = newMetrics(o.Metrics, p.table)
	return p, err
}

// Addrs are the local addresses, in the order of Options.Listen.
func (p *Proxy) Addrs() []netip.AddrPort {
	addrs := make([]netip.AddrPort, len(p.sockets))
	for i, s := range p.sockets {
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
	errs := make(chan error, len(p.sockets))
	for _, s := range p.sockets {
		running.Go(func() { errs <- newWorker(p).read(s) })
	}
	clock := newWorker(p)
	running.Go(func() { p.wheel.run(ctx, clock.fire) })

	var err error
	select {
	case <-ctx.Done():
	case err = <-errs: // a socket that cannot be read any more: let the process be started again
	}
	stop()
	p.Close()
	running.Wait()
	return err
}

// Close closes the sockets. Serve does it too.
func (p *Proxy) Close() { closeAll(p.sockets) }

func closeAll(sockets []*socket) {
	for _, s := range sockets {
		_ = s.conn.Close() // there is nobody left to tell
	}
}

// Drain refuses new calls from now on, with 503 and Retry-After, and answers
// OPTIONS with 503. What runs goes on.
func (p *Proxy) Drain() { p.draining.Store(true) }

// Transactions counts the transactions whose final response has not been sent,
// or not been acknowledged.
func (p *Proxy) Transactions() int { return p.table.open() }

// send sends and counts; the network's errors are not the call's end, as
// whoever waits for an answer sends again.
func (p *Proxy) send(s *socket, b []byte, to netip.AddrPort) {
	if err := s.send(b, to); err != nil && !errors.Is(err, net.ErrClosed) {
		p.metrics.sendErrors.Inc()
	}
}

// outgoing is the socket a request leaves by: the one its call came in by, or
// the first of the target's address family.
func (p *Proxy) outgoing(in *socket, target netip.Addr) *socket {
	if in.reaches(target) {
		return in
	}
	for _, s := range p.sockets {
		if s.reaches(target) {
			return s
		}
	}
	return nil
}
