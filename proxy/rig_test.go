package proxy_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"sipid/proxy"
	"sipid/record"
	"sipid/router"
)

// The addresses of the picture.
var (
	trunkAddr  = netip.MustParseAddrPort("10.1.0.7:5060")
	otherAddr  = netip.MustParseAddrPort("10.9.0.9:5060") // a second trunk
	edgeAddr   = netip.MustParseAddrPort("10.0.0.2:5060")
	proxyAddr  = netip.MustParseAddrPort("10.0.0.5:5060")
	pbxAddr    = netip.MustParseAddrPort("10.2.0.10:5060")
	secondAddr = netip.MustParseAddrPort("10.2.0.11:5060") // a second target, where there is one
	alienAddr  = netip.MustParseAddrPort("203.0.113.9:5060")
)

var testKey = []byte("0123456789abcdef0123456789abcdef")

// packet is a datagram on the wire.
type packet struct {
	from netip.AddrPort
	text string
}

// wire is a network in memory. Tests on it run under testing/synctest, so that
// 32 seconds of timers pass at once.
type wire struct {
	mu    sync.Mutex
	hosts map[netip.AddrPort]chan packet
	alien []packet // what was sent to addresses nobody has
	// lose sees every packet, one at a time, and says which are lost.
	lose func(from, to netip.AddrPort, text string) bool
}

func newWire() *wire { return &wire{hosts: make(map[netip.AddrPort]chan packet)} }

func (w *wire) host(a netip.AddrPort) chan packet {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.hosts[a] == nil {
		w.hosts[a] = make(chan packet, 4096)
	}
	return w.hosts[a]
}

// losing sets what happens to packets on the way.
func (w *wire) losing(f func(from, to netip.AddrPort, text string) bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lose = f
}

func (w *wire) send(from, to netip.AddrPort, text string) {
	w.mu.Lock()
	ch := w.hosts[to]
	lost := w.lose != nil && w.lose(from, to, text)
	if ch == nil && !lost {
		w.alien = append(w.alien, packet{from, text})
	}
	w.mu.Unlock()
	if ch != nil && !lost {
		ch <- packet{from, text}
	}
}

// conn is the proxy's socket on a wire.
type conn struct {
	wire   *wire
	addr   netip.AddrPort
	in     chan packet
	closed chan struct{}
	once   sync.Once
	waited atomic.Int64 // nanoseconds that packets are said to have waited
}

func (c *conn) Waited() time.Duration { return time.Duration(c.waited.Load()) }

func (c *conn) ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error) {
	select {
	case p := <-c.in:
		return copy(b, p.text), p.from, nil
	case <-c.closed:
		return 0, netip.AddrPort{}, net.ErrClosed
	}
}

func (c *conn) WriteToUDPAddrPort(b []byte, dst netip.AddrPort) (int, error) {
	c.wire.send(c.addr, dst, string(b))
	return len(b), nil
}

func (c *conn) LocalAddr() net.Addr { return net.UDPAddrFromAddrPort(c.addr) }

func (c *conn) Close() error {
	c.once.Do(func() { close(c.closed) })
	return nil
}

// rig is a proxy with a trunk and a PBX round it.
type rig struct {
	t      *testing.T
	wire   *wire
	proxy  *proxy.Proxy
	router *router.Router
	reg    *prometheus.Registry
	trunk  *peer
	pbx    *peer
	stop   func()
	conn   *conn

	record *record.Log

	probing bool // targets are asked all the time: some attempt always lives
}

// faults is a log that ends a test with what was caught while a message was
// handled: a call may look well all the same.
type faults struct{ t *testing.T }

func (f faults) Write(b []byte) (int, error) {
	if bytes.Contains(b, []byte("fault while")) {
		f.t.Errorf("%s", b)
	}
	return len(b), nil
}

// peer is one of the parties.
type peer struct {
	rig  *rig
	addr netip.AddrPort
	in   chan packet
}

// run makes a rig in a bubble of its own and runs f on it. At the end the proxy
// is stopped, and must have kept nothing.
func run(t *testing.T, change func(*proxy.Options, *router.Config), f func(*rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := start(t, newWire(), change)
		defer r.stop()
		f(r)
		time.Sleep(200 * time.Second)
		if server, client := r.proxy.Held(); server != 0 || client != 0 && !r.probing {
			t.Errorf("kept %d transactions and %d attempts", server, client)
		}
		if n := r.proxy.Waiting(); n != 0 {
			t.Errorf("%d octets of requests still count as waiting", n)
		}
	})
}

