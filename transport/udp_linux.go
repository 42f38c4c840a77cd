package transport

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Reading a busy socket through the runtime's poller costs more than the read
// itself: the goroutine is parked and woken for nearly every datagram. So the
// reader blocks in the kernel, by a call the runtime is not told of, and its
// thread keeps its place. The price: whoever stops the world waits for it, so
// the call returns after a few milliseconds at the latest; and a socket where
// nothing comes is watched by poll(2) instead, so that an idle process sleeps.
const (
	busyWait  = 4 * time.Millisecond // longest wait of one read while datagrams come
	idleAfter = 50                   // reads in a row without a datagram until the socket is idle
	// longestWait is more than a socket's buffer can hold back a datagram.
	longestWait = time.Minute
	idleWait    = 200 * time.Millisecond // longest wait of one poll of an idle socket
)

// udpSocket is a UDP socket in blocking mode.
type udpSocket struct {
	fd     int
	inet6  bool
	local  *net.UDPAddr
	closed atomic.Bool
	held   atomic.Pointer[outbox] // where what is sent is kept back; nil: it leaves

	// The reader's own.
	misses  int // reads in a row that got nothing
	from    syscall.RawSockaddrAny
	vector  syscall.Iovec
	header  syscall.Msghdr
	control controlSpace
	batch   *batch  // nil until there was a backlog
	outbox  *outbox // the same
	first   precedence
}

// controlSpace is where the kernel says when a datagram came.
type controlSpace [64]byte

// listenUDP binds a UDP socket.
func listenUDP(addr netip.AddrPort) (PacketConn, error) {
	family := unix.AF_INET
	if addr.Addr().Is6() {
		family = unix.AF_INET6
	}
	fd, err := unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	s := &udpSocket{fd: fd, inet6: family == unix.AF_INET6}
	if err := s.open(addr); err != nil {
		_ = unix.Close(fd)
		return nil, err
	}
	return s, nil
}

// open sets the socket up and binds it.
func (s *udpSocket) open(addr netip.AddrPort) error {
	if s.inet6 {
		if err := unix.SetsockoptInt(s.fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 1); err != nil {
			return os.NewSyscallError("setsockopt IPV6_V6ONLY", err)
		}
	}
	wait := unix.NsecToTimeval(busyWait.Nanoseconds())
	if err := unix.SetsockoptTimeval(s.fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &wait); err != nil {
		return os.NewSyscallError("setsockopt SO_RCVTIMEO", err)
	}
	if err := unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1); err != nil {
		return os.NewSyscallError("setsockopt SO_TIMESTAMPNS", err)
	}
	for _, size := range [...]struct{ forced, asked int }{{unix.SO_RCVBUFFORCE, unix.SO_RCVBUF}, {unix.SO_SNDBUFFORCE, unix.SO_SNDBUF}} {
		if unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, size.forced, socketBuffer) != nil {
			// Not root: what the kernel allows has to do.
			_ = unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, size.asked, socketBuffer)
		}
	}
	var to unix.Sockaddr = &unix.SockaddrInet6{Port: int(addr.Port()), Addr: addr.Addr().As16()}
	if !s.inet6 {
		to = &unix.SockaddrInet4{Port: int(addr.Port()), Addr: addr.Addr().As4()}
	}
	if err := unix.Bind(s.fd, to); err != nil {
		return os.NewSyscallError("bind", err)
	}
	name, err := unix.Getsockname(s.fd)
	if err != nil {
		return os.NewSyscallError("getsockname", err)
	}
	switch n := name.(type) {
	case *unix.SockaddrInet4:
		s.local = &net.UDPAddr{IP: n.Addr[:], Port: n.Port}
	case *unix.SockaddrInet6:
		s.local = &net.UDPAddr{IP: n.Addr[:], Port: n.Port}
	}
	return nil
}

