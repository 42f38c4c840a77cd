package transport

import (
	"net/netip"
	"os"
	"runtime"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// With as little memory for filters as a kernel before 6.7 gives, the filter looks
// at four groups, first and when the share changes. In a network of its own.
func TestAdmitMemory(t *testing.T) {
	runtime.LockOSThread() // for good: the thread ends with the test
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		t.Skip("no network of its own:", err)
	}
	if err := os.WriteFile("/proc/sys/net/core/optmem_max", []byte("20480"), 0); err != nil {
		t.Skip("the kernel has one size for all networks:", err)
	}
	c, err := listenUDP(netip.MustParseAddrPort("127.0.0.1:0"))
	if err != nil {
		t.Fatal(err)
	}
	s := c.(*udpSocket)
	defer unix.Close(s.fd)
	for _, share := range []float64{0.5, 0.3} {
		if err := s.admit(share); err != nil {
			t.Fatal(err)
		}
		if n, want := filterLength(s.fd), len(inviteFilter(share, 4)); n != want {
			t.Errorf("a filter of %d instructions, want %d", n, want)
		}
	}
}

// filterLength is how many instructions a socket's filter has.
func filterLength(fd int) int {
	var none unix.SockFilter
	n := uint32(0)
	_, _, _ = unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(fd), unix.SOL_SOCKET, unix.SO_GET_FILTER,
		uintptr(unsafe.Pointer(&none)), uintptr(unsafe.Pointer(&n)), 0)
	return int(n)
}
