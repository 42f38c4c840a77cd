package isupbody

import (
	"encoding/binary"
	"io"
)

// PropagationDelay is the propagation delay counter, clause 3.42: milliseconds,
// high octet first.
type PropagationDelay uint16

// PropagationDelay is the propagation delay counter, clause 3.42.
func (m *Message) PropagationDelay() (PropagationDelay, error) {
	return first(m, ParamPropagationDelayCounter, Parameter.PropagationDelay)
}

// PropagationDelay reads the contents as a propagation delay counter; the name is
// not looked at.
func (p Parameter) PropagationDelay() (PropagationDelay, error) {
	if len(p.Contents) < 2 {
		return 0, io.ErrUnexpectedEOF
	}
	return PropagationDelay(binary.BigEndian.Uint16(p.Contents)), nil
}

// AppendContents appends the parameter's contents.
func (d PropagationDelay) AppendContents(dst []byte) []byte {
	return binary.BigEndian.AppendUint16(dst, uint16(d))
}
