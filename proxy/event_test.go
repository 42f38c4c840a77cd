package proxy_test

import (
	"fmt"
	"slices"
	"testing"

	"sipid/proxy"
	"sipid/router"
)

// TestEvents: what an observer is told of two calls, in order.
func TestEvents(t *testing.T) {
	var got []string
	observed := func(o *proxy.Options, _ *router.Config) {
		o.Observe = func(e proxy.Event) {
			line := fmt.Sprintf("%s %s %d %s", e.CallID, e.Kind, e.Status, e.Agent.AssertedIdentity)
			if e.Call != nil {
				line += fmt.Sprintf("%s %s %s %s", e.Call.Trunk, e.Call.Client.AccessID, e.Call.Serial, e.Call.Source)
			}
			got = append(got, line)
		}
	}
	run(t, observed, func(r *rig) {
		c := call{id: "c", branch: "z9hG4bKc"}
		r.trunk.send(c.invite())
		r.trunk.get("SIP/2.0 100")
		invite := r.pbx.get("INVITE")
		r.pbx.send(invite.answer("180 Ringing", "agent", "P-Asserted-Identity: <sip:8001@pbx>"))
		r.trunk.get("SIP/2.0 180")
		r.pbx.send(invite.answer("200 OK", "agent", "P-Asserted-Identity: <sip:8002@pbx>"))
		ok := r.trunk.get("SIP/2.0 200")
		r.trunk.send(c.inDialog("BYE", "z9hG4bKbye", 2, ok, ""))
		r.pbx.send(r.pbx.get("BYE").answer("200 OK", ""))
		r.trunk.get("SIP/2.0 200")

		b := call{id: "b", branch: "z9hG4bKb"}
		r.trunk.send(b.invite())
		r.trunk.get("SIP/2.0 100")
		invite = r.pbx.get("INVITE")
		r.pbx.send(invite.answer("486 Busy Here", "agent"))
		r.pbx.get("ACK")
		r.trunk.send(b.ackRefusal(r.trunk.get("SIP/2.0 486")))
	})
	want := []string{
		"c identified 0 zhejiang 1001 00000042 isup-original-called",
		"c ringing 180 <sip:8001@pbx>", "c answered 200 <sip:8002@pbx>", "c ended 0 ",
		"b identified 0 zhejiang 1001 00000042 isup-original-called", "b ended 486 ",
	}
	if !slices.Equal(got, want) {
		t.Errorf("told\n%q\nwant\n%q", got, want)
	}
}
