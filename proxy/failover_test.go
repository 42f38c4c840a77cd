package proxy_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"sipid/proxy"
	"sipid/router"
)

var pbx2Addr = netip.MustParseAddrPort("10.2.0.20:5060")

// two gives the default group a second target that is only tried when the first
// fails.
func two(_ *proxy.Options, c *router.Config) {
	g := &c.Groups[0]
	g.Targets = append(g.Targets, router.Target{URI: "sip:10.2.0.20:5060", Host: "10.2.0.20:5060", Addr: pbx2Addr, Weight: 1, Priority: 2})
	g.FailoverOn = []int{408, 500, 502, 503, 504}
}

// offered sends a call and gives the INVITE at the first target.
func (r *rig) offered(c call) message {
	r.t.Helper()
	r.trunk.send(c.invite())
	r.trunk.get("SIP/2.0 100")
	return r.pbx.get("INVITE")
}

func TestFailoverOn503(t *testing.T) {
	run(t, two, func(r *rig) {
		pbx2 := r.peer(pbx2Addr)
		c := call{id: "c", branch: "z9hG4bKc"}
		first := r.offered(c)
		r.pbx.send(first.answer("503 Service Unavailable", "x"))
		r.pbx.get("ACK")
		second := pbx2.get("INVITE sip:95165@10.2.0.20:5060")
		if second.all("Via")[0] == first.all("Via")[0] {
			t.Error("both attempts have one branch")
		}
		if second.one(t, "X-Serial") != "00000042" || second.one(t, "Max-Forwards") != "69" || second.body() != first.body() {
			t.Errorf("second attempt differs:\n%s", second)
		}
		pbx2.send(second.answer("180 Ringing", "agent"))
		r.trunk.get("SIP/2.0 180")
		pbx2.send(second.answer("200 OK", "agent", "Contact: <sip:8001@10.2.0.20:5060>"))
		ok := r.trunk.get("SIP/2.0 200")
		bye := strings.Replace(c.inDialog("BYE", "z9hG4bKbye", 2, ok, ""), "sip:8001@10.2.0.10", "sip:8001@10.2.0.20", 1)
		r.trunk.send(bye)
		pbx2.send(pbx2.get("BYE").answer("200 OK", ""))
		r.trunk.get("SIP/2.0 200")
	})
}

// A busy agent is busy: nobody else is tried.
func TestNoFailoverOnBusy(t *testing.T) {
	run(t, two, func(r *rig) {
		c := call{id: "c", branch: "z9hG4bKc"}
		first := r.offered(c)
		r.pbx.send(first.answer("486 Busy Here", "x"))
		r.pbx.get("ACK")
		r.trunk.send(c.ackRefusal(r.trunk.get("SIP/2.0 486")))
		r.peer(pbx2Addr).quiet(time.Second)
	})
}

func TestSilentTarget(t *testing.T) {
	run(t, two, func(r *rig) {
		pbx2 := r.peer(pbx2Addr)
		c := call{id: "c", branch: "z9hG4bKc"}
		began := time.Now()
		first := r.offered(c)
		pbx2.quiet(1400 * time.Millisecond)
		second := pbx2.get("INVITE")
		if d := time.Since(began); d > 1600*time.Millisecond {
			t.Errorf("tried after %s", d)
		}
		pbx2.send(second.answer("200 OK", "agent", "Contact: <sip:8001@10.2.0.20:5060>"))
		r.trunk.get("SIP/2.0 200")
		// The first one answers after all: acknowledged and ended, and the caller hears nothing of it.
		r.pbx.count("INVITE", time.Millisecond)
		r.pbx.send(first.answer("200 OK", "late", "Contact: <sip:8009@10.2.0.10:5060>"))
		ack := r.pbx.get("ACK sip:8009@10.2.0.10:5060")
		bye := r.pbx.get("BYE sip:8009@10.2.0.10:5060")
		if !strings.Contains(ack.one(t, "To"), "tag=late") || bye.one(t, "CSeq") != "2 BYE" {
			t.Errorf("not the late dialog's:\n%s\n%s", ack, bye)
		}
		r.pbx.send(bye.answer("200 OK", ""))
		r.trunk.quiet(time.Second)
	})
}

