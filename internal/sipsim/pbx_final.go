package sipsim

import (
	"net/netip"
	"time"
)

// final is a final response to an INVITE of the call, which is repeated until
// it is acknowledged.
type final struct {
	status int
	raw    []byte
	to     netip.AddrPort
	acked  bool
}

// finish sends the final response to the first INVITE. A refusal ends the call;
// outcome says why, where there is more to say than the status.
func (c *incoming) finish(status int, outcome string) {
	if c.state != proceeding {
		return
	}
	c.state, c.status = completed, status
	if status >= 300 {
		if outcome == "" {
			outcome = "refused with " + statusLine(status, ReasonPhrase(status))
		}
		c.end(outcome)
	}
	f := c.sendFinal(c.invite, status)
	c.latest, c.latestTo = f.raw, f.to
}

// sendFinal answers an INVITE, the first or a later one, and keeps on doing so
// until the ACK comes: RFC 3261 sections 13.3.1.4 and 17.2.1.
func (c *incoming) sendFinal(m *message, status int) *final {
	f := &final{status: status}
	f.raw, f.to = c.response(m, status)
	c.finals[m.sip().CSeq().SeqNo] = f
	c.event(m, true, status, "")
	_ = c.pbx.send(f.raw, f.to)
	c.repeatFinal(m, f, c.pbx.t1, 64*c.pbx.t1)
	return f
}

func (c *incoming) repeatFinal(m *message, f *final, wait, left time.Duration) {
	wait = min(wait, left)
	c.after(wait, func() {
		switch {
		case f.acked || c.state == over:
		case left <= wait:
			c.unacknowledged(f)
		default:
			c.event(m, true, f.status, "again: no ACK yet")
			_ = c.pbx.send(f.raw, f.to)
			c.repeatFinal(m, f, min(2*wait, t2), left-wait)
		}
	})
}

func (c *incoming) unacknowledged(f *final) {
	if f.status < 300 && c.state == completed {
		c.hangUp("no ACK came")
	}
}

// repeat answers a repeated INVITE as it was answered last.
func (c *incoming) repeat() {
	c.event(c.invite, false, 0, "again")
	if c.latest != nil {
		_ = c.pbx.send(c.latest, c.latestTo)
	}
}

// ack ends the repetition of a final response.
func (c *incoming) ack(m *message) {
	f := c.finals[m.sip().CSeq().SeqNo]
	if f == nil || f.acked {
		return
	}
	f.acked = true
	c.event(m, false, 0, "")
	if c.state != completed {
		return
	}
	if f.status >= 300 {
		c.state = over
		return
	}
	c.state, c.acked = confirmed, time.Now()
	switch {
	case c.pbx.draining:
		c.hangUp("the PBX is stopping")
	case c.script.HangUpAfter > 0:
		c.after(c.script.HangUpAfter, func() { c.hangUp("") })
	}
}
