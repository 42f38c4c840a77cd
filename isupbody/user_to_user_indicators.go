package isupbody

// UserToUserIndicators is the user-to-user indicators, clause 3.60:
//
//	  8   7   6   5   4   3   2   1
//	+---+-------+-------+-------+---+
//	| H |  G F  |  E D  |  C B  | A |
//	+---+-------+-------+-------+---+
type UserToUserIndicators uint8

// UserToUserIndicators is the user-to-user indicators, clause 3.60.
func (m *Message) UserToUserIndicators() (UserToUserIndicators, error) {
	return first(m, ParamUserToUserIndicators, Parameter.UserToUserIndicators)
}

// UserToUserIndicators reads the contents as user-to-user indicators; the name is
// not looked at.
func (p Parameter) UserToUserIndicators() (UserToUserIndicators, error) {
	b, err := p.octet()
	return UserToUserIndicators(b), err
}

// Response gives bit A: this is the answer to a request.
func (u UserToUserIndicators) Response() bool { return u&0x01 != 0 }

// Service gives the bits of service 1 (CB), 2 (ED) or 3 (GF). In a request 2 is
// not essential and 3 essential, in a response 1 is not provided and 2 provided.
// Other services there are not: they give 0.
func (u UserToUserIndicators) Service(n int) int {
	if n < 1 || n > 3 {
		return 0
	}
	return int(u >> (2*n - 1) & 3)
}

// Discarded gives bit H: the network discarded user-to-user information. Spare in
// a request.
func (u UserToUserIndicators) Discarded() bool { return u&0x80 != 0 }

// WithResponse gives the indicators with another bit A.
func (u UserToUserIndicators) WithResponse(v bool) UserToUserIndicators { return u.with(0, 1, one(v)) }

// WithService gives the indicators with other bits of service 1, 2 or 3.
func (u UserToUserIndicators) WithService(n, v int) UserToUserIndicators {
	if n < 1 || n > 3 {
		return u
	}
	return u.with(2*n-1, 2, v)
}

// WithDiscarded gives the indicators with another bit H.
func (u UserToUserIndicators) WithDiscarded(v bool) UserToUserIndicators {
	return u.with(7, 1, one(v))
}

func (u UserToUserIndicators) with(shift, width, v int) UserToUserIndicators {
	return UserToUserIndicators(withBits(byte(u), shift, width, v))
}

// AppendContents appends the parameter's contents.
func (u UserToUserIndicators) AppendContents(dst []byte) []byte { return append(dst, byte(u)) }
