package proxy_test

import (
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"sipid/pbx"
	"sipid/proxy"
	"sipid/router"
)

const namedURI = "sip:pbx.example"

// byName makes the PBX a target with a name, at its address.
func byName(o *proxy.Options, c *router.Config) {
	g := &c.Groups[0]
	g.Networks = nil
	g.Targets = []router.Target{{URI: namedURI, Host: "pbx.example", Named: true}}
	o.Endpoints = at(pbxAddr)
}

func at(addrs ...netip.AddrPort) pbx.Endpoints {
	var list []router.Endpoint
	for _, a := range addrs {
		list = append(list, router.Endpoint{Transport: "udp", Addr: a})
	}
	return pbx.Endpoints{namedURI: list}
}

// TestEndpointsMove: when a name moves new calls go to the new place, calls that
// are up end at the old one in either direction, and after a day the old one is
// nobody.
func TestEndpointsMove(t *testing.T) {
	run(t, byName, func(r *rig) {
		old, other := call{id: "m1", branch: "z9hG4bKm1"}, call{id: "m2", branch: "z9hG4bKm2"}
		invite, _ := r.answered(old)
		_, okOther := r.answered(other)
		r.proxy.SetEndpoints(at(pbx2Addr))
		moved := r.peer(pbx2Addr)
		c := call{id: "m3", branch: "z9hG4bKm3"}
		r.trunk.send(c.invite())
		r.trunk.get("SIP/2.0 100")
		new := moved.get("INVITE")
		moved.send(new.answer("486 Busy Here", "agent"))
		moved.get("ACK")
		r.trunk.get("SIP/2.0 486")
		r.trunk.send(c.ackRefusal(new))

		r.pbx.send(old.fromPBX("BYE", "z9hG4bKmb", invite))
		bye := r.trunk.get("BYE")
		r.trunk.send(bye.answer("200 OK", ""))
		r.pbx.get("SIP/2.0 200")
		r.trunk.send(other.inDialog("BYE", "z9hG4bKmo", 2, okOther, ""))
		bye = r.pbx.get("BYE")
		r.pbx.send(bye.answer("200 OK", ""))
		r.trunk.get("SIP/2.0 200")

		time.Sleep(25 * time.Hour)
		r.proxy.SetEndpoints(at(pbx2Addr))
		r.pbx.send(options)
		synctest.Wait()
		if len(r.pbx.in) != 0 {
			t.Error("a place of the day before yesterday is answered")
		}
	})
}

// TestEndpointsUnknown: a target that was never found refuses calls with 503 and
// takes them when it is.
func TestEndpointsUnknown(t *testing.T) {
	nowhere := func(o *proxy.Options, c *router.Config) {
		byName(o, c)
		o.Endpoints = nil
	}
	run(t, nowhere, func(r *rig) {
		c := call{id: "u1", branch: "z9hG4bKu1"}
		r.trunk.send(c.invite())
		r.trunk.get("SIP/2.0 503")
		if got := r.proxy.Targets(); len(got) != 1 || got[0].Up || got[0].Address != "" {
			t.Errorf("targets %+v", got)
		}
		r.proxy.SetEndpoints(at(pbxAddr))
		r.answered(call{id: "u2", branch: "z9hG4bKu2"})
	})
}

// TestEndpointsProbed: a new place is probed, a former one is not any more.
func TestEndpointsProbed(t *testing.T) {
	probed := func(o *proxy.Options, c *router.Config) {
		byName(o, c)
		c.Groups[0].Probe = router.Probe{Interval: 5 * time.Second, Timeout: time.Second, DownAfter: 2, UpAfter: 2}
	}
	run(t, probed, func(r *rig) {
		r.probing = true
		r.pbx.get("OPTIONS")
		moved := r.peer(pbx2Addr)
		r.proxy.SetEndpoints(at(pbx2Addr))
		moved.get("OPTIONS")
		time.Sleep(3 * time.Second)
		r.pbx.drain()
		time.Sleep(30 * time.Second)
		if n := r.pbx.drain(); n != 0 {
			t.Errorf("%d messages to a place that is none any more", n)
		}
		time.Sleep(time.Minute)
		if s := r.proxy.Targets()[0]; s.Up || s.Address != pbx2Addr.String() {
			t.Errorf("silent to probes, but %+v", s)
		}
		// The same place with another rank keeps its health.
		ranked := at(pbx2Addr)
		ranked[namedURI][0].Priority = 7
		r.proxy.SetEndpoints(ranked)
		if s := r.proxy.Targets()[0]; s.Up {
			t.Errorf("another rank made it well: %+v", s)
		}
	})
}
