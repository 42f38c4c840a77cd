package e2e_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// What a trunk hears in ISUP, row by row of docs/isup-replies.md: SIPp calls with binary ISUP, tshark reads.

// said is a message on the hop between the trunk and its next hop, with the ISUP in it as tshark reads it; none: "".
type said struct{ what, isup string }

func TestISUPReplies(t *testing.T) {
	need(t, "sipp", "tshark", "dumpcap")
	const queued = "ACM status 0 in-band 1"
	for _, tc := range []struct {
		name, pbx, trunk, status string
		edge                     bool   // through Kamailio
		up                       []said // to the trunk
		reasons                  map[string]string
	}{
		{name: "AnswerAfterRinging", pbx: "pbx-answer.xml", trunk: "trunk-isup.xml",
			up:      []said{{"180 INVITE", "ACM status 1"}, {"200 INVITE", "ANM status 0"}, {"200 INFO", ""}, {"200 BYE", "RLC"}},
			reasons: map[string]string{"BYE": "Q.850;cause=31;location=LN"}},
		{name: "AnswerAtOnce", pbx: "pbx-connects.xml", trunk: "trunk-isup.xml",
			up: []said{{"200 INVITE", "CON status 0"}, {"200 BYE", "RLC"}}},
		{name: "Announcement", pbx: "pbx-announces.xml", trunk: "trunk-isup.xml",
			up: []said{{"183 INVITE", queued}, {"182 INVITE", "CPG status 0 event 2"}, {"180 INVITE", "CPG status 1 event 1"}, {"200 INVITE", "ANM status 0"}}},
		{name: "PRACKAndUPDATE", pbx: "pbx-early.xml", trunk: "trunk-early.xml", edge: true,
			up: []said{{"183 INVITE", queued}, {"200 PRACK", ""}, {"200 UPDATE", ""}, {"200 INVITE", "ANM status 0"}, {"200 BYE", "RLC"}}},
		{name: "WithinTheDialog", pbx: "pbx-dialog.xml", trunk: "trunk-dialog.xml",
			up: []said{{"200 INFO", ""}, {"200 UPDATE", ""}, {"200 MESSAGE", ""}, {"INFO", ""}, {"UPDATE", ""}, {"INVITE", ""}, {"200 BYE", "RLC"}}},
		{name: "Busy", pbx: "pbx-refuses.xml", trunk: "trunk-is-refused.xml", status: "486 Busy Here",
			up: []said{{"180 INVITE", "ACM status 1"}, {"486 INVITE", "REL cause 17 location 10"}}},
		{name: "Rejected", pbx: "pbx-refuses.xml", trunk: "trunk-is-refused.xml", status: "603 Decline",
			up: []said{{"603 INVITE", "REL cause 21 location 10"}}},
		{name: "NoAnswer", pbx: "pbx-refuses.xml", trunk: "trunk-is-refused.xml", status: "480 Temporarily Unavailable",
			up: []said{{"480 INVITE", "REL cause 20 location 10"}}},
		{name: "Cancelled", pbx: "pbx-cancelled.xml", trunk: "trunk-cancels.xml", edge: true,
			up:      []said{{"180 INVITE", "ACM status 1"}, {"200 CANCEL", ""}, {"487 INVITE", ""}},
			reasons: map[string]string{"CANCEL": "Q.850;cause=31"}},
		{name: "ReleasedByPBX", pbx: "pbx-hangs-up.xml", trunk: "trunk-is-released.xml",
			up: []said{{"180 INVITE", "ACM status 1"}, {"BYE", "REL cause 16 location 10"}}},
		{name: "ThroughKamailio", pbx: "pbx-hangs-up.xml", trunk: "trunk-is-released.xml", edge: true,
			up: []said{{"180 INVITE", "ACM status 1"}, {"200 INVITE", "ANM status 0"}, {"BYE", "REL cause 16 location 10"}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tc.edge {
				need(t, "kamailio")
			}
			t.Parallel()
			r := newRig(t, options{direct: !tc.edge})
			c := plainCall
			c.Status, c.Reason = tc.status, tc.reasons["CANCEL"]
			list := withoutProbes(r.call(t, c, tc.pbx, tc.trunk))
			r.heard(t, list, tc.up)
			for what, reason := range tc.reasons {
				p := sent(list, r.node, r.pbx, what)
				if len(p) == 0 || strings.Join(p[0].header("Reason"), "|") != reason {
					t.Errorf("%d %s at the PBX, wanted with Reason %s", len(p), what, reason)
				}
			}
			if t.Failed() {
				logFlow(t, list)
			}
		})
	}
}