// The first one, passed over for its silence, answers while the second rings: its
// 2xx is the first there is, so it goes up and the second is cancelled.
func TestSilentTargetAnswersFirst(t *testing.T) {
	run(t, two, func(r *rig) {
		pbx2 := r.peer(pbx2Addr)
		c := call{id: "c", branch: "z9hG4bKc"}
		first := r.offered(c)
		time.Sleep(1450 * time.Millisecond)
		second := pbx2.get("INVITE")
		pbx2.send(second.answer("180 Ringing", "agent"))
		r.trunk.get("SIP/2.0 180")
		r.pbx.count("INVITE", time.Millisecond)
		r.pbx.send(first.answer("200 OK", "late", "Contact: <sip:8009@10.2.0.10:5060>"))
		ok := r.trunk.get("SIP/2.0 200")
		if !strings.Contains(ok.one(t, "To"), "tag=late") {
			t.Errorf("another's answer went up:\n%s", ok)
		}
		pbx2.send(pbx2.get("CANCEL").answer("200 OK", "agent"))
		pbx2.send(second.answer("487 Request Terminated", "agent"))
		pbx2.get("ACK")
		r.trunk.send(c.inDialog("ACK", "z9hG4bKa", 1, ok, ""))
		r.pbx.get("ACK")
		r.pbx.quiet(time.Second) // no BYE: it is the call
	})
}

// Statuses that say something of the call are the caller's, whatever the target:
// nobody else is tried.
func TestNoFailoverOnCallStatus(t *testing.T) {
	for _, status := range []string{"486 Busy Here", "600 Busy Everywhere", "603 Decline", "404 Not Found", "484 Address Incomplete", "302 Moved Temporarily", "488 Not Acceptable Here"} {
		t.Run(status[:3], func(t *testing.T) {
			run(t, two, func(r *rig) {
				c := call{id: "c", branch: "z9hG4bKc"}
				first := r.offered(c)
				r.pbx.send(first.answer(status, "x"))
				r.pbx.get("ACK")
				r.trunk.send(c.ackRefusal(r.trunk.get("SIP/2.0 " + status[:3])))
				r.peer(pbx2Addr).quiet(time.Second)
			})
		})
	}
}

// A slow 180 after a 100 is a PBX that works.
func TestSlowRinging(t *testing.T) {
	run(t, two, func(r *rig) {
		c := call{id: "c", branch: "z9hG4bKc"}
		first := r.offered(c)
		r.pbx.send(first.answer("100 Trying", ""))
		time.Sleep(8 * time.Second)
		r.pbx.send(first.answer("180 Ringing", "agent"))
		r.trunk.get("SIP/2.0 180")
		r.pbx.send(first.answer("200 OK", "agent"))
		r.trunk.get("SIP/2.0 200")
		r.peer(pbx2Addr).quiet(time.Second)
	})
}

// All refuse: the best answer goes up, and 503 only when all said so.
func TestAllRefuse(t *testing.T) {
	for name, tc := range map[string]struct{ first, second, want string }{
		"AllFull": {"503 Service Unavailable", "503 Service Unavailable", "SIP/2.0 503"},
		"OneFull": {"503 Service Unavailable", "500 Server Internal Error", "SIP/2.0 500"},
		"Busy":    {"503 Service Unavailable", "486 Busy Here", "SIP/2.0 486"},
	} {
		t.Run(name, func(t *testing.T) {
			run(t, two, func(r *rig) {
				pbx2 := r.peer(pbx2Addr)
				c := call{id: "c", branch: "z9hG4bKc"}
				r.pbx.send(r.offered(c).answer(tc.first, "x"))
				r.pbx.get("ACK")
				pbx2.send(pbx2.get("INVITE").answer(tc.second, "y"))
				pbx2.get("ACK")
				r.trunk.send(c.ackRefusal(r.trunk.get(tc.want)))
			})
		})
	}
}

