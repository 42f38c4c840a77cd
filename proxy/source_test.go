package proxy_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sipid/proxy"
	"sipid/router"
)

const options = "OPTIONS sip:10.0.0.5 SIP/2.0\r\nVia: SIP/2.0/UDP 10.1.0.7:5060;branch=z9hG4bKopt\r\n" +
	"From: <sip:a@b>;tag=1\r\nTo: <sip:10.0.0.5>\r\nCall-ID: o\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"

func TestOptions(t *testing.T) {
	run(t, nil, func(r *rig) {
		for _, p := range []*peer{r.trunk, r.pbx, r.peer(edgeAddr)} {
			p.send(options)
			if p.addr == r.pbx.addr || p.addr == r.trunk.addr || p.addr == edgeAddr {
				p.get("SIP/2.0 200")
			}
		}
		r.trunk.send(strings.Replace(options, "Max-Forwards: 70", "Max-Forwards: 0", 1))
		r.trunk.get("SIP/2.0 483")
		r.proxy.Drain()
		r.trunk.send(options)
		if got := r.trunk.get("SIP/2.0 503"); got.one(t, "Retry-After") == "" {
			t.Error("no Retry-After")
		}
	})
}

func TestNotReady(t *testing.T) {
	notReady := func(o *proxy.Options, _ *router.Config) { o.Ready = func() bool { return false } }
	run(t, notReady, func(r *rig) {
		r.trunk.send(options)
		r.trunk.get("SIP/2.0 503")
		r.answered(call{id: "still", branch: "z9hG4bKstill"}) // a call that comes all the same goes through
	})
}

func TestDrain(t *testing.T) {
	run(t, nil, func(r *rig) {
		c := call{id: "d", branch: "z9hG4bKd"}
		r.trunk.send(c.invite())
		r.trunk.get("SIP/2.0 100")
		invite := r.pbx.get("INVITE")
		if n := r.proxy.Transactions(); n != 1 {
			t.Errorf("%d transactions, want 1", n)
		}
		r.proxy.Drain()
		r.trunk.send(call{id: "new", branch: "z9hG4bKnew"}.invite())
		r.trunk.get("SIP/2.0 503")
		r.pbx.send(invite.answer("200 OK", "agent"))
		r.trunk.get("SIP/2.0 200")
		synctest.Wait()
		if n := r.proxy.Transactions(); n != 0 {
			t.Errorf("%d transactions, want 0", n)
		}
	})
}

// Who is not configured gets nothing.
func TestUnknownSource(t *testing.T) {
	run(t, nil, func(r *rig) {
		alien := r.peer(alienAddr)
		alien.send(options)
		alien.send(call{id: "a", branch: "z9hG4bKa"}.invite())
		alien.send("garbage")
		alien.quiet(time.Second)
		r.pbx.quiet(time.Second)
	})
}

func TestPBXDoesNotCallOut(t *testing.T) {
	run(t, nil, func(r *rig) {
		c := call{id: "p", branch: "z9hG4bKp"}
		r.pbx.send(c.invite())
		r.pbx.get("SIP/2.0 403")
		r.trunk.quiet(time.Second)
	})
}

// A BYE that knows all of a dialog but our token, or comes from another trunk.
func TestForgedBye(t *testing.T) {
	run(t, nil, func(r *rig) {
		c := call{id: "c", branch: "z9hG4bKc"}
		_, ok := r.answered(c)
		bye := c.inDialog("BYE", "z9hG4bKbye", 2, ok, "")
		other := r.peer(otherAddr)
		other.send(bye)
		other.get("SIP/2.0 403")
		token := ok.one(t, "Record-Route")
		flipped := []byte(token)
		if i := strings.Index(token, "sd=") + 20; flipped[i] == 'a' {
			flipped[i] = 'b'
		} else {
			flipped[i] = 'a'
		}
		r.trunk.send(strings.Replace(bye, token, string(flipped), 1))
		r.trunk.get("SIP/2.0 481")
		r.trunk.send(strings.Replace(bye, "Route: "+token+"\r\n", "", 1))
		r.trunk.get("SIP/2.0 481")
		// To an address outside the group's networks.
		r.trunk.send(strings.Replace(bye, "BYE sip:8001@10.2.0.10:5060", "BYE sip:8001@203.0.113.9", 1))
		r.trunk.get("SIP/2.0 403")
		r.pbx.quiet(time.Second)
		if len(r.wire.alien) != 0 {
			t.Errorf("sent to strangers: %v", r.wire.alien)
		}
	})
}

