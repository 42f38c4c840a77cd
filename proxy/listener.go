package proxy

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Socket buffers: some seconds of a busy trunk, so that a pause of the process
// loses nothing. The kernel may give less (net.core.rmem_max).
const socketBuffer = 8 << 20

// maxDatagram is the largest UDP payload; SIP asks every element to take it
// (RFC 3261 18.1.1).
const maxDatagram = 65535

// network is a transport of SIP, by its name in the configuration.
type network uint8

const (
	networkUDP network = iota
	networkTCP
	networkTLS
)

var networkNames = [...]string{"udp", "tcp", "tls"}

// parseNetwork reads a transport's name, in any case; none is udp.
func parseNetwork(name string) (network, bool) {
	switch strings.ToLower(name) {
	case "udp", "":
		return networkUDP, true
	case "tcp":
		return networkTCP, true
	case "tls":
		return networkTLS, true
	}
	return 0, false
}

// String is the name in the configuration and in a transport parameter.
func (n network) String() string { return networkNames[n] }

// via is the name in a Via (RFC 3261 25.1).
func (n network) via() string { return strings.ToUpper(networkNames[n]) }

// reliable tells whether the transport repeats what is lost by itself.
func (n network) reliable() bool { return n != networkUDP }

// defaultPort is the port of an address that names none (RFC 3261 19.1.2).
func (n network) defaultPort() uint16 {
	if n == networkTLS {
		return 5061
	}
	return 5060
}

// packetConn is what a UDP listener needs of *net.UDPConn.
type packetConn interface {
	ReadFromUDPAddrPort(b []byte) (n int, src netip.AddrPort, err error)
	WriteToUDPAddrPort(b []byte, dst netip.AddrPort) (int, error)
	LocalAddr() net.Addr
	Close() error
}

// listener is one address of ours. Requests and responses of a call leave by the
// listener their first request came in by, where network and address family
// allow it.
type listener struct {
	index     uint8
	network   network
	local     netip.AddrPort
	advertise string

	packets packetConn   // of UDP
	accepts net.Listener // of TCP and TLS

	// sentBy remembers the host:port that goes into Via and Record-Route by the
	// address it is said to: with an unspecified local address the kernel picks
	// one for each destination.
	sentBy sync.Map // netip.Addr → string
}

// listen binds what the options say. TLS listeners are TCP ones; the handshake
// is done where connections are read.
func listen(index int, l Listen) (*listener, error) {
	n, _ := parseNetwork(l.Network)
	family := "4"
	if l.Addr.Addr().Is6() {
		family = "6"
	}
	if n != networkUDP {
		ln, err := net.Listen("tcp"+family, l.Addr.String())
		if err != nil {
			return nil, fmt.Errorf("listen on %s:%s: %w", n, l.Addr, err)
		}
		local := unmap(ln.Addr().(*net.TCPAddr).AddrPort())
		return &listener{index: uint8(index), network: n, accepts: ln, local: local, advertise: l.Advertise}, nil
	}
	conn, err := net.ListenUDP("udp"+family, net.UDPAddrFromAddrPort(l.Addr))
	if err != nil {
		return nil, fmt.Errorf("listen on udp:%s: %w", l.Addr, err)
	}
	// A smaller buffer than wished for is no reason not to start.
	_ = conn.SetReadBuffer(socketBuffer)
	_ = conn.SetWriteBuffer(socketBuffer)
	return newPacketListener(index, conn, l.Advertise), nil
}

func newPacketListener(index int, conn packetConn, advertise string) *listener {
	local := unmap(conn.LocalAddr().(*net.UDPAddr).AddrPort())
	return &listener{index: uint8(index), packets: conn, local: local, advertise: advertise}
}

func unmap(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}

func (l *listener) close() {
	if l.packets != nil {
		_ = l.packets.Close() // there is nobody left to tell
		return
	}
	_ = l.accepts.Close()
}

// reaches tells whether the listener's network and address family fit.
func (l *listener) reaches(n network, a netip.Addr) bool {
	return l.network == n && l.local.Addr().Is4() == a.Is4()
}

// hostPort is our host and port as a peer at dst should see them.
func (l *listener) hostPort(dst netip.Addr) string {
	if l.advertise != "" {
		return l.withPort(l.advertise)
	}
	if !l.local.Addr().IsUnspecified() {
		return l.local.String()
	}
	if known, ok := l.sentBy.Load(dst); ok {
		return known.(string)
	}
	text := netip.AddrPortFrom(sourceFor(dst), l.local.Port()).String()
	l.sentBy.Store(dst, text)
	return text
}

// withPort adds the local port to an advertised host that names none.
func (l *listener) withPort(host string) string {
	if _, _, err := net.SplitHostPort(host); err == nil {
		return host
	}
	return host + ":" + strconv.Itoa(int(l.local.Port()))
}

// sourceFor asks the kernel which address it sends from to dst; no packet goes.
func sourceFor(dst netip.Addr) netip.Addr {
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(netip.AddrPortFrom(dst, 9)))
	if err != nil {
		return netip.IPv4Unspecified()
	}
	defer conn.Close()
	return unmap(conn.LocalAddr().(*net.UDPAddr).AddrPort()).Addr()
}

// flow is a way to a peer: where a message came from, or goes to.
type flow struct {
	by     *listener
	addr   netip.AddrPort
	stream *stream        // the connection it came by; nil: UDP, or whatever connection there is
	alt    netip.AddrPort // where to connect when that connection is gone (RFC 3261 18.2.2)
}

func (f *flow) reliable() bool { return f.by.network.reliable() }

// linger is how long a finished transaction waits for retransmissions: over a
// reliable transport there are none (timers D, I, J and K are 0).
func (f *flow) linger(d time.Duration) time.Duration {
	if f.reliable() {
		return 0
	}
	return d
}

// tlsFor is the client configuration for a connection to host.
func tlsFor(base *tls.Config, host string) *tls.Config {
	c := base.Clone()
	if c.ServerName == "" {
		c.ServerName = host
	}
	return c
}
