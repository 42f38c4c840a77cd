package e2e_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// What a trunk hears in ISUP, row by row of docs/isup-replies.md: SIPp calls with binary ISUP, tshark reads.

// said is a message on the hop between the trunk and its next hop, with the ISUP in it as tshark reads it; none: "".
type said struct{ what, isup string }

// spoken is a call with what the trunk must hear.
type spoken struct {
	name, pbx, trunk, status string
	settings                 string // of the trunk, YAML
	label                    string // of the INVITE's ISUP part
	edge                     bool   // through Kamailio
	up                       []said // to the trunk
	reasons                  map[string]string
	wait                     time.Duration // for the end of the call; 0: 15 s
	indicators               string        // of the first ACM or CON, as tshark reads them; empty: any
}

func TestISUPReplies(t *testing.T) {
	const queued = "ACM status 0 in-band 1"
	speak(t, []spoken{
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
		{name: "Silent", pbx: "pbx-silent.xml", trunk: "trunk-is-refused.xml", status: "408 Request Timeout", wait: 45 * time.Second,
			up: []said{{"408 INVITE", "REL cause 127 location 10"}}},
		{name: "Cancelled", pbx: "pbx-cancelled.xml", trunk: "trunk-cancels.xml", edge: true,
			up:      []said{{"180 INVITE", "ACM status 1"}, {"200 CANCEL", ""}, {"487 INVITE", ""}},
			reasons: map[string]string{"CANCEL": "Q.850;cause=31"}},
		{name: "ReleasedByPBX", pbx: "pbx-hangs-up.xml", trunk: "trunk-is-released.xml",
			up: []said{{"180 INVITE", "ACM status 1"}, {"BYE", "REL cause 16 location 10"}}},
		{name: "ThroughKamailio", pbx: "pbx-hangs-up.xml", trunk: "trunk-is-released.xml", edge: true,
			up: []said{{"180 INVITE", "ACM status 1"}, {"200 INVITE", "ANM status 0"}, {"BYE", "REL cause 16 location 10"}}},
	})
}

