package proxy_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sipid/proxy"
	"sipid/router"
)

func TestCallGoesThrough(t *testing.T) {
	run(t, nil, func(r *rig) {
		c := call{id: "c1", branch: "z9hG4bKc1", lines: "X-Serial: 66666666\r\nx_access-id: 1002\r\nX-Other: stays\r\n"}
		invite, _ := r.answered(c)

		want := map[string]string{
			"X-Access-ID": "1001", "X-Serial": "00000042", "X-Client-Name": "Hangzhou switchboard",
			"X-Client-Endpoint": "https://a.example/sipid", "X-Identify-Status": "resolved",
			"X-Identify-Source": "isup-original-called", "X-Other": "stays", "Max-Forwards": "69",
			"Content-Type": "application/sdp", "Call-ID": "c1", "Contact": "<sip:10.1.0.7:5060>",
		}
		for name, value := range want {
			if got := invite.one(t, name); got != value {
				t.Errorf("%s: %s, want %s", name, got, value)
			}
		}
		if n := len(invite.all("x_access-id")) + len(invite.all("MIME-Version")); n != 0 {
			t.Errorf("%d headers that must go are there:\n%s", n, invite)
		}
		if invite.body() != sdp {
			t.Errorf("body %q, want %q", invite.body(), sdp)
		}
		if !strings.HasPrefix(string(invite), "INVITE sip:95165@10.2.0.10:5060 SIP/2.0\r\n") {
			t.Errorf("start line of\n%s", invite)
		}
		vias := invite.all("Via")
		if len(vias) != 2 {
			t.Fatalf("%d Vias", len(vias))
		}
		matches(t, vias[0], `SIP/2\.0/UDP 10\.0\.0\.5:5060;rport;branch=z9hG4bK[a-z2-7]{34}`)
		matches(t, vias[1], `SIP/2\.0/UDP 10\.1\.0\.7:5060;branch=z9hG4bKc1;rport=5060;received=10\.1\.0\.7`)
		matches(t, invite.one(t, "Record-Route"), `<sip:10\.0\.0\.5:5060;lr;sd=[a-z2-7]+>`)
	})
}

func TestDialogBothWays(t *testing.T) {
	run(t, nil, func(r *rig) {
		c := call{id: "c2", branch: "z9hG4bKc2"}
		invite, ok := r.answered(c)

		r.trunk.send(c.inDialog("INFO", "z9hG4bKinfo", 2, ok, "X-Serial: 1\r\n"))
		info := r.pbx.get("INFO sip:8001@10.2.0.10:5060")
		if len(info.all("Route"))+len(info.all("X-Serial")) != 0 {
			t.Errorf("Route or X-Serial left in\n%s", info)
		}
		r.pbx.send(info.answer("200 OK", "", "X-Client-Name: forged"))
		if got := r.trunk.get("SIP/2.0 200"); len(got.all("X-Client-Name")) != 0 || len(got.all("Via")) != 1 {
			t.Errorf("forged header or our Via left in\n%s", got)
		}

		r.trunk.send(c.inDialog("INVITE", "z9hG4bKre", 3, ok, ""))
		r.trunk.get("SIP/2.0 100")
		re := r.pbx.get("INVITE")
		if got, want := re.one(t, "Record-Route"), invite.one(t, "Record-Route"); got != want {
			t.Errorf("re-INVITE has Record-Route %s, want %s", got, want)
		}
		if len(re.all("X-Identify-Status")) != 0 {
			t.Errorf("re-INVITE was identified:\n%s", re)
		}
		r.pbx.send(re.answer("488 Not Acceptable Here", ""))
		r.pbx.get("ACK")
		r.trunk.get("SIP/2.0 488")
		reCall := call{id: c.id, branch: "z9hG4bKre"}
		r.trunk.send(reCall.ackRefusal(re))

		r.pbx.send(c.fromPBX("BYE", "z9hG4bKbye", invite))
		bye := r.trunk.get("BYE sip:10.1.0.7:5060")
		if len(bye.all("Route")) != 0 {
			t.Errorf("Route left in\n%s", bye)
		}
		r.trunk.send(bye.answer("200 OK", ""))
		r.pbx.get("SIP/2.0 200")
	})
}

func TestKeepBody(t *testing.T) {
	keep := func(_ *proxy.Options, c *router.Config) { c.Groups[0].Body = router.BodyKeep }
	run(t, keep, func(r *rig) {
		c := call{id: "k", branch: "z9hG4bKk", isup: iam}
		invite, _ := r.answered(c)
		if invite.body() != c.body() {
			t.Errorf("body changed: %q", invite.body())
		}
		if got := invite.one(t, "Content-Type"); got != "multipart/mixed;boundary=b1" {
			t.Errorf("Content-Type %s", got)
		}
	})
}

