package proxy_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sipid/proxy"
	"sipid/router"
)

// A CANCEL has no body: what it is for stands in Reason (RFC 3326).

// TestReasonOfOwnCancel: why sipid itself gives up on a target.
func TestReasonOfOwnCancel(t *testing.T) {
	want := func(t *testing.T, cancel message, reason string) {
		t.Helper()
		if got := strings.Join(cancel.all("Reason"), "|"); got != reason || cancel.body() != "" {
			t.Errorf("Reason: %s, want %s, in\n%s", got, reason, cancel)
		}
	}
	t.Run("timer C", func(t *testing.T) {
		run(t, nil, func(r *rig) {
			want(t, r.timerC("180 Ringing"), "Q.850;cause=102")
		})
	})
	for name, c := range map[string]struct{ answer, reason string }{
		"answered elsewhere": {"200 OK", `SIP;cause=200;text="Call completed elsewhere", Q.850;cause=26`},
		"refused elsewhere":  {"486 Busy Here", "SIP;cause=486"},
		"goes on elsewhere":  {"", "Q.850;cause=26"},
	} {
		t.Run(name, func(t *testing.T) {
			run(t, two, func(r *rig) {
				pbx2 := r.peer(pbx2Addr)
				k := call{id: "c", branch: "z9hG4bKc"}
				first := r.offered(k)
				time.Sleep(1500 * time.Millisecond) // silent: the second is tried beside it
				second := pbx2.get("INVITE")
				if c.answer != "" {
					pbx2.send(second.answer(c.answer, "agent", "Contact: <sip:8001@10.2.0.11:5060>"))
					r.trunk.get("SIP/2.0 " + c.answer[:3])
				}
				r.pbx.count("INVITE", time.Millisecond) // timer A
				r.pbx.send(first.answer("180 Ringing", "late"))
				want(t, r.pbx.get("CANCEL"), c.reason)
			})
		})
	}
}

// timerC makes a call that its PBX answers with a 1xx, until timer C has it
// cancelled.
func (r *rig) timerC(provisional string) (cancel message) {
	c := call{id: "f", branch: "z9hG4bKf"}
	r.trunk.send(c.invite())
	invite := r.pbx.get("INVITE")
	r.trunk.get("SIP/2.0 100")
	r.pbx.send(invite.answer(provisional, "agent"))
	if code := provisional[:3]; code != "100" {
		r.trunk.get("SIP/2.0 " + code)
	}
	time.Sleep(185 * time.Second)
	cancel = r.pbx.get("CANCEL")
	r.pbx.send(cancel.answer("200 OK", "agent"))
	r.pbx.send(invite.answer("487 Request Terminated", "agent"))
	r.pbx.get("ACK")
	return cancel
}

// TestReleaseAfterTimerC: the caller who waited for an answer hears that nobody
// gave one, the caller who heard no ringing that a timer ran out.
func TestReleaseAfterTimerC(t *testing.T) {
	for name, c := range map[string]struct {
		change      func(*proxy.Options, *router.Config)
		provisional string
		rel         string
	}{
		"alerted":                {nil, "180 Ringing", "0c0200028a93"},
		"alerted, rfc3398":       {rfc3398, "180 Ringing", "0c0200028a93"},
		"progress alone":         {nil, "183 Session Progress", "0c0200028ae6"},
		"trying alone":           {rfc3398, "100 Trying", "0c0200028ae6"},
		"the trunk's own of 487": {trunkIs(func(t *router.Trunk) { t.Causes = map[int]uint8{487: 31} }), "180 Ringing", "0c0200028a9f"},
	} {
		t.Run(name, func(t *testing.T) {
			run(t, c.change, func(r *rig) {
				r.timerC(c.provisional)
				got := r.trunk.get("SIP/2.0 487")
				if rel := fmt.Sprintf("%x", got.body()); rel != c.rel {
					t.Errorf("REL %s, want %s", rel, c.rel)
				}
				r.trunk.send(call{id: "f", branch: "z9hG4bKf"}.ackRefusal(got))
			})
		})
	}
}

// TestRELInCancel: a gateway that puts a REL into its CANCEL is understood, the
// PBX gets what it says; a Reason of the CANCEL wins.
func TestRELInCancel(t *testing.T) {
	for reason, lines := range map[string]string{
		"Q.850;cause=31;location=TN":               "",
		"SIP;cause=487|Q.850;cause=31;location=TN": "Reason: SIP;cause=487\r\n",
		"Q.850;cause=16":                           "Reason: Q.850;cause=16\r\n",
	} {
		run(t, nil, func(r *rig) {
			c := call{id: "c", branch: "z9hG4bKc"}
			r.ringing(c)
			r.trunk.send(withBody(c.cancel(lines), "application/isup;version=itu-t92+", "\x0c\x02\x00\x02\x83\x9f"))
			r.trunk.get("SIP/2.0 200")
			cancel := r.pbx.get("CANCEL")
			if got := strings.Join(cancel.all("Reason"), "|"); got != reason || cancel.body() != "" {
				t.Errorf("Reason: %s, want %s, in\n%q", got, reason, cancel)
			}
		})
	}
}
