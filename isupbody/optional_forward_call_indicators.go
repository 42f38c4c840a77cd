package isupbody

// OptionalForwardCall is the optional forward call indicators, clause 3.38:
//
//	  8   7   6   5   4   3   2   1
//	+---+---------------+---+-------+
//	| H |     spare     | C |  B A  |
//	+---+---------------+---+-------+
type OptionalForwardCall uint8

// OptionalForwardCall is the optional forward call indicators, clause 3.38.
func (m *Message) OptionalForwardCall() (OptionalForwardCall, error) {
	return first(m, ParamOptionalForwardCallIndicators, Parameter.OptionalForwardCall)
}

// OptionalForwardCall reads the contents as optional forward call indicators; the
// name is not looked at.
func (p Parameter) OptionalForwardCall() (OptionalForwardCall, error) {
	b, err := p.octet()
	return OptionalForwardCall(b), err
}

// ClosedUserGroup gives bits BA: 0 not a closed user group call, 2 one with
// outgoing access, 3 one without.
func (o OptionalForwardCall) ClosedUserGroup() int { return int(o & 3) }

// Segmentation gives bit C: more will be sent in a segmentation message.
func (o OptionalForwardCall) Segmentation() bool { return o&0x04 != 0 }

// ConnectedLineRequested gives bit H: the connected line identity is requested.
func (o OptionalForwardCall) ConnectedLineRequested() bool { return o&0x80 != 0 }

// WithClosedUserGroup gives the indicators with other bits BA.
func (o OptionalForwardCall) WithClosedUserGroup(v int) OptionalForwardCall { return o.with(0, 2, v) }

// WithSegmentation gives the indicators with another bit C.
func (o OptionalForwardCall) WithSegmentation(v bool) OptionalForwardCall {
	return o.with(2, 1, one(v))
}

// WithConnectedLineRequested gives the indicators with another bit H.
func (o OptionalForwardCall) WithConnectedLineRequested(v bool) OptionalForwardCall {
	return o.with(7, 1, one(v))
}

func (o OptionalForwardCall) with(shift, width, v int) OptionalForwardCall {
	return OptionalForwardCall(withBits(byte(o), shift, width, v))
}

// AppendContents appends the parameter's contents.
func (o OptionalForwardCall) AppendContents(dst []byte) []byte { return append(dst, byte(o)) }
