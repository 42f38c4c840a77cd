package proxy_test

import (
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"sipid/proxy"
	"sipid/router"
	"sipid/sipi"
)

// own takes the ISUP out of a refusal of ours, and checks its Reason.
func own(t *testing.T, m message, reason, isup string) {
	t.Helper()
	if got := m.one(t, "Reason"); got != reason {
		t.Errorf("Reason: %s, want %s", got, reason)
	}
	if got := isupIn(t, m, ""); got != isup {
		t.Errorf("ISUP %s, want %s", got, isup)
	}
}

// TestOwnRefusals: what sipid answers by itself carries a REL, which no other
// proxy does.
func TestOwnRefusals(t *testing.T) {
	rejecting := func(profile string) func(*proxy.Options, *router.Config) {
		return trunkIs(func(t *router.Trunk) { t.Reject, t.CauseProfile = true, profile })
	}
	unknown := strings.Replace(iam, "\x03\x10\x01\x10", "\x03\x10\x99\x99", 1)
	disabled := strings.Replace(iam, "\x03\x10\x01\x10", "\x03\x10\x01\x20", 1)
	hops := func(text string) string { return strings.Replace(text, "Max-Forwards: 70", "Max-Forwards: 0", 1) }
	as := func(text string) string { return text }
	for name, c := range map[string]struct {
		change             func(*proxy.Options, *router.Config)
		isup               string
		edit               func(string) string
		begin              string
		status, cause, rel string
	}{
		"not identified":          {rejecting("q1912.5"), unknown, as, "", "404", "1", "0c0200028a81"},
		"disabled":                {rejecting("q1912.5"), disabled, as, "", "480", "20", "0c0200028a94"},
		"disabled by RFC 3398":    {rejecting("rfc3398"), disabled, as, "", "480", "18", "0c0200028a92"},
		"not allowed":             {trunkIs(func(t *router.Trunk) { t.Reject, t.AccessIDs = true, []string{"20*"} }), iam, as, "", "403", "127", "0c0200028aff"},
		"not allowed by RFC 3398": {trunkIs(func(t *router.Trunk) { t.Reject, t.AccessIDs, t.CauseProfile = true, []string{"20*"}, "rfc3398" }), iam, as, "", "403", "21", "0c0200028a95"},
		"too many hops":           {nil, iam, hops, "", "483", "127", "0c0200028aff"},
		"hops by RFC 3398":        {rfc3398, iam, hops, "", "483", "25", "0c0200028a99"},
		"extension": {nil, iam, func(s string) string {
			return strings.Replace(s, "MIME-Version", "Proxy-Require: x\r\nMIME-Version", 1)
		}, "", "420", "127", "0c0200028aff"},
		"foreign route": {rfc3398, iam, func(s string) string {
			return strings.Replace(s, "MIME-Version", "Route: <sip:a.example;lr>\r\nMIME-Version", 1)
		}, "", "403", "21", "0c0200028a95"},
		"overlap": {nil, "\x02\x02\x00\x03\x00\x21\x43", as, "", "484", "28", "0c0200028a9c"},
		"malformed": {rfc3398, iam, func(s string) string {
			return strings.Replace(s, "MIME-Version", "Max-Forwards: 69\r\nMIME-Version", 1)
		}, "", "400", "41", "0c0200028aa9"},
		"malformed, a short datagram": {rfc3398, iam, func(s string) string {
			return strings.Replace(s, "Content-Length: ", "Content-Length: 9", 1)
		}, "", "400", "41", "0c0200028aa9"},
		"malformed, no ISUP": {rfc3398, "", func(s string) string {
			return strings.Replace(strings.Replace(s, "application/isup", "application/none", 1), "MIME-Version", "Max-Forwards: 69\r\nMIME-Version", 1)
		}, "", "400", "41", ""},
		"malformed within a call": {rfc3398, iam, func(s string) string {
			return strings.Replace(s, "To: <sip:95165@10.0.0.5>", "To: <sip:95165@10.0.0.5;tag=x", 1)
		}, "", "400", "41", ""},
		"own cause for a status": {trunkIs(func(t *router.Trunk) { t.Causes = map[int]uint8{483: 25} }), iam, hops, "", "483", "25", "0c0200028a99"},
	} {
		t.Run(name, func(t *testing.T) {
			run(t, c.change, func(r *rig) {
				text := c.edit(call{id: "o", branch: "z9hG4bKo", isup: c.isup}.invite())
				r.trunk.send(text)
				got := r.trunk.get("SIP/2.0 " + c.status)
				own(t, got, "Q.850;cause="+c.cause, c.rel)
				r.trunk.send(call{id: "o", branch: "z9hG4bKo"}.ackRefusal(got))
				r.trunk.send(text) // once more: the same octets
				if again := r.trunk.get("SIP/2.0 " + c.status); again != got {
					t.Errorf("again:\n%s\nfirst:\n%s", again, got)
				}
				r.pbx.quiet(time.Second)
			})
		})
	}
	t.Run("draining", func(t *testing.T) {
		run(t, nil, func(r *rig) {
			r.proxy.Drain()
			r.trunk.send(call{id: "o", branch: "z9hG4bKo"}.invite())
			own(t, r.trunk.get("SIP/2.0 503"), "Q.850;cause=127", "0c0200028aff")
		})
	})
	t.Run("nobody answers", func(t *testing.T) {
		run(t, rfc3398, func(r *rig) {
			c := call{id: "o", branch: "z9hG4bKo"}
			r.trunk.send(c.invite())
			r.trunk.get("SIP/2.0 100")
			time.Sleep(31900 * time.Millisecond)
			got := r.trunk.get("SIP/2.0 408")
			own(t, got, "Q.850;cause=102", "0c0200028ae6")
			if again := r.trunk.get("SIP/2.0 408"); again != got { // timer G
				t.Errorf("again:\n%s\nfirst:\n%s", again, got)
			}
			r.trunk.send(c.ackRefusal(got))
		})
	})
	t.Run("no ISUP came", func(t *testing.T) {
		run(t, nil, func(r *rig) {
			r.trunk.send(hops(call{id: "o", branch: "z9hG4bKo"}.bare()))
			own(t, r.trunk.get("SIP/2.0 483"), "Q.850;cause=127", "")
		})
	})
	t.Run("to a PBX", func(t *testing.T) {
		run(t, nil, func(r *rig) {
			r.pbx.send(call{id: "o", branch: "z9hG4bKo"}.invite())
			own(t, r.pbx.get("SIP/2.0 403"), "Q.850;cause=127", "")
		})
	})
	t.Run("within a call", func(t *testing.T) {
		run(t, nil, func(r *rig) {
			text := strings.Replace(call{id: "o", branch: "z9hG4bKo"}.invite(), "To: <sip:95165@10.0.0.5>", "To: <sip:95165@10.0.0.5>;tag=x", 1)
			r.trunk.send(text)
			own(t, r.trunk.get("SIP/2.0 481"), "Q.850;cause=127", "")
		})
	})
}

