package proxy_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// flood offers so many new calls at once that all waited so long, and tells how
// many were refused. The others got no answer.
func (r *placing) flood(n int, waited time.Duration) (refused int) {
	r.conn.waited.Store(int64(waited))
	for range n {
		r.n++
		r.trunk.send(call{id: fmt.Sprint(r.n), branch: fmt.Sprintf("z9hG4bK%d", r.n)}.invite())
	}
	time.Sleep(time.Millisecond)
	for {
		select {
		case answer := <-r.trunk.in:
			if !strings.HasPrefix(answer.text, "SIP/2.0 503") {
				r.t.Fatalf("got %.40s", answer.text)
			}
			refused++
		default:
			return refused
		}
	}
}

// overloaded makes a queue stand.
func (r *placing) overloaded() {
	r.t.Helper()
	for range 60 {
		time.Sleep(10 * time.Millisecond)
		r.place(30 * time.Millisecond)
	}
	r.want("the queue stands", 30*time.Millisecond, false)
}

// In overload refusals have a budget, what is over it is dropped unread, and so is
// what its peer repeats by itself. Nothing in a dialog is.
func TestShed(t *testing.T) {
	run(t, nil, func(rig *rig) {
		r := &placing{rig: rig}
		c := call{id: "c", branch: "z9hG4bKc"}
		_, ok := r.answered(c)
		r.overloaded()
		if n := r.flood(10, 450*time.Millisecond); n != 0 {
			t.Errorf("%d were refused after they repeat", n)
		}
		if n := r.flood(40, 30*time.Millisecond); n != 40 {
			t.Errorf("%d of 40 were refused at first", n)
		}
		for range 100 {
			r.flood(50, 30*time.Millisecond)
			time.Sleep(10 * time.Millisecond)
		}
		if n := r.flood(50, 30*time.Millisecond); n > 20 {
			t.Errorf("%d of 50 were refused without a call taken", n)
		}
		if metric(t, rig, "sipid_overload_admitted") >= 0.5 {
			t.Error("the kernel lets nearly all in")
		}
		r.trunk.send(c.inDialog("INVITE", "z9hG4bKagain", 2, ok, "")) // it waited as long as the others
		r.trunk.get("SIP/2.0 100")
		r.pbx.send(r.pbx.get("INVITE").answer("488 Not Acceptable Here", ""))
		r.pbx.get("ACK")
		r.trunk.send(c.inDialog("ACK", "z9hG4bKagain", 2, r.trunk.get("SIP/2.0 488"), ""))
		r.trunk.send(c.inDialog("BYE", "z9hG4bKbye", 3, ok, ""))
		r.pbx.send(r.pbx.get("BYE").answer("200 OK", ""))
		r.trunk.get("SIP/2.0 200")
		r.want("what did not wait", 5*time.Millisecond, true)
		time.Sleep(5 * time.Second)
		if metric(t, rig, "sipid_overload_admitted") != 1 || metric(t, rig, "sipid_overload") != 0 {
			t.Error("still shedding after five seconds")
		}
		r.want("over", 30*time.Millisecond, true)
	})
}

// At three times what we take all others are refused, none is dropped.
func TestRefusedAll(t *testing.T) {
	run(t, nil, func(rig *rig) {
		r := &placing{rig: rig}
		r.overloaded()
		for range 200 {
			time.Sleep(10 * time.Millisecond)
			r.want("what did not wait", 5*time.Millisecond, true)
			if r.flood(2, 30*time.Millisecond) != 2 {
				t.Fatal("one was dropped")
			}
		}
		if metric(t, rig, "sipid_overload_admitted") != 1 {
			t.Error("the kernel sheds")
		}
	})
}

