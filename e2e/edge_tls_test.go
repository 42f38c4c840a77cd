package e2e_test

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"
)

var loopback6 = netip.IPv6Loopback()

// tlsEdge is the whole way: a platform with TLS on IPv4, Kamailio, TCP on IPv6 to sipid, UDP on IPv6 to the PBX.
type tlsEdge struct {
	*rig
	edge6 netip.AddrPort // Kamailio's side towards sipid
	ca    *authority
	agent *tortureCaller
	trunk *tortureCaller
}

func newTLSEdge(t *testing.T) *tlsEdge {
	t.Helper()
	need(t, "kamailio")
	e := &tlsEdge{rig: &rig{t: t, dir: t.TempDir(), edge: at(t, edgeIP), node: at(t, loopback6), pbx: at(t, loopback6)}, edge6: at(t, loopback6), ca: newAuthority(t, "ca")}
	e.http, e.bin = at(t, nodeIP).String(), raceBinary.get(t)
	e.fill(options{}, nil)
	e.write("sipid.yaml", fmt.Sprintf("listen:\n  - {on: \"tcp:%[1]s\"}\n  - {on: \"udp:%[1]s\"}\nedges: [\"::1\"]\ndb: sipid.db\nhttp: %[2]s\nkey_file: sipid.key\n"+
		"trunks:\n  - {name: alpha, sources: [%[3]s/32], identify: [isup-original-called]}\n"+
		"pbx_groups:\n  - {name: default, body: sdp, targets: [{uri: \"sip:%[4]s\"}]}\n", e.node, e.http, trunkIP, e.pbx))
	e.serve()
	cert, key := e.ca.issue("edge", edgeIP, time.Hour)
	config := e.write("tls.cfg", fmt.Sprintf("[server:default]\nmethod = TLSv1.2+\nverify_certificate = yes\nrequire_certificate = yes\n"+
		"private_key = %s\ncertificate = %s\nca_list = %s\n[client:default]\nverify_certificate = no\nrequire_certificate = no\n", key, cert, e.ca.file))
	nodes := fmt.Sprintf("1 sip:%[1]s;transport=tcp 8\n2 sip:%[1]s;transport=tcp 0\n", e.node)
	udp := at(t, edgeIP)
	k := startKamailio(t, e.dir, udp, nodes, fmt.Sprintf("1 %s\n", trunkIP),
		"-l", "tls:"+e.edge.String(), "-l", "tcp:"+e.edge6.String(), "-A", fmt.Sprintf("TLS_CONFIG=%q", config))
	e.connect(k)
	return e
}

// connect opens the platform's connection, once Kamailio is there, and the PBX's socket.
func (e *tlsEdge) connect(k *process) {
	e.t.Helper()
	d := &net.Dialer{LocalAddr: net.TCPAddrFromAddrPort(netip.AddrPortFrom(trunkIP, 0)), Timeout: 2 * time.Second}
	var conn *tls.Conn
	eventually(e.t, 10*time.Second, "kamailio takes TLS", func() bool {
		if k.exited() {
			e.t.Fatalf("kamailio ended: %v", k.err)
		}
		var err error
		conn, err = tls.DialWithDialer(d, "tcp4", e.edge.String(), &tls.Config{RootCAs: e.ca.pool, Certificates: []tls.Certificate{e.ca.pair("trunk", time.Hour)}})
		return err == nil
	})
	e.t.Cleanup(func() { conn.Close() })
	e.trunk = &tortureCaller{conn: conn, to: e.edge, me: conn.LocalAddr().(*net.TCPAddr).AddrPort(), changed: make(chan struct{}, 1)}
	go readStream(conn, e.trunk.take, nil)
	udp, err := net.ListenUDP("udp6", net.UDPAddrFromAddrPort(e.pbx))
	if err != nil {
		e.t.Fatal(err)
	}
	e.t.Cleanup(func() { udp.Close() })
	e.agent = &tortureCaller{udp: udp, to: e.node, me: e.pbx, changed: make(chan struct{}, 1)}
	go e.agent.readUDP()
}

// await takes the next message at one side that begins so; what came before it is passed over.
func (c *tortureCaller) await(t *testing.T, begins string) string {
	t.Helper()
	var found string
	eventually(t, 5*time.Second, begins, func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		for i, m := range c.re {
			if strings.HasPrefix(m, begins) {
				found, c.re = m, c.re[i+1:]
				return true
			}
		}
		return false
	})
	return found
}

func (e *tlsEdge) send(c *tortureCaller, m string) {
	e.t.Helper()
	if err := c.send(m); err != nil {
		e.t.Fatal(err)
	}
}

