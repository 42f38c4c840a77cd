package proxy_test

import (
	"fmt"
	"strings"
	"testing"

	"sipid/isupbody"
	"sipid/proxy"
	"sipid/router"
)

// callingIAM is an IAM with a calling party number; empty: with none.
func callingIAM(t *testing.T, digits string, presentation isupbody.Presentation) string {
	t.Helper()
	called, err := isupbody.NewNumber("95165")
	if err != nil {
		t.Fatal(err)
	}
	m := isupbody.NewIAM(called)
	for _, p := range []struct {
		name   isupbody.ParameterName
		digits string
	}{{isupbody.ParamOriginalCalledNumber, "100100000042"}, {isupbody.ParamCallingPartyNumber, digits}} {
		if p.digits == "" {
			continue
		}
		n, err := isupbody.NewNumber(p.digits)
		if err != nil {
			t.Fatal(err)
		}
		n.Presentation = presentation
		contents, err := n.AppendContents(nil, p.name)
		if err != nil {
			t.Fatal(err)
		}
		m.Optional = append(m.Optional, isupbody.Parameter{Name: p.name, Contents: contents})
	}
	b, err := m.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Who calls is the trunk's P-Asserted-Identity, its From, or its IAM, in this order, and nobody who wants to stay unknown.
func TestCaller(t *testing.T) {
	open := callingIAM(t, "57188880000", isupbody.PresentationAllowed)
	const from = "<sip:057188888888@10.1.0.7>"
	tests := []struct{ name, from, lines, isup, want string }{
		{"From", from, "", open, "057188888888 false"},
		{"asserted", from, "P-Asserted-Identity: \"A, B\" <sip:+86-571(8765).4321;cpc=ordinary@10.1.0.7;user=phone>\r\n", open, "+8657187654321 false"},
		{"asserted, a tel URI second", from, "P-Asserted-Identity: <sip:switchboard@10.1.0.7>, <tel:+8657187654321>\r\n", open, "+8657187654321 false"},
		{"no number but in the IAM", "<sip:switchboard@10.1.0.7>", "", open, "57188880000 false"},
		{"no number at all", "<sip:switchboard@10.1.0.7>", "", callingIAM(t, "", 0), " false"},
		{"too long", "<sip:" + strings.Repeat("1", 33) + "@10.1.0.7>", "", callingIAM(t, "", 0), " false"},
		{"restricted in the IAM", from, "", callingIAM(t, "57188880000", isupbody.PresentationRestricted), " true"},
		{"Privacy id", from, "Privacy: critical;ID\r\n", open, " true"},
		{"Privacy in the second header", from, "Privacy: none\r\nPrivacy: user\r\n", open, " true"},
		{"Privacy none", from, "Privacy: none\r\n", open, "057188888888 false"},
		{"anonymous user", "\"Anonymous\" <sip:Anonymous@10.1.0.7>", "P-Asserted-Identity: <sip:057188888888@10.1.0.7>\r\n", open, " true"},
		{"anonymous host", "<sip:c8oqz84zk7z@anonymous.INVALID>", "", open, " true"},
	}
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			observed := func(o *proxy.Options, _ *router.Config) {
				o.Observe = func(e proxy.Event) {
					if e.Call != nil {
						got = fmt.Sprint(e.Call.Caller, " ", e.Call.Withheld)
					}
				}
			}
			run(t, observed, func(r *rig) {
				c := call{id: "c", branch: fmt.Sprintf("z9hG4bKc%d", i), isup: tt.isup, lines: tt.lines}
				r.trunk.send(strings.Replace(c.invite(), from, tt.from, 1))
				r.trunk.get("SIP/2.0 100")
				r.pbx.get("INVITE")
			})
			if got != tt.want {
				t.Errorf("caller %q, want %q", got, tt.want)
			}
		})
	}
}
