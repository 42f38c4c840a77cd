package proxy_test

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"sipid/router"
	"sipid/sipmsg"
	"sipid/transport"
)

const noLength = "Content-Length: 0\r\n"

// A datagram may do without Content-Length, what goes on by a stream may not (RFC 3261 16.6 step 9, 20.14).
func TestRequestGetsLengthForStream(t *testing.T) {
	r := newLargeRig(t, router.LargeTCP, true, 0)
	body := strings.Repeat("a=x:234567\r\n", 200)
	_, err := r.trunk.WriteToUDPAddrPort([]byte(fmt.Sprintf("INVITE sip:95165@cc.example SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bKn;rport\r\n"+
		"From: <sip:a@a>;tag=a\r\nTo: <sip:95165@cc.example>\r\nCall-ID: n\r\nCSeq: 1 INVITE\r\nContact: <sip:a@127.0.0.1>\r\nMax-Forwards: 70\r\n"+
		"Content-Type: application/sdp\r\n\r\n%s", r.trunk.LocalAddr(), body)), r.proxy)
	if err != nil {
		t.Fatal(err)
	}
	got := r.at("INVITE")
	if got.network != "TCP" || got.text.one(t, "Content-Length") != fmt.Sprint(len(body)) || got.text.body() != body {
		t.Errorf("by %s:\n%s", got.network, got.text.head())
	}
}

// streamTrunk is a trunk by TCP and a PBX by UDP.
type streamTrunk struct {
	t      *testing.T
	conn   net.Conn
	pbx    *net.UDPConn
	proxy  netip.AddrPort
	framer sipmsg.Framer
	buf    []byte
}

func newStreamTrunk(t *testing.T) *streamTrunk {
	t.Helper()
	s := &streamTrunk{t: t, pbx: socket(t), proxy: ownAddress()}
	pbx := s.pbx.LocalAddr().(*net.UDPAddr).AddrPort()
	routes, err := router.New(router.Config{
		Trunks: []router.Trunk{{Name: "a", Sources: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}},
		Groups: []router.Group{{Name: "default", Targets: []router.Target{{URI: "sip:" + pbx.String(), Host: pbx.String(), Addr: pbx}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	serveOn(t, routes, transport.Listen{Network: "udp", Addr: s.proxy}, transport.Listen{Network: "tcp", Addr: s.proxy})
	s.conn, err = net.Dial("tcp4", s.proxy.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.conn.Close() })
	return s
}

func (s *streamTrunk) send(text string) {
	s.t.Helper()
	if _, err := s.conn.Write([]byte(text)); err != nil {
		s.t.Fatal(err)
	}
}

// get waits for the next message of the stream.
func (s *streamTrunk) get() message {
	s.t.Helper()
	_ = s.conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	more := make([]byte, 65536)
	for {
		n, state := s.framer.Next(s.buf)
		switch state {
		case sipmsg.FrameMessage:
			m := message(s.buf[:n])
			s.buf = s.buf[n:]
			return m
		case sipmsg.FrameBroken:
			s.t.Fatalf("no end of a message in\n%s", s.buf)
		}
		n, err := s.conn.Read(more)
		if err != nil {
			s.t.Fatalf("%v behind %q", err, s.buf)
		}
		s.buf = append(s.buf, more[:n]...)
	}
}

// atPBX waits for a request and gives who sent it.
func (s *streamTrunk) atPBX() (message, netip.AddrPort) {
	s.t.Helper()
	_ = s.pbx.SetReadDeadline(time.Now().Add(10 * time.Second))
	b := make([]byte, 65536)
	n, from, err := s.pbx.ReadFromUDPAddrPort(b)
	if err != nil {
		s.t.Fatal(err)
	}
	return message(b[:n]), from
}

// The same holds for the responses that a PBX sends by UDP.
func TestResponseGetsLengthForStream(t *testing.T) {
	s := newStreamTrunk(t)
	s.send(fmt.Sprintf("INVITE sip:95165@cc.example SIP/2.0\r\nVia: SIP/2.0/TCP %s;branch=z9hG4bKl\r\nFrom: <sip:a@a>;tag=a\r\nTo: <sip:95165@cc.example>\r\n"+
		"Call-ID: l\r\nCSeq: 1 INVITE\r\nContact: <sip:a@127.0.0.1>\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n", s.conn.LocalAddr()))
	invite, from := s.atPBX()
	for _, status := range []string{"180 Ringing", "486 Busy Here"} {
		_, _ = s.pbx.WriteToUDPAddrPort([]byte(strings.Replace(invite.answer(status, "b"), noLength, "", 1)), from)
	}
	for _, status := range []string{"100", "180", "486"} {
		if m := s.get(); !strings.HasPrefix(string(m), "SIP/2.0 "+status) || m.one(t, "Content-Length") != "0" {
			t.Errorf("got\n%s", m)
		}
	}
}

// A peer that has sent its last request and closed its side still gets the answer (RFC 3261 18.2.2: the connection is open).
func TestAnswerToHalfClosed(t *testing.T) {
	for i := range 3 {
		s := newStreamTrunk(t)
		s.send(fmt.Sprintf("OPTIONS sip:cc.example SIP/2.0\r\nVia: SIP/2.0/TCP %s;branch=z9hG4bKh%d\r\nFrom: <sip:a@a>;tag=a\r\nTo: <sip:cc.example>\r\n"+
			"Call-ID: h\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n", s.conn.LocalAddr(), i))
		if err := s.conn.(*net.TCPConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		if m := s.get(); !strings.HasPrefix(string(m), "SIP/2.0 200") {
			t.Errorf("got\n%s", m)
		}
	}
}
