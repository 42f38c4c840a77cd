package e2e_test

import (
	"encoding/binary"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// watch looks at every packet of the machine until the returned function is called, which fails the test when sipid
// sent a datagram to anybody but the PBX and the sockets that sent it something, or when any message of ours left for
// another machine.
func (d *tortureDriver) watch(t *testing.T) func(*testing.T) {
	t.Helper()
	all := uint16(syscall.ETH_P_ALL<<8&0xff00 | syscall.ETH_P_ALL>>8)
	fd, err := syscall.Socket(syscall.AF_PACKET, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC, int(all))
	if err != nil {
		t.Fatalf("packet socket: %v", err)
	}
	patience := syscall.NsecToTimeval(int64(100 * time.Millisecond))
	if err := syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &patience); err != nil {
		t.Fatal(err)
	}
	w := &tortureWatch{d: d, fd: fd, strangers: make(map[netip.AddrPort]string)}
	w.running.Go(w.read)
	return func(t *testing.T) {
		w.stop.Store(true)
		w.running.Wait()
		for to, text := range w.strangers {
			t.Errorf("a packet went to %v: %.60q", to, text)
		}
	}
}

// tortureWatch reads packets and keeps those that went where they may not.
type tortureWatch struct {
	d         *tortureDriver
	fd        int
	stop      atomic.Bool
	running   sync.WaitGroup
	strangers map[netip.AddrPort]string
}

func (w *tortureWatch) read() {
	defer syscall.Close(w.fd)
	b := make([]byte, 65536)
	for !w.stop.Load() {
		n, _, err := syscall.Recvfrom(w.fd, b, 0)
		if err != nil {
			continue // its time is over: look whether to stop
		}
		if to, text, ok := w.d.stranger(b[:n]); ok {
			w.strangers[to] = text
		}
	}
}

// stranger reads a packet of IPv4, and tells whether it is one of sipid's that goes where it may not.
func (d *tortureDriver) stranger(b []byte) (to netip.AddrPort, text string, found bool) {
	const udp, udpHeader = 17, 8
	if len(b) < 20 || b[0]>>4 != 4 {
		return to, "", false
	}
	size := int(b[0]&15) * 4
	src, _ := netip.AddrFromSlice(b[12:16])
	dst, _ := netip.AddrFromSlice(b[16:20])
	if b[9] != udp || len(b) < size+udpHeader {
		return netip.AddrPortFrom(dst, 0), "", !dst.IsLoopback() && tagInText.Match(b)
	}
	from := netip.AddrPortFrom(src, binary.BigEndian.Uint16(b[size:]))
	to = netip.AddrPortFrom(dst, binary.BigEndian.Uint16(b[size+2:]))
	text = string(b[size+udpHeader:])
	if !dst.IsLoopback() {
		return to, text, tagInText.MatchString(text)
	}
	_, known := d.known.Load(to)
	return to, text, from == d.node && !known
}