// multipartOf gives SDP, if any, and ISUP in one body.
func multipartOf(sdp, isup string) string {
	body := ""
	if sdp != "" {
		body = "--b1\r\nContent-Type: application/sdp\r\n\r\n" + sdp + "\r\n"
	}
	return body + "--b1\r\nContent-Type: application/isup;version=itu-t92+\r\n\r\n" + isup + "\r\n--b1--\r\n"
}

const multipart = "multipart/mixed;boundary=b1"

// TestReleaseByTrunk: the REL in a BYE becomes a Reason, the 200 gets an RLC.
func TestReleaseByTrunk(t *testing.T) {
	rel := "\x0c\x02\x00\x03\x03\x80\x9f" // a recommendation octet, cause 31 of a transit network
	for name, c := range map[string]struct {
		contentType, body, lines, reason string
	}{
		"nothing":           {"", "", "", ""},
		"REL":               {"application/ISUP;version=itu-t92+", "\x0c\x02\x00\x02\x82\x90", "", "Q.850;cause=16;location=LN"},
		"REL in multipart":  {multipart, multipartOf("", rel), "", "Q.850;cause=31;location=TN"},
		"Reason too":        {"application/isup", rel, "Reason: Q.850;cause=16\r\n", "Q.850;cause=16"},
		"Reason of SIP too": {"application/isup", rel, "Reason: SIP;cause=200\r\n", "SIP;cause=200|Q.850;cause=31;location=TN"},
		"ANSI cause":        {"application/isup", "\x0c\x02\x00\x02\xc2\x90", "", ""},
		"truncated":         {"application/isup", "\x0c\x02\x00\x02\x80", "", ""},
		"not a REL":         {"application/isup", "\x10\x00", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			run(t, nil, func(r *rig) {
				k := call{id: "b", branch: "z9hG4bKb"}
				_, ok := r.answered(k)
				r.trunk.send(withBody(k.inDialog("BYE", "z9hG4bKbye", 2, ok, c.lines), c.contentType, c.body))
				bye := r.pbx.get("BYE")
				if got := strings.Join(bye.all("Reason"), "|"); got != c.reason {
					t.Errorf("Reason: %s, want %s", got, c.reason)
				}
				if bye.body() != "" || len(bye.all("Content-Type")) != 0 || bye.one(t, "Content-Length") != "0" {
					t.Errorf("the PBX got a body:\n%q", bye)
				}
				r.pbx.send(bye.answer("200 OK", ""))
				if got := isupIn(t, r.trunk.get("SIP/2.0 200"), ""); got != "1000" {
					t.Errorf("ISUP %s, want RLC", got)
				}
			})
		})
	}
	t.Run("the PBX knows no such call", func(t *testing.T) {
		run(t, nil, func(r *rig) {
			k := call{id: "b", branch: "z9hG4bKb"}
			_, ok := r.answered(k)
			r.trunk.send(k.inDialog("BYE", "z9hG4bKbye", 2, ok, ""))
			r.pbx.send(r.pbx.get("BYE").answer("481 Call/Transaction Does Not Exist", ""))
			if got := isupIn(t, r.trunk.get("SIP/2.0 481"), ""); got != "" {
				t.Errorf("ISUP %s", got)
			}
		})
	})
}

