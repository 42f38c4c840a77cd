package proxy_test

import (
	"encoding/base64"
	"encoding/hex"
	"net/netip"
	"strings"
	"testing"

	"sipid/proxy"
	"sipid/router"
)

// as gives an INVITE whose ISUP is text.
func as(text string) string { return call{id: "e", branch: "z9hG4bKe", isup: text}.invite() }

// TestISUPEncoding: text where binary is due is read only if the trunk says so;
// what the trunk gets is binary in any case.
func TestISUPEncoding(t *testing.T) {
	hexed, based := strings.ToUpper(hex.EncodeToString([]byte(iam))), base64.StdEncoding.EncodeToString([]byte(iam))
	for name, c := range map[string]struct{ encoding, isup, status string }{
		"binary":                      {"", iam, "resolved"},
		"hex that nobody announced":   {"", hexed, "malformed-isup"},
		"hex":                         {router.EncodingHex, hexed, "resolved"},
		"hex on lines":                {router.EncodingHex, hexed[:20] + "\r\n " + hexed[20:], "resolved"},
		"odd hex":                     {router.EncodingHex, hexed[1:], "malformed-isup"},
		"base64 of a trunk with hex":  {router.EncodingHex, based, "malformed-isup"},
		"base64":                      {router.EncodingBase64, based, "resolved"},
		"binary of a trunk with text": {router.EncodingBase64, iam, "resolved"},
	} {
		t.Run(name, func(t *testing.T) {
			run(t, trunkIs(func(t *router.Trunk) { t.ISUPEncoding = c.encoding }), func(r *rig) {
				r.trunk.send(as(c.isup))
				r.trunk.get("SIP/2.0 100")
				invite := r.pbx.get("INVITE")
				if got := invite.one(t, "X-Identify-Status"); got != c.status {
					t.Errorf("status %s, want %s", got, c.status)
				}
				if invite.body() != sdp {
					t.Errorf("the PBX got %q", invite.body())
				}
				r.pbx.send(invite.answer("486 Busy Here", "agent"))
				r.pbx.get("ACK")
				got := r.trunk.get("SIP/2.0 486")
				if isup := isupIn(t, got, ""); isup != "0c0200028a91" {
					t.Errorf("ISUP %s", isup)
				}
				r.trunk.send(call{id: "e", branch: "z9hG4bKe"}.ackRefusal(got))
			})
		})
	}
	t.Run("REL in a BYE", func(t *testing.T) {
		run(t, trunkIs(func(t *router.Trunk) { t.ISUPEncoding = router.EncodingHex }), func(r *rig) {
			k := call{id: "e", branch: "z9hG4bKe"}
			_, ok := r.answered(k)
			r.trunk.send(withBody(k.inDialog("BYE", "z9hG4bKbye", 2, ok, ""), "application/isup", "0c0200028290"))
			if got := r.pbx.get("BYE").one(t, "Reason"); got != "Q.850;cause=16;location=LN" {
				t.Errorf("Reason: %s", got)
			}
		})
	})
}

// TestExplainEncoding: route explain reads what serve reads, and says so.
func TestExplainEncoding(t *testing.T) {
	explain := func(encoding, isup string) string {
		t.Helper()
		r, err := router.New(router.Config{
			Trunks: []router.Trunk{{Name: "a", Sources: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}, ISUPEncoding: encoding, ISUPVariant: router.VariantANSI}},
			Groups: []router.Group{{Name: "default", Targets: []router.Target{{URI: "sip:10.2.0.10", Host: "10.2.0.10", Addr: pbxAddr}}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		e, err := proxy.Explain(r, []byte(as(isup)), trunkAddr, nil)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, s := range e.Decision.Trace.Steps {
			b.WriteString(s.Step + ": " + s.Detail + "\n")
		}
		return b.String()
	}
	for want, text := range map[string]string{
		"isup_encoding: the ISUP part is read from hex: ":                      explain(router.EncodingHex, hex.EncodeToString([]byte(iam))),
		"isup_encoding: the ISUP part is no such text and counts as it came\n": explain(router.EncodingBase64, iam),
		"isup_variant: read as itu; without a label it would be ansi\n":        explain(router.EncodingBinary, iam),
		"original_called_number: \"100100000042\"":                             explain(router.EncodingHex, hex.EncodeToString([]byte(iam))),
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if text := explain("", iam); strings.Contains(text, "isup_encoding") {
		t.Errorf("binary is explained:\n%s", text)
	}
}

// TestEncodingAllocates: text costs no allocation either, once there is room.
func TestEncodingAllocates(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	r, err := router.New(router.Config{
		Trunks: []router.Trunk{{Name: "a", Sources: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}, ISUPEncoding: router.EncodingHex}},
		Groups: []router.Group{{Name: "default", Targets: []router.Target{{URI: "sip:10.2.0.10", Host: "10.2.0.10", Addr: pbxAddr}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	id, err := proxy.NewIdentifier(r, []byte(as(hex.EncodeToString([]byte(iam)))))
	if err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(1000, func() { id.Identify() }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

// TestDispositionOfWhole: row 8 of what real networks send: a disposition of the
// whole message, which says nothing of its parts (RFC 5621 section 8.2). It goes
// with the multipart that it spoke of.
func TestDispositionOfWhole(t *testing.T) {
	run(t, nil, func(r *rig) {
		c := call{id: "e", branch: "z9hG4bKe"}
		r.trunk.send(strings.Replace(c.invite(), "MIME-Version", "Content-Disposition: signal;handling=optional\r\nMIME-Version", 1))
		r.trunk.get("SIP/2.0 100")
		invite := r.pbx.get("INVITE")
		if invite.one(t, "X-Identify-Status") != "resolved" || invite.body() != sdp || len(invite.all("Content-Disposition")) != 0 {
			t.Errorf("the PBX got\n%q", invite)
		}
	})
}
