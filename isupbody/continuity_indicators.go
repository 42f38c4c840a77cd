package isupbody

// Continuity is the continuity indicators of a COT, clause 3.18. Only bit A means
// something.
type Continuity uint8

// Continuity is the continuity indicators of a COT, clause 3.18.
func (m *Message) Continuity() (Continuity, error) {
	return first(m, ParamContinuityIndicators, Parameter.Continuity)
}

// Continuity reads the contents as continuity indicators; the name is not looked
// at.
func (p Parameter) Continuity() (Continuity, error) {
	b, err := p.octet()
	return Continuity(b), err
}

// Successful gives bit A: the check was successful.
func (c Continuity) Successful() bool { return c&0x01 != 0 }

// WithSuccessful gives the indicators with another bit A.
func (c Continuity) WithSuccessful(v bool) Continuity {
	return Continuity(withBits(byte(c), 0, 1, one(v)))
}

// AppendContents appends the parameter's contents.
func (c Continuity) AppendContents(dst []byte) []byte { return append(dst, byte(c)) }