// TestISUPRepliesOfTrunk: the same rows as a trunk's own settings have them.
func TestISUPRepliesOfTrunk(t *testing.T) {
	const rfc3398, queued = "cause_profile: rfc3398", "ACM status 0 in-band 1"
	speak(t, []spoken{
		{name: "RFC3398AnswerAfterRinging", settings: rfc3398, pbx: "pbx-answer.xml", trunk: "trunk-isup.xml", indicators: "charge 2 category 1 interworking 0",
			up: []said{{"180 INVITE", "ACM status 1"}, {"200 INVITE", "ANM"}, {"200 INFO", ""}, {"200 BYE", "RLC"}}},
		{name: "RFC3398AnswerAtOnce", settings: rfc3398, pbx: "pbx-connects.xml", trunk: "trunk-isup.xml",
			up: []said{{"200 INVITE", "CON status 1"}, {"200 BYE", "RLC"}}},
		{name: "RFC3398Announcement", settings: rfc3398, pbx: "pbx-announces.xml", trunk: "trunk-isup.xml",
			up: []said{{"183 INVITE", queued}, {"182 INVITE", "CPG event 2"}, {"180 INVITE", "CPG event 1"}, {"200 INVITE", "ANM"}}},
		{name: "RFC3398PRACKAndUPDATE", settings: rfc3398, pbx: "pbx-early.xml", trunk: "trunk-early.xml", edge: true,
			up: []said{{"183 INVITE", queued}, {"200 PRACK", ""}, {"200 UPDATE", ""}, {"200 INVITE", "ANM"}, {"200 BYE", "RLC"}}},
		{name: "RFC3398Busy", settings: rfc3398, pbx: "pbx-refuses.xml", trunk: "trunk-is-refused.xml", status: "486 Busy Here",
			up: []said{{"180 INVITE", "ACM status 1"}, {"486 INVITE", "REL cause 17 location 10"}}},
		{name: "RFC3398Rejected", settings: rfc3398, pbx: "pbx-refuses.xml", trunk: "trunk-is-refused.xml", status: "603 Decline",
			up: []said{{"603 INVITE", "REL cause 21 location 0"}}},
		{name: "RFC3398NoAnswer", settings: rfc3398, pbx: "pbx-refuses.xml", trunk: "trunk-is-refused.xml", status: "480 Temporarily Unavailable",
			up: []said{{"480 INVITE", "REL cause 18 location 10"}}},
		{name: "RFC3398WithinTheDialog", settings: rfc3398, pbx: "pbx-dialog.xml", trunk: "trunk-dialog.xml",
			up: []said{{"200 INFO", ""}, {"200 UPDATE", ""}, {"200 MESSAGE", ""}, {"INFO", ""}, {"UPDATE", ""}, {"INVITE", ""}, {"200 BYE", "RLC"}}},
		{name: "RFC3398Silent", settings: rfc3398, pbx: "pbx-silent.xml", trunk: "trunk-is-refused.xml", status: "408 Request Timeout", wait: 45 * time.Second,
			up: []said{{"408 INVITE", "REL cause 102 location 10"}}},
		{name: "RFC3398Cancelled", settings: rfc3398, pbx: "pbx-cancelled.xml", trunk: "trunk-cancels.xml",
			up:      []said{{"180 INVITE", "ACM status 1"}, {"200 CANCEL", ""}, {"487 INVITE", ""}},
			reasons: map[string]string{"CANCEL": "Q.850;cause=31"}},
		{name: "RFC3398ReleasedByPBX", settings: rfc3398, pbx: "pbx-hangs-up.xml", trunk: "trunk-is-released.xml",
			up: []said{{"180 INVITE", "ACM status 1"}, {"BYE", "REL cause 16 location 0"}}},
		{name: "OwnCauseAndLocation", settings: "causes: {480: 19}, isup: {location: LN}", pbx: "pbx-refuses.xml", trunk: "trunk-is-refused.xml",
			status: "480 Temporarily Unavailable", up: []said{{"480 INVITE", "REL cause 19 location 2"}}},
		{name: "OwnCauseBeforeRFC3398", settings: rfc3398 + ", causes: {486: 34}", pbx: "pbx-refuses.xml", trunk: "trunk-is-refused.xml",
			status: "486 Busy Here", up: []said{{"486 INVITE", "REL cause 34 location 10"}}},
		{name: "OwnIndicators", settings: "isup: {charge: no-charge, category: payphone, interworking: no, location: RPN}", pbx: "pbx-hangs-up.xml",
			trunk: "trunk-is-released.xml", indicators: "charge 1 category 2 interworking 0",
			up: []said{{"180 INVITE", "ACM status 1"}, {"BYE", "REL cause 16 location 5"}}},
		{name: "ANSI", label: "application/ISUP;version=ansi00;base=ansi00", pbx: "pbx-connects.xml", trunk: "trunk-isup.xml",
			up: []said{{"200 INVITE", "ANM status 0"}, {"200 BYE", "RLC"}}},
		{name: "ANSIByTrunk", settings: "isup_variant: ansi", label: "application/ISUP;version=X-ours", pbx: "pbx-hangs-up.xml", trunk: "trunk-is-released.xml",
			up: []said{{"180 INVITE", "ACM status 1"}, {"200 INVITE", "ANM status 0"}, {"BYE", "REL cause 16"}}}, // tshark shows no location in ANSI
	})
}

