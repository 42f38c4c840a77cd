package proxy_test

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"sipid/proxy"
	"sipid/router"
	"sipid/sipmsg"
	"sipid/transport"
)

// largeRig is a proxy on real sockets, by UDP and TCP, with a PBX that may take both.
type largeRig struct {
	t     *testing.T
	trunk *net.UDPConn
	proxy netip.AddrPort
	got   chan arrived

	routes *router.Router
}

// arrived is a request at the PBX.
type arrived struct {
	network string
	text    message
}

// newLargeRig starts it. A PBX without takesTCP refuses connections.
func newLargeRig(t *testing.T, large router.Large, takesTCP bool, probe time.Duration) *largeRig {
	t.Helper()
	r := newLargePBX(t, large, takesTCP, probe)
	r.serve(t, false)
	return r
}

// serve runs the proxy until t ends.
func (r *largeRig) serve(t *testing.T, resumes bool) {
	t.Helper()
	o := proxy.Options{Listen: []transport.Listen{{Network: "udp", Addr: r.proxy}, {Network: "tcp", Addr: r.proxy}}, Resumes: resumes}
	serveWith(t, r.routes, o)
}

// newLargePBX is newLargeRig without the proxy.
func newLargePBX(t *testing.T, large router.Large, takesTCP bool, probe time.Duration) *largeRig {
	t.Helper()
	r := &largeRig{t: t, trunk: socket(t), got: make(chan arrived, 64)}
	pbx := ownAddress()
	ln, err := net.Listen("tcp4", pbx.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	packets, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(pbx))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { packets.Close() })
	go r.datagrams(packets)
	if takesTCP {
		go r.connections(ln)
	} else {
		ln.Close()
	}
	routes, err := router.New(router.Config{
		Trunks: []router.Trunk{{Name: "a", Sources: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}}},
		Groups: []router.Group{{Name: "default", Probe: router.Probe{Interval: probe}, Targets: []router.Target{
			{URI: "sip:" + pbx.String(), Host: pbx.String(), Addr: pbx, Large: large},
		}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	r.proxy, r.routes = ownAddress(), routes
	return r
}

func (r *largeRig) datagrams(c *net.UDPConn) {
	b := make([]byte, 65536)
	for {
		n, from, err := c.ReadFromUDPAddrPort(b)
		if err != nil {
			return
		}
		r.take("UDP", message(b[:n]), func(s string) { _, _ = c.WriteToUDPAddrPort([]byte(s), from) })
	}
}

func (r *largeRig) connections(ln net.Listener) {
	for {
		c, err := ln.Accept()
		if err != nil {
			return
		}
		go r.stream(c)
	}
}

func (r *largeRig) stream(c net.Conn) {
	defer c.Close()
	var framer sipmsg.Framer
	var buf []byte
	more := make([]byte, 65536)
	for {
		n, state := framer.Next(buf)
		if state == sipmsg.FrameMessage {
			r.take("TCP", message(buf[:n]), func(s string) { _, _ = c.Write([]byte(s)) })
			buf = append([]byte(nil), buf[n:]...)
			continue
		}
		n, err := c.Read(more)
		if err != nil {
			return
		}
		buf = append(buf, more[:n]...)
	}
}

// take answers a request: OPTIONS well, calls as a PBX that is busy, or rings where their Call-ID says so.
func (r *largeRig) take(network string, m message, reply func(string)) {
	switch {
	case strings.HasPrefix(string(m), "OPTIONS "):
		reply(m.answer("200 OK", "b"))
	case strings.HasPrefix(string(m), "INVITE ") && strings.HasPrefix(m.all("Call-ID")[0], "ring"):
		reply(m.answer("180 Ringing", "b"))
	case strings.HasPrefix(string(m), "INVITE "):
		reply(m.answer("486 Busy Here", "b"))
	case strings.HasPrefix(string(m), "CANCEL "):
		reply(m.answer("481 Call/Transaction Does Not Exist", "b"))
	case !strings.HasPrefix(string(m), "ACK "):
		return
	}
	r.got <- arrived{network, m}
}

// invite is an INVITE with a body of so many octets.
func (r *largeRig) invite(id string, octets int) string {
	body := strings.Repeat("a=x:234567\r\n", octets/12+1)[:octets]
	return fmt.Sprintf("INVITE sip:95165@cc.example SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK%s;rport\r\nFrom: <sip:a@a>;tag=a\r\nTo: <sip:95165@cc.example>\r\n"+
		"Call-ID: %s\r\nCSeq: 1 INVITE\r\nContact: <sip:a@127.0.0.1>\r\nMax-Forwards: 70\r\nContent-Type: application/sdp\r\nContent-Length: %d\r\n\r\n%s",
		r.trunk.LocalAddr(), id, id, octets, body)
}

// call sends an INVITE, and gives the final answer's status.
func (r *largeRig) call(id string, octets int) string {
	r.t.Helper()
	_, _ = r.trunk.WriteToUDPAddrPort([]byte(r.invite(id, octets)), r.proxy)
	b := make([]byte, 65536)
	_ = r.trunk.SetReadDeadline(time.Now().Add(10 * time.Second))
	for {
		n, _, err := r.trunk.ReadFromUDPAddrPort(b)
		if err != nil {
			r.t.Fatalf("no final answer: %v", err)
		}
		if m := message(b[:n]); m[8] != '1' && m.one(r.t, "Call-ID") == id {
			return string(m[8:11])
		}
	}
}

// at waits for a request at the PBX.
func (r *largeRig) at(method string) arrived {
	r.t.Helper()
	for {
		select {
		case a := <-r.got:
			if strings.HasPrefix(string(a.text), method+" ") {
				return a
			}
		case <-time.After(5 * time.Second):
			r.t.Fatalf("no %s at the PBX", method)
		}
	}
}

// comes makes a call and wants its INVITE, and the ACK to its refusal, by a network.
func (r *largeRig) comes(id string, octets int, network string) {
	r.t.Helper()
	if status := r.call(id, octets); status != "486" {
		r.t.Fatalf("%s is answered %s", id, status)
	}
	invite := r.at("INVITE")
	if ack := r.at("ACK"); invite.network != network || ack.network != network {
		r.t.Errorf("%s: INVITE by %s, ACK by %s, want %s", id, invite.network, ack.network, network)
	}
	if via := invite.text.all("Via")[0]; !strings.HasPrefix(via, "SIP/2.0/"+network+" ") {
		r.t.Errorf("%s by %s says Via: %s", id, network, via)
	}
	routes := invite.text.all("Record-Route")
	if tcp := network == "TCP"; strings.Contains(routes[0], "transport=tcp") != tcp || len(routes) == 2 != tcp {
		r.t.Errorf("%s by %s has Record-Routes %q", id, network, routes)
	}
}

// Requests over 1 300 octets go by TCP (RFC 3261 18.1.1), small ones never do.
func TestLargeByTCP(t *testing.T) {
	r := newLargeRig(t, router.LargeTCP, true, 0)
	r.comes("small", 300, "UDP")
	r.comes("large", 2000, "TCP")
	r.comes("again", 2000, "TCP")
}

func TestLargeByUDP(t *testing.T) {
	newLargeRig(t, router.LargeUDP, true, 20*time.Millisecond).comes("large", 2000, "UDP")
	newLargeRig(t, router.LargeAuto, true, 0).comes("large", 2000, "UDP") // nobody asked whether it takes TCP
}

// A target that takes no TCP gets by UDP what a datagram holds.
func TestLargeRefused(t *testing.T) {
	r := newLargeRig(t, router.LargeTCP, false, 0)
	r.comes("large", 2000, "UDP")
	if status := r.call("huge", 65100); status != "513" {
		t.Errorf("what no datagram holds is answered %s", status)
	}
	r.comes("after", 2000, "UDP")
}

// By itself TCP is used where an OPTIONS by TCP was answered.
func TestLargeAuto(t *testing.T) {
	r := newLargeRig(t, router.LargeAuto, true, 20*time.Millisecond)
	for a := r.at("OPTIONS"); a.network != "TCP"; {
		a = r.at("OPTIONS")
	}
	for range 5 { // 100 ms later the answer was read, even on a busy machine
		r.at("OPTIONS")
	}
	r.comes("large", 2000, "TCP")
	r.comes("small", 300, "UDP")
	newLargeRig(t, router.LargeAuto, false, 20*time.Millisecond).comes("large", 2000, "UDP")
}

// A call that went by TCP for its size, and whose process was killed, is cancelled by TCP;
// one that found no connection, by UDP with the branch of its second attempt.
func TestCrashCancelLarge(t *testing.T) {
	for network, takesTCP := range map[string]bool{"TCP": true, "UDP": false} {
		t.Run(network, func(t *testing.T) {
			r := newLargePBX(t, router.LargeTCP, takesTCP, 0)
			invite := r.invite("ring", 2000)
			var first arrived
			t.Run("first", func(t *testing.T) {
				r.serve(t, false)
				_, _ = r.trunk.WriteToUDPAddrPort([]byte(invite), r.proxy)
				if first = r.at("INVITE"); first.network != network {
					t.Errorf("the INVITE went by %s", first.network)
				}
			})
			r.serve(t, true)
			head, _, _ := strings.Cut(strings.ReplaceAll(invite, "INVITE", "CANCEL"), "Contact:")
			_, _ = r.trunk.WriteToUDPAddrPort([]byte(head+"Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"), r.proxy)
			for {
				cancel := r.at("CANCEL")
				if cancel.text.one(t, "Via") == first.text.all("Via")[0] {
					if cancel.network != network || cancel.text.uri() != first.text.uri() {
						t.Errorf("by %s\n%s", cancel.network, cancel.text)
					}
					return
				}
			}
		})
	}
}