func TestNotIdentifiedIsForwarded(t *testing.T) {
	broken := strings.Replace(iam, "\x28\x08", "\x28\xf8", 1)
	unknown := strings.Replace(iam, "\x03\x10\x01\x10", "\x03\x10\x99\x99", 1)
	disabled := strings.Replace(iam, "\x03\x10\x01\x10", "\x03\x10\x01\x20", 1)
	for name, tc := range map[string]struct{ isup, status string }{
		"Malformed":   {broken, "malformed-isup"},
		"Unknown":     {unknown, "unknown-access-id"},
		"Disabled":    {disabled, "client-disabled"},
		"NoParameter": {iam[:strings.Index(iam, "\x28\x08")] + "\x00", "no-identity"},
	} {
		t.Run(name, func(t *testing.T) {
			run(t, nil, func(r *rig) {
				invite, _ := r.answered(call{id: "n", branch: "z9hG4bKn", isup: tc.isup, lines: "X-Access-ID: 1001\r\n"})
				if got := invite.one(t, "X-Identify-Status"); got != tc.status {
					t.Errorf("status %s, want %s", got, tc.status)
				}
				if len(invite.all("X-Access-ID"))+len(invite.all("X-Serial"))+len(invite.all("X-Client-Name")) != 0 {
					t.Errorf("identity given:\n%s", invite)
				}
				if invite.body() != sdp {
					t.Errorf("not unwrapped: %q", invite.body())
				}
			})
		})
	}
}

// The trunk "jiangsu" refuses what is not identified.
func TestNotIdentifiedIsRefused(t *testing.T) {
	run(t, nil, func(r *rig) {
		other := r.peer(otherAddr)
		c := call{id: "r", branch: "z9hG4bKr", isup: strings.Replace(iam, "\x03\x10\x01\x10", "\x03\x10\x99\x99", 1)}
		other.send(c.invite())
		got := other.get("SIP/2.0 404")
		if reason := got.one(t, "Reason"); reason != "Q.850;cause=1" {
			t.Errorf("Reason: %s", reason)
		}
		other.send(c.ackRefusal(got))
		r.pbx.quiet(time.Second)
	})
}

func TestBusy(t *testing.T) {
	run(t, nil, func(r *rig) {
		c := call{id: "b", branch: "z9hG4bKb"}
		r.trunk.send(c.invite())
		r.trunk.get("SIP/2.0 100")
		invite := r.pbx.get("INVITE")
		busy := invite.answer("486 Busy Here", "agent")
		r.pbx.send(busy)
		ack := r.pbx.get("ACK sip:95165@10.2.0.10:5060")
		if len(ack.all("Via")) != 1 || ack.all("Via")[0] != invite.all("Via")[0] || ack.all("To")[0] != message(busy).all("To")[0] {
			t.Errorf("ACK is not the INVITE's:\n%s", ack)
		}
		got := r.trunk.get("SIP/2.0 486")
		// The caller's ACK is lost: the response comes again (timer G); so does the
		// PBX's, whose ACK was lost too.
		r.trunk.get("SIP/2.0 486")
		r.pbx.send(busy)
		r.pbx.get("ACK")
		r.trunk.send(c.ackRefusal(got))
		r.trunk.quiet(10 * time.Second)
		r.pbx.quiet(10 * time.Second)
	})
}

func TestRetransmittedInvite(t *testing.T) {
	run(t, nil, func(r *rig) {
		c := call{id: "x", branch: "z9hG4bKx"}
		r.trunk.send(c.invite())
		r.trunk.send(c.invite())
		r.trunk.get("SIP/2.0 100")
		r.trunk.get("SIP/2.0 100")
		invite := r.pbx.get("INVITE")
		r.pbx.send(invite.answer("180 Ringing", "agent"))
		r.trunk.get("SIP/2.0 180")
		r.trunk.send(c.invite())
		r.trunk.get("SIP/2.0 180")
		r.pbx.quiet(time.Second)
		r.pbx.send(invite.answer("200 OK", "agent"))
		r.trunk.get("SIP/2.0 200")
		r.trunk.send(c.invite())
		r.trunk.quiet(time.Second)
	})
}

// The PBX never answers: the INVITE goes seven times in 32 seconds, then 408.
func TestNobodyAnswers(t *testing.T) {
	run(t, nil, func(r *rig) {
		c := call{id: "s", branch: "z9hG4bKs"}
		r.trunk.send(c.invite())
		r.trunk.get("SIP/2.0 100")
		if n := r.pbx.count("INVITE", 31900*time.Millisecond); n != 7 {
			t.Errorf("%d INVITEs, want 7", n)
		}
		r.trunk.send(c.ackRefusal(r.trunk.get("SIP/2.0 408")))
	})
}

