package proxy

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"sync"
)

// Socket buffers: some seconds of a busy trunk, so that a pause of the process
// loses nothing. The kernel may give less (net.core.rmem_max).
const socketBuffer = 8 << 20

// maxDatagram is the largest UDP payload; SIP asks every element to take it
// (RFC 3261 18.1.1).
const maxDatagram = 65535

// packetConn is what a socket needs of *net.UDPConn.
type packetConn interface {
	ReadFromUDPAddrPort(b []byte) (n int, src netip.AddrPort, err error)
	WriteToUDPAddrPort(b []byte, dst netip.AddrPort) (int, error)
	LocalAddr() net.Addr
	Close() error
}

// socket is one UDP listener. Requests and responses of a call leave by the
// socket their first request came in by, where the address family allows it.
type socket struct {
	index     uint8
	conn      packetConn
	local     netip.AddrPort
	advertise string

	// sentBy remembers the host:port that goes into Via and Record-Route by the
	// address it is said to: with an unspecified local address the kernel picks
	// one for each destination.
	sentBy sync.Map // netip.Addr → string
}

func listen(index int, l Listen) (*socket, error) {
	network := "udp4"
	if l.Addr.Addr().Is6() {
		network = "udp6"
	}
	conn, err := net.ListenUDP(network, net.UDPAddrFromAddrPort(l.Addr))
	if err != nil {
		return nil, fmt.Errorf("listen on udp:%s: %w", l.Addr, err)
	}
	// A smaller buffer than wished for is no reason not to start.
	_ = conn.SetReadBuffer(socketBuffer)
	_ = conn.SetWriteBuffer(socketBuffer)
	return newSocket(index, conn, l.Advertise), nil
}

func newSocket(index int, conn packetConn, advertise string) *socket {
	local := unmap(conn.LocalAddr().(*net.UDPAddr).AddrPort())
	return &socket{index: uint8(index), conn: conn, local: local, advertise: advertise}
}

func unmap(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}

// send writes one datagram. An error is the network's and not lasting: whoever
// waits for an answer sends again (RFC 3261 17).
func (s *socket) send(b []byte, to netip.AddrPort) error {
	_, err := s.conn.WriteToUDPAddrPort(b, to)
	return err
}

// reaches tells whether the socket's address family fits the address.
func (s *socket) reaches(a netip.Addr) bool { return s.local.Addr().Is4() == a.Is4() }

// hostPort is our host and port as a peer at dst should see them.
func (s *socket) hostPort(dst netip.Addr) string {
	if s.advertise != "" {
		return s.withPort(s.advertise)
	}
	if !s.local.Addr().IsUnspecified() {
		return s.local.String()
	}
	if known, ok := s.sentBy.Load(dst); ok {
		return known.(string)
	}
	text := netip.AddrPortFrom(sourceFor(dst), s.local.Port()).String()
	s.sentBy.Store(dst, text)
	return text
}

// withPort adds the local port to an advertised host that names none.
func (s *socket) withPort(host string) string {
	if _, _, err := net.SplitHostPort(host); err == nil {
		return host
	}
	return host + ":" + strconv.Itoa(int(s.local.Port()))
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
