package transport

import (
	"net"
	"net/netip"
	"sync"
	"time"
)

// Limits of a connection: what a peer may take before it is cut off.
const (
	headTime      = 10 * time.Second  // from the first octet of a message to the end of its head
	bodyTime      = 5 * time.Second   // from there to the end of its body
	idleTime      = 120 * time.Second // without a message
	writeTime     = 2 * time.Second   // for one message to go out
	dialTime      = 4 * time.Second   // for a connection of ours, its handshake included
	handshakeTime = 5 * time.Second   // for a handshake of a peer
	streamQueue   = 256               // messages that wait to go out
	streamOctets  = 1 << 20           // and how long they may be together
	streamsPerIP  = 32
	streamsInAll  = 2048
	streamsKept   = 256 // further ones, for partners
)

// Stream is one TCP or TLS connection. What goes out waits in a short queue,
// which a goroutine empties while there is something in it, so that a slow peer
// holds up nobody else and a silent one costs little.
type Stream struct {
	all    *streams
	by     *Listener
	remote netip.AddrPort
	guest  bool          // the peer made the connection
	gone   chan struct{} // closed when the connection is over
	once   sync.Once
	left   bool // it counts among those leaving; the mutex of streams guards it

	mu      sync.Mutex
	conn    net.Conn // nil while it is being made
	ready   bool     // messages may be written: the handshake is done
	queue   []outgoing
	octets  int  // in the queue
	writing bool // somebody empties the queue
}

// outgoing is a message in a stream's queue; owner is told when it does not go out.
type outgoing struct {
	text  []byte
	owner any
}

// open tells whether the stream can still be used.
func (s *Stream) open() bool {
	select {
	case <-s.gone:
		return false
	default:
		return true
	}
}

// close ends the connection.
func (s *Stream) close() {
	s.once.Do(func() {
		close(s.gone)
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.conn != nil {
			_ = s.conn.Close()
		}
	})
}

// attach gives the stream its connection. It is false when it was closed before.
func (s *Stream) attach(c net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.open() {
		_ = c.Close()
		return false
	}
	s.conn = c
	return true
}

// put queues a message. A queue that is full means a peer that takes nothing:
// the connection is over.
func (s *Stream) put(o outgoing) bool {
	s.mu.Lock()
	switch {
	case !s.open():
		s.mu.Unlock()
		return false
	case len(s.queue) >= streamQueue || s.octets+len(o.text) > streamOctets:
		s.mu.Unlock()
		s.close()
		return false
	}
	defer s.mu.Unlock()
	s.queue, s.octets = append(s.queue, o), s.octets+len(o.text)
	s.startWriting()
	return true
}

// startWriting has the queue emptied. The mutex is held: close waits for it, so
// that nothing is started behind the end of everything.
func (s *Stream) startWriting() {
	if s.ready && !s.writing && len(s.queue) > 0 {
		s.writing = true
		s.all.running.Go(s.write)
	}
}

// next takes a message off the queue. When there is none, writing is over.
func (s *Stream) next() (outgoing, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) == 0 || !s.open() {
		s.writing = false
		return outgoing{}, false
	}
	o := s.queue[0]
	s.queue, s.octets = s.queue[1:], s.octets-len(o.text)
	if len(s.queue) == 0 {
		s.queue = nil
	}
	return o, true
}

// idle tells whether all that was queued went out.
func (s *Stream) idle() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.queue) == 0 && !s.writing
}

// write empties the queue.
func (s *Stream) write() {
	for {
		o, ok := s.next()
		if !ok {
			return
		}
		err := s.conn.SetWriteDeadline(time.Now().Add(writeTime))
		if err == nil {
			_, err = s.conn.Write(o.text)
		}
		if err != nil {
			s.close()
			if o.owner != nil {
				s.all.handler.Unreachable(o.owner)
			}
			return
		}
	}
}
