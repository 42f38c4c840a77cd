package transport

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Socket buffers: some seconds of a busy trunk, so that a pause of the process
// loses nothing. The kernel may give less (net.core.rmem_max).
const socketBuffer = 8 << 20

// maxDatagram is the largest UDP payload; SIP asks every element to take it
// (RFC 3261 18.1.1).
const maxDatagram = 65535

// Network is a transport of SIP, by its name in the configuration.
type Network uint8

// The networks.
const (
	UDP Network = iota
	TCP
	TLS
)

var (
	networkNames = [...]string{"udp", "tcp", "tls"}
	viaNames     = [...]string{"UDP", "TCP", "TLS"}
)

// ParseNetwork reads a transport's name, in any case; none is udp.
func ParseNetwork(name string) (Network, bool) {
	switch strings.ToLower(name) {
	case "udp", "":
		return UDP, true
	case "tcp":
		return TCP, true
	case "tls":
		return TLS, true
	}
	return 0, false
}

// String is the name in the configuration and in a transport parameter.
func (n Network) String() string { return networkNames[n] }

// Via is the name in a Via (RFC 3261 25.1).
func (n Network) Via() string { return viaNames[n] }

// Reliable tells whether the transport repeats what is lost by itself.
func (n Network) Reliable() bool { return n != UDP }

// DefaultPort is the port of an address that names none (RFC 3261 19.1.2).
func (n Network) DefaultPort() uint16 {
	if n == TLS {
		return 5061
	}
	return 5060
}

// PacketConn is what a UDP listener needs of *net.UDPConn.
type PacketConn interface {
	ReadFromUDPAddrPort(b []byte) (n int, src netip.AddrPort, err error)
	WriteToUDPAddrPort(b []byte, dst netip.AddrPort) (int, error)
	LocalAddr() net.Addr
	Close() error
}

// Listener is one address of ours. Requests and responses of a call leave by the
// listener their first request came in by, where network and address family
// allow it.
type Listener struct {
	Index     uint8 // its place among the listeners
	Network   Network
	Local     netip.AddrPort
	Advertise string // host, or host and port, in Via and Record-Route

	local   string        // Local as text
	packets PacketConn    // of UDP
	turns   atomic.Uint64 // how often it was read
	accepts net.Listener  // of TCP and TLS

	// sentBy remembers the host:port that goes into Via and Record-Route by the
	// address it is said to: with an unspecified local address the kernel picks
	// one for each destination.
	sentBy  sync.Map     // netip.Addr → string
	knownBy atomic.Int32 // how many there are, about
}

// listen binds what the options say. TLS listeners are TCP ones; the handshake
// is done where connections are read.
func listen(index int, n Network, l Listen) (*Listener, error) {
	family := "4"
	if l.Addr.Addr().Is6() {
		family = "6"
	}
	if n != UDP {
		ln, err := net.Listen("tcp"+family, l.Addr.String())
		if err != nil {
			return nil, fmt.Errorf("listen on %s:%s: %w", n, l.Addr, err)
		}
		local := unmap(ln.Addr().(*net.TCPAddr).AddrPort())
		return &Listener{Index: uint8(index), Network: n, accepts: ln, Local: local, local: local.String(), Advertise: l.Advertise}, nil
	}
	conn, err := listenUDP(l.Addr)
	if err != nil {
		return nil, fmt.Errorf("listen on udp:%s: %w", l.Addr, err)
	}
	return newPacketListener(index, conn, l.Advertise), nil
}

func newPacketListener(index int, conn PacketConn, advertise string) *Listener {
	local := unmap(conn.LocalAddr().(*net.UDPAddr).AddrPort())
	return &Listener{Index: uint8(index), packets: conn, Local: local, local: local.String(), Advertise: advertise}
}

func unmap(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}

func (l *Listener) close() {
	if l.packets != nil {
		_ = l.packets.Close() // there is nobody left to tell
		return
	}
	_ = l.accepts.Close()
}

// reaches tells whether the listener's network and address family fit.
func (l *Listener) reaches(n Network, a netip.Addr) bool {
	return l.Network == n && l.Local.Addr().Is4() == a.Is4()
}

// maxSentBy bounds what a listener remembers of its peers' addresses.
const maxSentBy = 4096

// HostPort is our host and port as a peer at dst should see them.
func (l *Listener) HostPort(dst netip.Addr) string {
	if l.Advertise != "" {
		return l.WithPort(l.Advertise)
	}
	if !l.Local.Addr().IsUnspecified() {
		return l.local
	}
	if known, ok := l.sentBy.Load(dst); ok {
		return known.(string)
	}
	text := netip.AddrPortFrom(sourceFor(dst), l.Local.Port()).String()
	if l.knownBy.Add(1) > maxSentBy {
		// A trunk may be a whole network: nobody makes us remember all of it.
		l.sentBy.Clear()
		l.knownBy.Store(0)
	}
	l.sentBy.Store(dst, text)
	return text
}

// WithPort adds the local port to an advertised host that names none.
func (l *Listener) WithPort(host string) string {
	if _, _, err := net.SplitHostPort(host); err == nil {
		return host
	}
	return host + ":" + strconv.Itoa(int(l.Local.Port()))
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

// Flow is a way to a peer: where a message came from, or goes to.
type Flow struct {
	By     *Listener
	Addr   netip.AddrPort
	Waited time.Duration  // how long the message had been there when it was read; 0 where that is not known
	Stream *Stream        // the connection it came by; nil: UDP, or whatever connection there is
	Alt    netip.AddrPort // where to connect when that connection is gone (RFC 3261 18.2.2)
}

// Reliable tells whether the network repeats by itself what is lost on the way.
func (f *Flow) Reliable() bool { return f.By.Network.Reliable() }

// tlsFor is the client configuration for a connection to host.
func tlsFor(base *tls.Config, host string) *tls.Config {
	c := base.Clone()
	if c.ServerName == "" {
		c.ServerName = host
	}
	return c
}
