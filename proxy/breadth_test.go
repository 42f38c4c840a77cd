package proxy_test

import (
	"testing"
	"time"
)

// Max-Breadth (RFC 5393 5.3): none left is 440; any other goes on as it came, and
// the call then has one branch after the other, never two beside each other.
func TestMaxBreadth(t *testing.T) {
	run(t, two, func(r *rig) {
		pbx2 := r.peer(pbx2Addr)
		none := call{id: "none", branch: "z9hG4bKnone", lines: "Max-Breadth: 0\r\n"}
		r.trunk.send(none.invite())
		r.trunk.send(none.ackRefusal(r.trunk.get("SIP/2.0 440 ")))
		r.pbx.quiet(time.Second)

		c := call{id: "c", branch: "z9hG4bKc", lines: "Max-Breadth: 2\r\n"}
		first := r.offered(c)
		if first.one(t, "Max-Breadth") != "2" {
			t.Errorf("the value changed:\n%s", first)
		}
		pbx2.quiet(10 * time.Second) // the first target says nothing
		time.Sleep(25 * time.Second) // timer B
		second := pbx2.get("INVITE ")
		pbx2.drain() // it was sent more than once by then
		pbx2.send(second.answer("486 Busy Here", "x"))
		pbx2.get("ACK")
		r.trunk.send(c.ackRefusal(r.trunk.get("SIP/2.0 486")))
		r.pbx.drain()
	})
}
