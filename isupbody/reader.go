package isupbody

import "io"

// All arithmetic on pointers and lengths is in this file and in edit.go. The
// parameter files see bounded slices.
//
//	 octet 0   message type
//	 1 ...     mandatory fixed part
//	           one pointer octet for each mandatory variable parameter
//	           one pointer octet to the optional part (0: there is none)
//	           length, contents of each mandatory variable parameter
//	           code, length, contents of each optional parameter
//	           0, end of optional parameters
//
// A pointer counts from itself to the length octet, or to the first code.

// Decode reads the skeleton of the ISUP message in b, from the message type
// octet on. The Message keeps sub-slices of b; nothing is copied.
//
// The variant is a hint, see VariantOf. The octets decide: an IAM that was
// labelled wrongly is read as what it is.
//
// The error is a *ParseError. The Message is usable after one: what was read up
// to the octet it names is there. Types Q.763 does not know give
// ErrUnknownMessage or ErrCIC.
func Decode(b []byte, v Variant) (Message, error) {
	m := Message{raw: b, variant: v}
	if len(b) == 0 {
		return m, m.fail(ParamEndOfOptionalParameters, 0, io.ErrUnexpectedEOF)
	}
	m.rest = 1
	if !MessageType(b[0]).Known() {
		return m, m.unknown()
	}
	m.table = &layouts[b[0]]
	if MessageType(b[0]) == MessageIAM {
		m.variant = VariantITU
		if looksANSI(b, v) {
			m.variant, m.table = VariantANSI, &ansiIAM
		}
	}
	return m, m.read()
}

// unknown tells a circuit identification code that was left in from a type that
// is not known: CICs are sent low octet first and the IAM's type follows. Some
// home-made senders do that.
func (m *Message) unknown() error {
	if len(m.raw) > 2 && MessageType(m.raw[2]) == MessageIAM {
		return m.fail(ParamEndOfOptionalParameters, 0, ErrCIC)
	}
	return m.fail(ParamEndOfOptionalParameters, 0, ErrUnknownMessage)
}

// looksANSI decides which layout an IAM has. Octet 5 is the transmission medium
// requirement in ITU-T and the pointer to the user service information in ANSI.
//
// Whatever the label says, it is ANSI when the user service information lies
// exactly between the pointers and the called number, which ITU-T octets could
// only do by a gap of that very shape. With an ANSI label it may lie elsewhere,
// but not on another part. An ITU-T message with an ANSI label fails that: its
// octet 5 is too small for a pointer, or points at the called number or into the
// optional part.
func looksANSI(b []byte, label Variant) bool {
	const pointer, calledPointer, optionalPointer, behindPointers = 5, 6, 7, 8
	if len(b) < behindPointers {
		return label == VariantANSI
	}
	start, called := pointer+int(b[pointer]), calledPointer+int(b[calledPointer])
	if start < behindPointers || start >= len(b) || called >= len(b) {
		return false
	}
	end, calledEnd := start+1+int(b[start]), called+1+int(b[called])
	if start == behindPointers && end == called && end > start+1 {
		return true
	}
	if label != VariantANSI || end > len(b) || end > called && start < calledEnd {
		return false
	}
	return b[optionalPointer] == 0 || end <= optionalPointer+int(b[optionalPointer])
}

func (m *Message) read() error {
	if m.table.opaque {
		return nil
	}
	at := 1
	for _, p := range m.table.fixed {
		if at+p.length > len(m.raw) {
			return m.fail(p.name, len(m.raw), io.ErrUnexpectedEOF)
		}
		at += p.length
		m.fixed++
	}
	m.pointers, m.rest = at, at
	behind := at + len(m.table.variable)
	if m.table.optional {
		behind++
	}
	m.mandatoryEnd = behind
	for i, name := range m.table.variable {
		if err := m.readVariable(i, name, behind); err != nil {
			return err
		}
	}
	if !m.table.optional {
		m.complete, m.rest = true, m.mandatoryEnd
		return nil
	}
	if behind > len(m.raw) {
		return m.fail(ParamEndOfOptionalParameters, len(m.raw), io.ErrUnexpectedEOF)
	}
	m.rest = m.mandatoryEnd
	return m.readOptionalPart(behind - 1)
}