// Half-dead: takes OPTIONS, refuses calls. Five of ten take it out; one call
// every five seconds tries it.
func TestBreaker(t *testing.T) {
	run(t, two, func(r *rig) {
		pbx2 := r.peer(pbx2Addr)
		place := func(id string) (tried bool) {
			c := call{id: id, branch: "z9hG4bK" + id}
			r.trunk.send(c.invite())
			r.trunk.get("SIP/2.0 100")
			select {
			case got := <-r.pbx.in:
				tried = true
				r.pbx.send(message(got.text).answer("503 Service Unavailable", "x"))
				r.pbx.get("ACK")
			case <-time.After(5 * time.Millisecond):
			}
			second := pbx2.get("INVITE")
			pbx2.send(second.answer("200 OK", "agent"))
			r.trunk.get("SIP/2.0 200")
			return tried
		}
		for i := range 5 {
			if !place("a" + string(rune('0'+i))) {
				t.Fatalf("call %d was not offered to the first target", i)
			}
		}
		for i := range 5 {
			if place("b" + string(rune('0'+i))) {
				t.Fatalf("call %d after the fifth failure was offered to the first target", i)
			}
		}
		if s := r.proxy.Targets()[0]; s.Up || s.LastCode != 503 || !strings.Contains(s.Why, "5 of the last 5") {
			t.Errorf("state %+v", s)
		}
		time.Sleep(5 * time.Second)
		if !place("t") || place("u") {
			t.Error("want one trial call after five seconds")
		}
	})
}

// What a caller can provoke takes no PBX out: only silence, transport errors and
// 503 count.
func TestProvokedRefusals(t *testing.T) {
	run(t, two, func(r *rig) {
		pbx2 := r.peer(pbx2Addr)
		for i := range 20 {
			id := "p" + string(rune('a'+i))
			c := call{id: id, branch: "z9hG4bK" + id}
			r.pbx.send(r.offered(c).answer("500 Server Internal Error", "x"))
			r.pbx.get("ACK")
			pbx2.send(pbx2.get("INVITE").answer("200 OK", "agent"))
			r.trunk.get("SIP/2.0 200")
		}
		if s := r.proxy.Targets()[0]; !s.Up || s.LastCode != 500 {
			t.Errorf("state %+v", s)
		}
	})
}

// A PBX that asks to be left alone is (21.5.4), for as long as it says.
func TestRetryAfterOfPBX(t *testing.T) {
	run(t, two, func(r *rig) {
		pbx2 := r.peer(pbx2Addr)
		c := call{id: "c", branch: "z9hG4bKc"}
		r.pbx.send(r.offered(c).answer("503 Service Unavailable", "x", "Retry-After: 7 (soon);duration=60"))
		r.pbx.get("ACK")
		pbx2.send(pbx2.get("INVITE").answer("200 OK", "agent"))
		r.trunk.get("SIP/2.0 200")
		time.Sleep(6 * time.Second)
		r.trunk.send(call{id: "d", branch: "z9hG4bKd"}.invite())
		r.trunk.get("SIP/2.0 100")
		pbx2.send(pbx2.get("INVITE").answer("200 OK", "agent"))
		r.trunk.get("SIP/2.0 200")
		r.pbx.quiet(time.Second)
		r.pbx.send(r.offered(call{id: "e", branch: "z9hG4bKe"}).answer("200 OK", "agent"))
		r.trunk.get("SIP/2.0 200")
	})
}

func TestAllDrained(t *testing.T) {
	run(t, nil, func(r *rig) {
		c := call{id: "c", branch: "z9hG4bKc"}
		_, ok := r.answered(c)
		r.proxy.SetDrained("", "sip:10.2.0.10:5060", true)
		r.trunk.send(call{id: "d", branch: "z9hG4bKd"}.invite())
		r.trunk.get("SIP/2.0 503").one(t, "Retry-After")
		r.trunk.send(c.inDialog("BYE", "z9hG4bKbye", 2, ok, ""))
		r.pbx.send(r.pbx.get("BYE").answer("200 OK", ""))
		r.trunk.get("SIP/2.0 200")
	})
}