// ReadFromUDPAddrPort waits for a datagram. One goroutine may read at a time.
func (s *udpSocket) ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error) {
	for {
		if s.closed.Load() {
			s.batch.free()
			s.batch = nil
			return 0, netip.AddrPort{}, net.ErrClosed
		}
		if s.misses >= idleAfter && !s.poll() {
			continue
		}
		n, errno := s.receive(b)
		switch errno {
		case 0:
			s.misses = 0
			return n, addrPort(&s.from), nil
		case syscall.EAGAIN, syscall.EINTR:
			s.misses++
			runtime.Gosched() // a point where the runtime may stop us
		default:
			return 0, netip.AddrPort{}, os.NewSyscallError("recvfrom", errno)
		}
	}
}

// receive reads one datagram, its sender and when it came.
func (s *udpSocket) receive(b []byte) (int, syscall.Errno) {
	s.vector = syscall.Iovec{Base: &b[0], Len: uint64(len(b))}
	s.header = syscall.Msghdr{
		Name: (*byte)(unsafe.Pointer(&s.from)), Namelen: uint32(unsafe.Sizeof(s.from)),
		Iov: &s.vector, Iovlen: 1,
		Control: &s.control[0], Controllen: uint64(len(s.control)),
	}
	n, _, errno := syscall.RawSyscall(syscall.SYS_RECVMSG, uintptr(s.fd), uintptr(unsafe.Pointer(&s.header)), 0)
	return int(n), errno
}

// rest has the thread do nothing, and the runtime with it where that waits for it.
func (s *udpSocket) rest(d time.Duration) {
	t := syscall.NsecToTimespec(int64(d))
	// A signal may end it early.
	_, _, _ = syscall.RawSyscall(syscall.SYS_NANOSLEEP, uintptr(unsafe.Pointer(&t)), 0, 0)
}

// Waited is how long the datagram read last had been in the socket's queue.
func (s *udpSocket) Waited() time.Duration {
	return s.control.waited(s.header.Controllen, time.Now().UnixNano())
}

// waited is how long before now, in Unix nanoseconds, a datagram came; 0 where
// that is not known.
func (c *controlSpace) waited(length uint64, now int64) time.Duration {
	control := (*syscall.Cmsghdr)(unsafe.Pointer(&c[0]))
	if length < uint64(syscall.CmsgLen(0)) || control.Level != syscall.SOL_SOCKET || control.Type != syscall.SCM_TIMESTAMPNS {
		return 0
	}
	came := (*syscall.Timespec)(unsafe.Pointer(&c[syscall.CmsgLen(0)]))
	waited := time.Duration(now - came.Nano())
	if waited < 0 || waited > longestWait {
		return 0 // somebody set the clock
	}
	return waited
}

// poll waits, with the runtime's knowledge, until an idle socket has a datagram.
func (s *udpSocket) poll() bool {
	fds := []unix.PollFd{{Fd: int32(s.fd), Events: unix.POLLIN}}
	n, err := unix.Poll(fds, int(idleWait.Milliseconds()))
	if n > 0 && err == nil {
		s.misses = 0
		return true
	}
	return false
}

// addrPort reads an address the kernel wrote.
func addrPort(a *syscall.RawSockaddrAny) netip.AddrPort {
	if a.Addr.Family == syscall.AF_INET6 {
		in := (*syscall.RawSockaddrInet6)(unsafe.Pointer(a))
		return netip.AddrPortFrom(netip.AddrFrom16(in.Addr), swap(in.Port))
	}
	in := (*syscall.RawSockaddrInet4)(unsafe.Pointer(a))
	return netip.AddrPortFrom(netip.AddrFrom4(in.Addr), swap(in.Port))
}

// swap turns a port between the order of the network and ours.
func swap(port uint16) uint16 {
	b := (*[2]byte)(unsafe.Pointer(&port))
	return uint16(b[0])<<8 | uint16(b[1])
}

// address writes where a datagram goes as the kernel reads it: to is the larger of
// the two kinds. It is false where the socket has no way there.
func (s *udpSocket) address(to *syscall.RawSockaddrInet6, dst netip.AddrPort) (size uint32, ok bool) {
	if s.inet6 {
		*to = syscall.RawSockaddrInet6{Family: syscall.AF_INET6, Port: swap(dst.Port()), Addr: dst.Addr().As16()}
		return uint32(unsafe.Sizeof(*to)), true
	}
	if !dst.Addr().Is4() {
		return 0, false
	}
	in4 := (*syscall.RawSockaddrInet4)(unsafe.Pointer(to))
	*in4 = syscall.RawSockaddrInet4{Family: syscall.AF_INET, Port: swap(dst.Port()), Addr: dst.Addr().As4()}
	return uint32(unsafe.Sizeof(*in4)), true
}