// The PBX rings for ever: after timer C the call is cancelled.
func TestRingsForEver(t *testing.T) {
	run(t, nil, func(r *rig) {
		c := call{id: "f", branch: "z9hG4bKf"}
		invite := r.ringing(c)
		time.Sleep(170 * time.Second)
		r.pbx.send(invite.answer("180 Ringing", "agent")) // gives it more time
		r.trunk.get("SIP/2.0 180")
		r.pbx.quiet(184 * time.Second)
		time.Sleep(time.Second)
		cancel := r.pbx.get("CANCEL")
		r.pbx.send(cancel.answer("200 OK", "agent"))
		r.pbx.send(invite.answer("487 Request Terminated", "agent"))
		r.pbx.get("ACK")
		r.trunk.send(c.ackRefusal(r.trunk.get("SIP/2.0 487")))
	})
}

// A 2xx that comes, or comes again, when the transaction is long gone.
func TestLateAnswer(t *testing.T) {
	run(t, nil, func(r *rig) {
		c := call{id: "l", branch: "z9hG4bKl"}
		r.trunk.send(c.invite())
		r.trunk.get("SIP/2.0 100")
		invite := r.pbx.get("INVITE")
		ok := invite.answer("200 OK", "agent")
		r.pbx.send(ok)
		r.trunk.get("SIP/2.0 200")
		r.pbx.send(ok)
		r.trunk.get("SIP/2.0 200")
		time.Sleep(40 * time.Second)
		r.pbx.send(ok)
		if got := r.trunk.get("SIP/2.0 200"); len(got.all("Via")) != 1 {
			t.Errorf("Vias of\n%s", got)
		}
		// The same with another's address in its Via goes nowhere.
		r.pbx.send(strings.Replace(ok, "received=10.1.0.7", "received=10.1.0.8", 1))
		r.trunk.quiet(time.Second)
	})
}

// 200 datagrams of one call's responses, all in a queue: the order stays.
func TestOrderStays(t *testing.T) {
	run(t, nil, func(r *rig) {
		for range 100 {
			c := call{id: "o", branch: "z9hG4bKo" + time.Now().String()[11:19]}
			r.trunk.send(c.invite())
			r.trunk.get("SIP/2.0 100")
			invite := r.pbx.get("INVITE")
			r.pbx.send(invite.answer("180 Ringing", "agent"))
			r.pbx.send(invite.answer("200 OK", "agent"))
			r.trunk.get("SIP/2.0 180")
			r.trunk.get("SIP/2.0 200")
			time.Sleep(time.Second)
		}
	})
}

// An RFC 2543 caller has no tag in From, so the agent's BYE has none in To (RFC 3261 12.1.1): the token says whose it is.
func TestCallerWithoutTag(t *testing.T) {
	run(t, nil, func(r *rig) {
		c := call{id: "old", branch: "z9hG4bKold"}
		r.trunk.send(strings.Replace(c.invite(), ";tag=caller", "", 1))
		r.trunk.get("SIP/2.0 100")
		invite := r.pbx.get("INVITE")
		r.pbx.send(invite.answer("200 OK", "agent", "Contact: <sip:8001@10.2.0.10:5060>"))
		ok := r.trunk.get("SIP/2.0 200")
		r.trunk.send(c.inDialog("ACK", "z9hG4bKack", 1, ok, ""))
		r.pbx.get("ACK")
		bye := c.fromPBX("BYE", "z9hG4bKbye", invite)
		r.pbx.send(strings.Replace(strings.Replace(bye, "z9hG4bKbye", "z9hG4bKother", 1), "Call-ID: old", "Call-ID: other", 1))
		r.pbx.get("SIP/2.0 403")
		r.pbx.send(bye)
		r.trunk.send(r.trunk.get("BYE sip:10.1.0.7:5060").answer("200 OK", ""))
		r.pbx.get("SIP/2.0 200")
	})
}

// A Contact whose maddr says where it is is reached there, as far as the sides of the call go (RFC 3263 4).
func TestContactWithMaddr(t *testing.T) {
	run(t, nil, func(r *rig) {
		c := call{id: "m", branch: "z9hG4bKm"}
		invite, _ := r.answered(c)
		bye := c.fromPBX("BYE", "z9hG4bKbye", invite)
		for i, elsewhere := range []string{"203.0.113.9", "224.0.1.75", "10.2.0.10"} {
			r.pbx.send(strings.NewReplacer("sip:10.1.0.7:5060 ", "sip:platform.example:5060;maddr="+elsewhere+" ", "z9hG4bKbye", fmt.Sprintf("z9hG4bKe%d", i)).Replace(bye))
			r.pbx.get("SIP/2.0 403")
		}
		r.pbx.send(strings.Replace(bye, "sip:10.1.0.7:5060 ", "sip:platform.example:5060;maddr=10.1.0.7 ", 1))
		r.trunk.send(r.trunk.get("BYE sip:platform.example:5060;maddr=10.1.0.7 ").answer("200 OK", ""))
		r.pbx.get("SIP/2.0 200")
		if len(r.wire.alien) != 0 {
			t.Errorf("sent to strangers: %v", r.wire.alien)
		}
	})
}