func TestForeignRoute(t *testing.T) {
	run(t, nil, func(r *rig) {
		own := call{id: "own", branch: "z9hG4bKown", lines: "Route: <sip:10.0.0.5:5060;lr>\r\n"}
		invite, _ := r.answered(own)
		if len(invite.all("Route")) != 0 {
			t.Errorf("our own Route left in\n%s", invite)
		}
		r.trunk.send(call{id: "far", branch: "z9hG4bKfar", lines: "Route: <sip:10.0.0.5;lr>, <sip:203.0.113.9;lr>\r\n"}.invite())
		r.trunk.get("SIP/2.0 403")
		r.pbx.quiet(time.Second)
	})
}

// Two trunks behind one edge are told apart by what the edge says, and by
// nothing that anybody else says.
func TestEdge(t *testing.T) {
	unknown := strings.Replace(iam, "\x03\x10\x01\x10", "\x03\x10\x99\x99", 1)
	run(t, nil, func(r *rig) {
		edge := r.peer(edgeAddr)
		via := func(c call) string {
			return strings.Replace(c.invite(), "10.1.0.7:5060;branch", "10.0.0.2:5060;branch", 1)
		}
		edge.send(via(call{id: "z", branch: "z9hG4bKz", isup: unknown, lines: "X-Edge-Source: 10.1.0.7:5060\r\n"}))
		edge.get("SIP/2.0 100")
		if invite := r.pbx.get("INVITE"); len(invite.all("X-Edge-Source")) != 0 {
			t.Errorf("X-Edge-Source left in\n%s", invite)
		}
		edge.send(via(call{id: "j", branch: "z9hG4bKj", isup: unknown, lines: "X-Edge-Source: 10.9.0.9:5060\r\n"}))
		edge.get("SIP/2.0 404") // jiangsu refuses what is not identified
		for name, lines := range map[string]string{
			"none": "", "twice": "X-Edge-Source: 10.1.0.7:5060\r\nX-Edge-Source: 10.9.0.9:5060\r\n",
			"nobody": "X-Edge-Source: 203.0.113.9:5060\r\n", "garbage": "X-Edge-Source: here\r\n",
		} {
			edge.send(via(call{id: name, branch: "z9hG4bK" + name, lines: lines}))
			edge.get("SIP/2.0 403")
		}
		// From a trunk itself the header counts for nothing.
		other := r.peer(otherAddr)
		other.send(call{id: "f", branch: "z9hG4bKf", isup: unknown, lines: "X-Edge-Source: 10.1.0.7:5060\r\n"}.invite())
		other.get("SIP/2.0 404")
	})
}

func TestMalformedIsAnswered(t *testing.T) {
	run(t, nil, func(r *rig) {
		r.trunk.send(strings.Replace(call{id: "m", branch: "z9hG4bKm"}.invite(), "Max-Forwards: 70", "Max-Forwards: many", 1))
		r.trunk.get("SIP/2.0 400")
		r.trunk.send("garbage")
		r.trunk.send("\r\n\r\n")
		r.trunk.quiet(time.Second)
		r.pbx.quiet(time.Second)
	})
}

func TestChecksOfRFC3261(t *testing.T) {
	run(t, nil, func(r *rig) {
		invite := call{id: "v", branch: "z9hG4bKv"}.invite()
		for find, tc := range map[string]struct{ put, want string }{
			"Max-Forwards: 70":           {"Max-Forwards: 0", "SIP/2.0 483"},
			"INVITE sip:95165@10.0.0.5 ": {"INVITE nobodyKnowsThisScheme:x ", "SIP/2.0 416"},
			"MIME-Version: 1.0":          {"Proxy-Require: foo, bar", "SIP/2.0 420"},
		} {
			r.trunk.send(strings.Replace(invite, find, tc.put, 1))
			got := r.trunk.get(tc.want)
			if strings.HasSuffix(tc.want, "420") && got.one(t, "Unsupported") != "foo, bar" {
				t.Errorf("no Unsupported in\n%s", got)
			}
		}
		r.pbx.quiet(time.Second)
	})
}