// within writes a request inside the call for one of its sides.
func (e *tlsEdge) within(from *tortureCaller, method string, cseq int, invite, ok200 string) string {
	caller := from == e.trunk
	lines := []string{method + " " + between(valueOf(ok200, "contact")) + " SIP/2.0"}
	self, f, to, transport := fmt.Sprintf("<sip:x@%s;transport=tls>", from.me), valueOf(ok200, "from"), valueOf(ok200, "to"), "TLS"
	if !caller {
		lines[0] = method + " " + between(valueOf(invite, "contact")) + " SIP/2.0"
		self, f, to, transport = fmt.Sprintf("<sip:x@%s>", from.me), to, f, "UDP"
	}
	lines = append(lines, fmt.Sprintf("Via: SIP/2.0/%s %s;rport;branch=z9hG4bK%s%s%d%v", transport, from.me,
		valueOf(invite, "call-id"), method, cseq, caller), "Max-Forwards: 70")
	if caller {
		lines = append(lines, routes(ok200, true)...)
	} else {
		lines = append(lines, routes(invite, false)...)
	}
	return crlf(append(lines, "From: "+f, "To: "+to, "Call-ID: "+valueOf(invite, "call-id"), fmt.Sprintf("CSeq: %d %s", cseq, method),
		"Contact: "+self, "Content-Length: 0", "", "")...)
}

// answered sends an INVITE with ISUP and answers it.
func (e *tlsEdge) answered(id string) (invite, ok200 string) {
	e.t.Helper()
	body := "--b\r\nContent-Type: application/sdp\r\n\r\n" + strings.ReplaceAll("v=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\n", "\n", "\r\n") +
		"\r\n--b\r\nContent-Type: application/isup;version=itu-t92+\r\n\r\n" + string(iam("100100000042")) + "\r\n--b--\r\n"
	e.send(e.trunk, crlf(fmt.Sprintf("INVITE sip:95165@%s SIP/2.0", e.edge), fmt.Sprintf("Via: SIP/2.0/TLS %s;rport;branch=z9hG4bK%s", e.trunk.me, id),
		"Max-Forwards: 70", "From: <sip:0571@vas.example>;tag=f"+id, "To: <sip:95165@cc.example>", "Call-ID: "+id, "CSeq: 1 INVITE",
		fmt.Sprintf("Contact: <sip:x@%s;transport=tls>", e.trunk.me), "Content-Type: multipart/mixed;boundary=b",
		fmt.Sprintf("Content-Length: %d", len(body)), "", body))
	invite = e.agent.await(e.t, "INVITE ")
	if got := valueOf(invite, "x-access-id") + "/" + valueOf(invite, "x-serial"); got != ours {
		e.t.Errorf("identified as %q: %s", got, valueOf(invite, "x-identify-status"))
	}
	e.send(e.agent, answerBy(invite, "200 OK", "pbx", fmt.Sprintf("Contact: <sip:agent@%s>", e.agent.me)))
	ok200 = e.trunk.await(e.t, "SIP/2.0 200")
	e.send(e.trunk, e.within(e.trunk, "ACK", 1, invite, ok200))
	e.agent.await(e.t, "ACK ")
	return invite, ok200
}

// exchange sends a request inside the call from one side, which the other takes.
func (e *tlsEdge) exchange(from, to *tortureCaller, method string, cseq int, invite, ok200 string) {
	e.t.Helper()
	e.send(from, e.within(from, method, cseq, invite, ok200))
	in := to.await(e.t, method+" ")
	e.send(to, answerBy(in, "200 OK", "unused", fmt.Sprintf("Contact: <sip:x@%s>", to.me)))
	from.await(e.t, "SIP/2.0 200")
	if method == "INVITE" {
		e.send(from, e.within(from, "ACK", cseq, invite, ok200))
		to.await(e.t, "ACK ")
	}
}

// TestTLSThroughTheEdge: calls, re-INVITEs and BYEs from both sides, over three transports and two address families.
func TestTLSThroughTheEdge(t *testing.T) {
	t.Parallel()
	e := newTLSEdge(t)
	for _, tt := range []struct {
		name     string
		from, to *tortureCaller
	}{{"PlatformHangsUp", e.trunk, e.agent}, {"PBXHangsUp", e.agent, e.trunk}} {
		t.Run(tt.name, func(t *testing.T) {
			invite, ok200 := e.answered("tls" + tt.name)
			e.exchange(e.trunk, e.agent, "INVITE", 2, invite, ok200)
			e.exchange(e.agent, e.trunk, "INVITE", 11, invite, ok200)
			e.exchange(tt.from, tt.to, "BYE", 30, invite, ok200)
		})
	}
	d := &net.Dialer{Timeout: time.Second}
	if c, err := tls.DialWithDialer(d, "tcp4", e.edge.String(), &tls.Config{RootCAs: e.ca.pool, MaxVersion: tls.VersionTLS12}); err == nil {
		c.Close()
		t.Error("the edge takes a platform without a certificate")
	}
}
