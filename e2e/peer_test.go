package e2e_test

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// peer is a bare UDP socket, for what SIPp cannot do: odd octets, silence, and counting what arrives.
type peer struct {
	t    *testing.T
	conn *net.UDPConn
}

func dialUDP(t *testing.T, local netip.AddrPort) *peer {
	t.Helper()
	conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(local))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &peer{t, conn}
}

func (p *peer) addr() netip.AddrPort {
	return p.conn.LocalAddr().(*net.UDPAddr).AddrPort()
}

func (p *peer) send(to netip.AddrPort, message string) {
	p.t.Helper()
	if _, err := p.conn.WriteToUDPAddrPort([]byte(message), to); err != nil {
		p.t.Fatal(err)
	}
}

// message is a received datagram with the sender's address.
type message struct {
	text string
	from netip.AddrPort
}

func (m message) String() string { return m.text }

// first is the start line.
func (m message) first() string {
	line, _, _ := strings.Cut(m.text, "\r\n")
	return line
}

// lines returns all header lines of a name, whole.
func (m message) lines(name string) []string {
	var found []string
	head, _, _ := strings.Cut(m.text, "\r\n\r\n")
	for line := range strings.SplitSeq(head, "\r\n") {
		n, _, ok := strings.Cut(line, ":")
		if ok && strings.EqualFold(strings.TrimSpace(n), name) {
			found = append(found, line)
		}
	}
	return found
}

// lenient tells whether a reader that trims all that Unicode calls white space would find the header.
func (m message) lenient(name string) bool {
	for line := range strings.SplitSeq(m.text, "\n") {
		n, _, ok := strings.Cut(line, ":")
		if ok && strings.EqualFold(strings.TrimSpace(n), name) {
			return true
		}
	}
	return false
}

func (p *peer) tryReceive(d time.Duration) (message, bool) {
	b := make([]byte, 65536)
	_ = p.conn.SetReadDeadline(time.Now().Add(d))
	n, from, err := p.conn.ReadFromUDPAddrPort(b)
	if err != nil {
		return message{}, false
	}
	return message{string(b[:n]), from}, true
}

// receive waits for a message whose start line begins so, and passes over 100s.
func (p *peer) receive(d time.Duration, begins string) message {
	p.t.Helper()
	end := time.Now().Add(d)
	for {
		m, ok := p.tryReceive(time.Until(end))
		if !ok {
			p.t.Fatalf("no %q within %v", begins, d)
		}
		if strings.HasPrefix(m.text, begins) {
			return m
		}
		if !strings.HasPrefix(m.text, "SIP/2.0 100") {
			p.t.Fatalf("want %q, got %q", begins, m.first())
		}
	}
}

// answerTo builds the response to a request: what RFC 3261 8.2.6 copies, and more lines.
func (m message) answer(status, toTag string, more ...string) string {
	out := []string{"SIP/2.0 " + status}
	for _, name := range []string{"Via", "Record-Route", "From", "To", "Call-ID", "CSeq"} {
		lines := m.lines(name)
		if name == "To" && !strings.Contains(lines[0], ";tag=") {
			lines[0] += ";tag=" + toTag
		}
		out = append(out, lines...)
	}
	return crlf(append(append(out, more...), "Content-Length: 0", "", "")...)
}

func crlf(lines ...string) string { return strings.Join(lines, "\r\n") }

func optionsTo(to, from netip.AddrPort) string {
	return crlf(fmt.Sprintf("OPTIONS sip:%s SIP/2.0", to), fmt.Sprintf("Via: SIP/2.0/UDP %s;branch=z9hG4bK-o%d", from, time.Now().UnixNano()),
		"Max-Forwards: 70", fmt.Sprintf("From: <sip:probe@%s>;tag=1", from), fmt.Sprintf("To: <sip:%s>", to),
		fmt.Sprintf("Call-ID: %d", time.Now().UnixNano()), "CSeq: 1 OPTIONS", "Content-Length: 0", "", "")
}
