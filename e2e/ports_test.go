package e2e_test

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
)

// Each role has an address of its own, so that sources can be told apart as on a real network.
// Linux routes all of 127.0.0.0/8 to loopback.
var (
	edgeIP   = netip.MustParseAddr("127.0.0.2")
	nodeIP   = netip.MustParseAddr("127.0.0.3")
	pbxIP    = netip.MustParseAddr("127.0.0.4")
	trunkIP  = netip.MustParseAddr("127.0.0.11")
	trunk2IP = netip.MustParseAddr("127.0.0.12")
	strayIP  = netip.MustParseAddr("127.0.0.66") // in nobody's configuration
)

var ports struct {
	sync.Mutex
	next int
}

// port hands out a port that is free for UDP and TCP on all addresses and that no other test of this process uses.
// The range lies below the kernel's ephemeral ports and above those SIPp takes by itself.
func port(t *testing.T) int {
	t.Helper()
	ports.Lock()
	defer ports.Unlock()
	return nextPort(t)
}

// nextPort is port, for who holds the mutex.
func nextPort(t *testing.T) int {
	t.Helper()
	if ports.next == 0 {
		ports.next = 17000 + os.Getpid()%70*100
	}
	for range 2000 {
		ports.next++
		if ports.next >= 32000 {
			ports.next = 17000
		}
		if portFree(ports.next) {
			return ports.next
		}
	}
	t.Fatal("no free port")
	return 0
}

// mediaPort is where SIPp opens its RTP sockets, though no test sends media: this port, and two and four above it.
func mediaPort(t *testing.T) int {
	t.Helper()
	ports.Lock()
	defer ports.Unlock()
	for {
		p := nextPort(t)
		if portFree(p+2) && portFree(p+4) {
			ports.next = p + 5 // before another test gets one of these
			return p
		}
	}
}

func portFree(p int) bool {
	addr := fmt.Sprintf("0.0.0.0:%d", p)
	u, err := net.ListenPacket("udp4", addr)
	if err != nil {
		return false
	}
	defer u.Close()
	l, err := net.Listen("tcp4", addr)
	if err != nil {
		return false
	}
	l.Close()
	return true
}

func at(t *testing.T, ip netip.Addr) netip.AddrPort {
	t.Helper()
	return netip.AddrPortFrom(ip, uint16(port(t)))
}

// bound tells whether some process has the socket, of "udp" or "tcp", without sending anything to it.
func bound(network string, a netip.AddrPort) bool {
	b, err := os.ReadFile("/proc/net/" + network)
	if err != nil {
		return false
	}
	ip := a.Addr().As4()
	return strings.Contains(string(b), fmt.Sprintf(" %02X%02X%02X%02X:%04X ", ip[3], ip[2], ip[1], ip[0], a.Port()))
}

// noAddr is the remote side of a SIPp that is called.
var noAddr netip.AddrPort
