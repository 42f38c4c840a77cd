package proxy_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sipid/proxy"
	"sipid/router"
)

// over gets one call more over a limit than may be, by a refusal of the kind.
func (r *rig) over(status string, id string) {
	r.t.Helper()
	c := call{id: id, branch: "z9hG4bK" + id}
	r.trunk.send(c.invite())
	got := r.trunk.get("SIP/2.0 " + status)
	if (len(got.all("Retry-After")) == 1) != (status == "503") {
		r.t.Errorf("Retry-After %v with %s", got.all("Retry-After"), status)
	}
}

// bye ends an answered call from the trunk's side.
func (r *rig) bye(c call, ok message, answer string) {
	r.t.Helper()
	r.trunk.send(c.inDialog("BYE", "z9hG4bKbye"+c.id+answer[:3], 2, ok, ""))
	r.pbx.send(r.pbx.get("BYE").answer(answer, ""))
	r.trunk.get("SIP/2.0 " + answer[:3])
}

// A limit is not got round by a dialog that is none: its requests, which the PBX refuses, say nothing of the call that goes
// on; nor by another call with the same Call-ID and tag.
func TestLimitIsNotTalkedDown(t *testing.T) {
	run(t, func(_ *proxy.Options, c *router.Config) { c.Trunks[0].MaxCalls = 2 }, func(r *rig) {
		c := call{id: "a", branch: "z9hG4bKa"}
		_, ok := r.answered(c)
		for i, method := range []string{"INFO", "BYE"} {
			r.trunk.send(strings.Replace(c.inDialog(method, "z9hG4bK"+method, 2+i, ok, ""), "tag=agent", "tag=nobody", 1))
			r.pbx.send(r.pbx.get(method).answer("481 Call/Transaction Does Not Exist", ""))
			r.trunk.get("SIP/2.0 481")
		}
		r.trunk.send(strings.Replace(call{id: "a", branch: "z9hG4bKb"}.invite(), "CSeq: 1 ", "CSeq: 9 ", 1))
		r.trunk.get("SIP/2.0 100")
		r.pbx.send(r.pbx.get("INVITE").answer("200 OK", "other", "Contact: <sip:8002@10.2.0.10:5060>"))
		r.trunk.get("SIP/2.0 200")
		r.over("503", "c")
	})
}

// limits of calls, each with the configuration that sets it.
var limits = map[string]struct {
	status string
	set    func(*router.Config)
}{
	"trunk_calls":  {"503", func(c *router.Config) { c.Trunks[0].MaxCalls = 2 }},
	"group_calls":  {"503", func(c *router.Config) { c.Groups[0].MaxCalls = 2 }},
	"target_calls": {"486", func(c *router.Config) { c.Groups[0].Targets[0].MaxCalls = 2; c.Trunks[0].LimitBusy = true }},
	"client_calls": {"503", func(*router.Config) {}},
}

func TestCallLimits(t *testing.T) {
	for name, tc := range limits {
		t.Run(name, func(t *testing.T) {
			run(t, func(_ *proxy.Options, c *router.Config) { tc.set(c) }, func(r *rig) {
				if name == "client_calls" {
					r.table(router.Client{MaxCalls: 2})
				}
				first := call{id: "a", branch: "z9hG4bKa"}
				_, ok := r.answered(first)
				second := call{id: "b", branch: "z9hG4bKb"}
				ringing := r.ringing(second)
				r.over(tc.status, "c")
				if n := metricOf(t, r, "sipid_limited_total", name); n != 1 {
					t.Errorf("%v counted", n)
				}
				// A refusal gives the place back, and so does a BYE, even one that nobody knows.
				r.pbx.send(ringing.answer("486 Busy Here", "x"))
				r.pbx.get("ACK")
				r.trunk.send(second.ackRefusal(r.trunk.get("SIP/2.0 486")))
				_, ok3 := r.answered(call{id: "d", branch: "z9hG4bKd"})
				r.over(tc.status, "e")
				r.bye(first, ok, "407 Proxy Authentication Required")
				r.over(tc.status, "f")
				r.bye(first, ok, "200 OK")
				third := call{id: "g", branch: "z9hG4bKg"}
				r.answered(third)
				r.bye(call{id: "d"}, ok3, "481 Call/Transaction Does Not Exist")
				r.answered(call{id: "h", branch: "z9hG4bKh"})
				r.over(tc.status, "i")
			})
		})
	}
}

// table gives client 1001 the limits of c.
func (r *rig) table(c router.Client) {
	r.t.Helper()
	c.AccessID, c.Name, c.Endpoint, c.SerialDigits, c.Enabled = "1001", "Hangzhou", "https://a.example/sipid", 8, true
	table, err := router.NewTable([]router.Client{c}, 2)
	if err != nil {
		r.t.Fatal(err)
	}
	r.router.SetTable(table)
}

// metricOf is the value of the metric with a label of this value.
func metricOf(t *testing.T, r *rig, name, label string) float64 {
	t.Helper()
	families, err := r.reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if f.GetName() == name && l.GetValue() == label {
					return m.GetGauge().GetValue() + m.GetCounter().GetValue() + float64(m.GetHistogram().GetSampleCount())
				}
			}
		}
	}
	t.Fatalf("no metric %s with %s", name, label)
	return 0
}

