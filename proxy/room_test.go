package proxy_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sipid/proxy"
	"sipid/router"
)

// What a trunk can have us keep is bounded, and what others need is left. An answer gives its room back.
func TestRoom(t *testing.T) {
	run(t, func(_ *proxy.Options, c *router.Config) { c.Trunks[1].Reject = false }, func(r *rig) {
		c := call{id: "up", branch: "z9hG4bKup"}
		_, ok := r.answered(c)
		size := int64(len(call{id: "r0", branch: "z9hG4bKr0"}.invite()))
		r.proxy.SetRoom(3*size, 2*size)
		first := r.ringing(call{id: "r0", branch: "z9hG4bKr0"})
		r.ringing(call{id: "r1", branch: "z9hG4bKr1"})
		r.over("503", "r2")
		if n := metricOf(t, r, "sipid_limited_total", "memory"); n != 1 {
			t.Errorf("%v counted", n)
		}
		message := strings.NewReplacer("INVITE", "MESSAGE", "z9hG4bKr3", "z9hG4bKm").Replace(call{id: "r3", branch: "z9hG4bKr3"}.invite())
		r.trunk.send(message)
		r.trunk.get("SIP/2.0 503 Too Much Is Waiting")

		edge := r.peer(edgeAddr) // another trunk's, up to what there is for all
		other := call{id: "o", branch: "z9hG4bKo"}
		edge.send(small(other))
		edge.get("SIP/2.0 100")
		r.pbx.get("INVITE")

		info := c.inDialog("INFO", "z9hG4bKlong", 2, ok, "X-Long: "+strings.Repeat("x", 4096)+"\r\n")
		r.trunk.send(info)
		r.trunk.get("SIP/2.0 503 Too Much Is Waiting")
		r.bye(c, ok, "200 OK") // within a call small requests always go on

		r.pbx.send(first.answer("486 Busy Here", "x"))
		r.pbx.get("ACK")
		r.trunk.send(call{id: "r0", branch: "z9hG4bKr0"}.ackRefusal(r.trunk.get("SIP/2.0 486")))
		r.ringing(call{id: "r4", branch: "z9hG4bKr4"})
		time.Sleep(80 * time.Second) // the calls that ring, and what follows, come to their end
	})
}

// small is an INVITE behind an edge, shorter than the others.
func small(c call) string {
	return fmt.Sprintf("INVITE sip:95165@10.0.0.5 SIP/2.0\r\nVia: SIP/2.0/UDP 10.3.0.1:5060;branch=%s;rport\r\nX-Edge-Source: 10.9.0.9:5060\r\n"+
		"From: <sip:a@a>;tag=a\r\nTo: <sip:b@b>\r\nCall-ID: %s\r\nCSeq: 1 INVITE\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n", c.branch, c.id)
}
