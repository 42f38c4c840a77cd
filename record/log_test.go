package record_test

import (
	"bytes"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"sipid/record"
	"sipid/router"
)

var from = netip.MustParseAddrPort("10.1.0.7:5060")

func newLog(tb testing.TB) (*record.Log, *record.Beginning) {
	tb.Helper()
	r, err := router.New(router.Config{
		Trunks: []router.Trunk{{Name: "zhejiang", Sources: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}}},
		Groups: []router.Group{{Name: "default", Targets: []router.Target{
			{URI: "sip:10.2.0.10", Host: "10.2.0.10", Addr: netip.MustParseAddrPort("10.2.0.10:5060")},
			{URI: "sip:10.2.0.11", Host: "10.2.0.11", Addr: netip.MustParseAddrPort("10.2.0.11:5060")},
		}}},
	})
	if err != nil {
		tb.Fatal(err)
	}
	l, err := record.New(r)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(l.Close)
	d := &router.Decision{}
	r.Route(r.Trunks()[0], &router.Signals{}, d)
	return l, &record.Beginning{CallID: []byte("a"), Message: []byte("INVITE"), From: from, Trunk: r.Trunks()[0], Decision: d}
}

func begin(l *record.Log, b *record.Beginning, i int) record.Ref {
	b.CallID = fmt.Appendf(nil, "call-%d", i)
	return l.Begin(b)
}

func all(*record.Call) bool { return true }

func TestCall(t *testing.T) {
	l, b := newLog(t)
	ref := l.Begin(b)
	for _, s := range []record.Step{
		{Kind: record.KindTried, Attempt: 1, Target: 1}, {Kind: record.KindFinal, Attempt: 1, Target: 1, Status: 503},
		{Kind: record.KindTried, Attempt: 2, Target: 0}, {Kind: record.KindProvisional, Attempt: 2, Status: 180},
	} {
		l.Add(ref, s)
	}
	c, ok := l.ByCallID("a")
	if !ok || c.Number != 1 || c.From != from || c.Trunk != "zhejiang" || c.Group != "default" || c.State() != "ringing" ||
		c.Target() != "sip:10.2.0.10" || string(c.Message) != "INVITE" || c.Events[1].Target != "sip:10.2.0.11" {
		t.Errorf("%v %+v", ok, c)
	}
	l.Add(ref, record.Step{Kind: record.KindFinal, Attempt: 2, Status: 200})
	l.Add(ref, record.Step{Kind: record.KindUp, Status: 200})
	l.AddTo([]byte("a"), record.KindAck)
	l.AddTo([]byte("a"), record.KindAck)
	if c, _ := l.Call(1); c.State() != "answered" || c.Final() != 200 || len(c.Events) != 8 {
		t.Errorf("%s %d %+v", c.State(), c.Final(), c.Events)
	}
	l.AddTo([]byte("a"), record.KindByeTarget)
	l.AddTo([]byte("another"), record.KindByeTrunk)
	if c, _ := l.Call(1); c.State() != "ended" {
		t.Errorf("%s", c.State())
	}
}

// The last 10 000 calls are there, whatever their Call-IDs; older ones go.
func TestLast(t *testing.T) {
	l, b := newLog(t)
	const n = 3*record.Calls + 17
	var first record.Ref
	for i := range n {
		if ref := begin(l, b, i); i == 0 {
			first = ref
		}
	}
	l.Add(first, record.Step{Kind: record.KindUp, Status: 200}) // its place has another's
	list := l.Last(n, all)
	if len(list) != record.Calls {
		t.Fatalf("%d calls", len(list))
	}
	for i, c := range list {
		if c.Number != uint64(n-i) || c.CallID != fmt.Sprintf("call-%d", n-i-1) || len(c.Events) != 1 {
			t.Fatalf("call %d is %d %s, %d events", i, c.Number, c.CallID, len(c.Events))
		}
		if got, ok := l.ByCallID(c.CallID); !ok || got.Number != c.Number {
			t.Fatalf("%s is found as %d", c.CallID, got.Number)
		}
	}
	if _, ok := l.ByCallID("call-0"); ok {
		t.Error("the first call is still there")
	}
	if list := l.Last(3, func(c *record.Call) bool { return c.Number%2 == 0 }); len(list) != 3 || list[0].Number%2 != 0 {
		t.Errorf("%d calls", len(list))
	}
}