// WriteToUDPAddrPort sends a datagram. It does not wait: where the kernel's
// buffer is full the datagram is lost, as it may be anywhere on its way.
func (s *udpSocket) WriteToUDPAddrPort(b []byte, dst netip.AddrPort) (int, error) {
	if len(b) == 0 || s.closed.Load() {
		return 0, net.ErrClosed
	}
	if s.keep(b, dst) {
		return len(b), nil
	}
	var to syscall.RawSockaddrInet6
	size, ok := s.address(&to, dst)
	if !ok {
		return 0, errFamily
	}
	_, _, errno := syscall.RawSyscall6(syscall.SYS_SENDTO, uintptr(s.fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)),
		syscall.MSG_DONTWAIT, uintptr(unsafe.Pointer(&to)), uintptr(size))
	if errno != 0 {
		return 0, os.NewSyscallError("sendto", errno)
	}
	return len(b), nil
}

// WritePair sends two datagrams with one call, and tells how many went: after one
// that the kernel refuses it takes no other. It saves a wake-up where both go to
// one process, and where the peers share our processor they take it once.
func (s *udpSocket) WritePair(a, b Datagram) (int, error) {
	if len(a.Text) == 0 || len(b.Text) == 0 || s.closed.Load() {
		return 0, net.ErrClosed
	}
	if s.keep(a.Text, a.To) {
		if _, err := s.WriteToUDPAddrPort(b.Text, b.To); err != nil {
			return 1, err
		}
		return 2, nil
	}
	var to [2]syscall.RawSockaddrInet6
	var vector [2]syscall.Iovec
	var list [2]multiHeader
	for i, d := range [...]Datagram{a, b} {
		size, ok := s.address(&to[i], d.To)
		if !ok {
			return 0, errFamily
		}
		vector[i] = syscall.Iovec{Base: &d.Text[0], Len: uint64(len(d.Text))}
		list[i].header = syscall.Msghdr{Name: (*byte)(unsafe.Pointer(&to[i])), Namelen: size, Iov: &vector[i], Iovlen: 1}
	}
	n, _, errno := syscall.RawSyscall6(unix.SYS_SENDMMSG, uintptr(s.fd), uintptr(unsafe.Pointer(&list)), 2, syscall.MSG_DONTWAIT, 0, 0)
	if errno != 0 {
		return 0, os.NewSyscallError("sendmmsg", errno)
	}
	return int(n), nil
}

var errFamily = errors.New("transport: address of another family")

// LocalAddr is where the socket is bound.
func (s *udpSocket) LocalAddr() net.Addr { return s.local }

// Close frees the address and ends reading within the wait of a poll. The
// descriptor's number stays taken, by a socket that is good for nothing: a
// message that is just being sent must not go into another file that got the
// number.
func (s *udpSocket) Close() error {
	s.sendHeld()
	if s.closed.Swap(true) {
		return nil
	}
	_ = unix.Shutdown(s.fd, unix.SHUT_RDWR) // wakes a reader; an unconnected socket says ENOTCONN all the same
	blank, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return os.NewSyscallError("socket", err)
	}
	defer unix.Close(blank)
	// A reader that saw the socket open a moment ago reads this one: it must not
	// wait for ever, with the whole runtime behind it.
	wait := unix.NsecToTimeval(busyWait.Nanoseconds())
	if err := unix.SetsockoptTimeval(blank, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &wait); err != nil {
		return os.NewSyscallError("setsockopt SO_RCVTIMEO", err)
	}
	if err := unix.Dup3(blank, s.fd, unix.O_CLOEXEC); err != nil {
		return os.NewSyscallError("dup3", err)
	}
	return nil
}
