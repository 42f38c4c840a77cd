package isupbody

// HopCounter is the hop counter, clause 3.80: the low five bits of one octet. The
// spare bits are dropped when read.
type HopCounter uint8

// HopCounter is the hop counter, clause 3.80.
func (m *Message) HopCounter() (HopCounter, error) {
	p, err := m.contents(ParamHopCounter, 0, 1)
	if err != nil {
		return 0, err
	}
	return HopCounter(p.Contents[0] & 0x1F), nil
}
