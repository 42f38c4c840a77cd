package proxy_test

import (
	"testing"
	"time"
)

// RFC 4320: requests other than INVITE get no 1xx but 100, and no 408, from nobody.
func TestNonInviteResponses(t *testing.T) {
	run(t, nil, func(r *rig) {
		c := call{id: "n", branch: "z9hG4bKn"}
		_, ok := r.answered(c)
		info := c.inDialog("INFO", "z9hG4bKi", 2, ok, "")
		r.trunk.send(info)
		got := r.pbx.get("INFO")
		r.pbx.send(got.answer("183 Session Progress", ""))
		r.trunk.quiet(time.Second)
		r.pbx.send(got.answer("408 Request Timeout", ""))
		r.trunk.quiet(time.Second)
		r.trunk.send(info)
		r.pbx.quiet(time.Second) // it was asked
		bye := c.inDialog("BYE", "z9hG4bKb", 3, ok, "")
		r.trunk.send(bye)
		got = r.pbx.get("BYE")
		r.pbx.send(got.answer("100 Trying", ""))
		r.pbx.send(got.answer("200 OK", ""))
		r.trunk.get("SIP/2.0 200")
	})
}
