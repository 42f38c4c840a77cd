package proxy_test

import (
	"bytes"
	"testing"
)

// refusing is a proxy in overload, a new call that it refuses, and the ACK to
// that.
func refusing(tb testing.TB) (w *whole, invite, ack []byte) {
	tb.Helper()
	w = newWhole(tb, 100, nil)
	w.passing.Overload()
	c := call{id: "refused@10.1.0.7", branch: "z9hG4bKrefused"}
	invite = []byte(c.invite())
	w.passing.Late(invite, trunkAddr)
	if !bytes.HasPrefix(w.sink.trunk, []byte("SIP/2.0 503 Overload\r\n")) {
		tb.Fatalf("answered with\n%s", w.sink.trunk)
	}
	return w, invite, []byte(c.ackRefusal(message(w.sink.trunk)))
}

// A refusal in overload leaves nothing behind, and allocates nothing but its tag.
func TestRefusalAllocates(t *testing.T) {
	w, invite, ack := refusing(t)
	held, _ := w.proxy.Held()
	w.sink.trunk, w.sink.pbx = w.sink.trunk[:0], w.sink.pbx[:0]
	w.passing.Late(ack, trunkAddr)
	if len(w.sink.trunk)+len(w.sink.pbx) != 0 {
		t.Errorf("the ACK led to\n%s%s", w.sink.trunk, w.sink.pbx)
	}
	if now, _ := w.proxy.Held(); now != held {
		t.Errorf("%d transactions held, %d before", now, held)
	}
	if raceEnabled {
		return // the race detector allocates
	}
	if n := testing.AllocsPerRun(1000, func() {
		w.passing.Late(invite, trunkAddr)
		w.passing.Late(ack, trunkAddr)
	}); n > 1 {
		t.Errorf("%v allocations, want one at most", n)
	}
}

// What a refusal with its ACK costs without a network.
func BenchmarkRefusal(b *testing.B) {
	w, invite, ack := refusing(b)
	for _, part := range []string{"INVITE", "ACK", "both"} {
		b.Run(part, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if part != "ACK" {
					w.passing.Late(invite, trunkAddr)
				}
				if part != "INVITE" {
					w.passing.Late(ack, trunkAddr)
				}
			}
		})
	}
}