// Messages are as they came, or not there; long ones push more of them out.
func TestMessages(t *testing.T) {
	l, b := newLog(t)
	message := func(i int) []byte { return bytes.Repeat([]byte{byte(i)}, 1+i*7919%60000) }
	const n = 3000
	for i := range n {
		b.Message = message(i)
		begin(l, b, i)
	}
	kept, octets := 0, 0
	for i := range n {
		c, ok := l.ByCallID(fmt.Sprintf("call-%d", i))
		if !ok {
			t.Fatalf("call %d is gone", i)
		}
		if c.Message != nil {
			kept, octets = kept+1, octets+len(c.Message)
			if !bytes.Equal(c.Message, message(i)) {
				t.Fatalf("message %d has %d octets of %d", i, len(c.Message), len(message(i)))
			}
		}
	}
	if octets > 24<<20 || octets < 16<<20 {
		t.Errorf("%d messages of %d octets are kept", kept, octets)
	}
}

// A refused INVITE that is sent again is the same call.
func TestRefusedAgain(t *testing.T) {
	l, b := newLog(t)
	b.Refused = 404
	l.Begin(b)
	l.Begin(b)
	if list := l.Last(9, all); len(list) != 1 || list[0].State() != "refused" || len(list[0].Events) != 3 {
		t.Errorf("%+v", list)
	}
}

func TestEventsAreBounded(t *testing.T) {
	l, b := newLog(t)
	ref := l.Begin(b)
	for range 1000 {
		l.Add(ref, record.Step{Kind: record.KindAgain})
	}
	l.Add(ref, record.Step{Kind: record.KindUp, Status: 486})
	if c, _ := l.Call(1); len(c.Events) != 24 || c.Lost != 255 || c.Final() != 486 {
		t.Errorf("%d events, %d lost, %d", len(c.Events), c.Lost, c.Final())
	}
}

// A nil Log keeps nothing, and a long Call-ID is cut.
func TestEdges(t *testing.T) {
	var none *record.Log
	none.Add(none.Begin(nil), record.Step{})
	none.AddTo(nil, record.KindAck)
	if none.Last(1, all) != nil {
		t.Error("a nil Log has calls")
	}
	l, b := newLog(t)
	b.CallID = []byte(strings.Repeat("x", 500))
	l.Begin(b)
	if c, ok := l.ByCallID(strings.Repeat("x", 500)); !ok || len(c.CallID) != 95 {
		t.Errorf("%v %q", ok, c.CallID)
	}
}

// Readers and writers at once, for the race detector.
func TestConcurrent(t *testing.T) {
	l, b := newLog(t)
	var running sync.WaitGroup
	for g := range 4 {
		mine := *b
		mine.Message = bytes.Repeat([]byte{byte(g)}, 3000)
		running.Go(func() {
			for i := range 3000 {
				l.Add(begin(l, &mine, g*3000+i), record.Step{Kind: record.KindTried, Attempt: 1})
			}
		})
	}
	running.Go(func() {
		for range 5 {
			for _, c := range l.Last(10, all) {
				if c, ok := l.Call(c.Number); ok && c.Message != nil && bytes.Count(c.Message, c.Message[:1]) != 3000 {
					t.Error("a message is mixed")
				}
			}
		}
	})
	running.Wait()
}

func TestAllocates(t *testing.T) {
	l, b := newLog(t)
	b.Message = make([]byte, 1500)
	n := testing.AllocsPerRun(1000, func() {
		ref := l.Begin(b)
		l.Add(ref, record.Step{Kind: record.KindUp, Status: 200})
		l.AddTo(b.CallID, record.KindAck)
	})
	if n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

// BenchmarkCall is what a call costs: an INVITE of 1.1 kB and nine events.
func BenchmarkCall(b *testing.B) {
	l, beginning := newLog(b)
	beginning.Message = make([]byte, 1100)
	id := make([]byte, 0, 32)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		id = fmt.Appendf(id[:0], "call-%d", i)
		beginning.CallID = id
		ref := l.Begin(beginning)
		for range 7 {
			l.Add(ref, record.Step{Kind: record.KindUp, Status: 100})
		}
		l.AddTo(id, record.KindAck)
		l.AddTo(id, record.KindByeTrunk)
	}
}
