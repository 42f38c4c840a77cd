package proxy_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"sipid/proxy"
	"sipid/router"
)

func TestTrunkRate(t *testing.T) {
	limited := func(_ *proxy.Options, c *router.Config) { c.Trunks[0].MaxCPS = 3 }
	run(t, limited, func(r *rig) {
		place := func(i int) {
			r.trunk.send(call{id: fmt.Sprint(i), branch: fmt.Sprintf("z9hG4bK%d", i)}.invite())
		}
		for i := range 3 {
			place(i)
			r.trunk.get("SIP/2.0 100")
			r.pbx.send(r.pbx.get("INVITE").answer("486 Busy Here", "x"))
			r.pbx.get("ACK")
			r.trunk.send(call{id: fmt.Sprint(i), branch: fmt.Sprintf("z9hG4bK%d", i)}.ackRefusal(r.trunk.get("SIP/2.0 486")))
		}
		place(3)
		got := r.trunk.get("SIP/2.0 503")
		if after, err := strconv.Atoi(got.one(t, "Retry-After")); err != nil || after < 5 || after > 15 {
			t.Errorf("Retry-After: %d", after)
		}
		time.Sleep(time.Second)
		r.offeredAs(call{id: "later", branch: "z9hG4bKlater"})
	})
}

// What came late is refused if it is a new call, and nothing else is.
func TestOverload(t *testing.T) {
	run(t, nil, func(r *rig) {
		c := call{id: "c", branch: "z9hG4bKc"}
		_, ok := r.answered(c)
		r.conn.waited.Store(int64(1100 * time.Millisecond))
		r.trunk.send(call{id: "new", branch: "z9hG4bKnew"}.invite())
		r.trunk.get("SIP/2.0 503")
		r.trunk.send(c.inDialog("BYE", "z9hG4bKbye", 2, ok, ""))
		r.pbx.send(r.pbx.get("BYE").answer("200 OK", ""))
		r.trunk.get("SIP/2.0 200")
		r.conn.waited.Store(int64(900 * time.Millisecond))
		r.offeredAs(call{id: "again", branch: "z9hG4bKagain"})
	})
}

// offeredAs offers a call and lets the PBX refuse it.
func (r *rig) offeredAs(c call) {
	r.t.Helper()
	r.pbx.send(r.offered(c).answer("486 Busy Here", "x"))
	r.pbx.get("ACK")
	r.trunk.send(c.ackRefusal(r.trunk.get("SIP/2.0 486")))
}
