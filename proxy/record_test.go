package proxy_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"sipid/proxy"
	"sipid/record"
	"sipid/router"
)

// recorded runs a rig that keeps its calls.
func recorded(t *testing.T, change func(*proxy.Options, *router.Config), f func(*rig, *record.Log)) {
	t.Helper()
	run(t, change, func(r *rig) {
		f(r, r.record)
	})
}

// ladder writes what happened to the newest call of a Call-ID, without times.
func ladder(t *testing.T, log *record.Log, callID string) []string {
	t.Helper()
	c, ok := log.ByCallID(callID)
	if !ok {
		t.Fatalf("no call %s", callID)
	}
	var lines []string
	var before time.Duration
	for _, e := range c.Events {
		if e.After < before {
			t.Errorf("%s before what came before it", e.Kind)
		}
		before = e.After
		lines = append(lines, fmt.Sprintf("%s %d %d %s", e.Kind, e.Attempt, e.Status, e.Target))
	}
	return append(lines, c.State())
}

func wantLadder(t *testing.T, log *record.Log, callID string, want ...string) {
	t.Helper()
	if got := ladder(t, log, callID); !slices.Equal(got, want) {
		t.Errorf("%s:\n%q\nwant\n%q", callID, got, want)
	}
}

func TestRecordAnswered(t *testing.T) {
	recorded(t, nil, func(r *rig, log *record.Log) {
		c := call{id: "c", branch: "z9hG4bKc"}
		_, ok := r.answered(c)
		r.trunk.send(c.inDialog("BYE", "z9hG4bKbye", 2, ok, ""))
		r.pbx.send(r.pbx.get("BYE").answer("200 OK", ""))
		r.trunk.get("SIP/2.0 200")
		wantLadder(t, log, "c", "invite 0 0 ", "up 0 100 ", "tried 1 0 sip:10.2.0.10:5060", "provisional 1 180 sip:10.2.0.10:5060",
			"final 1 200 sip:10.2.0.10:5060", "up 0 200 ", "ack 0 0 ", "bye-trunk 0 0 ", "ended")
		if got, _ := log.ByCallID("c"); string(got.Message) != c.invite() || got.AccessID != "1001" || got.Serial != "00000042" || got.From != trunkAddr {
			t.Errorf("%+v", got)
		}
	})
}

func TestRecordCancelled(t *testing.T) {
	recorded(t, nil, func(r *rig, log *record.Log) {
		c := call{id: "c", branch: "z9hG4bKc"}
		invite := r.ringing(c)
		r.trunk.send(c.cancel(""))
		r.trunk.get("SIP/2.0 200")
		r.pbx.send(r.pbx.get("CANCEL").answer("200 OK", ""))
		r.pbx.send(invite.answer("487 Request Terminated", "agent"))
		r.pbx.get("ACK")
		r.trunk.send(c.ackRefusal(r.trunk.get("SIP/2.0 487")))
		time.Sleep(time.Millisecond)
		wantLadder(t, log, "c", "invite 0 0 ", "up 0 100 ", "tried 1 0 sip:10.2.0.10:5060", "provisional 1 180 sip:10.2.0.10:5060",
			"cancel 0 0 ", "cancel-down 1 0 sip:10.2.0.10:5060", "final 1 487 sip:10.2.0.10:5060", "up 0 487 ", "ack 0 0 ", "refused")
	})
}

// A target that refuses and one that says nothing: each attempt has its rungs.
func TestRecordFailover(t *testing.T) {
	two := func(_ *proxy.Options, c *router.Config) {
		g := &c.Groups[0]
		g.FailoverOn = []int{503}
		g.Targets = append(g.Targets, router.Target{URI: "sip:10.2.0.11:5060", Host: "10.2.0.11:5060", Addr: secondAddr, Weight: 1, Priority: 2})
	}
	recorded(t, two, func(r *rig, log *record.Log) {
		second := r.peer(secondAddr)
		r.trunk.send(call{id: "c", branch: "z9hG4bKc"}.invite())
		r.trunk.get("SIP/2.0 100")
		r.pbx.send(r.pbx.get("INVITE").answer("503 Service Unavailable", "x"))
		r.pbx.get("ACK")
		second.send(second.get("INVITE").answer("200 OK", "agent", "Contact: <sip:8001@10.2.0.11:5060>"))
		r.trunk.get("SIP/2.0 200")
		wantLadder(t, log, "c", "invite 0 0 ", "up 0 100 ", "tried 1 0 sip:10.2.0.10:5060", "final 1 503 sip:10.2.0.10:5060",
			"tried 2 0 sip:10.2.0.11:5060", "final 2 200 sip:10.2.0.11:5060", "up 0 200 ", "answered")

		r.trunk.send(call{id: "d", branch: "z9hG4bKd"}.invite())
		r.trunk.get("SIP/2.0 100")
		time.Sleep(time.Second) // of the 1.5 s that a target has
		second.send(second.get("INVITE").answer("200 OK", "agent", "Contact: <sip:8001@10.2.0.11:5060>"))
		r.trunk.get("SIP/2.0 200")
		wantLadder(t, log, "d", "invite 0 0 ", "up 0 100 ", "tried 1 0 sip:10.2.0.10:5060", "silent 1 0 sip:10.2.0.10:5060",
			"tried 2 0 sip:10.2.0.11:5060", "final 2 200 sip:10.2.0.11:5060", "up 0 200 ", "answered")
	})
}

func TestRecordRefused(t *testing.T) {
	recorded(t, nil, func(r *rig, log *record.Log) {
		other := r.peer(otherAddr)
		other.send(call{id: "c", branch: "z9hG4bKc", isup: "\x01"}.invite())
		other.get("SIP/2.0 404")
		wantLadder(t, log, "c", "invite 0 0 ", "up 0 404 ", "refused")
	})
}
