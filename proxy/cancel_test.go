package proxy_test

import (
	"net/netip"
	"testing"
	"time"
)

func TestCancelAfterRinging(t *testing.T) {
	run(t, nil, func(r *rig) {
		c := call{id: "c", branch: "z9hG4bKc"}
		invite := r.ringing(c)

		r.trunk.send(c.cancel("Reason: Q.850;cause=16\r\n"))
		r.trunk.get("SIP/2.0 200")
		cancel := r.pbx.get("CANCEL sip:95165@10.2.0.10:5060")
		if cancel.one(t, "Via") != invite.all("Via")[0] || cancel.one(t, "CSeq") != "1 CANCEL" {
			t.Errorf("CANCEL is not the INVITE's:\n%s", cancel)
		}
		if got := cancel.one(t, "Reason"); got != "Q.850;cause=16" {
			t.Errorf("Reason: %s", got)
		}
		r.pbx.send(cancel.answer("200 OK", "agent"))
		r.pbx.send(invite.answer("487 Request Terminated", "agent", "X-From-PBX: yes"))
		r.pbx.get("ACK")
		got := r.trunk.get("SIP/2.0 487")
		if got.one(t, "X-From-PBX") != "yes" {
			t.Errorf("not the PBX's 487:\n%s", got)
		}
		r.trunk.send(c.ackRefusal(got))
		r.trunk.quiet(time.Second)
		r.pbx.quiet(time.Second)
	})
}

// RFC 3261 9.1: no CANCEL before a 1xx came.
func TestCancelBeforeRinging(t *testing.T) {
	run(t, nil, func(r *rig) {
		c := call{id: "c", branch: "z9hG4bKc"}
		r.trunk.send(c.invite())
		r.trunk.get("SIP/2.0 100")
		invite := r.pbx.get("INVITE")
		r.trunk.send(c.cancel(""))
		r.trunk.get("SIP/2.0 200")
		r.pbx.quiet(300 * time.Millisecond)
		r.pbx.send(invite.answer("100 Trying", ""))
		cancel := r.pbx.get("CANCEL")
		r.pbx.send(cancel.answer("200 OK", "agent"))
		r.pbx.send(invite.answer("487 Request Terminated", "agent"))
		r.pbx.get("ACK")
		r.trunk.send(c.ackRefusal(r.trunk.get("SIP/2.0 487")))
	})
}

func TestAnswerCrossesCancel(t *testing.T) {
	run(t, nil, func(r *rig) {
		c := call{id: "c", branch: "z9hG4bKc"}
		invite := r.ringing(c)
		r.trunk.send(c.cancel(""))
		r.pbx.send(invite.answer("200 OK", "agent", "Contact: <sip:8001@10.2.0.10:5060>"))
		first, second := r.trunk.get("SIP/2.0 200"), r.trunk.get("SIP/2.0 200")
		ok := second
		if first.one(t, "CSeq") == "1 INVITE" {
			ok = first
		}
		cancel := r.pbx.get("CANCEL")
		r.pbx.send(cancel.answer("481 Call/Transaction Does Not Exist", "agent"))
		r.trunk.send(c.inDialog("ACK", "z9hG4bKa", 1, ok, ""))
		r.pbx.get("ACK")
		r.trunk.send(c.inDialog("BYE", "z9hG4bKb", 2, ok, ""))
		bye := r.pbx.get("BYE")
		r.pbx.send(bye.answer("200 OK", ""))
		r.trunk.get("SIP/2.0 200")
		r.trunk.quiet(40 * time.Second)
	})
}

// The PBX rings, is cancelled, and says nothing more: 487 comes from us.
func TestCancelledAndSilent(t *testing.T) {
	run(t, nil, func(r *rig) {
		c := call{id: "c", branch: "z9hG4bKc"}
		r.ringing(c)
		r.trunk.send(c.cancel(""))
		r.trunk.get("SIP/2.0 200")
		if n := r.pbx.count("CANCEL", 31900*time.Millisecond); n < 10 || n > 11 {
			t.Errorf("%d CANCELs, want 10 or 11 (timer E)", n)
		}
		r.trunk.send(c.ackRefusal(r.trunk.get("SIP/2.0 487")))
	})
}

func TestCancelFromElsewhere(t *testing.T) {
	run(t, nil, func(r *rig) {
		other := r.peer(otherAddr)
		c := call{id: "c", branch: "z9hG4bKc"}
		invite := r.ringing(c)
		other.send(c.cancel(""))
		other.get("SIP/2.0 481")
		r.pbx.quiet(time.Second)
		r.pbx.send(invite.answer("200 OK", "agent"))
		r.trunk.get("SIP/2.0 200")
	})
}

// A process that dies between the two leaves a phone ringing if it has answered
// the CANCEL already: nobody repeats it. So it goes on first, with what is known
// of the call and without.
func TestCancelGoesOnFirst(t *testing.T) {
	c := call{id: "c", branch: "z9hG4bKc"}
	cancelled := func(t *testing.T, r *rig, sent int) {
		var first []netip.AddrPort
		r.wire.losing(func(_, to netip.AddrPort, text string) bool {
			if to != proxyAddr {
				first = append(first, to)
			}
			return false
		})
		r.trunk.send(c.cancel(""))
		r.trunk.get("SIP/2.0 200")
		r.wire.losing(nil)
		if len(first) != sent+1 || first[sent] != trunkAddr {
			t.Errorf("sent to %v in this order", first)
		}
	}
	run(t, nil, func(r *rig) {
		r.ringing(c)
		cancelled(t, r, 1)
	})
	crash(t, func(r *rig) { r.ringing(c) }, func(r *rig) { cancelled(t, r, 4) })
}

// A caller who gave up hears 487, whatever came of the call before: 503 would say
// that we take none (RFC 3261 21.5.4).
func TestCancelledIsTerminated(t *testing.T) {
	c := call{id: "c", branch: "z9hG4bKc"}
	t.Run("refused before", func(t *testing.T) {
		run(t, two, func(r *rig) {
			pbx2 := r.peer(pbx2Addr)
			r.pbx.send(r.offered(c).answer("500 Server Internal Error", "x"))
			r.pbx.get("ACK")
			pbx2.send(pbx2.get("INVITE").answer("180 Ringing", "agent"))
			r.trunk.get("SIP/2.0 180")
			r.trunk.send(c.cancel(""))
			r.trunk.get("SIP/2.0 200")
			pbx2.send(pbx2.get("CANCEL").answer("200 OK", "agent")) // and nothing to the INVITE
			time.Sleep(33 * time.Second)
			r.trunk.send(c.ackRefusal(r.trunk.get("SIP/2.0 487")))
		})
	})
	t.Run("no connection", func(t *testing.T) {
		run(t, nil, func(r *rig) {
			r.offered(c)
			r.trunk.send(c.cancel(""))
			r.trunk.get("SIP/2.0 200")
			r.proxy.LoseRequests()
			r.trunk.send(c.ackRefusal(r.trunk.get("SIP/2.0 487")))
		})
	})
}