// speak has each of the calls made, and reads what was said.
func speak(t *testing.T, calls []spoken) {
	need(t, "sipp", "tshark", "dumpcap")
	for _, tc := range calls {
		t.Run(tc.name, func(t *testing.T) {
			if tc.edge {
				need(t, "kamailio")
			}
			t.Parallel()
			r := newRig(t, options{direct: !tc.edge, trunks: isupTrunk(tc.settings)})
			c := plainCall
			c.Status, c.Reason, c.Label = tc.status, tc.reasons["CANCEL"], tc.label
			wait := tc.wait
			if wait == 0 {
				wait = 15 * time.Second
			}
			list := withoutProbes(r.callWithin(t, wait, c, tc.pbx, tc.trunk))
			r.heard(t, list, tc.up)
			for what, reason := range tc.reasons {
				p := sent(list, r.node, r.pbx, what)
				if len(p) == 0 || strings.Join(p[0].header("Reason"), "|") != reason {
					t.Errorf("%d %s at the PBX, wanted with Reason %s", len(p), what, reason)
				}
			}
			if got := firstIndicators(list); tc.indicators != "" && got != tc.indicators {
				t.Errorf("indicators %s, want %s", got, tc.indicators)
			}
			if t.Failed() {
				logFlow(t, list)
			}
		})
	}
}

// isupTrunk is a trunk that identifies by ISUP, with further settings.
func isupTrunk(settings string) string {
	if settings != "" {
		settings = ", " + settings
	}
	return fmt.Sprintf("  - {name: alpha, sources: [%s/32, %s/32], identify: [isup-original-called, diversion]%s}\n", trunkIP, trunk2IP, settings)
}

// firstIndicators are the backward call indicators that were said first.
func firstIndicators(list []packet) string {
	for _, p := range list {
		if p.indicators != "" {
			return p.indicators
		}
	}
	return ""
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

// Refusals of sipid itself: 404 for a caller who is not identified, 484 for further digits, 503 while it ends.
func TestISUPInOwnRefusals(t *testing.T) {
	need(t, "sipp", "tshark", "dumpcap")
	for profile, want := range map[string]map[string][2]string{
		"q1912.5": {"404 INVITE": {"REL cause 1 location 10", "Q.850;cause=1"}, "484 INVITE": {"REL cause 28 location 10", "Q.850;cause=28"},
			"503 INVITE": {"REL cause 127 location 10", "Q.850;cause=127"}},
		"rfc3398": {"404 INVITE": {"REL cause 1 location 10", "Q.850;cause=1"}, "484 INVITE": {"REL cause 28 location 10", "Q.850;cause=28"},
			"503 INVITE": {"REL cause 41 location 10", "Q.850;cause=41"}},
		"q1912.5, causes: {503: 42}": {"404 INVITE": {"REL cause 1 location 10", "Q.850;cause=1"}, "503 INVITE": {"REL cause 42 location 10", "Q.850;cause=42"}},
	} {
		t.Run(profile, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, options{direct: true, plain: true, trunks: isupTrunk("unidentified: reject, cause_profile: " + profile)})
			list := r.ownRefusals(t)
			for what, want := range want {
				found := sent(list, r.node, netip.AddrPortFrom(trunkIP, 0), what)
				if len(found) == 0 || found[0].isup != want[0] || found[0].malformed || strings.Join(found[0].header("Reason"), "|") != want[1] {
					t.Errorf("%s: %+v, want %s", what, found, want)
				}
			}
			if t.Failed() {
				logFlow(t, list)
			}
		})
	}
}

// ownRefusals provokes them, and gives what was on the wire.
func (r *rig) ownRefusals(t *testing.T) []packet {
	t.Helper()
	trunk, pbx := at(t, trunkIP), dialUDP(t, r.pbx)
	c := startCapture(t, r.node, trunk)
	refused := func(isup []byte, status string) {
		sipp := startSIPp(t, "trunk-is-refused.xml", call{IAM: isup, Status: status}, trunk, r.node)
		if err := sipp.wait(10 * time.Second); err != nil {
			t.Fatal(err)
		}
	}
	refused(iam("999900000042"), "404 Caller Not Identified")
	refused([]byte{0x02, 0x02, 0x00, 0x03, 0x00, 0x21, 0x43}, "484 Address Incomplete") // SAM, 1234

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
	return c.packets(t)
}