// heard checks what the trunk got, and that the PBX got no ISUP at all.
func (r *rig) heard(t *testing.T, list []packet, up []said) {
	t.Helper()
	for _, s := range up {
		found := sent(list, r.edge, addr(trunkIP), s.what)
		if len(found) == 0 {
			t.Errorf("the trunk got no %s", s.what)
		}
		for _, p := range found {
			if p.isup != s.isup || p.malformed {
				t.Errorf("%s with ISUP %q, want %q; malformed: %v", s.what, p.isup, s.isup, p.malformed)
			}
		}
	}
	for _, p := range list {
		if p.dst == r.pbx && (p.isup != "" || strings.Contains(strings.ToLower(string(p.payload)), "application/isup")) {
			t.Errorf("ISUP reached the PBX: %s%s %s, %s", p.method, p.status, p.cseq, p.isup)
		}
		if p.status == "100" && p.isup != "" {
			t.Errorf("100 with %s", p.isup)
		}
	}
}

// Refusals of sipid itself: 404 for a caller who is not identified, 503 while it ends.
func TestISUPInOwnRefusals(t *testing.T) {
	need(t, "sipp", "tshark", "dumpcap")
	t.Parallel()
	r := newRig(t, options{direct: true, plain: true,
		trunks: fmt.Sprintf("  - {name: alpha, sources: [%s/32], identify: [isup-original-called, diversion], unidentified: reject}\n", trunkIP)})
	trunk, pbx := at(t, trunkIP), dialUDP(t, r.pbx)
	c := startCapture(t, r.node, trunk)
	refused := func(iam []byte, status string) {
		sipp := startSIPp(t, "trunk-is-refused.xml", call{IAM: iam, Status: status}, trunk, r.node)
		if err := sipp.wait(10 * time.Second); err != nil {
			t.Fatal(err)
		}
	}
	refused(iam("999900000042"), "404 Caller Not Identified")

	// A call that rings keeps sipid from ending at once.
	rings := dialUDP(t, at(t, trunkIP))
	invite := inviteTo(r.node, rings.addr(), "rings", "Diversion: <sip:100100000042@platform.example>")
	rings.send(r.node, invite)
	m := pbx.receive(2*time.Second, "INVITE ")
	pbx.send(r.node, m.answer("180 Ringing", "p"))
	rings.receive(2*time.Second, "SIP/2.0 180")
	r.sipid.terminate()
	eventually(t, 5*time.Second, "readyz says that sipid drains", func() bool { return r.get("/readyz") == 503 })
	refused(iam("100100000042"), "503 Shutting Down")
	pbx.send(r.node, m.answer("486 Busy Here", "p"))
	rings.receive(2*time.Second, "SIP/2.0 486")
	rings.send(r.node, method(inviteTo(r.node, rings.addr(), "rings"), "ACK"))

	list := c.packets(t)
	for what, want := range map[string][2]string{
		"404 INVITE": {"REL cause 1 location 10", "Q.850;cause=1"}, "503 INVITE": {"REL cause 127 location 10", "Q.850;cause=127"},
	} {
		found := sent(list, r.node, trunk, what)
		if len(found) == 0 || found[0].isup != want[0] || found[0].malformed || strings.Join(found[0].header("Reason"), "|") != want[1] {
			t.Errorf("%s: %+v, want %s", what, found, want)
		}
	}
	if t.Failed() {
		logFlow(t, list)
	}
}
