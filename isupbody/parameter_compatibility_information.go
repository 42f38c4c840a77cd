package isupbody

import "io"

// ParameterCompatibility is the parameter compatibility information, clause 3.41:
// what an exchange has to do with parameters it does not know. It is a view over
// the message's octets.
//
//	   8   7   6   5   4   3   2   1
//	 +-------------------------------+
//	1|   code of the nth parameter   |
//	 +---+-------+---+---+---+---+---+
//	2|ext|  G F  | E | D | C | B | A |
//	 +---+-------+---+---+---+---+---+
//	3|ext|     spare         |  B A  |  if ext of octet 2 is 0
//	 +---+-------------------+-------+
type ParameterCompatibility []byte

// ParameterInstruction says what to do with one parameter.
type ParameterInstruction struct {
	Name        ParameterName
	Instruction Instruction
}

// Instruction is the instruction indicators: one octet, or more as long as bit 8
// is 0.
type Instruction []byte

// ParameterCompatibility is the parameter compatibility information, clause 3.41.
// After an error it holds the instructions in front of the broken one.
func (m *Message) ParameterCompatibility() (ParameterCompatibility, error) {
	return first(m, ParamParameterCompatibilityInformation, Parameter.ParameterCompatibility)
}

// ParameterCompatibility reads the contents as parameter compatibility
// information; the name is not looked at.
func (p Parameter) ParameterCompatibility() (ParameterCompatibility, error) {
	b := p.Contents
	for at := 0; at < len(b); {
		end := at + 1 + extended(b[at+1:])
		if end > len(b) {
			return ParameterCompatibility(b[:at]), io.ErrUnexpectedEOF
		}
		at = end
	}
	return ParameterCompatibility(b), nil
}

// Instructions yields the instructions in wire order.
func (c ParameterCompatibility) Instructions(yield func(ParameterInstruction) bool) {
	for at := 0; at < len(c); {
		end := at + 1 + extended(c[at+1:])
		if end > len(c) || !yield(ParameterInstruction{ParameterName(c[at]), Instruction(c[at+1 : end : end])}) {
			return
		}
		at = end
	}
}

// For gives the instruction for a parameter.
func (c ParameterCompatibility) For(name ParameterName) (Instruction, bool) {
	for i := range c.Instructions {
		if i.Name == name {
			return i.Instruction, true
		}
	}
	return nil, false
}

// Append appends one instruction. ErrLength means that it does not end with the
// first octet that has bit 8 set.
func (c ParameterCompatibility) Append(i ParameterInstruction) (ParameterCompatibility, error) {
	if extended(i.Instruction) != len(i.Instruction) {
		return c, ErrLength
	}
	return append(append(c, byte(i.Name)), i.Instruction...), nil
}

// AppendContents appends the parameter's contents.
func (c ParameterCompatibility) AppendContents(dst []byte) []byte { return append(dst, c...) }

// EndNode gives bit A: an exchange in transit interprets it as an end node does.
func (i Instruction) EndNode() bool { return i.first()&0x01 != 0 }

// ReleaseCall gives bit B.
func (i Instruction) ReleaseCall() bool { return i.first()&0x02 != 0 }

// SendNotification gives bit C: answer with a confusion message.
func (i Instruction) SendNotification() bool { return i.first()&0x04 != 0 }

// DiscardMessage gives bit D.
func (i Instruction) DiscardMessage() bool { return i.first()&0x08 != 0 }

// DiscardParameter gives bit E.
func (i Instruction) DiscardParameter() bool { return i.first()&0x10 != 0 }

// PassOnNotPossible gives bits GF: 0 release the call, 1 discard the message, 2
// discard the parameter.
func (i Instruction) PassOnNotPossible() int { return int(i.first() >> 5 & 3) }

// Broadband gives bits BA of the second octet, and whether there is one: 0 pass
// on, 1 discard the message, 2 release the call, 3 discard the parameter.
func (i Instruction) Broadband() (int, bool) {
	if len(i) < 2 {
		return 0, false
	}
	return int(i[1] & 3), true
}

func (i Instruction) first() byte {
	if len(i) == 0 {
		return 0
	}
	return i[0]
}
