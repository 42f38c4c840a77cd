package transport

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// Errors of Open.
var (
	// ErrNoListener means that there is nothing to listen on.
	ErrNoListener = errors.New("transport: no address to listen on")
	// ErrNetwork means a transport that is not served.
	ErrNetwork = errors.New("transport: unknown network, want udp, tcp or tls")
	// ErrNoTLS means a tls listener without Options.TLS.
	ErrNoTLS = errors.New("transport: tls listener without a TLS configuration")
)

// Listen is one address to listen on.
type Listen struct {
	// Network is "udp", "tcp" or "tls".
	Network string
	// Addr is the local address; port 0 picks a free one.
	Addr netip.AddrPort
	// Advertise is the host, or host and port, that goes into Via and
	// Record-Route. Empty: the address the kernel sends from.
	Advertise string
}

// Options is what a Layer needs besides its listeners.
type Options struct {
	// TLS is for connections to tls listeners, TLSClient for those we make. A
	// configuration that is to be renewed while we run does it by
	// GetConfigForClient and GetClientCertificate.
	TLS, TLSClient *tls.Config
	// HostOf is the name that the certificate of a peer must have; nil: its address.
	HostOf func(netip.Addr) string
}

// Handler takes what comes in. Its methods are called from many goroutines; of
// one listener of UDP, and of one connection, one message after the other.
type Handler interface {
	// Message handles one message. The octets are its own only until it returns.
	// False is one that is good for nothing. It ends the connection that it came by:
	// its peer breaks the rules.
	Message(b []byte, from Flow) bool
	// Broken is told of a stream in which no message can be found any more, to
	// answer if it can; the connection then ends.
	Broken(b []byte, from Flow)
	// Knows tells whether a peer may connect, and how much room it finds.
	Knows(a netip.AddrPort) Acquaintance
	// Unreachable is told that the message sent for this owner did not go out.
	Unreachable(owner any)
	// Dropped is told of what was lost, to count it.
	Dropped(Drop)
}

// Acquaintance is how well a peer is known.
type Acquaintance uint8

// What a peer may be. For a Partner some connections are kept, that others cannot
// take up.
const (
	Stranger Acquaintance = iota // may not connect
	Guest
	Partner
)

// Drop says why something was lost.
type Drop uint8

// The reasons.
const (
	DropReadError   Drop = iota // the network's, of one read or accept
	DropStranger                // a connection from somebody nobody knows
	DropConnections             // a connection too many
	DropHandshake               // a TLS handshake that failed
	DropWriteError              // a message that could not be sent
)

// Layer is the listeners and the connections.
type Layer struct {
	listeners []*Listener
	streams   *streams
	handler   Handler
	preceding atomic.Bool
}

// Open binds the listeners. Nothing is read before Serve.
func Open(listens []Listen, o Options) (*Layer, error) {
	if len(listens) == 0 {
		return nil, ErrNoListener
	}
	var bound []*Listener
	for i, l := range listens {
		one, err := bind(i, l, o.TLS != nil)
		if err != nil {
			closeAll(bound)
			return nil, err
		}
		bound = append(bound, one)
	}
	return newLayer(bound, o), nil
}

// On is a Layer of UDP on connections that are there already.
func On(o Options, conns ...PacketConn) *Layer {
	var bound []*Listener
	for i, c := range conns {
		bound = append(bound, newPacketListener(i, c, ""))
	}
	return newLayer(bound, o)
}

