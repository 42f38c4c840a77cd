package proxy_test

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sipid/isupbody"
	"sipid/proxy"
	"sipid/router"
	"sipid/transport"
)

// socketRig is a proxy on a real socket between a trunk and a PBX that refuses
// every call, so that many can be made.
type socketRig struct {
	t          *testing.T
	router     *router.Router
	proxy      netip.AddrPort
	trunk, pbx *net.UDPConn
	judge      func(i int, invite message) string // what is wrong with what the PBX got; empty: nothing
	wrong      atomic.Int64
	seen       sync.Map // call numbers the PBX got
}

func socket(t *testing.T) *net.UDPConn {
	t.Helper()
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	_ = c.SetReadBuffer(8 << 20) // the kernel's limit is enough
	t.Cleanup(func() { c.Close() })
	return c
}

var addressesTaken atomic.Uint32

// ownAddress is one of loopback's that no other test of this machine binds: after the process, and counted. A port that was
// free a moment ago may be taken, and one that is free for UDP may not be for TCP.
func ownAddress() netip.AddrPort {
	pid := os.Getpid()
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, byte(100 + pid>>8%100), byte(pid), byte(addressesTaken.Add(1))}), 5060)
}

func onSockets(t *testing.T, trunk router.Trunk) *socketRig {
	t.Helper()
	r := &socketRig{t: t, trunk: socket(t), pbx: socket(t)}
	pbx := r.pbx.LocalAddr().(*net.UDPAddr).AddrPort()
	trunk.Name, trunk.Sources = "a", []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	var err error
	r.router, err = router.New(router.Config{
		Trunks: []router.Trunk{trunk},
		Groups: []router.Group{{Name: "default", Targets: []router.Target{{URI: "sip:" + pbx.String(), Host: pbx.String(), Addr: pbx}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	r.proxy = ownAddress()
	serveOn(t, r.router, transport.Listen{Network: "udp", Addr: r.proxy})
	return r
}

// serveOn runs a proxy on real sockets until the test ends.
func serveOn(t *testing.T, routes *router.Router, listen ...transport.Listen) {
	t.Helper()
	serveWith(t, routes, proxy.Options{Listen: listen})
}

// serveWith is serveOn with options.
func serveWith(t *testing.T, routes *router.Router, o proxy.Options) {
	t.Helper()
	o.Router, o.Key = routes, testKey
	p, err := proxy.New(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- p.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		<-done
	})
}

// answer is the PBX: it looks at each INVITE and is busy.
func (r *socketRig) answer() {
	b := make([]byte, 65536)
	for {
		n, from, err := r.pbx.ReadFromUDPAddrPort(b)
		if err != nil {
			return
		}
		m := message(b[:n])
		if !strings.HasPrefix(string(m), "INVITE ") {
			continue
		}
		i := callNumber(m)
		if what := r.judge(i, m); what != "" {
			if r.wrong.Add(1) < 5 {
				r.t.Errorf("call %d: %s in\n%s", i, what, m.head())
			}
		}
		r.seen.Store(i, true)
		_, _ = r.pbx.WriteToUDPAddrPort([]byte(m.answer("486 Busy Here", "b")), from)
	}
}

func callNumber(m message) int {
	id := m.all("Call-ID")
	if len(id) == 0 {
		return -1
	}
	number, _, _ := strings.Cut(strings.TrimPrefix(id[0], "call-"), ".")
	i, _ := strconv.Atoi(number)
	return i
}

// drive makes n calls, some at a time, to a PBX that r.judge looks over. Every one
// has to come there, be judged right and be answered by it.
func (r *socketRig) drive(n int, invite func(i int) string) {
	r.t.Helper()
	go r.answer()
	const atATime = 64
	waiting := make([]chan message, n)
	for i := range waiting {
		waiting[i] = make(chan message, 4)
	}
	go func() {
		b := make([]byte, 65536)
		for {
			size, _, err := r.trunk.ReadFromUDPAddrPort(b)
			if err != nil {
				return
			}
			if m := message(b[:size]); strings.HasPrefix(string(m), "SIP/2.0 ") && !strings.HasPrefix(string(m), "SIP/2.0 1") {
				select {
				case waiting[callNumber(m)] <- message(string(m)):
				default:
				}
			}
		}
	}()
	var next, lost, refused, again atomic.Int64
	var wg sync.WaitGroup
	for range atATime {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				answer := r.one(invite(i), waiting[i])
				for more := 1; more <= 20 && strings.HasPrefix(answer, "SIP/2.0 503 Overload"); more++ {
					again.Add(1)
					time.Sleep(100 * time.Millisecond)
					answer = r.one(anew(i, more, invite(i)), waiting[i])
				}
				switch {
				case answer == "":
					lost.Add(1)
				case !strings.HasPrefix(answer, "SIP/2.0 486 "):
					if refused.Add(1) < 5 {
						r.t.Errorf("call %d is refused:\n%s", i, message(answer).head())
					}
				}
			}
		})
	}
	wg.Wait()
	got := 0
	r.seen.Range(func(any, any) bool { got++; return true })
	report := r.t.Logf
	if got != n || lost.Load()+refused.Load()+r.wrong.Load() != 0 {
		report = r.t.Errorf
	}
	report("%d calls, %d at the PBX, %d lost, %d refused, %d wrong; made again after an overload: %d",
		n, got, lost.Load(), refused.Load(), r.wrong.Load(), again.Load())
}

// anew is the INVITE of call i as a new call, as a trunk makes one after 503. A
// machine that keeps us from running for a second has calls refused for overload.
func anew(i, more int, invite string) string {
	return strings.NewReplacer(
		fmt.Sprintf("branch=z9hG4bKc%d;", i), fmt.Sprintf("branch=z9hG4bKc%d.%d;", i, more),
		fmt.Sprintf("Call-ID: call-%d\r", i), fmt.Sprintf("Call-ID: call-%d.%d\r", i, more),
	).Replace(invite)
}

// one makes a call and acknowledges its refusal, which it gives; empty when there
// is none until timer B. The INVITE is repeated as timer A does (RFC 3261 section
// 17.1.1.2): a datagram that does not fit a socket's buffer is lost.
func (r *socketRig) one(invite string, answer <-chan message) string {
	for wait := 500 * time.Millisecond; wait <= 32*time.Second; wait *= 2 {
		_, _ = r.trunk.WriteToUDPAddrPort([]byte(invite), r.proxy)
		select {
		case m := <-answer:
			_, _ = r.trunk.WriteToUDPAddrPort([]byte(fmt.Sprintf("ACK sip:95165@10.0.0.5 SIP/2.0\r\nVia: %s\r\nFrom: <sip:a@a>;tag=a\r\nTo: %s\r\n"+
				"Call-ID: %s\r\nCSeq: 1 ACK\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n", m.all("Via")[0], m.all("To")[0], m.all("Call-ID")[0])), r.proxy)
			return string(m)
		case <-time.After(wait):
		}
	}
	return ""
}

// sipI is a SIP-I INVITE with these numbers; an empty one is not there.
func (r *socketRig) sipI(i int, called, calling, original string) string {
	to, err := isupbody.NewNumber(called + "F")
	if err != nil {
		panic(err)
	}
	m := isupbody.NewIAM(to)
	for name, digits := range map[isupbody.ParameterName]string{
		isupbody.ParamCallingPartyNumber: calling, isupbody.ParamOriginalCalledNumber: original,
	} {
		if n, err := isupbody.NewNumber(digits); err != nil || digits != "" && m.AddNumber(name, n) != nil {
			panic(digits)
		}
	}
	octets, err := m.MarshalBinary()
	if err != nil {
		panic(err)
	}
	body := "--b1\r\nContent-Type: application/sdp\r\n\r\n" + sdp + "\r\n--b1\r\nContent-Type: application/isup;version=itu-t92+\r\n" +
		"Content-Disposition: signal;handling=required\r\n\r\n" + string(octets) + "\r\n--b1--\r\n"
	return fmt.Sprintf("INVITE sip:%s@10.0.0.5 SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bKc%d;rport\r\nFrom: <sip:%s@a>;tag=a\r\n"+
		"To: <sip:%s@10.0.0.5>\r\nCall-ID: call-%d\r\nCSeq: 1 INVITE\r\nContact: <sip:a@127.0.0.1>\r\nMax-Forwards: 70\r\nMIME-Version: 1.0\r\n"+
		"Content-Type: multipart/mixed;boundary=b1\r\nContent-Length: %d\r\n\r\n%s", called, r.trunk.LocalAddr(), i, calling, called, i, len(body), body)
}

// identity is what the PBX is told, in one line.
func (m message) identity() string {
	var b strings.Builder
	for _, name := range []string{"X-Identify-Status", "X-Identify-Source", "X-Access-ID", "X-Serial", "X-Calling-Number", "X-Client-Name", "X-Client-Endpoint"} {
		b.WriteString(strings.Join(m.all(name), ",") + "|")
	}
	return b.String()
}