// Just below what we take, with some that wait all the time: overload ends, and
// all are taken again.
func TestOverloadEnds(t *testing.T) {
	run(t, nil, func(rig *rig) {
		r := &placing{rig: rig}
		r.overloaded()
		for i := range 300 {
			time.Sleep(10 * time.Millisecond)
			for range 9 {
				r.want("what did not wait", 5*time.Millisecond, true)
			}
			r.place(15 * time.Millisecond)
			if i == 100 && metric(t, rig, "sipid_overload") != 1 {
				t.Error("overload is over after a second")
			}
		}
		r.want("over", 15*time.Millisecond, true)
		if metric(t, rig, "sipid_overload") != 0 {
			t.Error("still overload")
		}
	})
}

// At twice what we take, a second in which we get half of what we had is no reason
// to shed; at ten times shedding begins within a second.
func TestShedEvidence(t *testing.T) {
	run(t, nil, func(rig *rig) {
		r := &placing{rig: rig}
		r.overloaded()
		step := func(taken, refused int) {
			time.Sleep(10 * time.Millisecond)
			for range taken {
				r.want("what did not wait", 5*time.Millisecond, true)
			}
			r.flood(refused, 30*time.Millisecond)
		}
		for range 300 {
			step(6, 6)
		}
		for range 90 {
			step(2, 10)
		}
		for range 100 {
			step(6, 6)
		}
		if metric(t, rig, "sipid_overload_admitted") != 1 {
			t.Error("the kernel sheds at twice the load")
		}
		for range 90 {
			step(2, 60)
		}
		if admitted := metric(t, rig, "sipid_overload_admitted"); admitted > 0.5 {
			t.Errorf("%v of all are let in at ten times the load", admitted)
		}
	})
}

// growing makes a queue grow from nothing, by so much for each 10 ms of work, until
// there is overload. It tells how long that took from when calls waited too long.
func (r *placing) growing(by time.Duration) time.Duration {
	r.t.Helper()
	const most = 20 * time.Millisecond // that a call may wait
	for range 5 {
		r.want("what did not wait", 0, true)
		time.Sleep(10 * time.Millisecond)
	}
	began := time.Now()
	for waited := by; time.Since(began) < 600*time.Millisecond; waited += by {
		if waited <= most {
			began = time.Now()
		}
		if !r.place(waited) {
			return time.Since(began)
		}
		time.Sleep(10 * time.Millisecond)
	}
	r.t.Fatalf("a queue that grows by %v in 10 ms is no overload", by)
	return 0
}

// shedding makes a queue grow as at ten times the capacity, and gives the share of
// INVITEs that the kernel lets in then.
func (r *placing) shedding() float64 {
	r.t.Helper()
	r.growing(9 * time.Millisecond)
	time.Sleep(time.Millisecond)
	return metric(r.t, r.rig, "sipid_overload_admitted")
}

// A queue that grows is overload sooner than one that stands, the sooner the faster
// it grows: at ten times what we take, at twice that, at a quarter more, and where
// hardly anything is more than we take.
func TestGrowingQueue(t *testing.T) {
	for _, c := range []struct {
		by          time.Duration
		least, most time.Duration
	}{
		{9 * time.Millisecond, 30 * time.Millisecond, 60 * time.Millisecond},
		{5 * time.Millisecond, 60 * time.Millisecond, 100 * time.Millisecond},
		{2 * time.Millisecond, 180 * time.Millisecond, 220 * time.Millisecond},
		{time.Millisecond / 2, queueStands - 20*time.Millisecond, 600 * time.Millisecond},
	} {
		run(t, nil, func(rig *rig) {
			r := &placing{rig: rig}
			if took := r.growing(c.by); took < c.least || took > c.most {
				t.Errorf("overload after %v where a queue grows by %v in 10 ms", took, c.by)
			}
			if c.by < 8*time.Millisecond && metric(t, rig, "sipid_overload_admitted") != 1 {
				t.Error("the kernel sheds")
			}
		})
	}
}

// queueStands is how long a queue stands that does not grow.
const queueStands = 500 * time.Millisecond

