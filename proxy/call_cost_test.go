package proxy_test

import (
	"bytes"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"

	"sipid/proxy"
	"sipid/record"
	"sipid/router"
)

// sink is a socket that keeps what was sent last to each side.
type sink struct{ trunk, pbx []byte }

func (s *sink) ReadFromUDPAddrPort([]byte) (int, netip.AddrPort, error) {
	return 0, netip.AddrPort{}, net.ErrClosed
}

func (s *sink) WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error) {
	if to == pbxAddr {
		s.pbx = append(s.pbx[:0], b...)
	} else {
		s.trunk = append(s.trunk[:0], b...)
	}
	return len(b), nil
}

func (s *sink) LocalAddr() net.Addr { return net.UDPAddrFromAddrPort(proxyAddr) }
func (s *sink) Close() error        { return nil }

// whole passes whole calls: INVITE, 180, 200, ACK, BYE, 200, as a trunk and a PBX
// say them. The messages are made once; what differs from call to call is
// written into them in place.
type whole struct {
	proxy   *proxy.Proxy
	passing *proxy.Passing
	sink    *sink
	script  []line
	number  int
}

// line is one message of a call. Of what a PBX sends, the branch and the token
// have to be those that the proxy wrote.
type line struct {
	text   []byte
	number []int // where the call's number stands
	answer bool  // it comes from the PBX
	branch int   // where the branch of the proxy stands
	token  int   // where its token stands
}

const (
	numberMark = "00000000n0"
	tokenMark  = "sd="
)

func newWhole(tb testing.TB, held int, observe func(proxy.Event)) *whole {
	tb.Helper()
	return newWholeOf(tb, held, observe, call{})
}

// newWholeOf is newWhole with calls that are like c.
func newWholeOf(tb testing.TB, held int, observe func(proxy.Event), c call) *whole {
	tb.Helper()
	routes, err := router.New(router.Config{
		Trunks: []router.Trunk{{Name: "default", Sources: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}}},
		Groups: []router.Group{{Name: "default", Targets: []router.Target{{URI: "sip:10.2.0.10", Host: "10.2.0.10:5060", Addr: pbxAddr}}}},
	})
	if err != nil {
		tb.Fatal(err)
	}
	table, err := router.NewTable([]router.Client{{AccessID: "1001", Name: "A", Endpoint: "https://a.example/", SerialDigits: 8, Enabled: true}}, 1)
	if err != nil {
		tb.Fatal(err)
	}
	routes.SetTable(table)
	last, err := record.New(routes)
	if err != nil {
		tb.Fatal(err)
	}
	s := &sink{}
	p, err := proxy.NewOn(proxy.Options{Router: routes, Key: testKey, Observe: observe, Record: last}, s)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(last.Close)
	tb.Cleanup(p.Close)
	w := &whole{proxy: p, passing: proxy.NewPassing(p, held), sink: s}
	w.record(tb, c)
	for range held {
		w.call()
	}
	return w
}

// record has one call made and keeps what was said.
func (w *whole) record(tb testing.TB, c call) {
	tb.Helper()
	c.id, c.branch = numberMark+"@10.1.0.7", "z9hG4bKi"+numberMark
	w.say(tb, []byte(c.invite()), false)
	invite := message(w.sink.pbx)
	body := "Contact: <sip:8001@10.2.0.10:5060>\r\nContent-Type: application/sdp\r\nContent-Length: " + fmt.Sprint(len(sdp)) + "\r\n\r\n" + sdp
	w.say(tb, []byte(invite.answer("180 Ringing", "agent", "Contact: <sip:8001@10.2.0.10:5060>")), true)
	w.say(tb, []byte(strings.Replace(invite.answer("200 OK", "agent"), "Content-Length: 0\r\n\r\n", body, 1)), true)
	ok := message(w.sink.trunk)
	w.say(tb, []byte(c.inDialog("ACK", "z9hG4bKa"+numberMark, 1, ok, "")), false)
	w.say(tb, []byte(c.inDialog("BYE", "z9hG4bKb"+numberMark, 2, ok, "")), false)
	w.say(tb, []byte(message(w.sink.pbx).answer("200 OK", "")), true)
}