// TestReleaseByPBX: a BYE of the PBX carries a REL to the trunk; what the trunk
// answers loses its RLC.
func TestReleaseByPBX(t *testing.T) {
	for name, c := range map[string]struct {
		change      func(*proxy.Options, *router.Config)
		reason, rel string
	}{
		"user hangs up":             {nil, "", "0c0200028a90"},
		"user hangs up by RFC 3398": {rfc3398, "", "0c0200028090"},
		"cause":                     {nil, "Q.850;cause=41", "0c0200028aa9"},
		"cause and location":        {rfc3398, "Q.850 ;cause=27 ;location=RPN", "0c020002859b"},
		"location of the trunk":     {trunkIs(func(t *router.Trunk) { t.ISUP.Location = "LPN" }), "", "0c0200028190"},
	} {
		t.Run(name, func(t *testing.T) {
			run(t, c.change, func(r *rig) {
				k := call{id: "b", branch: "z9hG4bKb"}
				invite, _ := r.answered(k)
				text := k.fromPBX("BYE", "z9hG4bKbye", invite)
				if c.reason != "" {
					text = strings.Replace(text, "Max-Forwards", "Reason: "+c.reason+"\r\nMax-Forwards", 1)
				}
				r.pbx.send(text)
				bye := r.trunk.get("BYE")
				if got := isupIn(t, bye, ""); got != c.rel {
					t.Errorf("ISUP %s, want %s", got, c.rel)
				}
				if again := r.trunk.get("BYE"); again != bye { // timer E
					t.Errorf("again:\n%q\nfirst:\n%q", again, bye)
				}
				r.trunk.send(withBody(bye.answer("200 OK", ""), "application/isup", "\x10\x00"))
				got := r.pbx.get("SIP/2.0 200")
				if got.body() != "" || len(got.all("Content-Type")) != 0 {
					t.Errorf("the PBX got a body:\n%q", got)
				}
			})
		})
	}
}

// TestLongReleaseByPBX: a BYE that a REL makes too long for its datagram leaves
// without one.
func TestLongReleaseByPBX(t *testing.T) {
	for name, c := range map[string]struct {
		length int // of the BYE as the PBX sends it
		rel    string
		long   bool
	}{
		"fits with its REL":    {65000, "0c0200028a90", false},
		"fits without its REL": {65380, "", false},
		"fits in no way":       {65507, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			run(t, nil, func(r *rig) {
				k := call{id: "b", branch: "z9hG4bKb"}
				invite, _ := r.answered(k)
				text := k.fromPBX("BYE", "z9hG4bKbye", invite)
				frame := len(withBody(text, "text/plain", strings.Repeat(".", 60000))) - 60000
				body := strings.Repeat(".", c.length-frame)
				r.pbx.send(withBody(text, "text/plain", body))
				if c.long {
					r.pbx.get("SIP/2.0 513")
					return
				}
				bye := r.trunk.get("BYE")
				if !strings.Contains(bye.body(), body) || len(bye) > 65507 {
					t.Errorf("%d octets at the trunk", len(bye))
				}
				var b sipi.Body
				if err := b.Split(sipi.Headers{ContentType: []byte(bye.one(t, "Content-Type"))}, []byte(bye.body())); err != nil {
					t.Fatal(err)
				}
				rel := ""
				if part := b.First(sipi.ISUP); part != nil {
					rel = hex.EncodeToString(part.Content)
				}
				if rel != c.rel {
					t.Errorf("REL %q, want %q", rel, c.rel)
				}
			})
		})
	}
}

