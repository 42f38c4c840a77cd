package proxy_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sipid/proxy"
	"sipid/router"
)

// crash runs f1 on a proxy, kills it, and runs f2 on another one in its place
// that has nothing but the same configuration and key.
func crash(t *testing.T, f1, f2 func(r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWire()
		r := start(t, w, two)
		f1(r)
		r.stop()
		r = start(t, w, func(o *proxy.Options, c *router.Config) {
			two(o, c)
			o.Resumes = true
		})
		defer r.stop()
		f2(r)
		time.Sleep(300 * time.Second)
		if server, client := r.proxy.Held(); server != 0 || client != 0 {
			t.Errorf("kept %d transactions and %d attempts", server, client)
		}
	})
}

func TestCrashRinging(t *testing.T) {
	c := call{id: "c", branch: "z9hG4bKc"}
	var invite, ok message
	crash(t, func(r *rig) {
		invite = r.ringing(c)
	}, func(r *rig) {
		r.pbx.send(invite.answer("200 OK", "agent", "Contact: <sip:8001@10.2.0.10:5060>"))
		ok = r.trunk.get("SIP/2.0 200")
		if n, _ := r.series("sipid_recovered_calls_total", ""); n != 1 {
			t.Errorf("%v recovered calls, want 1", n)
		}
		r.trunk.send(c.inDialog("ACK", "z9hG4bKa", 1, ok, ""))
		r.pbx.get("ACK")
		r.trunk.send(c.inDialog("BYE", "z9hG4bKb", 2, ok, ""))
		r.pbx.send(r.pbx.get("BYE").answer("200 OK", ""))
		r.trunk.get("SIP/2.0 200")
	})
}

func TestCrashAnswered(t *testing.T) {
	c := call{id: "c", branch: "z9hG4bKc"}
	var invite message
	crash(t, func(r *rig) {
		invite, _ = r.answered(c)
	}, func(r *rig) {
		r.pbx.send(c.fromPBX("BYE", "z9hG4bKbye", invite))
		r.trunk.send(r.trunk.get("BYE sip:10.1.0.7:5060").answer("200 OK", ""))
		r.pbx.get("SIP/2.0 200")
	})
}

func TestCrashRefused(t *testing.T) {
	c := call{id: "c", branch: "z9hG4bKc"}
	var invite message
	crash(t, func(r *rig) {
		invite = r.ringing(c)
	}, func(r *rig) {
		r.pbx.send(invite.answer("486 Busy Here", "agent"))
		ack := r.pbx.get("ACK")
		if ack.one(t, "Via") != invite.all("Via")[0] || ack.one(t, "CSeq") != "1 ACK" {
			t.Errorf("ACK is not the INVITE's:\n%s", ack)
		}
		r.trunk.send(c.ackRefusal(r.trunk.get("SIP/2.0 486")))
		r.pbx.quiet(time.Second)
	})
}

// The caller gives up on a call that the process before us began.
func TestCrashCancel(t *testing.T) {
	c := call{id: "c", branch: "z9hG4bKc"}
	var invite message
	crash(t, func(r *rig) {
		invite = r.ringing(c)
	}, func(r *rig) {
		r.trunk.send(c.cancel("Reason: Q.850;cause=16\r\n"))
		r.trunk.get("SIP/2.0 200")
		right := false
		for range 2 { // one for each attempt there can have been
			cancel := r.pbx.get("CANCEL " + invite.uri())
			if cancel.one(t, "Via") == invite.all("Via")[0] {
				right = true
				r.pbx.send(cancel.answer("200 OK", "agent"))
				r.pbx.send(invite.answer("487 Request Terminated", "agent"))
				continue
			}
			r.pbx.send(cancel.answer("481 Call/Transaction Does Not Exist", "x"))
		}
		if !right {
			t.Fatal("no CANCEL with the INVITE's branch")
		}
		r.pbx.get("ACK")
		r.trunk.send(c.ackRefusal(r.trunk.get("SIP/2.0 487")))
		r.peer(pbx2Addr).count("CANCEL", 0)
	})
}