func start(t *testing.T, w *wire, change func(*proxy.Options, *router.Config)) *rig {
	t.Helper()
	config := router.Config{
		Trunks: []router.Trunk{
			{Name: "zhejiang", Sources: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}},
			{Name: "jiangsu", Sources: []netip.Prefix{netip.MustParsePrefix("10.9.0.0/16")}, Reject: true},
		},
		Groups: []router.Group{{Name: "default", Targets: []router.Target{{
			URI: "sip:10.2.0.10:5060", Host: "10.2.0.10:5060", Addr: pbxAddr, Weight: 1, Priority: 1,
		}}}},
	}
	reg := prometheus.NewRegistry()
	o := proxy.Options{
		Key: testKey, Metrics: reg, Edges: []netip.Prefix{netip.PrefixFrom(edgeAddr.Addr(), 32)},
		Log: slog.New(slog.NewTextHandler(faults{t}, &slog.HandlerOptions{Level: slog.LevelError})),
	}
	if change != nil {
		change(&o, &config)
	}
	routes, err := router.New(config)
	if err != nil {
		t.Fatal(err)
	}
	table, err := router.NewTable([]router.Client{
		{AccessID: "1001", Name: "Hangzhou switchboard", Endpoint: "https://a.example/sipid", SerialDigits: 8, Enabled: true},
		{AccessID: "1002", Name: "Ningbo", Endpoint: "https://b.example/sipid", SerialDigits: 8},
	}, 1)
	if err != nil {
		t.Fatal(err)
	}
	routes.SetTable(table)
	o.Router = routes
	log, err := record.New(routes)
	if err != nil {
		t.Fatal(err)
	}
	o.Record = log
	c := &conn{wire: w, addr: proxyAddr, in: w.host(proxyAddr), closed: make(chan struct{})}
	p, err := proxy.NewOn(o, c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Serve(ctx) }()
	r := &rig{t: t, wire: w, proxy: p, router: routes, reg: reg, conn: c, record: log}
	r.trunk, r.pbx = r.peer(trunkAddr), r.peer(pbxAddr)
	r.stop = func() {
		defer log.Close()
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	}
	return r
}

func (r *rig) peer(a netip.AddrPort) *peer { return &peer{rig: r, addr: a, in: r.wire.host(a)} }

// send sends a message to the proxy; line ends are made CRLF.
func (p *peer) send(text string) {
	p.rig.wire.send(p.addr, proxyAddr, text)
}

// get waits for the next message and checks how it begins.
func (p *peer) get(begin string) message {
	p.rig.t.Helper()
	select {
	case got := <-p.in:
		if !strings.HasPrefix(got.text, begin) {
			p.rig.t.Fatalf("%s got\n%s\nwanted %s", p.addr, got.text, begin)
		}
		return message(got.text)
	case <-time.After(time.Second):
		p.rig.t.Fatalf("%s got nothing, wanted %s", p.addr, begin)
	}
	panic("unreachable")
}

// quiet checks that nothing comes for a while.
func (p *peer) quiet(d time.Duration) {
	p.rig.t.Helper()
	select {
	case got := <-p.in:
		p.rig.t.Fatalf("%s got\n%s\nwanted nothing", p.addr, got.text)
	case <-time.After(d):
	}
}

// count waits and counts what comes that begins like this.
func (p *peer) count(begin string, d time.Duration) int {
	n := 0
	for end := time.After(d); ; {
		select {
		case got := <-p.in:
			if strings.HasPrefix(got.text, begin) {
				n++
			}
		case <-end:
			return n
		}
	}
}

// message is a SIP message's text, read with the means of a test.
type message string

func (m message) head() string { h, _, _ := strings.Cut(string(m), "\r\n\r\n"); return h }
func (m message) body() string { _, b, _ := strings.Cut(string(m), "\r\n\r\n"); return b }

// all gives the values of all headers of a name, in order.
func (m message) all(name string) []string {
	var values []string
	for _, line := range strings.Split(m.head(), "\r\n")[1:] {
		if n, v, ok := strings.Cut(line, ":"); ok && strings.EqualFold(n, name) {
			values = append(values, strings.TrimSpace(v))
		}
	}
	return values
}

// one gives the value of a header that must stand there once.
func (m message) one(t *testing.T, name string) string {
	t.Helper()
	values := m.all(name)
	if len(values) != 1 {
		t.Fatalf("%d headers %s in\n%s", len(values), name, m)
	}
	return values[0]
}

// answer makes a response to a request, as a party would.
func (m message) answer(status, toTag string, lines ...string) string {
	b := "SIP/2.0 " + status + "\r\n"
	for _, name := range []string{"Via", "Record-Route", "From", "To", "Call-ID", "CSeq"} {
		for _, v := range m.all(name) {
			if name == "To" && toTag != "" && !strings.Contains(v, "tag=") {
				v += ";tag=" + toTag
			}
			b += name + ": " + v + "\r\n"
		}
	}
	for _, l := range lines {
		b += l + "\r\n"
	}
	return b + "Content-Length: 0\r\n\r\n"
}

const sdp = "v=0\r\no=- 1 1 IN IP4 10.1.0.7\r\ns=-\r\nc=IN IP4 10.1.0.7\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n"

// iam is an IAM with original called number 1001 00000042 and hop counter 13
// before the calling number: CR LF in the middle.
var iam = "\x01\x00\x20\x01\x0a\x03\x02\x07\x05\x03\x90\x59\x61\xf5\x3d\x01\x0d\x0a\x08\x83\x13\x75\x81\x88\x88\x88\x08" +
	"\x28\x08\x03\x10\x01\x10\x00\x00\x00\x24\x00"

