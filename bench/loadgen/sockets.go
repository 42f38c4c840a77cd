package main

import (
	"fmt"
	"net/netip"
	"syscall"
	"time"
	"unsafe"
)

// Plain blocking UDP sockets with recvmmsg and kernel receive timestamps: the
// generator shares the cores with the server under test, so it has to be light,
// and its own scheduling delay must not count as the server's latency.

const (
	batch       = 32
	packetMax   = 8192
	controlMax  = 64
	receiveSize = 8 << 20

	soRcvbufForce = 33 // SO_RCVBUFFORCE: over rmem_max, as root
	soTimestampNS = 35 // SO_TIMESTAMPNS, and the control message's type
	waitForOne    = 0x10000
)

// address is a destination in the kernel's form.
type address = syscall.RawSockaddrInet4

// mmsghdr is struct mmsghdr of recvmmsg(2).
type mmsghdr struct {
	hdr syscall.Msghdr
	n   uint32
	_   uint32
}

type socket struct {
	fd      int
	text    string // ip:port, as it stands in Via and Contact
	headers [batch]mmsghdr
	vectors [batch]syscall.Iovec
	from    [batch]address
	control [batch][controlMax]byte
	buffers [batch][packetMax]byte
}

func listen(ap netip.AddrPort) (*socket, error) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	if err := setUp(fd, ap); err != nil {
		_ = syscall.Close(fd) // nothing was sent or received on it
		return nil, fmt.Errorf("listen on %v: %w", ap, err)
	}
	s := &socket{fd: fd, text: ap.String()}
	for i := range s.headers {
		s.vectors[i] = syscall.Iovec{Base: &s.buffers[i][0], Len: packetMax}
		h := &s.headers[i].hdr
		h.Iov, h.Iovlen = &s.vectors[i], 1
		h.Name = (*byte)(unsafe.Pointer(&s.from[i]))
		h.Control = &s.control[i][0]
	}
	return s, nil
}

func setUp(fd int, ap netip.AddrPort) error {
	if syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, soRcvbufForce, receiveSize) != nil {
		// Not root: as much as is allowed. A socket that drops shows in the result.
		_ = syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_RCVBUF, receiveSize)
	}
	_ = syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_SNDBUF, receiveSize)
	if err := syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, soTimestampNS, 1); err != nil {
		return err
	}
	// A time-out, so that a receiver sees the end of the run.
	tv := syscall.Timeval{Usec: 200_000}
	if err := syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &tv); err != nil {
		return err
	}
	return syscall.Bind(fd, &syscall.SockaddrInet4{Port: int(ap.Port()), Addr: ap.Addr().As4()})
}

// receive blocks for at least one packet, or the time-out, and calls f with each
// packet, its source and its kernel receive time.
func (s *socket) receive(f func(p []byte, src *address, at int64)) {
	for i := range s.headers {
		s.headers[i].hdr.Namelen = syscall.SizeofSockaddrInet4
		s.headers[i].hdr.Controllen = controlMax
	}
	n, _, e := syscall.Syscall6(syscall.SYS_RECVMMSG, uintptr(s.fd), uintptr(unsafe.Pointer(&s.headers[0])), batch, waitForOne, 0, 0)
	if e != 0 {
		return // EAGAIN at the time-out, EINTR, ECONNREFUSED of an earlier send
	}
	for i := range int(n) {
		h := &s.headers[i]
		at := receiveTime(s.control[i][:h.hdr.Controllen])
		if at == 0 {
			at = time.Now().UnixNano()
		}
		f(s.buffers[i][:h.n], &s.from[i], at)
	}
}

// receiveTime takes the kernel's time out of the control messages; 0: none.
func receiveTime(b []byte) int64 {
	const header, whole = 16, 32 // cmsghdr, and with a timespec behind it
	for len(b) >= whole {
		h := (*syscall.Cmsghdr)(unsafe.Pointer(&b[0]))
		if h.Level == syscall.SOL_SOCKET && h.Type == soTimestampNS && h.Len >= whole {
			ts := (*syscall.Timespec)(unsafe.Pointer(&b[header]))
			return ts.Sec*1e9 + ts.Nsec
		}
		n := (int(h.Len) + 7) &^ 7
		if n < header || n > len(b) {
			return 0
		}
		b = b[n:]
	}
	return 0
}

// send reports whether the kernel took the packet. It never blocks for long: the
// send buffer of a UDP socket on loopback does not fill.
func (s *socket) send(p []byte, to *address) bool {
	for range 3 {
		_, _, e := syscall.RawSyscall6(syscall.SYS_SENDTO, uintptr(s.fd), uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)),
			syscall.MSG_DONTWAIT, uintptr(unsafe.Pointer(to)), syscall.SizeofSockaddrInet4)
		if e == 0 {
			return true
		}
		if e != syscall.EINTR && e != syscall.ECONNREFUSED {
			return false
		}
	}
	return false
}

func (s *socket) close() { _ = syscall.Close(s.fd) }

func rawAddress(ap netip.AddrPort) address {
	p := ap.Port()
	return address{Family: syscall.AF_INET, Port: p<<8 | p>>8, Addr: ap.Addr().As4()}
}
