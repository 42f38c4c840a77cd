package router

import (
	"bytes"

	"sipid/sipmsg"
)

// readTo takes the To header where its number differs from the Request-URI's: a
// gateway puts the original called number there (RFC 3398 sections 7.2.1.1 and
// 8.2.1.1). Where both say the same, To is just the called number.
func (c *call) readTo() {
	if len(c.signals.To) == 0 {
		return
	}
	a, err := sipmsg.ParseNameAddr(c.signals.To)
	if err != nil {
		return
	}
	found := appendNumber(c.scratch[:0], a.URI)
	digits := c.trunk.strip(found)
	called := c.trunk.strip(appendNumber(found[len(found):], c.signals.RequestURI))
	if len(digits) == 0 || bytes.Equal(digits, called) {
		return
	}
	c.traceNumber(found, digits, "To, other than the Request-URI")
	c.offer(digits)
}
