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

// placing offers calls that waited as long as the test says.
type placing struct {
	*rig
	n int
}

// place offers a call and tells whether it was taken: the others are refused, or
// dropped unread.
func (r *placing) place(waited time.Duration) (taken bool) {
	r.n++
	c := call{id: fmt.Sprint(r.n), branch: fmt.Sprintf("z9hG4bK%d", r.n)}
	r.conn.waited.Store(int64(waited))
	r.trunk.send(c.invite())
	var answer packet
	select {
	case answer = <-r.trunk.in:
	case <-time.After(time.Millisecond):
		return false
	}
	if strings.HasPrefix(answer.text, "SIP/2.0 503") {
		message(answer.text).one(r.t, "Retry-After")
		return false
	}
	r.pbx.send(r.pbx.get("INVITE").answer("486 Busy Here", "x"))
	r.pbx.get("ACK")
	r.trunk.send(c.ackRefusal(r.trunk.get("SIP/2.0 486")))
	return true
}

func (r *placing) want(what string, waited time.Duration, taken bool) {
	r.t.Helper()
	if r.place(waited) != taken {
		r.t.Errorf("%s: taken is %v", what, !taken)
	}
}

// A queue that stands while we work is overload: then all that waited are refused,
// until nobody has for a second.
func TestOverload(t *testing.T) {
	run(t, nil, func(rig *rig) {
		r := &placing{rig: rig}
		for range 5 { // a call every ten seconds, each late, is no queue
			time.Sleep(10 * time.Second)
			r.want("seldom", 30*time.Millisecond, true)
		}
		for range 48 {
			time.Sleep(10 * time.Millisecond)
			r.want("not yet", 30*time.Millisecond, true)
		}
		for range 6 {
			time.Sleep(10 * time.Millisecond)
			r.place(30 * time.Millisecond)
		}
		r.want("the queue stands", 30*time.Millisecond, false)
		r.want("what did not wait", 5*time.Millisecond, true)
		r.want("what waited a little", 11*time.Millisecond, false)
		if metric(t, rig, "sipid_overload") != 1 || metric(t, rig, "sipid_overloads_total") != 1 {
			t.Error("metrics know of no overload")
		}
		time.Sleep(1100 * time.Millisecond)
		if metric(t, rig, "sipid_overload") != 0 {
			t.Error("still overload")
		}
		r.want("calm", 9*time.Millisecond, true)
		r.want("over", 15*time.Millisecond, true)
	})
}

// A machine that gives us the processor now and then: calls come every 10 ms and
// find us away for 150 ms, at work for a moment, away again. Each has waited, and
// each is taken: with every turn all that waited was served.
func TestStarved(t *testing.T) {
	run(t, nil, func(rig *rig) {
		r := &placing{rig: rig}
		for range 20 {
			time.Sleep(150 * time.Millisecond)
			for waited := 149 * time.Millisecond; waited > 25*time.Millisecond; waited -= 10 * time.Millisecond {
				r.want("starved", waited, true)
			}
		}
		if metric(t, rig, "sipid_overloads_total") != 0 {
			t.Error("overload")
		}
	})
}

// One long pause, and what it takes to catch up: those that came behind it wait
// too, but not for ever.
func TestPause(t *testing.T) {
	run(t, nil, func(rig *rig) {
		r := &placing{rig: rig}
		time.Sleep(900 * time.Millisecond)
		for waited := 890 * time.Millisecond; waited > 0; waited -= 20 * time.Millisecond {
			r.want("pause", waited, true)
			time.Sleep(10 * time.Millisecond) // at half our load
		}
		if metric(t, rig, "sipid_overloads_total") != 0 {
			t.Error("overload")
		}
	})
}

// A pause behind a short queue makes the calls wait that came before it, and is no
// growth of the queue.
func TestPauseBehindQueue(t *testing.T) {
	run(t, nil, func(rig *rig) {
		r := &placing{rig: rig}
		for range 28 {
			time.Sleep(10 * time.Millisecond)
			r.want("a short queue", 30*time.Millisecond, true)
		}
		time.Sleep(250 * time.Millisecond)
		for waited := 270 * time.Millisecond; waited > 0; waited -= 10 * time.Millisecond {
			r.want("pause", waited, true)
		}
		if metric(t, rig, "sipid_overloads_total") != 0 || metric(t, rig, "sipid_overload_admitted") != 1 {
			t.Error("overload")
		}
	})
}

// Overload of a machine that is away all the time, too: the queue is older than
// the pause before.
func TestStarvedAndOverloaded(t *testing.T) {
	run(t, nil, func(rig *rig) {
		r := &placing{rig: rig}
		refused := false
		for i := range 60 {
			time.Sleep(90 * time.Millisecond)
			for range 10 {
				time.Sleep(time.Millisecond)
				refused = !r.place(min(time.Duration(i)*80, 900)*time.Millisecond) || refused
			}
		}
		if !refused {
			t.Error("no call was refused")
		}
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