// TestISUPWithin: what else a trunk says in ISUP within a call.
func TestISUPWithin(t *testing.T) {
	sus := "\x0d\x01\x00"
	pass := func(_ *proxy.Options, c *router.Config) { c.Groups[0].ISUPInfo = router.InfoPass }
	keep := func(_ *proxy.Options, c *router.Config) { c.Groups[0].Body = router.BodyKeep }
	within := func(t *testing.T, change func(*proxy.Options, *router.Config), f func(r *rig, k call, invite, ok message)) {
		run(t, change, func(r *rig) {
			k := call{id: "w", branch: "z9hG4bKw"}
			invite, ok := r.answered(k)
			f(r, k, invite, ok)
		})
	}
	info := func(r *rig, k call, ok message, contentType, body string) {
		r.trunk.send(withBody(k.inDialog("INFO", "z9hG4bKinfo", 2, ok, ""), contentType, body))
	}
	t.Run("INFO is answered here", func(t *testing.T) {
		within(t, nil, func(r *rig, k call, _, ok message) {
			for range 2 {
				info(r, k, ok, "application/isup", sus)
				if got := r.trunk.get("SIP/2.0 200"); got.one(t, "CSeq") != "2 INFO" || got.body() != "" {
					t.Errorf("answer\n%s", got)
				}
			}
			info(r, k, ok, multipart, multipartOf("", sus))
			r.trunk.get("SIP/2.0 200")
			r.pbx.quiet(time.Second)
		})
	})
	t.Run("INFO is passed", func(t *testing.T) {
		within(t, pass, func(r *rig, k call, _, ok message) {
			info(r, k, ok, "application/isup", sus)
			got := r.pbx.get("INFO")
			if got.body() != "" {
				t.Errorf("the PBX got ISUP:\n%q", got)
			}
			r.pbx.send(got.answer("200 OK", ""))
			if got := isupIn(t, r.trunk.get("SIP/2.0 200"), ""); got != "" {
				t.Errorf("ISUP %s", got)
			}
		})
	})
	t.Run("INFO with more is passed", func(t *testing.T) {
		within(t, nil, func(r *rig, k call, _, ok message) {
			info(r, k, ok, multipart, multipartOf(sdp, sus))
			if got := r.pbx.get("INFO"); got.body() != sdp {
				t.Errorf("body %q", got.body())
			}
			info(r, k, ok, "", "")
		})
	})
	t.Run("INFO to a PBX that takes it", func(t *testing.T) {
		within(t, keep, func(r *rig, k call, _, ok message) {
			info(r, k, ok, "application/isup", sus)
			if got := r.pbx.get("INFO"); got.body() != sus {
				t.Errorf("body %q", got.body())
			}
		})
	})
	t.Run("answer of the trunk", func(t *testing.T) {
		within(t, nil, func(r *rig, k call, invite, _ message) {
			r.pbx.send(withBody(k.fromPBX("INVITE", "z9hG4bKre", invite), "application/sdp", early))
			r.pbx.get("SIP/2.0 100")
			re := r.trunk.get("INVITE")
			if got := isupIn(t, re, early); got != "" {
				t.Errorf("ISUP %s", got)
			}
			for _, status := range []string{"183 Session Progress", "200 OK"} {
				r.trunk.send(withBody(re.answer(status, "", "Contact: <sip:10.1.0.7:5060>"), multipart, multipartOf(sdp, "\x2c\x02\x00")))
				if got := r.pbx.get("SIP/2.0 " + status); got.body() != sdp || got.one(t, "Content-Type") != "application/sdp" {
					t.Errorf("the PBX got\n%q", got)
				}
			}
			// Its 200 once more when everything is forgotten: still no ISUP.
			time.Sleep(40 * time.Second)
			r.trunk.send(withBody(re.answer("200 OK", "", "Contact: <sip:10.1.0.7:5060>"), multipart, multipartOf(sdp, "\x09\x00")))
			if got := r.pbx.get("SIP/2.0 200"); got.body() != sdp {
				t.Errorf("the PBX got\n%q", got)
			}
		})
	})
	t.Run("re-INVITE, UPDATE and PRACK", func(t *testing.T) {
		within(t, nil, func(r *rig, k call, _, ok message) {
			for i, method := range []string{"UPDATE", "PRACK", "INVITE"} {
				r.trunk.send(withBody(k.inDialog(method, "z9hG4bKw"+method, 2+i, ok, ""), multipart, multipartOf(sdp, "\x2c\x02\x00")))
				if method == "INVITE" {
					r.trunk.get("SIP/2.0 100")
				}
				got := r.pbx.get(method)
				if got.body() != sdp {
					t.Errorf("the PBX got\n%q", got)
				}
				status := "200 OK"
				if method == "INVITE" {
					status = "488 Not Acceptable Here"
				}
				r.pbx.send(withBody(got.answer(status, ""), "application/sdp", early))
				back := r.trunk.get("SIP/2.0 " + status[:3])
				if got := isupIn(t, back, early); got != "" {
					t.Errorf("%s: ISUP %s", method, got)
				}
			}
			r.pbx.get("ACK")
			r.trunk.send(call{id: k.id, branch: "z9hG4bKwINVITE"}.ackRefusal(ok))
		})
	})
	t.Run("a trunk that gets none", func(t *testing.T) {
		within(t, trunkIs(func(t *router.Trunk) { t.ISUPReplies = router.ISUPNever }), func(r *rig, k call, invite, ok message) {
			r.trunk.send(k.inDialog("BYE", "z9hG4bKbye", 2, ok, ""))
			r.pbx.send(r.pbx.get("BYE").answer("200 OK", ""))
			if got := r.trunk.get("SIP/2.0 200"); got.body() != "" {
				t.Errorf("ISUP in\n%q", got)
			}
			r.pbx.send(k.fromPBX("BYE", "z9hG4bKbye", invite))
			bye := r.trunk.get("BYE")
			if bye.body() != "" {
				t.Errorf("ISUP in\n%q", bye)
			}
			r.trunk.send(bye.answer("200 OK", ""))
			r.pbx.get("SIP/2.0 200")
		})
	})
}

