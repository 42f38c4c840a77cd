package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/netip"
	"sync"
	"time"

	"sipid/sipmsg"
)

// streams are the connections there are.
type streams struct {
	handler Handler
	hostOf  func(netip.Addr) string
	server  *tls.Config // for connections to us
	client  *tls.Config // for connections of ours
	running sync.WaitGroup

	mu    sync.Mutex
	ended bool
	known map[streamKey]*Stream
	perIP map[netip.Addr]int
	// leaving are the connections that do not count in perIP any more. A peer has no
	// more of them than of others: one that takes no answer holds its own for seconds.
	leaving map[netip.Addr]int
}

type streamKey struct {
	network Network
	remote  netip.AddrPort
}

func newStreams(o Options) *streams {
	return &streams{
		server: o.TLS, client: o.TLSClient, hostOf: o.HostOf,
		known: make(map[streamKey]*Stream), perIP: make(map[netip.Addr]int), leaving: make(map[netip.Addr]int),
	}
}

// limit is how many connections there may be when one more is to be filed.
type limit struct{ inAll, perIP int }

// What peers open must not keep us from connecting to them; but a trunk whose
// requests name one port after the other must come to an end, too. And what the
// many peers of a trunk's network open must not keep out the edges and the PBXs.
var (
	guestRoom   = limit{streamsInAll, streamsPerIP}
	partnerRoom = limit{streamsInAll + streamsKept, streamsPerIP}
	ownRoom     = limit{2 * streamsInAll, 2 * streamsPerIP}
)

// add files a stream, unless there are too many or one is there already, which
// it then returns.
func (ss *streams) add(s *Stream, room limit) (*Stream, bool) {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	key := streamKey{s.by.Network, s.remote}
	if old := ss.known[key]; old != nil && old.open() {
		return old, false
	}
	if ss.ended || len(ss.known) >= room.inAll || ss.perIP[s.remote.Addr()] >= room.perIP {
		return nil, false
	}
	ss.known[key] = s
	ss.perIP[s.remote.Addr()]++
	return s, true
}

func (ss *streams) remove(s *Stream) {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	key := streamKey{s.by.Network, s.remote}
	if ss.known[key] == s {
		delete(ss.known, key)
	}
	if s.left {
		fewer(ss.leaving, s.remote.Addr())
	} else {
		fewer(ss.perIP, s.remote.Addr())
	}
}

// leave makes room for another connection of the same peer.
func (ss *streams) leave(s *Stream) {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	addr := s.remote.Addr()
	if ss.leaving[addr] >= streamsPerIP {
		return
	}
	s.left = true
	fewer(ss.perIP, addr)
	ss.leaving[addr]++
}

// fewer counts one less.
func fewer(counts map[netip.Addr]int, a netip.Addr) {
	if counts[a]--; counts[a] <= 0 {
		delete(counts, a)
	}
}

// count is the number of connections.
func (ss *streams) count() int {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	return len(ss.known)
}

// close ends all connections and waits for their goroutines.
func (ss *streams) close() {
	ss.mu.Lock()
	ss.ended = true
	for _, s := range ss.known {
		s.close()
	}
	ss.mu.Unlock()
	ss.running.Wait()
}

// find gives the connection to a peer, and makes one when there is none.
func (ss *streams) find(by *Listener, remote netip.AddrPort) *Stream {
	s := &Stream{all: ss, by: by, remote: remote, gone: make(chan struct{})}
	found, made := ss.add(s, ownRoom)
	if made {
		ss.running.Go(func() { ss.dial(s) })
	}
	return found
}

// accept takes connections until the listener is closed.
func (ss *streams) accept(l *Listener) error {
	for {
		conn, err := l.accepts.Accept()
		switch {
		case err == nil:
			ss.welcome(l, conn)
		case errors.Is(err, net.ErrClosed):
			return nil
		default:
			// Out of descriptors, or a peer that left: neither is the listener's end.
			ss.handler.Dropped(DropReadError)
			time.Sleep(10 * time.Millisecond)
		}
	}
}

// welcome serves a new connection, if it comes from somebody we know and there
// is room for it.
func (ss *streams) welcome(l *Listener, conn net.Conn) {
	remote := unmap(conn.RemoteAddr().(*net.TCPAddr).AddrPort())
	room := guestRoom
	switch ss.handler.Knows(remote) {
	case Stranger:
		ss.handler.Dropped(DropStranger)
		_ = conn.Close()
		return
	case Partner:
		room = partnerRoom
	}
	s := &Stream{all: ss, by: l, remote: remote, guest: true, conn: conn, gone: make(chan struct{})}
	if _, ok := ss.add(s, room); !ok {
		ss.handler.Dropped(DropConnections)
		_ = conn.Close()
		return
	}
	ss.running.Go(func() {
		defer ss.remove(s)
		defer ss.fail(s)
		defer s.close()
		if l.Network == TLS {
			secured := tls.Server(conn, ss.server)
			if !s.attach(secured) || !handshake(secured, handshakeTime) {
				ss.handler.Dropped(DropHandshake)
				return
			}
			conn = secured
		}
		ss.serve(s, conn)
	})
}

