package router

import (
	"bytes"

	"sipid/isupbody"
)

// readCalledSuffix takes the older scheme: the called number is one of the
// trunk's access numbers with the real caller's number behind it, and the
// calling number says which client system calls.
//
// The access number alone is a call of another scheme. What follows it must be a
// plausible number, and in one way only, or the call is ambiguous: a wrong
// caller is worse than none.
func (c *call) readCalledSuffix() {
	called, ok := c.calledNumber()
	if !ok {
		return
	}
	caller, status := c.trunk.splitSuffix(called)
	c.traceSuffix(called, caller, status)
	if status != StatusResolved {
		if status != StatusNoIdentity {
			c.add(outcome{status: status, err: errSuffix})
		}
		return
	}
	// Out of the way of the calling number, which is read into the same room.
	var room [maxNumber]byte
	if rule := (NumberRule{Form: c.trunk.Calling.Form}); !rule.isZero() {
		caller = rule.apply(room[:0], caller)
	} else {
		caller = room[:copy(room[:], caller)]
	}
	from, ok := c.callingNumber()
	if !ok {
		return
	}
	c.offerCaller(from, caller)
}

// calledNumber gives the called number under the trunk's rules: that of the ISUP
// part where there is one, else that of the Request-URI.
func (c *call) calledNumber() (number []byte, ok bool) {
	found, where := c.scratch[:0], "Request-URI"
	if c.hasISUP() {
		m, ok := c.message()
		if !ok {
			return nil, false
		}
		if n, err := m.CalledPartyNumber(); err == nil {
			found = appendISUPNumber(found, &n)
		}
		where = isupbody.ParamCalledPartyNumber.String()
	} else {
		found = appendNumber(found, c.signals.RequestURI)
	}
	number = c.trunk.strip(found)
	if c.hasISUP() {
		number = found
	}
	if rule := &c.trunk.Called; !rule.isZero() {
		number = rule.apply(found[len(found):], number)
	}
	if len(found) > 0 {
		c.traceNumberRule(found, number, where, "numbers.called")
	}
	return number, true
}

// splitSuffix takes the access number off. The status is no-identity where the
// number is none of this scheme.
func (t *Trunk) splitSuffix(called []byte) (caller []byte, status Status) {
	if len(called) == 0 {
		return nil, StatusNoIdentity
	}
	plausible, begun := 0, false
	for _, access := range t.AccessNumbers {
		suffix, ok := bytes.CutPrefix(called, []byte(access))
		switch {
		case !ok:
		case len(suffix) == 0:
			return nil, StatusNoIdentity
		case t.plan.fits(suffix):
			caller, plausible, begun = suffix, plausible+1, true
		default:
			begun = true
		}
	}
	switch {
	case !begun:
		return nil, StatusNoIdentity
	case plausible != 1:
		return nil, StatusAmbiguous
	}
	return caller, StatusResolved
}