func newLayer(bound []*Listener, o Options) *Layer {
	if o.TLSClient == nil {
		o.TLSClient = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	if o.HostOf == nil {
		o.HostOf = netip.Addr.String
	}
	return &Layer{listeners: bound, streams: newStreams(o)}
}

func bind(index int, l Listen, haveTLS bool) (*Listener, error) {
	n, ok := ParseNetwork(l.Network)
	switch {
	case !ok:
		return nil, fmt.Errorf("%w: %q", ErrNetwork, l.Network)
	case n == TLS && !haveTLS:
		return nil, ErrNoTLS
	}
	return listen(index, n, l)
}

// Handle sets who takes what comes in. It comes before Serve and Send.
func (t *Layer) Handle(h Handler) { t.handler, t.streams.handler = h, h }

// Serve takes what comes in until ctx is done; then it closes everything.
func (t *Layer) Serve(ctx context.Context) error {
	var running sync.WaitGroup
	errs := make(chan error, len(t.listeners))
	for _, l := range t.listeners {
		running.Go(func() { errs <- t.read(l) })
	}
	var err error
	select {
	case <-ctx.Done():
	case err = <-errs: // a listener that cannot be read any more: let the process be started again
	}
	t.Close()
	t.streams.close()
	running.Wait()
	return err
}

// Close closes the listeners. Serve does it too.
func (t *Layer) Close() { closeAll(t.listeners) }

func closeAll(bound []*Listener) {
	for _, l := range bound {
		l.close()
	}
}

// Listeners are those that were opened, in their order.
func (t *Layer) Listeners() []*Listener { return t.listeners }

// Connections counts the connections.
func (t *Layer) Connections() int { return t.streams.count() }

// read takes what comes in by a listener until that is closed.
func (t *Layer) read(l *Listener) error {
	if l.Network != UDP {
		return t.streams.accept(l)
	}
	in := make([]byte, maxDatagram)
	timed, _ := l.packets.(timed)
	drainer, _ := l.packets.(drainer)
	preceder, _ := l.packets.(preceder)
	rester, _ := l.packets.(rester)
	precedes, flood := false, flood{rester: rester}
	for {
		n, src, err := l.packets.ReadFromUDPAddrPort(in)
		l.turns.Add(1)
		if on := t.preceding.Load(); on != precedes && preceder != nil {
			preceder.precede(on)
			precedes = on
		}
		switch {
		case err == nil:
			from := Flow{By: l, Addr: unmap(src)}
			if timed != nil {
				from.Waited = timed.Waited()
			}
			if from.Waited > backlogAge && drainer != nil {
				t.backlog(l, datagram{in[:n], src, from.Waited}, drainer.drain())
				continue
			}
			// An empty one is nobody's message: Turning wakes us.
			if flood.note(n > 0 && t.handler.Message(in[:n], from), from.Waited) && drainer != nil {
				t.backlog(l, datagram{}, drainer.drain())
			}
		case errors.Is(err, net.ErrClosed):
			return nil
		default:
			// ICMP errors and the like concern one peer, not the listener.
			t.handler.Dropped(DropReadError)
		}
	}
}

// timed is a PacketConn that knows how long a datagram waited to be read.
type timed interface{ Waited() time.Duration }

// Send sends a message on its way. It does not wait, and the network's errors
// are not the call's end: over UDP whoever waits for an answer sends again, and
// the owner of a message that no connection takes is told by
// Handler.Unreachable, unless owner is nil.
func (t *Layer) Send(f Flow, b []byte, owner any) {
	if f.By.Network == UDP {
		if _, err := f.By.packets.WriteToUDPAddrPort(b, f.Addr); err != nil && !errors.Is(err, net.ErrClosed) {
			t.handler.Dropped(DropWriteError)
		}
		return
	}
	s := f.Stream
	if s == nil || !s.open() {
		to := f.Addr
		if f.Alt.IsValid() {
			to = f.Alt
		}
		s = t.streams.find(f.By, to)
	}
	if s == nil || !s.put(outgoing{text: bytes.Clone(b), owner: owner}) {
		t.handler.Dropped(DropWriteError)
		if owner != nil {
			go t.handler.Unreachable(owner) // whoever sends holds the owner's locks
		}
	}
}

// admitter is a PacketConn whose kernel can drop INVITEs.
type admitter interface{ admit(share float64) error }

// Admit lets a share of the INVITEs that come by UDP in, and leaves the rest to
// the kernel to drop. Those within a call come in, where the RouteMark is in their
// first half thousand octets (384 where the kernel has little memory for it); of the
// others, one that is repeated fares each time as it did at first. From 1 on all come
// in again. It fails where a kernel does not do that; then all come in there.
func (t *Layer) Admit(share float64) error {
	var errs []error
	for _, l := range t.listeners {
		if conn, ok := l.packets.(admitter); ok {
			errs = append(errs, conn.admit(share))
		}
	}
	return errors.Join(errs...)
}

// preceder is a PacketConn whose reader can run before the process's other threads.
type preceder interface{ precede(on bool) }

// Precede has the readers of UDP run before all else that this process does, where
// the kernel lets us, or no more. Where there is one processor for all, collecting
// garbage would else take half of it or more, and messages wait for a part of a
// second.
func (t *Layer) Precede(on bool) { t.preceding.Store(on) }

// Datagram is a message and whom it goes to.
type Datagram struct {
	Text []byte
	To   netip.AddrPort
}

// pairs is a PacketConn that sends two datagrams with one call.
type pairs interface {
	WritePair(a, b Datagram) (int, error)
}

// SendWith is Send, and sends a second message, an answer that nobody owns, with
// the same call of the kernel where both leave by one UDP listener.
func (t *Layer) SendWith(f Flow, b []byte, owner any, answer Flow, text []byte) {
	two, ok := f.By.packets.(pairs)
	if !ok || answer.By != f.By {
		t.Send(answer, text, nil)
		t.Send(f, b, owner)
		return
	}
	sent, err := two.WritePair(Datagram{b, f.Addr}, Datagram{text, answer.Addr})
	if err != nil && !errors.Is(err, net.ErrClosed) {
		t.handler.Dropped(DropWriteError)
	}
	if sent < 2 {
		t.Send(answer, text, nil)
	}
}

// Outgoing is the way to an address: by the listener that a call came in by, or
// the first one of the network and address family. It is false when there is
// none.
func (t *Layer) Outgoing(in *Listener, n Network, to netip.AddrPort) (Flow, bool) {
	if in != nil && in.reaches(n, to.Addr()) {
		return Flow{By: in, Addr: to}, true
	}
	for _, l := range t.listeners {
		if l.reaches(n, to.Addr()) {
			return Flow{By: l, Addr: to}, true
		}
	}
	return Flow{}, false
}
