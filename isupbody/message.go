package isupbody

import "io"

// Message is a view over the octets of one ISUP message. It keeps sub-slices of
// what Decode was given and is valid only as long as those octets are not
// modified. Copies of a Message are independent views of the same octets.
type Message struct {
	raw           []byte
	table         *layout // nil: unknown message type
	variant       Variant
	complete      bool   // mandatory parts and pointers are sound: the message can be edited
	ended         bool   // the end-of-optional-parameters octet was seen
	fixed         int    // fixed parameters read
	variables     int    // variable parameters read
	variable      [2]int // their length octets
	pointers      int    // the first pointer octet
	mandatoryEnd  int    // behind the last pointer and the last variable parameter
	firstOptional int    // the code of the first optional parameter; 0: there is none
	optionalEnd   int    // behind the last optional parameter that was read
	rest          int    // the first octet that is in none of the parts
}

// Section is the part of a message that a parameter stands in, Q.763 clause 1.
type Section uint8

const (
	// Fixed is the mandatory fixed part: no code, no length.
	Fixed Section = iota + 1
	// Variable is the mandatory variable part: a pointer, a length, no code.
	Variable
	// Optional is the optional part: code, length, contents.
	Optional
)

// String gives "fixed", "variable" or "optional".
func (s Section) String() string {
	switch s {
	case Fixed:
		return "fixed"
	case Variable:
		return "variable"
	case Optional:
		return "optional"
	}
	return "unknown section"
}

// Parameter is one parameter of a message as it was received.
type Parameter struct {
	Name     ParameterName
	Section  Section
	Offset   int // of the contents' first octet, counted from the message type
	Contents []byte
}

// Type gives the message type. It is the first octet, known or not.
func (m *Message) Type() MessageType {
	if len(m.raw) == 0 {
		return 0
	}
	return MessageType(m.raw[0])
}

// Raw gives the octets that were decoded, the ones behind the message included.
func (m *Message) Raw() []byte { return m.raw }

// Variant gives the variant the message turned out to be written in.
func (m *Message) Variant() Variant { return m.variant }

// Ended says whether the optional part was closed by its end octet (clause
// 3.20). A message without an optional part has none to be missed.
func (m *Message) Ended() bool { return m.ended || m.firstOptional == 0 }

// Trailing gives the octets behind the message: after the end of the optional
// part, or after the mandatory part where the optional pointer is 0. Of a type
// that has no public format (PAM, CRG, unknown ones) it is all behind the type.
// After an error it begins where reading stopped.
func (m *Message) Trailing() []byte { return m.raw[m.rest:] }

// Content gives all behind the message type of a PAM or CRG, which have no public
// format, and nothing of other types. Draft writes it.
func (m *Message) Content() []byte {
	if m.table == nil || !m.table.opaque {
		return nil
	}
	return m.raw[1:]
}

// PassedAlong decodes the message that a PAM carries: from its own message type
// on, as the PAM itself. Offsets in errors count from there.
func (m *Message) PassedAlong() (Message, error) {
	if m.Type() != MessagePAM {
		return Message{}, m.fail(ParamEndOfOptionalParameters, 0, ErrNotPassAlong)
	}
	return Decode(m.raw[1:], m.variant)
}

// Parameters yields the fixed, the variable and the optional parameters in wire
// order, as far as the message could be read.
func (m *Message) Parameters(yield func(Parameter) bool) {
	for i := range m.mandatory() {
		if !yield(m.mandatoryParameter(i)) {
			return
		}
	}
	for at := m.firstOptional; at < m.optionalEnd; {
		p := m.optionalParameter(at)
		if !yield(p) {
			return
		}
		at = p.Offset + len(p.Contents)
	}
}

// Optional gives the nth parameter of that name in the optional part, counted
// from 0.
func (m *Message) Optional(name ParameterName, n int) (Parameter, bool) {
	for at := m.firstOptional; at < m.optionalEnd; at = m.behindOptional(at) {
		if ParameterName(m.raw[at]) != name {
			continue
		}
		if n == 0 {
			return m.optionalParameter(at), true
		}
		n--
	}
	return Parameter{}, false
}

// Find gives the nth parameter of that name in any part, counted from 0 in wire
// order.
func (m *Message) Find(name ParameterName, n int) (Parameter, bool) {
	for i := range m.mandatory() {
		if m.mandatoryName(i) != name {
			continue
		}
		if n == 0 {
			return m.mandatoryParameter(i), true
		}
		n--
	}
	return m.Optional(name, n)
}

// Repeated says whether the optional part has more than one parameter of that
// name. Getters give the first; whether the others matter is the caller's
// decision.
func (m *Message) Repeated(name ParameterName) bool {
	_, again := m.Optional(name, 1)
	return again
}

// first is what getters do: they read the first parameter of that name.
func first[T any](m *Message, name ParameterName, read func(Parameter) (T, error)) (T, error) {
	p, ok := m.Find(name, 0)
	if !ok {
		var none T
		return none, ErrAbsent
	}
	v, err := read(p)
	if err != nil {
		err = m.short(p)
	}
	return v, err
}

// octet gives the first octet of contents of which one is enough.
func (p Parameter) octet() (byte, error) {
	if len(p.Contents) == 0 {
		return 0, io.ErrUnexpectedEOF
	}
	return p.Contents[0], nil
}