// call is what an INVITE and what follows it are made of.
type call struct {
	id, branch string
	isup       string
	lines      string // further header lines
	media      string // further lines of the SDP
}

func (c call) body() string {
	return "--b1\r\nContent-Type: application/sdp\r\n\r\n" + sdp + c.media + "\r\n--b1\r\nContent-Type: application/isup;version=itu-t92+\r\n" +
		"Content-Disposition: signal;handling=required\r\n\r\n" + c.isup + "\r\n--b1--\r\n"
}

func (c call) invite() string {
	if c.isup == "" {
		c.isup = iam
	}
	body := c.body()
	return fmt.Sprintf("INVITE sip:95165@10.0.0.5 SIP/2.0\r\nVia: SIP/2.0/UDP 10.1.0.7:5060;branch=%s;rport\r\n"+
		"From: <sip:057188888888@10.1.0.7>;tag=caller\r\nTo: <sip:95165@10.0.0.5>\r\nCall-ID: %s\r\nCSeq: 1 INVITE\r\n"+
		"Contact: <sip:10.1.0.7:5060>\r\nMax-Forwards: 70\r\n%sMIME-Version: 1.0\r\nContent-Type: multipart/mixed;boundary=b1\r\n"+
		"Content-Length: %d\r\n\r\n%s", c.branch, c.id, c.lines, len(body), body)
}

func (c call) cancel(lines string) string {
	return fmt.Sprintf("CANCEL sip:95165@10.0.0.5 SIP/2.0\r\nVia: SIP/2.0/UDP 10.1.0.7:5060;branch=%s;rport\r\n"+
		"From: <sip:057188888888@10.1.0.7>;tag=caller\r\nTo: <sip:95165@10.0.0.5>\r\nCall-ID: %s\r\nCSeq: 1 CANCEL\r\n"+
		"Max-Forwards: 70\r\n%sContent-Length: 0\r\n\r\n", c.branch, c.id, lines)
}

// ackRefusal is the ACK to a final response that is no 2xx.
func (c call) ackRefusal(response message) string {
	return fmt.Sprintf("ACK sip:95165@10.0.0.5 SIP/2.0\r\nVia: SIP/2.0/UDP 10.1.0.7:5060;branch=%s;rport\r\n"+
		"From: <sip:057188888888@10.1.0.7>;tag=caller\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: 1 ACK\r\n"+
		"Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n", c.branch, response.all("To")[0], c.id)
}

// inDialog is a request of the caller along the route of the 200.
func (c call) inDialog(method, branch string, cseq int, ok message, lines string) string {
	return fmt.Sprintf("%s sip:8001@10.2.0.10:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 10.1.0.7:5060;branch=%s;rport\r\n%s"+
		"From: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %d %s\r\nMax-Forwards: 70\r\n%sContent-Length: 0\r\n\r\n",
		method, branch, routes(ok), ok.all("From")[0], ok.all("To")[0], c.id, cseq, method, lines)
}

// fromPBX is a request of the called side along the route of the INVITE.
func (c call) fromPBX(method, branch string, invite message) string {
	return fmt.Sprintf("%s sip:10.1.0.7:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 10.2.0.10:5060;branch=%s\r\n%s"+
		"From: <sip:95165@10.0.0.5>;tag=agent\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: 7 %s\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
		method, branch, routes(invite), invite.all("From")[0], c.id, method)
}

// routes turns Record-Route into Route.
func routes(m message) string {
	b := ""
	for _, rr := range m.all("Record-Route") {
		b += "Route: " + rr + "\r\n"
	}
	return b
}

// answered sets a call up and gives the INVITE at the PBX and the 200 at the trunk.
func (r *rig) answered(c call) (invite, ok message) {
	r.t.Helper()
	r.trunk.send(c.invite())
	r.trunk.get("SIP/2.0 100")
	invite = r.pbx.get("INVITE")
	r.pbx.send(invite.answer("180 Ringing", "agent"))
	r.trunk.get("SIP/2.0 180")
	r.pbx.send(invite.answer("200 OK", "agent", "Contact: <sip:8001@10.2.0.10:5060>"))
	ok = r.trunk.get("SIP/2.0 200")
	r.trunk.send(c.inDialog("ACK", "z9hG4bKack"+c.id, 1, ok, ""))
	r.pbx.get("ACK")
	return invite, ok
}

// ringing sends a call, lets the PBX ring, and gives the INVITE there.
func (r *rig) ringing(c call) message {
	r.t.Helper()
	r.trunk.send(c.invite())
	r.trunk.get("SIP/2.0 100")
	invite := r.pbx.get("INVITE")
	r.pbx.send(invite.answer("180 Ringing", "agent"))
	r.trunk.get("SIP/2.0 180")
	return invite
}

// matches checks a value by a pattern.
func matches(t *testing.T, value, pattern string) {
	t.Helper()
	if !regexp.MustCompile("^(?:" + pattern + ")$").MatchString(value) {
		t.Errorf("%q does not match %s", value, pattern)
	}
}
