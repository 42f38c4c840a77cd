package proxy_test

import (
	"strings"
	"testing"

	"sipid/proxy"
	"sipid/router"
)

// byPlainSuffix makes the first trunk find callers behind the access number.
func byPlainSuffix(_ *proxy.Options, c *router.Config) {
	c.Trunks[0].Identify = []router.Source{router.SourceISUPOriginalCalled, router.SourceCalledSuffix}
	c.Trunks[0].AccessNumbers = []string{"95165"}
	c.Trunks[0].DirectClient = "1001"
}

// suffixInvite is plain SIP with a caller behind the access number.
func suffixInvite(id string, lines ...string) string {
	return strings.Join(append([]string{
		"INVITE sip:9516513800138000@10.0.0.5 SIP/2.0", "Via: SIP/2.0/UDP 10.1.0.7:5060;branch=z9hG4bK" + id,
		"Max-Forwards: 70", "From: <sip:057188888888@10.1.0.7>;tag=a", "To: <sip:9516513800138000@10.0.0.5>", "Call-ID: " + id,
		"CSeq: 1 INVITE", "Contact: <sip:10.1.0.7:5060>",
	}, append(lines, "Content-Length: 0", "", "")...), "\r\n")
}

// carried lets an INVITE through and ends the call with a refusal of the PBX.
func (r *rig) carried(text string) message {
	r.trunk.send(text)
	r.trunk.get("SIP/2.0 100")
	invite := r.pbx.get("INVITE")
	r.pbx.send(invite.answer("486 Busy Here", "b"))
	r.pbx.get("ACK")
	r.trunk.get("SIP/2.0 486")
	return invite
}

func TestCalledSuffix(t *testing.T) {
	run(t, byPlainSuffix, func(r *rig) {
		shown := r.carried(suffixInvite("s1", "x_calling-number: 1", "P-Asserted-Identity: <sip:057188888888@a>"))
		if got := shown.one(t, "X-Calling-Number"); got != "13800138000" || shown.one(t, "X-Identify-Source") != "called-suffix" {
			t.Errorf("X-Calling-Number %s in\n%s", got, shown)
		}
		if n := len(shown.all("x_calling-number")) + len(shown.all("X-Access-ID")) + len(shown.all("X-Serial")); n != 0 {
			t.Errorf("%d headers too many in\n%s", n, shown)
		}
	})
}

// Who asks for privacy is identified, but not shown.
func TestPrivacyHidesTheCaller(t *testing.T) {
	run(t, byPlainSuffix, func(r *rig) {
		hidden := r.carried(suffixInvite("s2", "Privacy: id"))
		if hidden.one(t, "X-Identify-Status") != "resolved" || len(hidden.all("X-Calling-Number")) != 0 || hidden.one(t, "Privacy") != "id" {
			t.Errorf("the caller shows in\n%s", hidden)
		}
	})
}

// What the ISUP part alone says of the caller's number is said in SIP when it is
// taken out. What the message says itself stays.
func TestISUPRestrictionBecomesPrivacy(t *testing.T) {
	restricted := strings.Replace(iam, "\x0a\x08\x83\x13", "\x0a\x08\x83\x17", 1)
	if restricted == iam {
		t.Fatal("the IAM has no calling party number")
	}
	run(t, nil, func(r *rig) {
		for _, tc := range []struct{ id, isup, lines, want string }{
			{"p1", iam, "", ""},
			{"p2", restricted, "", "id"},
			{"p3", restricted, "Privacy: none\r\n", "none"},
		} {
			got := r.carried(call{id: tc.id, branch: "z9hG4bK" + tc.id, isup: tc.isup, lines: tc.lines}.invite())
			if strings.Join(got.all("Privacy"), ",") != tc.want || got.one(t, "X-Identify-Status") != "resolved" {
				t.Errorf("%s: Privacy %q, want %q", tc.id, got.all("Privacy"), tc.want)
			}
		}
	})
}

// Two called numbers that differ are counted, and no more.
func TestCalledMismatchIsCounted(t *testing.T) {
	run(t, nil, func(r *rig) {
		r.carried(call{id: "m1", branch: "z9hG4bKm1"}.invite())
		if n := r.counted("sipid_called_mismatches_total"); n != 0 {
			t.Errorf("%v counted of a call whose numbers are the same", n)
		}
		r.carried(strings.Replace(call{id: "m2", branch: "z9hG4bKm2"}.invite(), "INVITE sip:95165@", "INVITE sip:95166@", 1))
		if n := r.counted("sipid_called_mismatches_total"); n != 1 {
			t.Errorf("%v counted, want 1", n)
		}
	})
}

// counted is a counter without labels.
func (r *rig) counted(name string) float64 {
	r.t.Helper()
	families, err := r.reg.Gather()
	if err != nil {
		r.t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == name {
			return f.GetMetric()[0].GetCounter().GetValue()
		}
	}
	r.t.Fatalf("no metric %s", name)
	return 0
}
