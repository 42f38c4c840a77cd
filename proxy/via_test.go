package proxy_test

import (
	"strings"
	"testing"
	"time"
)

// A response without a Via behind ours is nobody's further up (RFC 3261 16.7 step 3).
func TestResponseWithOurViaOnly(t *testing.T) {
	run(t, nil, func(r *rig) {
		c := call{id: "v", branch: "z9hG4bKv"}
		invite := r.ringing(c)
		theirs := "Via: " + invite.all("Via")[1] + "\r\n"
		for _, status := range []string{"183 Session Progress", "200 OK", "486 Busy Here"} {
			r.pbx.send(strings.Replace(invite.answer(status, "agent"), theirs, "", 1))
		}
		r.trunk.quiet(time.Second)
		r.pbx.quiet(time.Second)
		r.pbx.send(invite.answer("486 Busy Here", "agent"))
		r.pbx.get("ACK")
		r.trunk.send(c.ackRefusal(r.trunk.get("SIP/2.0 486")))
	})
}