// TestISUPOfCancelled: 487 after a CANCEL has no REL, and the Reason of the
// CANCEL goes on.
func TestISUPOfCancelled(t *testing.T) {
	run(t, rfc3398, func(r *rig) {
		c := call{id: "c", branch: "z9hG4bKc"}
		r.trunk.send(c.invite())
		r.trunk.get("SIP/2.0 100")
		invite := r.pbx.get("INVITE")
		r.pbx.send(invite.answer("180 Ringing", "agent"))
		if got := isupIn(t, r.trunk.get("SIP/2.0 180"), ""); got != "06160400" {
			t.Errorf("ISUP %s", got)
		}
		r.trunk.send(c.cancel("Reason: Q.850;cause=31;location=LN\r\n"))
		if got := r.trunk.get("SIP/2.0 200"); got.body() != "" {
			t.Errorf("ISUP in\n%q", got)
		}
		cancel := r.pbx.get("CANCEL")
		if got := cancel.one(t, "Reason"); got != "Q.850;cause=31;location=LN" {
			t.Errorf("Reason: %s", got)
		}
		r.pbx.send(invite.answer("487 Request Terminated", "agent"))
		r.pbx.get("ACK")
		got := r.trunk.get("SIP/2.0 487")
		if got.body() != "" {
			t.Errorf("ISUP in\n%q", got)
		}
		r.trunk.send(c.ackRefusal(got))
	})
}

// TestISUPOfAllRefused: when no target takes the call, the best refusal goes up
// with its REL.
func TestISUPOfAllRefused(t *testing.T) {
	run(t, two, func(r *rig) {
		c := call{id: "f", branch: "z9hG4bKf"}
		pbx2 := r.peer(pbx2Addr)
		r.pbx.send(r.offered(c).answer("500 Server Internal Error", "a"))
		r.pbx.get("ACK")
		pbx2.send(pbx2.get("INVITE").answer("503 Service Unavailable", "b", "Reason: Q.850;cause=42"))
		pbx2.get("ACK")
		got := r.trunk.get("SIP/2.0 500")
		if isup := isupIn(t, got, ""); isup != "0c0200028aff" {
			t.Errorf("ISUP %s", isup)
		}
		r.trunk.send(c.ackRefusal(got))
	})
}
