package isupbody

// SuspendResume is the suspend/resume indicators, clause 3.52. Only bit A means
// something.
type SuspendResume uint8

// SuspendResume is the suspend/resume indicators of a SUS or RES, clause 3.52.
func (m *Message) SuspendResume() (SuspendResume, error) {
	p, err := m.contents(ParamSuspendResumeIndicators, 0, 1)
	if err != nil {
		return 0, err
	}
	return SuspendResume(p.Contents[0]), nil
}

// ByNetwork gives bit A: the network did it, not an ISDN subscriber.
func (s SuspendResume) ByNetwork() bool { return s&0x01 != 0 }