// Ten times what we take: the kernel sheds at once, by about as much as is right,
// and its share stays while the load does. A larger one would let in what was dropped
// before, which is late.
func TestShedSteady(t *testing.T) {
	run(t, nil, func(rig *rig) {
		r := &placing{rig: rig}
		first := r.shedding()
		if first < 0.15 || first > 0.35 {
			t.Fatalf("a share of %v at ten times the load", first)
		}
		for i := range 1000 {
			time.Sleep(10 * time.Millisecond)
			taken := 4
			if i%300 > 215 { // collecting garbage: for most of a second none is taken
				taken = 0
			}
			for range taken {
				r.want("what did not wait", 5*time.Millisecond, true)
			}
			r.flood(int(first*40)-taken, 30*time.Millisecond)
			if now := metric(t, rig, "sipid_overload_admitted"); now != first {
				t.Fatalf("after %d ms the share is %v, it was %v", i*10, now, first)
			}
		}
	})
}

// message is a request outside of calls that no filter drops.
func (r *placing) message(waited time.Duration) {
	r.conn.waited.Store(int64(waited))
	r.n++
	r.trunk.send(fmt.Sprintf("MESSAGE sip:95165@10.0.0.5 SIP/2.0\r\nVia: SIP/2.0/UDP 10.1.0.7:5060;branch=z9hG4bK%d;rport\r\n"+
		"From: <sip:a@10.1.0.7>;tag=a\r\nTo: <sip:95165@10.0.0.5>\r\nCall-ID: %d\r\nCSeq: 1 MESSAGE\r\nMax-Forwards: 70\r\n"+
		"Content-Length: 0\r\n\r\n", r.n, r.n))
	r.trunk.get("SIP/2.0 503")
}

// pretended is a new call that looks to a filter like one that runs.
func (r *placing) pretended(waited time.Duration) {
	r.conn.waited.Store(int64(waited))
	r.n++
	r.trunk.send(call{id: fmt.Sprint(r.n), branch: fmt.Sprintf("z9hG4bK%d", r.n), lines: "Route: <sip:10.0.0.5;lr;sd=x>\r\n"}.invite())
	r.trunk.get("SIP/2.0 503")
}

// Requests that no filter drops are no reason to have it drop INVITEs, and what
// they owe is not paid with refusals of calls.
func TestShedOthers(t *testing.T) {
	t.Run("MESSAGE", func(t *testing.T) { shedOthers(t, (*placing).message) })
	t.Run("Route", func(t *testing.T) { shedOthers(t, (*placing).pretended) })
}

func shedOthers(t *testing.T, other func(*placing, time.Duration)) {
	run(t, nil, func(rig *rig) {
		r := &placing{rig: rig}
		r.overloaded()
		for range 100 {
			time.Sleep(10 * time.Millisecond)
			r.want("what did not wait", 5*time.Millisecond, true)
			for range 30 {
				other(r, 30*time.Millisecond)
			}
		}
		if metric(t, rig, "sipid_overload_admitted") != 1 {
			t.Error("the kernel drops INVITEs where others are too many")
		}
		for range 20 {
			r.want("what did not wait", 5*time.Millisecond, true)
		}
		if n := r.flood(20, 30*time.Millisecond); n != 20 {
			t.Errorf("%d of 20 calls were refused", n)
		}
	})
}

// A queue so long that all are dropped, and all that were came before the step: the
// kernel sheds more, and not less since none came in it.
func TestShedLongQueue(t *testing.T) {
	run(t, nil, func(rig *rig) {
		r := &placing{rig: rig}
		first := r.shedding()
		for range 300 {
			time.Sleep(10 * time.Millisecond)
			r.flood(20, 600*time.Millisecond)
		}
		if now := metric(t, rig, "sipid_overload_admitted"); now > first/2 {
			t.Errorf("the share is %v, it was %v", now, first)
		}
	})
}
