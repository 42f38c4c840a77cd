package e2e_test

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// arrival is a message that came to the PBX, with the way to answer it.
type arrival struct {
	text  string
	reply func(string)
}

// torturePBX takes what sipid sends, by UDP and TCP, and gives each message to the test it belongs to.
type torturePBX struct {
	addr netip.AddrPort
	udp  *net.UDPConn
	tcp  net.Listener
	take func(arrival)
}

func newTorturePBX(t *testing.T, addr netip.AddrPort, take func(arrival)) *torturePBX {
	t.Helper()
	p := &torturePBX{addr: addr, take: take}
	var err error
	if p.udp, err = net.ListenUDP("udp4", net.UDPAddrFromAddrPort(addr)); err != nil {
		t.Fatal(err)
	}
	if err := p.udp.SetReadBuffer(8 << 20); err != nil {
		t.Fatal(err)
	}
	if p.tcp, err = net.Listen("tcp4", addr.String()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.udp.Close(); p.tcp.Close() })
	go p.serveUDP()
	go p.serveTCP()
	return p
}

func (p *torturePBX) serveUDP() {
	b := make([]byte, 65536)
	for {
		n, from, err := p.udp.ReadFromUDPAddrPort(b)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			p.take(arrival{string(b[:n]), func(s string) { p.send(s, from) }})
		}
	}
}

// send sends a datagram from the PBX. What is lost is sent again, or missed by the test.
func (p *torturePBX) send(s string, to netip.AddrPort) {
	_, _ = p.udp.WriteToUDPAddrPort([]byte(s), to)
}

func (p *torturePBX) serveTCP() {
	for {
		c, err := p.tcp.Accept()
		if err != nil {
			return
		}
		go readStream(c, func(m string) {
			p.take(arrival{m, func(s string) { _, _ = c.Write([]byte(s)) }})
		}, nil)
	}
}

// readStream gives each message of a connection to take until the connection ends.
func readStream(c net.Conn, take func(string), pong func()) {
	defer c.Close()
	var rest string
	b := make([]byte, 65536)
	for {
		n, err := c.Read(b)
		var list []string
		var pongs int
		list, pongs, rest = splitStream(rest + string(b[:n]))
		for _, m := range list {
			take(m)
		}
		if pongs > 0 && pong != nil {
			pong()
		}
		if err != nil {
			return
		}
	}
}

// tortureCaller is the platform's side of one entry: one socket.
type tortureCaller struct {
	conn    net.Conn     // TCP
	udp     *net.UDPConn // or UDP
	to      netip.AddrPort
	me      netip.AddrPort
	mu      sync.Mutex
	re      []string // the answers
	ended   int      // final ones among them
	pong    bool
	closed  bool
	changed chan struct{}
	onFinal func(string) // of a response of 300 and more
}

// dial opens a socket to sipid. The second address is the one to call from.
func (d *tortureDriver) dial(network string, from netip.Addr) (*tortureCaller, error) {
	c := &tortureCaller{to: d.node, changed: make(chan struct{}, 1)}
	if network == "tcp" {
		dialer := net.Dialer{LocalAddr: net.TCPAddrFromAddrPort(netip.AddrPortFrom(from, 0)), Timeout: 3 * time.Second}
		conn, err := dialer.Dial("tcp4", d.node.String())
		if err != nil {
			return nil, err
		}
		c.conn, c.me = conn, conn.LocalAddr().(*net.TCPAddr).AddrPort()
		go func() {
			readStream(conn, c.take, func() { c.note(func() { c.pong = true }) })
			c.note(func() { c.closed = true })
		}()
		return c, nil
	}
	conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(from, 0)))
	if err != nil {
		return nil, err
	}
	c.udp, c.me = conn, conn.LocalAddr().(*net.UDPAddr).AddrPort()
	d.known.Store(c.me, true)
	go c.readUDP()
	return c, nil
}

func (c *tortureCaller) readUDP() {
	b := make([]byte, 65536)
	for {
		n, _, err := c.udp.ReadFromUDPAddrPort(b)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil && strings.Trim(string(b[:n]), "\r\n\x00") != "" {
			c.take(string(b[:n]))
		}
	}
}

func (c *tortureCaller) take(m string) {
	if codeOf(m) >= 300 && cseqMethod(m) == "INVITE" && c.onFinal != nil {
		c.onFinal(m)
	}
	c.note(func() {
		c.re = append(c.re, m)
		if codeOf(m) >= 200 {
			c.ended++
		}
	})
}

func (c *tortureCaller) note(change func()) {
	c.mu.Lock()
	change()
	c.mu.Unlock()
	select {
	case c.changed <- struct{}{}:
	default:
	}
}

// send sends octets. A connection that was closed meanwhile is a result, not an error.
func (c *tortureCaller) send(s string) error {
	if c.udp != nil {
		_, err := c.udp.WriteToUDPAddrPort([]byte(s), c.to)
		return err
	}
	_ = c.conn.SetWriteDeadline(time.Now().Add(3 * time.Second))
	_, err := c.conn.Write([]byte(s))
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		c.note(func() { c.closed = true })
	}
	return err
}

func (c *tortureCaller) answers() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string(nil), c.re...)
}

// finals counts the final responses.
func (c *tortureCaller) finals() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ended
}

func (c *tortureCaller) isClosed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed
}

func (c *tortureCaller) close() {
	if c.udp != nil {
		c.udp.Close()
		return
	}
	c.conn.Close()
}
