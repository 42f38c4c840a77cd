package isupbody

// OptionalBackwardCall is the optional backward call indicators, clause 3.37:
//
//	  8   7   6   5   4   3   2   1
//	+---------------+---+---+---+---+
//	| national use  | D | C | B | A |
//	+---------------+---+---+---+---+
type OptionalBackwardCall uint8

// OptionalBackwardCall is the optional backward call indicators, clause 3.37.
func (m *Message) OptionalBackwardCall() (OptionalBackwardCall, error) {
	return first(m, ParamOptionalBackwardCallIndicators, Parameter.OptionalBackwardCall)
}

// OptionalBackwardCall reads the contents as optional backward call indicators; the name is not looked at.
func (p Parameter) OptionalBackwardCall() (OptionalBackwardCall, error) {
	b, err := p.octet()
	return OptionalBackwardCall(b), err
}

// InBand gives bit A: in-band information or a pattern is now available.
func (o OptionalBackwardCall) InBand() bool { return o&0x01 != 0 }

// DiversionMayOccur gives bit B: call diversion may occur.
func (o OptionalBackwardCall) DiversionMayOccur() bool { return o&0x02 != 0 }

// Segmentation gives bit C: more will be sent in a segmentation message.
func (o OptionalBackwardCall) Segmentation() bool { return o&0x04 != 0 }

// MLPPUser gives bit D: the called party is an MLPP user.
func (o OptionalBackwardCall) MLPPUser() bool { return o&0x08 != 0 }

// AppendContents appends the parameter's contents.
func (o OptionalBackwardCall) AppendContents(dst []byte) []byte { return append(dst, byte(o)) }

// WithInBand sets bit A.
func (o OptionalBackwardCall) WithInBand(v bool) OptionalBackwardCall { return o.with(0, v) }

// WithDiversionMayOccur sets bit B.
func (o OptionalBackwardCall) WithDiversionMayOccur(v bool) OptionalBackwardCall { return o.with(1, v) }

// WithSegmentation sets bit C.
func (o OptionalBackwardCall) WithSegmentation(v bool) OptionalBackwardCall { return o.with(2, v) }

// WithMLPPUser sets bit D.
func (o OptionalBackwardCall) WithMLPPUser(v bool) OptionalBackwardCall { return o.with(3, v) }

func (o OptionalBackwardCall) with(shift int, v bool) OptionalBackwardCall {
	return OptionalBackwardCall(withBits(byte(o), shift, 1, one(v)))
}