// A client's limits are its row's, and change with it.
func TestClientRate(t *testing.T) {
	run(t, nil, func(r *rig) {
		r.table(router.Client{MaxCPS: 2})
		r.offeredAs(call{id: "a", branch: "z9hG4bKa"})
		r.offeredAs(call{id: "b", branch: "z9hG4bKb"})
		r.over("503", "c")
		if n := metricOf(t, r, "sipid_limited_total", "client_cps"); n != 1 {
			t.Errorf("%v counted", n)
		}
		r.table(router.Client{})
		r.offeredAs(call{id: "d", branch: "z9hG4bKd"})
		r.table(router.Client{MaxCPS: 2})
		time.Sleep(time.Minute)
		for i := range 2 {
			r.offeredAs(call{id: fmt.Sprint(i), branch: fmt.Sprintf("z9hG4bK%d", i)})
		}
	})
}

// What is never said goodbye to is over with its session, or with its age.
func TestCallsWithoutBye(t *testing.T) {
	for name, tc := range map[string]struct {
		lines string
		lasts time.Duration
	}{
		"session": {"Session-Expires: 1800;refresher=uas", 31 * time.Minute},
		"compact": {"x: 1800", 31 * time.Minute},
		"age":     {"X: nothing", 12 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			run(t, func(_ *proxy.Options, c *router.Config) { c.Trunks[0].MaxCalls = 1 }, func(r *rig) {
				c := call{id: "a", branch: "z9hG4bKa"}
				r.pbx.send(r.offered(c).answer("200 OK", "agent", tc.lines))
				ok := r.trunk.get("SIP/2.0 200")
				time.Sleep(tc.lasts - 10*time.Second)
				r.over("503", "b")
				// An UPDATE refreshes it.
				r.trunk.send(c.inDialog("UPDATE", "z9hG4bKup", 3, ok, ""))
				r.pbx.send(r.pbx.get("UPDATE").answer("200 OK", "", tc.lines))
				r.trunk.get("SIP/2.0 200")
				time.Sleep(tc.lasts - 10*time.Second)
				r.over("503", "c")
				time.Sleep(20 * time.Second)
				r.offeredAs(call{id: "d", branch: "z9hG4bKd"})
			})
		})
	}
}

// A BYE that nobody answers ends the call all the same.
func TestByeUnanswered(t *testing.T) {
	run(t, func(_ *proxy.Options, c *router.Config) { c.Trunks[0].MaxCalls = 1 }, func(r *rig) {
		c := call{id: "a", branch: "z9hG4bKa"}
		invite, _ := r.answered(c)
		r.pbx.send(c.fromPBX("BYE", "z9hG4bKbye", invite))
		r.trunk.get("BYE")
		r.over("503", "b")
		time.Sleep(40 * time.Second)
		for len(r.trunk.in) > 0 {
			<-r.trunk.in
		}
		for len(r.pbx.in) > 0 {
			<-r.pbx.in
		}
		r.offeredAs(call{id: "d", branch: "z9hG4bKd"})
	})
}

// A call counts where it is: the target that refused it has room again, and one
// that is full is passed over.
func TestTargetCalls(t *testing.T) {
	full := func(o *proxy.Options, c *router.Config) {
		two(o, c)
		c.Groups[0].Targets[0].MaxCalls = 1
	}
	run(t, full, func(r *rig) {
		pbx2 := r.peer(pbx2Addr)
		calls := func(first, second int) {
			t.Helper()
			synctest.Wait()
			if s := r.proxy.Targets(); s[0].Calls != first || s[1].Calls != second {
				t.Errorf("%d and %d calls, want %d and %d", s[0].Calls, s[1].Calls, first, second)
			}
		}
		c := call{id: "a", branch: "z9hG4bKa"}
		first := r.offered(c)
		calls(1, 0)
		r.pbx.send(first.answer("500 Server Internal Error", "x"))
		r.pbx.get("ACK")
		second := pbx2.get("INVITE")
		calls(0, 1)
		pbx2.send(second.answer("200 OK", "agent", "Contact: <sip:8001@10.2.0.20:5060>"))
		r.trunk.get("SIP/2.0 200")
		calls(0, 1)
		r.answered(call{id: "b", branch: "z9hG4bKb"})
		calls(1, 1)
		r.trunk.send(call{id: "c", branch: "z9hG4bKc"}.invite())
		r.trunk.get("SIP/2.0 100")
		pbx2.send(pbx2.get("INVITE").answer("200 OK", "agent"))
		r.trunk.get("SIP/2.0 200")
		calls(1, 2)
	})
}

// One PBX's 503 goes up as 500 while another takes calls: whoever gets 503 may
// send us none for a while (16.7 step 6).
func Test503OfOne(t *testing.T) {
	notOver := func(o *proxy.Options, c *router.Config) {
		two(o, c)
		c.Groups[0].FailoverOn = []int{500}
	}
	run(t, notOver, func(r *rig) {
		c := call{id: "a", branch: "z9hG4bKa"}
		r.pbx.send(r.offered(c).answer("503 Service Unavailable", "x"))
		r.pbx.get("ACK")
		got := r.trunk.get("SIP/2.0 500")
		got.one(t, "Reason")
		r.trunk.send(c.ackRefusal(got))
		r.proxy.SetDrained("", "sip:10.2.0.20:5060", true)
		c = call{id: "b", branch: "z9hG4bKb"}
		r.pbx.send(r.offered(c).answer("503 Service Unavailable", "x", "Retry-After: 9"))
		r.pbx.get("ACK")
		got = r.trunk.get("SIP/2.0 503")
		if got.one(t, "Retry-After") != "9" {
			t.Errorf("Retry-After of the PBX is gone from\n%s", got)
		}
		r.trunk.send(c.ackRefusal(got))
	})
}
