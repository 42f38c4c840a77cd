package router

import (
	"bytes"

	"sipid/isupbody"
	"sipid/sipmsg"
)

// readCalling takes the calling number as the key: a call centre's direct
// customers, and platforms that have a number each.
func (c *call) readCalling() {
	number, ok := c.callingNumber()
	if !ok {
		return
	}
	if len(number) == 0 {
		return
	}
	c.offerCaller(number, number)
}

// callingNumber gives the calling number under the trunk's rules; empty where
// there is none. It is the calling party number of the ISUP part, where there is
// such a part; else that of P-Asserted-Identity (RFC 3325), else that of From. It
// is not ok where the ISUP part cannot be relied on: the outcome is added then.
func (c *call) callingNumber() (number []byte, ok bool) {
	found, where := c.scratch[:0], "From"
	switch {
	case c.hasISUP():
		m, ok := c.message()
		if !ok {
			return nil, false
		}
		if found, ok = c.isupCalling(m, found); !ok {
			return nil, false
		}
		where = "calling_party_number"
	default:
		found, where = c.sipCalling(found)
	}
	if len(found) == 0 {
		return nil, true
	}
	number = found
	if rule := &c.trunk.Calling; !rule.isZero() {
		number = rule.apply(found[len(found):], found)
	}
	if !isNumber(number) {
		number = nil
	}
	c.traceNumberRule(found, number, where, "numbers.calling")
	return number, true
}

// hasISUP says whether the message claims to have an ISUP part, readable or not.
func (c *call) hasISUP() bool { return len(c.signals.ISUP) > 0 || c.signals.BodyErr != nil }

// isupCalling appends the calling party number. Where the message repeats it, all
// have to say the same. One that is missing from a message that could not be read
// to its end is a fault.
func (c *call) isupCalling(m *isupbody.Message, dst []byte) (number []byte, ok bool) {
	number = dst
	for p := range m.Parameters {
		if p.Name != isupbody.ParamCallingPartyNumber {
			continue
		}
		n, err := p.Number()
		if err != nil || n.Len() == 0 {
			continue
		}
		again := appendISUPNumber(number[len(number):], &n)
		if len(number) > 0 && !bytes.Equal(number, again) {
			c.add(outcome{status: StatusAmbiguous, err: &repeatedError{isupbody.ParamCallingPartyNumber}})
			return dst, false
		}
		number = again
	}
	if len(number) > 0 {
		return number, true
	}
	if c.iam.err != nil {
		c.add(outcome{status: StatusMalformedISUP, err: c.iam.err})
		return dst, false
	}
	return dst, true
}

// sipCalling appends the number of the first P-Asserted-Identity that has one,
// or that of From.
func (c *call) sipCalling(dst []byte) (number []byte, where string) {
	for l := (values{headers: c.signals.Asserted}); l.next(); {
		if number := appendAddress(dst, l.value); len(number) > len(dst) {
			return number, "P-Asserted-Identity"
		}
	}
	return appendAddress(dst, c.signals.From), "From"
}

func appendAddress(dst, value []byte) []byte {
	if a, err := sipmsg.ParseNameAddr(value); err == nil {
		return appendNumber(dst, a.URI)
	}
	return dst
}

// offerCaller resolves a call by the number it comes from. caller is who really
// calls: the same, or behind the access number.
func (c *call) offerCaller(from, caller []byte) {
	o := c.resolveCaller(from)
	c.traceCaller(from, o)
	if o.status == StatusResolved {
		c.d.Source = c.source
		c.d.callerLength = copy(c.d.caller[:], caller)
	}
	c.add(o)
	c.ended = c.ended || o.status == StatusResolved // only access-ID sources can disagree
}

// resolveCaller finds the client that lists number, or the trunk's own for
// numbers that nobody lists.
func (c *call) resolveCaller(number []byte) outcome {
	var client *Client
	if len(number) > 0 {
		listed, several := c.table.caller(number)
		if several {
			return outcome{status: StatusAmbiguous, err: errCallersDiffer}
		}
		client = listed
	}
	if client == nil && c.trunk.DirectClient != "" {
		client, _ = c.table.Client(c.trunk.DirectClient)
	}
	if client == nil {
		return outcome{status: StatusUnknownAccessID, err: c.noTable()}
	}
	return outcome{status: c.permission(client), client: client}
}
