package transport

import (
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// batch is the space in which waiting datagrams are read by one call of the
// kernel, recvmmsg(2). It is made when there first is a backlog. Its 4 MiB of
// texts are the system's: what was never written to is not real, and the
// collector does not let the heap grow by as much for it.
type batch struct {
	headers [backlogMost]multiHeader
	vectors [backlogMost]syscall.Iovec
	from    [backlogMost]syscall.RawSockaddrAny
	control [backlogMost]controlSpace
	texts   [backlogMost][]byte
	read    [backlogMost]datagram
	all     []byte // the memory of texts
}

// multiHeader is struct mmsghdr.
type multiHeader struct {
	header syscall.Msghdr
	length uint32
	_      [4]byte
}

// newBatch is nil when the system has no memory.
func newBatch() *batch {
	all, err := unix.Mmap(-1, 0, backlogMost*maxDatagram, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return nil
	}
	b := &batch{all: all}
	for i := range b.texts {
		b.texts[i], all = all[:maxDatagram:maxDatagram], all[maxDatagram:]
		b.vectors[i] = syscall.Iovec{Base: &b.texts[i][0], Len: maxDatagram}
	}
	return b
}

// free gives the memory back. A nil batch has none.
func (b *batch) free() {
	if b != nil {
		_ = unix.Munmap(b.all)
	}
}

// reset prepares the headers, which the kernel writes to.
func (b *batch) reset() {
	for i := range b.headers {
		b.headers[i].header = syscall.Msghdr{
			Name: (*byte)(unsafe.Pointer(&b.from[i])), Namelen: uint32(unsafe.Sizeof(b.from[i])),
			Iov: &b.vectors[i], Iovlen: 1,
			Control: &b.control[i][0], Controllen: uint64(len(b.control[i])),
		}
	}
}

// drain reads the datagrams that wait.
func (s *udpSocket) drain() []datagram {
	if s.batch == nil {
		if s.batch = newBatch(); s.batch == nil {
			return nil // then one by one
		}
	}
	b := s.batch
	b.reset()
	n, _, errno := syscall.RawSyscall6(unix.SYS_RECVMMSG, uintptr(s.fd), uintptr(unsafe.Pointer(&b.headers[0])), backlogMost,
		syscall.MSG_DONTWAIT, 0, 0)
	if errno != 0 {
		return nil // nothing waits, or an error that the next read meets too
	}
	now := time.Now().UnixNano()
	for i := range int(n) {
		b.read[i] = datagram{
			text: b.texts[i][:b.headers[i].length], src: addrPort(&b.from[i]),
			waited: b.control[i].waited(b.headers[i].header.Controllen, now),
		}
	}
	return b.read[:n]
}
