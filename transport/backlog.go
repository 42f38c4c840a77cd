package transport

import (
	"bytes"
	"net/netip"
	"time"
)

// A datagram that waited longer than backlogAge has others behind it. Then all
// that are there are read at once, backlogMost at most, and what belongs to calls
// that run comes before what would begin new ones: however many of these arrive,
// an answer, an ACK or a BYE does not wait for them. It also keeps the kernel's
// buffer from running over, where nobody can choose what is lost. With more at
// once what could be refused now waits for all the others.
const (
	backlogAge  = 5 * time.Millisecond
	backlogMost = 64
)

// datagram is one that was read with others. Its octets are its own until the
// next are read.
type datagram struct {
	text   []byte
	src    netip.AddrPort
	waited time.Duration // until it was read
}

// drainer is a PacketConn that reads all datagrams that wait, without waiting
// for more. The result is valid until the next read.
type drainer interface{ drain() []datagram }

// backlog handles a datagram and those that wait behind it.
func (t *Layer) backlog(l *Listener, first datagram, rest []datagram) {
	read := time.Now()
	for _, opens := range [...]bool{false, true} {
		t.class(l, first, rest, read, opens)
	}
}

// class handles those of one class. What they have us send is held meanwhile.
func (t *Layer) class(l *Listener, first datagram, rest []datagram, read time.Time, opens bool) {
	if h, ok := l.packets.(holder); ok && len(rest) > 0 {
		h.hold()
		defer t.release(h)
	}
	t.ofClass(l, first, read, opens)
	for _, d := range rest {
		t.ofClass(l, d, read, opens)
	}
}

// holder is a PacketConn that can keep back what is sent, to send it with one call.
type holder interface {
	hold()
	release() (failed int)
}

// release sends what was held.
func (t *Layer) release(h holder) {
	for range h.release() {
		t.handler.Dropped(DropWriteError)
	}
}

func (t *Layer) ofClass(l *Listener, d datagram, read time.Time, opens bool) {
	if len(d.text) > 0 && opensCall(d.text) == opens { // an empty one is nobody's: Turning wakes us
		t.handler.Message(d.text, Flow{By: l, Addr: unmap(d.src), Waited: d.waited + time.Since(read)})
	}
}

// opensCall tells what may begin a call, and the CANCEL that must not overtake
// it.
func opensCall(b []byte) bool {
	return bytes.HasPrefix(b, []byte("INVITE ")) && !Within(b) || bytes.HasPrefix(b, []byte("CANCEL "))
}
