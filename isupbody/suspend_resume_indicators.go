package isupbody

// SuspendResume is the suspend/resume indicators, clause 3.52. Only bit A means
// something.
type SuspendResume uint8

// SuspendResume is the suspend/resume indicators of a SUS or RES, clause 3.52.
func (m *Message) SuspendResume() (SuspendResume, error) {
	return first(m, ParamSuspendResumeIndicators, Parameter.SuspendResume)
}

// SuspendResume reads the contents as suspend/resume indicators; the name is not looked at.
func (p Parameter) SuspendResume() (SuspendResume, error) {
	b, err := p.octet()
	return SuspendResume(b), err
}

// ByNetwork gives bit A: the network did it, not an ISDN subscriber.
func (s SuspendResume) ByNetwork() bool { return s&0x01 != 0 }

// AppendContents appends the parameter's contents.
func (s SuspendResume) AppendContents(dst []byte) []byte { return append(dst, byte(s)) }

// WithByNetwork gives the indicators with another bit A.
func (s SuspendResume) WithByNetwork(v bool) SuspendResume {
	return SuspendResume(withBits(byte(s), 0, 1, one(v)))
}