func TestProbes(t *testing.T) {
	probed := func(o *proxy.Options, c *router.Config) {
		two(o, c)
		c.Groups[0].Probe = router.Probe{Interval: 5 * time.Second, Timeout: 2 * time.Second, DownAfter: 2, UpAfter: 2}
	}
	run(t, probed, func(r *rig) {
		r.probing = true
		r.wire.losing(func(from, to netip.AddrPort, text string) bool {
			if strings.HasPrefix(text, "OPTIONS") && to == pbx2Addr {
				go r.wire.send(to, from, message(text).answer("200 OK", "p"))
			}
			return strings.HasPrefix(text, "OPTIONS")
		})
		time.Sleep(20 * time.Second)
		states := r.proxy.Targets()
		if states[0].Up || states[0].Why != "no answer to OPTIONS" || !states[1].Up || states[1].LastCode != 200 {
			t.Errorf("states %+v", states)
		}
		r.wire.losing(func(from, to netip.AddrPort, text string) bool {
			if strings.HasPrefix(text, "OPTIONS") {
				go r.wire.send(to, from, message(text).answer("200 OK", "p"))
			}
			return strings.HasPrefix(text, "OPTIONS")
		})
		time.Sleep(20 * time.Second)
		if s := r.proxy.Targets()[0]; !s.Up || s.Why != "answers OPTIONS" {
			t.Errorf("state %+v", s)
		}
	})
}

func TestDrainedTarget(t *testing.T) {
	run(t, two, func(r *rig) {
		if n := r.proxy.SetDrained("", "sip:10.2.0.10:5060", true); n != 1 {
			t.Fatalf("%d targets drained", n)
		}
		pbx2 := r.peer(pbx2Addr)
		c := call{id: "c", branch: "z9hG4bKc"}
		r.trunk.send(c.invite())
		r.trunk.get("SIP/2.0 100")
		pbx2.send(pbx2.get("INVITE").answer("200 OK", "agent"))
		r.trunk.get("SIP/2.0 200")
		r.proxy.SetDrained("default", "sip:10.2.0.10:5060", false)
		r.pbx.send(r.offered(call{id: "d", branch: "z9hG4bKd"}).answer("200 OK", "agent"))
		r.trunk.get("SIP/2.0 200")
	})
}

// Both are silent: the last resort is to wait, and then to say so.
func TestAllSilent(t *testing.T) {
	run(t, two, func(r *rig) {
		c := call{id: "c", branch: "z9hG4bKc"}
		r.offered(c)
		time.Sleep(1400 * time.Millisecond)
		r.peer(pbx2Addr).get("INVITE")
		time.Sleep(34 * time.Second)
		r.trunk.send(c.ackRefusal(r.trunk.get("SIP/2.0 408")))
	})
}

// The caller gives up while the second target is being tried.
func TestCancelDuringFailover(t *testing.T) {
	run(t, two, func(r *rig) {
		pbx2 := r.peer(pbx2Addr)
		c := call{id: "c", branch: "z9hG4bKc"}
		r.offered(c)
		time.Sleep(1500 * time.Millisecond)
		second := pbx2.get("INVITE")
		pbx2.send(second.answer("180 Ringing", "agent"))
		r.trunk.get("SIP/2.0 180")
		r.trunk.send(c.cancel(""))
		r.trunk.get("SIP/2.0 200")
		pbx2.send(pbx2.get("CANCEL").answer("200 OK", "agent"))
		pbx2.send(second.answer("487 Request Terminated", "agent"))
		pbx2.get("ACK")
		r.trunk.send(c.ackRefusal(r.trunk.get("SIP/2.0 487")))
	})
}
