package proxy_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"sipid/proxy"
	"sipid/router"
)

func TestTrunkRate(t *testing.T) {
	limited := func(_ *proxy.Options, c *router.Config) { c.Trunks[0].MaxCPS = 3 }
	run(t, limited, func(r *rig) {
		place := func(i int) {
			r.trunk.send(call{id: fmt.Sprint(i), branch: fmt.Sprintf("z9hG4bK%d", i)}.invite())
		}
		for i := range 3 {
			place(i)
			r.trunk.get("SIP/2.0 100")
			r.pbx.send(r.pbx.get("INVITE").answer("486 Busy Here", "x"))
			r.pbx.get("ACK")
			r.trunk.send(call{id: fmt.Sprint(i), branch: fmt.Sprintf("z9hG4bK%d", i)}.ackRefusal(r.trunk.get("SIP/2.0 486")))
		}
		place(3)
		got := r.trunk.get("SIP/2.0 503")
		if after, err := strconv.Atoi(got.one(t, "Retry-After")); err != nil || after < 5 || after > 15 {
			t.Errorf("Retry-After: %d", after)
		}
		time.Sleep(time.Second)
		r.offeredAs(call{id: "later", branch: "z9hG4bKlater"})
	})
}

// What waited so long that an edge has given up is refused if it is a new call,
// and nothing else is.
func TestTooLate(t *testing.T) {
	run(t, nil, func(r *rig) {
		c := call{id: "c", branch: "z9hG4bKc"}
		_, ok := r.answered(c)
		r.conn.waited.Store(int64(1100 * time.Millisecond))
		r.trunk.send(call{id: "new", branch: "z9hG4bKnew"}.invite())
		r.trunk.get("SIP/2.0 503")
		r.trunk.send(c.inDialog("BYE", "z9hG4bKbye", 2, ok, ""))
		r.pbx.send(r.pbx.get("BYE").answer("200 OK", ""))
		r.trunk.get("SIP/2.0 200")
		r.conn.waited.Store(int64(900 * time.Millisecond))
		r.offeredAs(call{id: "again", branch: "z9hG4bKagain"})
	})
}

// A queue that stands is overload: then all that waited are refused, until
// nobody has for a second. One that goes away at once was a pause.
func TestOverload(t *testing.T) {
	run(t, nil, func(r *rig) {
		n := 0
		place := func(waited time.Duration) (taken bool) {
			n++
			c := call{id: fmt.Sprint(n), branch: fmt.Sprintf("z9hG4bK%d", n)}
			r.conn.waited.Store(int64(waited))
			r.trunk.send(c.invite())
			answer := <-r.trunk.in
			if strings.HasPrefix(answer.text, "SIP/2.0 503") {
				message(answer.text).one(t, "Retry-After")
				return false
			}
			r.pbx.send(r.pbx.get("INVITE").answer("486 Busy Here", "x"))
			r.pbx.get("ACK")
			r.trunk.send(c.ackRefusal(r.trunk.get("SIP/2.0 486")))
			return true
		}
		want := func(what string, waited time.Duration, taken bool) {
			t.Helper()
			if place(waited) != taken {
				t.Errorf("%s: taken is %v", what, !taken)
			}
		}
		for _, waited := range []time.Duration{500, 300, 90, 15} { // a pause, and what had piled up
			want("pause", waited*time.Millisecond, true)
			time.Sleep(20 * time.Millisecond)
		}
		for range 5 { // a call every ten seconds, each late, is no queue
			time.Sleep(10 * time.Second)
			want("seldom", 30*time.Millisecond, true)
		}
		for range 14 {
			place(30 * time.Millisecond)
			time.Sleep(20 * time.Millisecond)
		}
		want("the queue stands", 30*time.Millisecond, false)
		want("what did not wait", 5*time.Millisecond, true)
		want("what waited a little", 11*time.Millisecond, false)
		if metric(t, r, "sipid_overload") != 1 || metric(t, r, "sipid_overloads_total") != 1 {
			t.Error("metrics know of no overload")
		}
		time.Sleep(1100 * time.Millisecond)
		if metric(t, r, "sipid_overload") != 0 {
			t.Error("still overload")
		}
		want("calm", 9*time.Millisecond, true)
		want("over", 15*time.Millisecond, true)
	})
}

// metric is the value of a metric without labels.
func metric(t *testing.T, r *rig, name string) float64 {
	t.Helper()
	families, err := r.reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == name {
			m := f.GetMetric()[0]
			return m.GetGauge().GetValue() + m.GetCounter().GetValue()
		}
	}
	t.Fatalf("no metric %s", name)
	return 0
}

// offeredAs offers a call and lets the PBX refuse it.
func (r *rig) offeredAs(c call) {
	r.t.Helper()
	r.pbx.send(r.offered(c).answer("486 Busy Here", "x"))
	r.pbx.get("ACK")
	r.trunk.send(c.ackRefusal(r.trunk.get("SIP/2.0 486")))
}
