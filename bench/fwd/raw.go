package main

import (
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	soRcvbufForce = 33 // SO_RCVBUFFORCE: over rmem_max, as root
	waitForOne    = 0x10000
)

// mmsghdr is struct mmsghdr of recvmmsg(2).
type mmsghdr struct {
	h syscall.Msghdr
	n uint32
	_ uint32
}

// rings are the buffers of recvmmsg and sendmmsg.
type rings struct {
	in         [batchSize]mmsghdr
	inVectors  [batchSize]syscall.Iovec
	from       [batchSize]syscall.RawSockaddrInet4
	buffers    [batchSize][packetMax]byte
	out        [2 * batchSize]mmsghdr
	outVectors [2 * batchSize]syscall.Iovec
}

func (r *rings) init() {
	for i := range r.in {
		r.inVectors[i] = syscall.Iovec{Base: &r.buffers[i][0], Len: packetMax}
		r.in[i].h.Iov, r.in[i].h.Iovlen = &r.inVectors[i], 1
		r.in[i].h.Name = (*byte)(unsafe.Pointer(&r.from[i]))
	}
	for i := range r.out {
		r.out[i].h.Iov, r.out[i].h.Iovlen = &r.outVectors[i], 1
		r.out[i].h.Namelen = syscall.SizeofSockaddrInet4
	}
}

// raw moves packets by blocking system calls, without Go's poller. In hard mode
// the runtime is not told of the blocking: the thread keeps its processor, which
// is what C would cost. It runs until the process ends.
func (f *forwarder) raw() error {
	fd, err := f.rawSocket()
	if err != nil {
		return err
	}
	runtime.LockOSThread()
	call := syscall.Syscall6
	if f.mode == "hard" {
		call = syscall.RawSyscall6
	}
	r := new(rings)
	r.init()
	for {
		for i := range r.in {
			r.in[i].h.Namelen = syscall.SizeofSockaddrInet4
		}
		n, _, e := call(syscall.SYS_RECVMMSG, uintptr(fd), uintptr(unsafe.Pointer(&r.in[0])), batchSize, waitForOne, 0, 0)
		if e != 0 {
			runtime.Gosched() // a time-out: here the runtime may stop this goroutine
			continue
		}
		f.pass(fd, r, int(n))
	}
}

func (f *forwarder) rawSocket() (int, error) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	_ = syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, soRcvbufForce, receiveSize) // not root: the default size
	if f.timeout > 0 {
		tv := syscall.NsecToTimeval(int64(f.timeout))
		if err := syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &tv); err != nil {
			return 0, err
		}
	}
	return fd, syscall.Bind(fd, &syscall.SockaddrInet4{Port: int(f.listen.Port()), Addr: f.listen.Addr().As4()})
}

// pass sends on the n packets that came in.
func (f *forwarder) pass(fd int, r *rings, n int) {
	uas, uac := rawAddress(f.uas.Port(), f.uas.Addr().As4()), rawAddress(f.uac.Port(), f.uac.Addr().As4())
	k := 0
	put := func(p *byte, size int, to *syscall.RawSockaddrInet4) {
		r.out[k].h.Name = (*byte)(unsafe.Pointer(to))
		r.outVectors[k] = syscall.Iovec{Base: p, Len: uint64(size)}
		k++
	}
	for i := range n {
		to := &uas
		if r.from[i].Port == uas.Port {
			to = &uac
		} else if f.extra && r.buffers[i][0] == 'I' {
			put(&f.trying[0], len(f.trying), &uac)
		}
		put(&r.buffers[i][0], int(r.in[i].n), to)
	}
	for sent := 0; sent < k; {
		w, _, e := syscall.RawSyscall6(unix.SYS_SENDMMSG, uintptr(fd), uintptr(unsafe.Pointer(&r.out[sent])), uintptr(k-sent), 0, 0, 0)
		if e != 0 {
			w = 1 // pass over the packet that does not go
		}
		sent += int(w)
	}
}

func rawAddress(port uint16, ip [4]byte) syscall.RawSockaddrInet4 {
	return syscall.RawSockaddrInet4{Family: syscall.AF_INET, Port: port<<8 | port>>8, Addr: ip}
}