func (m *Message) readVariable(i int, name ParameterName, behindPointers int) error {
	at := m.pointers + i
	if at >= len(m.raw) {
		return m.fail(name, len(m.raw), io.ErrUnexpectedEOF)
	}
	start := at + int(m.raw[at])
	if start < behindPointers {
		return m.fail(name, at, ErrPointer)
	}
	if start >= len(m.raw) {
		return m.fail(name, at, io.ErrUnexpectedEOF)
	}
	end := start + 1 + int(m.raw[start])
	if end > len(m.raw) {
		return m.fail(name, start, io.ErrUnexpectedEOF)
	}
	if i == 1 {
		if other := m.variable[0]; start <= other+int(m.raw[other]) && other < end {
			return m.fail(name, at, ErrPointer)
		}
	}
	m.variable[i] = start
	m.variables++
	m.mandatoryEnd = max(m.mandatoryEnd, end)
	return nil
}

// readOptionalPart follows the pointer at that octet. The part has to lie behind
// the variable part: an overlap would give the same octets two meanings, and no
// switch sends one.
//
// Pointer 0 with octets behind the variable part is no optional part (the
// example of RFC 3204 section 3.1 is such a message), and a missing end octet
// only ends the part: Wireshark does both, and both occur in the field.
func (m *Message) readOptionalPart(pointer int) error {
	if m.raw[pointer] == 0 {
		m.complete = true
		return nil
	}
	at := pointer + int(m.raw[pointer])
	if at < m.mandatoryEnd {
		return m.fail(ParamEndOfOptionalParameters, pointer, ErrPointer)
	}
	if at >= len(m.raw) {
		return m.fail(ParamEndOfOptionalParameters, pointer, io.ErrUnexpectedEOF)
	}
	m.complete, m.firstOptional = true, at
	for at < len(m.raw) && m.raw[at] != 0 {
		next := len(m.raw) + 1
		if at+1 < len(m.raw) {
			next = m.behindOptional(at)
		}
		if next > len(m.raw) {
			m.optionalEnd, m.rest = at, at
			return m.fail(ParameterName(m.raw[at]), at, io.ErrUnexpectedEOF)
		}
		at = next
	}
	m.optionalEnd, m.rest = at, at
	if at < len(m.raw) {
		m.ended = true
		m.rest++
	}
	return nil
}

// behindOptional gives the octet behind the optional parameter whose code is at
// that octet. The length octet must be there.
func (m *Message) behindOptional(at int) int { return at + 2 + int(m.raw[at+1]) }

func (m *Message) optionalParameter(at int) Parameter {
	end := m.behindOptional(at)
	return Parameter{
		Name: ParameterName(m.raw[at]), Section: Optional,
		Offset: at + 2, Contents: m.raw[at+2 : end : end],
	}
}

// mandatory gives how many fixed and variable parameters were read.
func (m *Message) mandatory() int { return m.fixed + m.variables }

func (m *Message) mandatoryName(i int) ParameterName {
	if i < m.fixed {
		return m.table.fixed[i].name
	}
	return m.table.variable[i-m.fixed]
}

func (m *Message) mandatoryParameter(i int) Parameter {
	if i >= m.fixed {
		i -= m.fixed
		at := m.variable[i] + 1
		end := at + int(m.raw[at-1])
		return Parameter{
			Name: m.table.variable[i], Section: Variable,
			Offset: at, Contents: m.raw[at:end:end],
		}
	}
	at := 1
	for _, p := range m.table.fixed[:i] {
		at += p.length
	}
	p := m.table.fixed[i]
	return Parameter{
		Name: p.name, Section: Fixed,
		Offset: at, Contents: m.raw[at : at+p.length : at+p.length],
	}
}

func (m *Message) fail(name ParameterName, offset int, err error) error {
	return &ParseError{Message: m.Type(), Parameter: name, Offset: offset, Err: err}
}

// short is the error for contents that end too early.
func (m *Message) short(p Parameter) error {
	return m.fail(p.Name, p.Offset+len(p.Contents), io.ErrUnexpectedEOF)
}
