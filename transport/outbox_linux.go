package transport

import (
	"net/netip"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// While a backlog is handled, what is sent meanwhile is held and leaves by one call
// of the kernel: to wake a peer for each datagram costs about as much as the rest of
// sending it. With more at once a peer would wait that has nothing else to do.
const outboxMost = 32

// outbox is what a socket holds back.
type outbox struct {
	mu      sync.Mutex // guards the following
	count   int
	failed  int                     // of those that left since the last release
	text    [outboxMost * 4096]byte // of all, one behind the other; there is room for any one
	used    int                     // octets of it
	to      [outboxMost]syscall.RawSockaddrInet6
	vectors [outboxMost]syscall.Iovec
	headers [outboxMost]multiHeader
}

// hold keeps back what is sent from now on, until release. Who reads calls both.
func (s *udpSocket) hold() {
	if s.outbox == nil {
		s.outbox = new(outbox)
	}
	s.held.Store(s.outbox)
}

// release sends what was held, and tells how many datagrams the kernel did not take.
func (s *udpSocket) release() (failed int) {
	o := s.outbox
	o.mu.Lock()
	defer o.mu.Unlock()
	s.held.Store(nil)
	o.flush(s)
	failed, o.failed = o.failed, 0
	return failed
}

// sendHeld sends what is held until now.
func (s *udpSocket) sendHeld() {
	if o := s.held.Load(); o != nil {
		o.mu.Lock()
		o.flush(s)
		o.mu.Unlock()
	}
}

// keep takes a copy of a datagram where the socket holds, and tells whether it does.
func (s *udpSocket) keep(b []byte, dst netip.AddrPort) bool {
	o := s.held.Load()
	if o == nil {
		return false
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if s.held.Load() == nil || len(b) > len(o.text) { // released meanwhile
		return false
	}
	if o.count == outboxMost || len(b) > len(o.text)-o.used {
		o.flush(s)
	}
	i := o.count
	size, ok := s.address(&o.to[i], dst)
	if !ok {
		return false
	}
	text := o.text[o.used : o.used+copy(o.text[o.used:], b)]
	o.vectors[i] = syscall.Iovec{Base: &text[0], Len: uint64(len(text))}
	o.headers[i].header = syscall.Msghdr{Name: (*byte)(unsafe.Pointer(&o.to[i])), Namelen: size, Iov: &o.vectors[i], Iovlen: 1}
	o.count, o.used = i+1, o.used+len(text)
	return true
}

// flush sends what is held. The kernel stops at a datagram that it does not take:
// that one is lost, as it would be alone.
func (o *outbox) flush(s *udpSocket) {
	for sent := 0; sent < o.count && !s.closed.Load(); {
		n, _, errno := syscall.RawSyscall6(unix.SYS_SENDMMSG, uintptr(s.fd), uintptr(unsafe.Pointer(&o.headers[sent])),
			uintptr(o.count-sent), syscall.MSG_DONTWAIT, 0, 0)
		switch {
		case errno == syscall.EINTR:
		case errno != 0:
			o.failed++
			sent++
		default:
			sent += int(n)
		}
	}
	o.count, o.used = 0, 0
}
