package proxy_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// Two trunks behind one edge: the address is the edge's in both cases, and one has learned the other's token.
func TestForgedByeBehindTheEdge(t *testing.T) {
	run(t, nil, func(r *rig) {
		c := call{id: "b", branch: "z9hG4bKb"}
		_, ok := r.answered(c)
		edge := r.peer(edgeAddr)
		for name, line := range map[string]string{
			"Other": "X-Edge-Source: 10.9.0.9:5060\r\n", "Garbage": "X-Edge-Source: here\r\n",
			"Both": "X-Edge-Source: 10.1.0.7:5060\r\nX-Edge-Source: 10.9.0.9:5060\r\n",
		} {
			edge.send(c.inDialog("BYE", "z9hG4bKbye"+name, 2, ok, line))
			edge.get("SIP/2.0 403")
		}
		r.pbx.quiet(time.Second)
		edge.send(c.inDialog("INFO", "z9hG4bKinfo", 3, ok, "X-Edge-Source: 10.1.0.7:5060\r\n"))
		if got := r.pbx.get("INFO"); len(got.all("X-Edge-Source")) != 0 {
			t.Error("X-Edge-Source reached the PBX")
		}
	})
}

// A token is worth nothing in another call, nor to another caller in the same one.
func TestTokenOfAnotherCall(t *testing.T) {
	run(t, nil, func(r *rig) {
		_, mine := r.answered(call{id: "mine", branch: "z9hG4bKmine"})
		yours := call{id: "yours", branch: "z9hG4bKyours"}
		_, ok := r.answered(yours)
		bye := yours.inDialog("BYE", "z9hG4bKx", 2, ok, "")
		r.trunk.send(strings.Replace(bye, routes(ok), routes(mine), 1))
		r.trunk.get("SIP/2.0 481")
		r.trunk.send(strings.Replace(strings.Replace(bye, "tag=caller", "tag=caller2", 1), "z9hG4bKx", "z9hG4bKy", 1))
		r.trunk.get("SIP/2.0 481")
		r.pbx.quiet(time.Second)
	})
}

// A response from the trunk's side, with all that it can know of the call, is nobody's.
func TestForgedResponse(t *testing.T) {
	run(t, nil, func(r *rig) {
		c := call{id: "r", branch: "z9hG4bKr"}
		invite := r.ringing(c)
		forged := invite.answer("200 OK", "evil")
		branch := invite.all("Via")[0]
		branch = branch[strings.Index(branch, "branch=")+len("branch="):]
		branch, _, _ = strings.Cut(branch, ";")
		for _, b := range []string{branch[:len(branch)-1] + "7", branch + "a", strings.ToUpper(branch), "z9hG4bK", c.branch} {
			if b == branch {
				continue
			}
			r.peer(otherAddr).send(strings.Replace(forged, branch, b, 1))
		}
		r.trunk.quiet(time.Second)
		r.pbx.send(invite.answer("486 Busy Here", "agent"))
		r.trunk.send(c.ackRefusal(r.trunk.get("SIP/2.0 486")))
	})
}

// What Proxy-Require names is listed whole, folded and repeated lists too.
func TestProxyRequireFolded(t *testing.T) {
	run(t, nil, func(r *rig) {
		c := call{id: "pr", branch: "z9hG4bKpr", lines: "Proxy-Require: one,\r\n two\r\nproxy-require: three\r\n"}
		r.trunk.send(c.invite())
		if got := r.trunk.get("SIP/2.0 420").one(t, "Unsupported"); got != "one, two, three" {
			t.Errorf("Unsupported: %q", got)
		}
	})
}

// Nothing in the Request-URI leads the PBX elsewhere, escaped or not.
func TestMisleadingParameters(t *testing.T) {
	run(t, nil, func(r *rig) {
		c := call{id: "m", branch: "z9hG4bKm"}
		r.trunk.send(strings.Replace(c.invite(), "sip:95165@10.0.0.5 ",
			"sip:95165@10.0.0.5;maddr=203.0.113.9;%6daddr=203.0.113.9;TRANSPORT=tcp;t%72ansport=tcp;user=phone;x=1 ", 1))
		got := r.pbx.get("INVITE")
		r.pbx.send(got.answer("486 Busy Here", "agent"))
		if first, _, _ := strings.Cut(string(got), "\r\n"); first != "INVITE sip:95165@10.2.0.10:5060;user=phone;x=1 SIP/2.0" {
			t.Errorf("%q", first)
		}
		if len(r.wire.alien) != 0 {
			t.Errorf("sent to strangers: %v", r.wire.alien)
		}
	})
}

// A tel URI becomes the user part of a SIP URI: what would end that part early, and have another host follow, is no tel URI.
func TestTelURIWithHost(t *testing.T) {
	run(t, nil, func(r *rig) {
		for i, uri := range []string{"tel:95165@203.0.113.9", "tel:95165;x=a@203.0.113.9", "tel:95165?X-Serial=1", "tel:9:5165"} {
			c := call{id: "tel", branch: fmt.Sprintf("z9hG4bKtel%d", i)}
			r.trunk.send(strings.Replace(c.invite(), "sip:95165@10.0.0.5 ", uri+" ", 1))
			r.trunk.get("SIP/2.0 400")
		}
		c := call{id: "tel", branch: "z9hG4bKtel"}
		r.trunk.send(strings.Replace(c.invite(), "sip:95165@10.0.0.5 ", "tel:95165;phone-context=a:b ", 1))
		r.pbx.send(r.pbx.get("INVITE sip:95165@10.2.0.10:5060;user=phone ").answer("486 Busy Here", "x"))
	})
}

// What fits no datagram on its way out is refused at once: a PBX that never got it must not seem to be dead.
func TestTooLongForADatagram(t *testing.T) {
	run(t, nil, func(r *rig) {
		for i, size := range []int{65000, 65507, 65535} {
			c := call{id: "long", branch: "z9hG4bKlong" + string(rune('a'+i))}
			invite := strings.Replace(c.invite(), "multipart/mixed;boundary=b1", "application/octet-stream", 1)
			body := c.body() + strings.Repeat(".", size-len(invite)-2)
			head, _, _ := strings.Cut(invite, "Content-Length")
			invite = head + fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body)
			r.trunk.send(invite[:min(len(invite), 65535)])
			if len(invite) < 65200 {
				r.trunk.get("SIP/2.0 100")
				r.pbx.send(r.pbx.get("INVITE").answer("486 Busy Here", "agent"))
				r.pbx.get("ACK")
				r.trunk.send(c.ackRefusal(r.trunk.get("SIP/2.0 486")))
				continue
			}
			r.trunk.get("SIP/2.0 513")
			r.pbx.quiet(time.Second)
		}
	})
}