// say has a message handled and adds it to the script.
func (w *whole) say(tb testing.TB, text []byte, answer bool) {
	tb.Helper()
	l := line{text: text, answer: answer, token: bytes.Index(text, []byte(tokenMark))}
	for at := 0; ; {
		i := bytes.Index(text[at:], []byte(numberMark))
		if i < 0 {
			break
		}
		at += i
		l.number = append(l.number, at)
		at += len(numberMark)
	}
	if answer {
		l.branch = bytes.Index(text, []byte("z9hG4bK"))
	}
	w.sink.pbx, w.sink.trunk = w.sink.pbx[:0], w.sink.trunk[:0]
	if !w.passing.Message(text, w.from(answer)) || len(w.sink.pbx)+len(w.sink.trunk) == 0 {
		tb.Fatalf("nothing came of\n%s", text)
	}
	w.script = append(w.script, l)
}

func (w *whole) from(answer bool) netip.AddrPort {
	if answer {
		return pbxAddr
	}
	return trunkAddr
}

// call has one more call made.
func (w *whole) call() {
	w.number++
	var digits [len(numberMark)]byte
	for i, n := len(digits)-1, w.number; i >= 0; i, n = i-1, n/10 {
		digits[i] = '0' + byte(n%10)
	}
	var branch, token []byte
	for i := range w.script {
		l := &w.script[i]
		for _, at := range l.number {
			copy(l.text[at:], digits[:])
		}
		if l.answer {
			copy(l.text[l.branch:], branch)
		}
		if l.token >= 0 {
			copy(l.text[l.token:], token)
		}
		w.passing.Message(l.text, w.from(l.answer))
		if !l.answer { // a request went down: its branch, and the token of the first one
			at := bytes.Index(w.sink.pbx, []byte("z9hG4bK"))
			branch = w.sink.pbx[at : at+bytes.IndexByte(w.sink.pbx[at:], '\r')]
		}
		if i == 0 {
			at := bytes.Index(w.sink.pbx, []byte(tokenMark))
			token = w.sink.pbx[at : at+bytes.IndexByte(w.sink.pbx[at:], '>')]
			token = append([]byte(nil), token...)
		}
	}
	w.passing.Pass()
}

// Every call of the measurement goes through.
func TestWholeCall(t *testing.T) {
	ended := 0
	w := newWhole(t, 100, func(e proxy.Event) {
		if e.Kind == proxy.EventEnded {
			ended++
		}
	})
	for range 200 {
		w.call()
		if !bytes.HasPrefix(w.sink.trunk, []byte("SIP/2.0 200")) || !bytes.Contains(w.sink.trunk, []byte("BYE")) {
			t.Fatalf("a call ended with\n%s", w.sink.trunk)
		}
	}
	if ended != 301 {
		t.Errorf("%d calls ended, want 301", ended)
	}
	if server, _ := w.proxy.Held(); server < 150 || server > 250 {
		t.Errorf("%d transactions held, want about 200", server)
	}
}

// maxCallAllocs bounds the allocations of a whole call once as many calls are held
// as will be: the one is the test's own. The transactions and what they keep have
// served others before.
const maxCallAllocs = 1

func TestWholeCallAllocates(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	w := newWhole(t, 1000, nil)
	if n := testing.AllocsPerRun(2000, w.call); n > maxCallAllocs {
		t.Errorf("%v allocations, want %d at most", n, maxCallAllocs)
	}
}

// What a whole call costs without a network: cost per call as the calls held grow.
func BenchmarkCall(b *testing.B) {
	for _, held := range []int{1000, 10000, 100000} {
		b.Run(fmt.Sprintf("held=%d", held), func(b *testing.B) {
			w := newWhole(b, held, nil)
			b.ReportAllocs()
			for b.Loop() {
				w.call()
			}
		})
	}
}

// The same as the INVITE's body grows: what it costs to carry it.
func BenchmarkCallBody(b *testing.B) {
	for _, more := range []int{0, 1, 4, 16, 48} {
		b.Run(fmt.Sprintf("sdp=+%dKB", more), func(b *testing.B) {
			w := newWholeOf(b, 1000, nil, call{media: strings.Repeat("a=fmtp:8 "+strings.Repeat("x", 53)+"\r\n", more*16)})
			b.ReportAllocs()
			for b.Loop() {
				w.call()
			}
		})
	}
}