// The same behind an edge, whose CANCEL is its own and names no trunk.
func TestCrashCancelBehindEdge(t *testing.T) {
	c := call{id: "c", branch: "z9hG4bKc", lines: "X-Edge-Source: 10.1.0.7:5060\r\n"}
	via := func(text string) string { return strings.Replace(text, "UDP 10.1.0.7:5060", "UDP 10.0.0.2:5060", 1) }
	var invite message
	crash(t, func(r *rig) {
		r.peer(edgeAddr).send(via(c.invite()))
		r.peer(edgeAddr).get("SIP/2.0 100")
		invite = r.pbx.get("INVITE")
		r.pbx.send(invite.answer("180 Ringing", "agent"))
		r.peer(edgeAddr).get("SIP/2.0 180")
	}, func(r *rig) {
		cancel := via(call{id: "c", branch: "z9hG4bKc"}.cancel(""))
		if strings.Contains(cancel, "X-Edge-Source") {
			t.Fatal("this CANCEL names the trunk")
		}
		r.pbx.send(cancel) // of a PBX it is none
		r.pbx.get("SIP/2.0 481")
		r.peer(edgeAddr).send(cancel)
		r.peer(edgeAddr).get("SIP/2.0 200")
		for range 2 { // one for each attempt there can have been
			if one := r.pbx.get("CANCEL " + invite.uri()); one.one(t, "Via") == invite.all("Via")[0] {
				return
			}
		}
		t.Error("no CANCEL with the INVITE's branch")
	})
}

// An INVITE whose 100 was lost with the process comes again: to the same target
// by the same branch, so that the PBX sees one call.
func TestCrashRetransmission(t *testing.T) {
	c := call{id: "c", branch: "z9hG4bKc"}
	var invite message
	crash(t, func(r *rig) {
		invite = r.offered(c)
	}, func(r *rig) {
		again := r.offered(c)
		if again != invite {
			t.Errorf("not the same INVITE:\n%s\n%s", invite, again)
		}
		r.pbx.send(again.answer("486 Busy Here", "agent"))
		r.pbx.get("ACK")
		r.trunk.send(c.ackRefusal(r.trunk.get("SIP/2.0 486")))
	})
}

// A CANCEL that comes once more is not multiplied: the one it began is still under way.
func TestCrashCancelAgain(t *testing.T) {
	c := call{id: "c", branch: "z9hG4bKc"}
	crash(t, func(r *rig) { r.ringing(c) }, func(r *rig) {
		for range 10 {
			r.trunk.send(c.cancel(""))
			r.trunk.get("SIP/2.0 200")
		}
		if n := r.pbx.count("CANCEL", time.Minute); n != 2*11 { // timer E, for each of the attempts there can have been
			t.Errorf("%d CANCELs", n)
		}
	})
}

// Long after the start there are no calls of others: an unknown CANCEL is one.
func TestUnknownCancel(t *testing.T) {
	resumes := func(o *proxy.Options, _ *router.Config) { o.Resumes = true }
	run(t, resumes, func(r *rig) {
		time.Sleep(250 * time.Second)
		r.trunk.send(call{id: "c", branch: "z9hG4bKc"}.cancel(""))
		r.trunk.get("SIP/2.0 481")
		r.pbx.quiet(time.Second)
	})
}

// A forged response with a branch that is nearly ours goes nowhere.
func TestForgedStray(t *testing.T) {
	run(t, nil, func(r *rig) {
		c := call{id: "c", branch: "z9hG4bKc"}
		invite := r.offered(c)
		busy := invite.answer("486 Busy Here", "agent")
		r.pbx.send(busy)
		r.pbx.get("ACK")
		r.trunk.send(c.ackRefusal(r.trunk.get("SIP/2.0 486")))
		time.Sleep(60 * time.Second)
		ok := invite.answer("200 OK", "agent")
		for find, put := range map[string]string{
			"Call-ID: c": "Call-ID: d", "CSeq: 1": "CSeq: 2", "tag=caller": "tag=other",
			"branch=z9hG4bKc": "branch=z9hG4bKd", "rport=5060": "rport=5061",
		} {
			r.pbx.send(strings.Replace(ok, find, put, 1))
		}
		r.trunk.quiet(time.Second)
		if len(r.wire.alien) != 0 {
			t.Errorf("sent to strangers: %v", r.wire.alien)
		}
	})
}

// uri is the Request-URI.
func (m message) uri() string { return strings.Fields(string(m))[1] }