// dial makes a connection of ours and serves it.
func (ss *streams) dial(s *Stream) {
	defer ss.remove(s)
	defer ss.fail(s)
	defer s.close()
	ctx, cancel := context.WithTimeout(context.Background(), dialTime)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", s.remote.String())
	if err != nil || !s.attach(conn) {
		ss.handler.Dropped(DropWriteError)
		return
	}
	if s.by.Network == TLS {
		secured := tls.Client(conn, tlsFor(ss.client, ss.hostOf(s.remote.Addr())))
		if !s.attach(secured) || !handshake(secured, dialTime) {
			ss.handler.Dropped(DropHandshake)
			return
		}
		conn = secured
	}
	ss.serve(s, conn)
}

func handshake(c *tls.Conn, limit time.Duration) bool {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	return c.HandshakeContext(ctx) == nil
}

// serve moves messages both ways until the connection is over.
func (ss *streams) serve(s *Stream, conn net.Conn) {
	s.mu.Lock()
	s.ready = true
	s.startWriting()
	s.mu.Unlock()
	ss.read(s, conn)
}

// fail tells the owners of messages that never went out (RFC 3261 17.1.4). The
// stream is closed before.
func (ss *streams) fail(s *Stream) {
	s.mu.Lock()
	left := s.queue
	s.queue = nil
	s.mu.Unlock()
	for _, o := range left {
		if o.owner != nil {
			ss.handler.Unreachable(o.owner)
		}
	}
}

// read takes messages off the connection one after the other, and closes it at
// the first that breaks the framing: where one message ends and the next begins
// must never be in doubt.
func (ss *streams) read(s *Stream, conn net.Conn) {
	var framer sipmsg.Framer
	var began time.Time // of the message that is coming
	buf := make([]byte, 0, 4096)
	for {
		n, state := framer.Next(buf)
		if state == sipmsg.FrameHead || state == sipmsg.FrameBody {
			if began.IsZero() && len(buf) > 0 {
				began = time.Now()
			}
			if conn.SetReadDeadline(deadline(began, state)) != nil {
				return
			}
			var err error
			if buf, err = readMore(conn, buf); err != nil {
				if errors.Is(err, io.EOF) {
					ss.hangUp(s) // who says nothing more may still want the answers
				}
				return
			}
			continue
		}
		if !ss.take(s, state, buf, n) {
			ss.hangUp(s)
			return
		}
		buf, began = append(buf[:0], buf[n:]...), time.Time{}
	}
}

// take handles what a framer found. It is false when the connection is to end.
func (ss *streams) take(s *Stream, state sipmsg.FrameState, buf []byte, n int) bool {
	from := Flow{By: s.by, Addr: s.remote, Stream: s}
	switch state {
	case sipmsg.FrameMessage:
		return ss.handler.Message(buf[:n], from)
	case sipmsg.FramePing:
		return s.put(outgoing{text: []byte("\r\n")}) // RFC 5626 4.4.1
	case sipmsg.FrameBroken:
		ss.handler.Broken(buf, from)
		return false
	default: // FrameSkip
		return true
	}
}

// deadline is until when more must have come.
func deadline(began time.Time, state sipmsg.FrameState) time.Time {
	switch {
	case began.IsZero():
		return time.Now().Add(idleTime)
	case state == sipmsg.FrameBody:
		return began.Add(headTime + bodyTime)
	default:
		return began.Add(headTime)
	}
}

// readMore reads once, into a buffer that grows with what comes: in few steps,
// since each leaves garbage behind that a peer who is up to no good is to blame for.
func readMore(conn io.Reader, buf []byte) ([]byte, error) {
	if len(buf) == cap(buf) {
		grown := make([]byte, len(buf), min(4*cap(buf), sipmsg.MaxMessage+4096))
		copy(grown, buf)
		buf = grown
	}
	n, err := conn.Read(buf[len(buf):cap(buf)])
	return buf[:len(buf)+n], err
}

// hangUp lets what is queued go out, for a moment, and closes. A peer that makes a
// new connection instead need not wait for that.
func (ss *streams) hangUp(s *Stream) {
	ss.leave(s)
	for range 20 {
		if s.idle() {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	time.Sleep(5 * time.Millisecond)
	s.close()
}
