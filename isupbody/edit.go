package isupbody

// Edits are splices: the octets before and behind the parameter are copied as
// they are, and pointers whose target moved are recomputed. Gaps, trailing
// octets, spare bits and a missing end octet stay.

// maxLength is what a length octet can say.
const maxLength = 255

// AppendReplaced appends the message with other contents in the first parameter
// of that name. A fixed parameter keeps its length. The message itself is not
// changed; dst must not overlap it.
//
// ErrAbsent means that there is no such parameter.
func (m *Message) AppendReplaced(dst []byte, name ParameterName, contents []byte) ([]byte, error) {
	return m.AppendReplacedNth(dst, name, 0, contents)
}

// AppendReplacedNth is AppendReplaced for the nth parameter of that name, counted
// from 0 as Find does.
func (m *Message) AppendReplacedNth(dst []byte, name ParameterName, n int, contents []byte) ([]byte, error) {
	if !m.complete {
		return dst, ErrIncomplete
	}
	p, ok := m.Find(name, n)
	if !ok {
		return dst, ErrAbsent
	}
	if p.Section == Fixed {
		if len(contents) != len(p.Contents) {
			return dst, ErrLength
		}
		dst = append(dst, m.raw[:p.Offset]...)
		dst = append(dst, contents...)
		return append(dst, m.raw[p.Offset+len(contents):]...), nil
	}
	if len(contents) > maxLength {
		return dst, ErrTooLong
	}
	base, end := len(dst), p.Offset+len(p.Contents)
	dst = append(dst, m.raw[:p.Offset-1]...)
	dst = append(dst, byte(len(contents)))
	dst = append(dst, contents...)
	dst = append(dst, m.raw[end:]...)
	if p.Section == Optional {
		return dst, nil
	}
	return m.movePointers(dst, base, end, len(contents)-len(p.Contents))
}

// AppendInserted appends the message with one more optional parameter, as the
// one with that index; one that is too large or negative puts it last. Where
// there is no optional part one is begun behind the mandatory part.
//
// ErrNoOptionalPart means that the message type has none.
func (m *Message) AppendInserted(dst []byte, index int, name ParameterName, contents []byte) ([]byte, error) {
	if !m.complete {
		return dst, ErrIncomplete
	}
	if !m.table.optional || name == ParamEndOfOptionalParameters {
		return dst, ErrNoOptionalPart
	}
	if len(contents) > maxLength {
		return dst, ErrTooLong
	}
	at := m.optionalAt(index)
	if m.firstOptional == 0 {
		at = m.mandatoryEnd
	}
	base := len(dst)
	dst = append(dst, m.raw[:at]...)
	dst = append(dst, byte(name), byte(len(contents)))
	dst = append(dst, contents...)
	if m.firstOptional == 0 {
		pointer := m.optionalPointer()
		if at-pointer > maxLength {
			return dst[:base], ErrTooLong
		}
		dst[base+pointer] = byte(at - pointer)
		dst = append(dst, byte(ParamEndOfOptionalParameters))
	}
	return append(dst, m.raw[at:]...), nil
}

// AppendRemoved appends the message without the nth optional parameter of that
// name, counted from 0. The last one leaves an empty optional part.
func (m *Message) AppendRemoved(dst []byte, name ParameterName, n int) ([]byte, error) {
	if !m.complete {
		return dst, ErrIncomplete
	}
	p, ok := m.Optional(name, n)
	if !ok {
		return dst, ErrAbsent
	}
	base, start, end := len(dst), p.Offset-2, p.Offset+len(p.Contents)
	dst = append(dst, m.raw[:start]...)
	dst = append(dst, m.raw[end:]...)
	if start == m.firstOptional && end == len(m.raw) {
		// Without an end octet nothing is left to point at.
		dst[base+m.optionalPointer()] = 0
	}
	return dst, nil
}

// optionalAt gives where the optional parameter with that index begins, or the
// end of the last one.
func (m *Message) optionalAt(index int) int {
	at := m.firstOptional
	for ; at < m.optionalEnd && index != 0; index-- {
		at = m.behindOptional(at)
	}
	return at
}

func (m *Message) optionalPointer() int { return m.pointers + len(m.table.variable) }

// movePointers adds delta to the pointers that point behind a variable parameter
// which ended at that octet of the original.
func (m *Message) movePointers(dst []byte, base, end, delta int) ([]byte, error) {
	behind := m.optionalPointer()
	if m.table.optional {
		behind++
	}
	for at := m.pointers; at < behind; at++ {
		distance := int(m.raw[at])
		if distance == 0 || at+distance < end {
			continue
		}
		if distance+delta > maxLength {
			return dst[:base], ErrTooLong
		}
		dst[base+at] = byte(distance + delta)
	}
	return dst, nil
}
