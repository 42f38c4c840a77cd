package isupbody

// HopCounter is the hop counter, clause 3.80: the low five bits of one octet. The
// spare bits are dropped when read.
type HopCounter uint8

// HopCounter is the hop counter, clause 3.80.
func (m *Message) HopCounter() (HopCounter, error) {
	return first(m, ParamHopCounter, Parameter.HopCounter)
}

// HopCounter reads the contents as a hop counter; the name is not looked at.
func (p Parameter) HopCounter() (HopCounter, error) {
	b, err := p.octet()
	return HopCounter(b & 0x1F), err
}

// AppendContents appends the parameter's contents, spare bits 0.
func (h HopCounter) AppendContents(dst []byte) []byte { return append(dst, byte(h)&0x1F) }
