package sipsim

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/emiago/sipgo/sip"
)

// Timers of RFC 3261 section 17: T1 is configurable for tests with loss.
const (
	defaultT1 = 500 * time.Millisecond
	t2        = 4 * time.Second
)

// maxDatagram is the largest UDP payload; a smaller buffer would cut off the
// end of a large SIP-I message without a word.
const maxDatagram = 65535

// endpoint is one UDP socket for SIP, one for media, and the client
// transactions under way. Datagrams are handled one after the other in the
// order they came.
type endpoint struct {
	conn   *net.UDPConn
	media  *net.UDPConn
	addr   netip.AddrPort
	parser *sip.Parser
	t1     time.Duration

	mu      sync.Mutex
	pending map[string]func(*message) // by branch and method

	// set before read is called
	onRequest     func(*message)
	onUnreachable func(netip.AddrPort)
}

// listen binds "HOST:PORT" or "udp:HOST:PORT".
func listen(address string, t1 time.Duration) (*endpoint, error) {
	udp, err := net.ResolveUDPAddr("udp", strings.TrimPrefix(address, "udp:"))
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	conn, err := net.ListenUDP("udp", udp)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	media, err := net.ListenUDP("udp", &net.UDPAddr{IP: udp.IP, Zone: udp.Zone})
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("listen for media on %s: %w", udp.IP, err)
	}
	enableICMP(conn)
	if t1 <= 0 {
		t1 = defaultT1
	}
	return &endpoint{
		conn: conn, media: media, addr: unmap(conn.LocalAddr().(*net.UDPAddr).AddrPort()),
		parser: newParser(), t1: t1, pending: make(map[string]func(*message)),
	}, nil
}

func (e *endpoint) close() error {
	return errors.Join(e.conn.Close(), e.media.Close())
}

// read handles datagrams until the endpoint is closed.
func (e *endpoint) read() error {
	buf := make([]byte, maxDatagram)
	for {
		n, from, err := e.conn.ReadFromUDPAddrPort(buf)
		switch {
		case errors.Is(err, net.ErrClosed):
			return nil
		case errors.Is(err, syscall.ECONNREFUSED):
			for _, peer := range refused(e.conn) {
				e.onUnreachable(peer)
			}
		case err != nil:
			return fmt.Errorf("read from %s: %w", e.addr, err)
		default:
			e.handle(append([]byte(nil), buf[:n]...), unmap(from))
		}
	}
}

// handle drops what is no SIP message: keep-alives, and garbage that a peer
// would not act on either.
func (e *endpoint) handle(raw []byte, from netip.AddrPort) {
	m, err := parse(e.parser, raw, from)
	if err != nil {
		return
	}
	if m.request != nil {
		e.onRequest(m)
		return
	}
	e.mu.Lock()
	handler := e.pending[m.branch()+" "+m.cseqMethod()]
	e.mu.Unlock()
	if handler != nil {
		handler(m)
	}
}

// expect has responses to the request with this branch and method given to
// handler, in the reading goroutine; nil ends that.
func (e *endpoint) expect(branch, method string, handler func(*message)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if handler == nil {
		delete(e.pending, branch+" "+method)
		return
	}
	e.pending[branch+" "+method] = handler
}

// send writes one datagram. A refusal that another packet met may be reported
// by this write (Linux keeps it on the socket), so that one is tried again.
func (e *endpoint) send(raw []byte, to netip.AddrPort) error {
	_, err := e.conn.WriteToUDPAddrPort(raw, to)
	if errors.Is(err, syscall.ECONNREFUSED) {
		_, err = e.conn.WriteToUDPAddrPort(raw, to)
	}
	return err
}

// roundTrip sends a request that is not an INVITE and repeats it until a final
// response comes, RFC 3261 section 17.1.2.
func (e *endpoint) roundTrip(ctx context.Context, raw []byte, branch, method string, to netip.AddrPort) (*message, error) {
	final := make(chan *message, 1)
	e.expect(branch, method, func(m *message) {
		if m.response.StatusCode >= 200 {
			select {
			case final <- m:
			default: // a repetition
			}
		}
	})
	defer e.expect(branch, method, nil)
	deadline := time.NewTimer(64 * e.t1)
	defer deadline.Stop()
	for wait := e.t1; ; wait = min(2*wait, t2) {
		if err := e.send(raw, to); err != nil {
			return nil, fmt.Errorf("send %s to %s: %w", method, to, err)
		}
		select {
		case m := <-final:
			return m, nil
		case <-time.After(wait):
		case <-deadline.C:
			return nil, fmt.Errorf("%w to %s from %s", ErrNoResponse, method, to)
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// hostFor is the address of ours that peer can reach: the bound one, or when
// all were bound the one the kernel would send from.
func (e *endpoint) hostFor(peer netip.AddrPort) netip.AddrPort {
	if !e.addr.Addr().IsUnspecified() {
		return e.addr
	}
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(peer))
	if err != nil {
		return e.addr
	}
	defer conn.Close()
	local := unmap(conn.LocalAddr().(*net.UDPAddr).AddrPort())
	return netip.AddrPortFrom(local.Addr(), e.addr.Port())
}

func (e *endpoint) mediaPort() int { return e.media.LocalAddr().(*net.UDPAddr).Port }

// unmap makes 127.0.0.1 of ::ffff:127.0.0.1, which a dual-stack socket reports.
func unmap(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}
