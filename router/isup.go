package router

import (
	"bytes"
	"errors"
	"fmt"

	"sipid/isupbody"
)

// iam is the one initial address message of a call, decoded when the first
// source asks for it.
type iam struct {
	asked   bool
	usable  bool
	message isupbody.Message
	err     error   // why reading stopped early; what came before it counts
	fault   outcome // when it is not usable
}

// message gives the IAM. Where there is none to rely on, that is the source's
// outcome.
func (c *call) message() (*isupbody.Message, bool) {
	if !c.iam.asked {
		c.iam.asked = true
		c.readIAM()
	}
	if !c.iam.usable {
		c.add(c.iam.fault)
	}
	return &c.iam.message, c.iam.usable
}

// readIAM trusts no part of a body that could not be split safely, not even one
// that seems whole.
func (c *call) readIAM() {
	switch parts := c.signals.ISUP; {
	case c.signals.BodyErr != nil:
		c.iam.fault = outcome{status: StatusMalformedBody, err: c.signals.BodyErr}
	case len(parts) == 0:
		c.iam.fault = outcome{status: StatusNoIdentity}
	case len(parts) == 1:
		c.decode(parts[0])
	default:
		c.decodeOnly(parts)
	}
}

// decode reads one part. A truncated optional part is used as far as it goes:
// sources say themselves whether they found their number before the fault.
func (c *call) decode(part []byte) {
	m, err := isupbody.Decode(part, isupbody.VariantFor(c.signals.ISUPLabel, c.trunk.variant))
	c.traceVariant(m.Variant())
	if len(part) > 0 && m.Type() == isupbody.MessageIAM {
		c.iam.message, c.iam.err, c.iam.usable = m, err, true
		return
	}
	if len(part) > 0 && m.Type().Known() { // where the wrong message is broken does not matter
		err = fmt.Errorf("isup: octet 0: message type %v where an IAM is expected", m.Type())
	}
	c.iam.fault = outcome{status: StatusMalformedISUP, err: err}
}

// decodeOnly picks the IAM among several ISUP parts. Two of them are two
// stories about one call, even if one has a circuit code in front.
func (c *call) decodeOnly(parts [][]byte) {
	chosen, found := parts[0], 0
	for _, part := range parts {
		m, err := isupbody.Decode(part, isupbody.VariantITU)
		if len(part) == 0 || m.Type() != isupbody.MessageIAM && !errors.Is(err, isupbody.ErrCIC) {
			continue
		}
		chosen, found = part, found+1
	}
	if found > 1 {
		c.iam.fault = outcome{status: StatusAmbiguous, err: errTwoIAMs}
		return
	}
	c.decode(chosen)
}

// offerAlike offers the number of that name. Where the message repeats it, all
// have to say the same: different ones are ambiguous (Q.763 allows one). Nature
// of address, plan and presentation do not matter, the digits are an identifier.
// One without digits counts as absent.
func (c *call) offerAlike(name isupbody.ParameterName) {
	m, ok := c.message()
	if !ok {
		return
	}
	if m.Repeated(name) {
		c.offerRepeated(m, name)
		return
	}
	digits := c.scratch[:0]
	if p, ok := m.Optional(name, 0); ok {
		if n, err := p.Number(); err == nil {
			digits = n.AppendDigits(digits)
		}
	}
	c.offerFromISUP(digits, name)
}

// offerRepeated reads all in one pass: a message may hold tens of thousands.
func (c *call) offerRepeated(m *isupbody.Message, name isupbody.ParameterName) {
	digits := c.scratch[:0]
	for p := range m.Parameters {
		if p.Name != name {
			continue
		}
		n, err := p.Number()
		if err != nil || n.Len() == 0 {
			continue
		}
		if len(digits) == 0 {
			digits = n.AppendDigits(digits)
			continue
		}
		if again := n.AppendDigits(digits[len(digits):]); !bytes.Equal(digits, again) {
			c.add(outcome{status: StatusAmbiguous, err: &repeatedError{name}})
			return
		}
	}
	c.offerFromISUP(digits, name)
}

// offerEach offers every number of that name on its own, as if each were a
// source.
func (c *call) offerEach(name isupbody.ParameterName) {
	m, ok := c.message()
	if !ok {
		return
	}
	found := false
	for p := range m.Parameters {
		if p.Name != name || c.ended {
			continue
		}
		n, err := p.Number()
		if err != nil || n.Len() == 0 {
			continue
		}
		found = true
		c.offerFromISUP(n.AppendDigits(c.scratch[:0]), name)
	}
	if !found {
		c.offerFromISUP(nil, name)
	}
}

// offerFromISUP offers digits of the ISUP part. No rule of the trunk touches
// them, as an access ID may look like a prefix; but for the original called
// number where the trunk has one for just that. A number that is missing from a
// message that could not be read to its end is a fault, not absent.
func (c *call) offerFromISUP(digits []byte, name isupbody.ParameterName) {
	if len(digits) == 0 && c.iam.err != nil {
		c.add(outcome{status: StatusMalformedISUP, err: c.iam.err})
		return
	}
	if len(digits) == 0 {
		return
	}
	if rule := &c.trunk.OriginalCalled; name == isupbody.ParamOriginalCalledNumber && !rule.isZero() {
		found := digits
		digits = rule.apply(found[len(found):], found)
		c.traceNumberRule(found, digits, name.String(), "numbers.original_called")
	} else {
		c.traceNumber(digits, digits, name.String())
	}
	c.offer(digits)
}
