package isupbody

// Draft is a message to be written, of any type: its parameters by name. Those
// that are fixed or variable in that type go to their places, the first of each
// name; all others become optional in the order given. Section and Offset are
// not looked at.
type Draft struct {
	Type       MessageType
	Variant    Variant // matters for the IAM only
	Parameters []Parameter
	Content    []byte // of a PAM or CRG: all behind the message type
}

// Add adds a parameter. The contents are kept, not copied.
func (d *Draft) Add(name ParameterName, contents []byte) {
	d.Parameters = append(d.Parameters, Parameter{Name: name, Contents: contents})
}

// AppendBinary appends the message in canonical form: parts without gaps, the
// optional pointer 0 where no optional parameter is given. It does not allocate
// when dst has room.
//
// ErrAbsent means that a mandatory parameter is missing; the error is a
// *ParseError that names it.
func (d Draft) AppendBinary(dst []byte) ([]byte, error) {
	table := &layouts[d.Type]
	if d.Type == MessageIAM && d.Variant == VariantANSI {
		table = &ansiIAM
	}
	if table.abbreviation == "" {
		return dst, &ParseError{Message: d.Type, Err: ErrUnknownMessage}
	}
	if !table.opaque && len(d.Content) > 0 {
		return dst, &ParseError{Message: d.Type, Err: ErrNotOpaque}
	}
	base := len(dst)
	dst = append(dst, byte(d.Type))
	dst = append(dst, d.Content...)
	var err error
	if dst, err = d.appendFixed(dst, table); err != nil {
		return dst[:base], err
	}
	if dst, err = d.appendRest(dst, table); err != nil {
		return dst[:base], err
	}
	return dst, nil
}

// MarshalBinary is AppendBinary into new memory.
func (d Draft) MarshalBinary() ([]byte, error) { return d.AppendBinary(nil) }

func (d Draft) appendFixed(dst []byte, table *layout) ([]byte, error) {
	for _, f := range table.fixed {
		i := d.index(f.name)
		if i < 0 {
			return dst, d.fail(f.name, ErrAbsent)
		}
		if len(d.Parameters[i].Contents) != f.length {
			return dst, d.fail(f.name, ErrLength)
		}
		dst = append(dst, d.Parameters[i].Contents...)
	}
	return dst, nil
}

func (d Draft) appendRest(dst []byte, table *layout) ([]byte, error) {
	pointer := len(dst)
	for range table.variable {
		dst = append(dst, 0)
	}
	if table.optional {
		dst = append(dst, 0)
	}
	for _, name := range table.variable {
		i := d.index(name)
		if i < 0 {
			return dst, d.fail(name, ErrAbsent)
		}
		var err error
		if dst, err = d.point(dst, pointer, name); err != nil {
			return dst, err
		}
		pointer++
		if dst, err = d.appendContents(dst, d.Parameters[i]); err != nil {
			return dst, err
		}
	}
	return d.appendOptional(dst, table, pointer)
}

func (d Draft) appendOptional(dst []byte, table *layout, pointer int) ([]byte, error) {
	start := len(dst)
	for i, p := range d.Parameters {
		if table.mandatory(p.Name) && d.index(p.Name) == i {
			continue
		}
		if !table.optional || p.Name == ParamEndOfOptionalParameters {
			return dst, d.fail(p.Name, ErrNoOptionalPart)
		}
		var err error
		if len(dst) == start {
			if dst, err = d.point(dst, pointer, p.Name); err != nil {
				return dst, err
			}
		}
		if dst, err = d.appendContents(append(dst, byte(p.Name)), p); err != nil {
			return dst, err
		}
	}
	if len(dst) > start {
		dst = append(dst, byte(ParamEndOfOptionalParameters))
	}
	return dst, nil
}

// point makes the pointer octet point at the end of dst.
func (d Draft) point(dst []byte, pointer int, name ParameterName) ([]byte, error) {
	distance := len(dst) - pointer
	if distance > maxLength {
		return dst, d.fail(name, ErrTooLong)
	}
	dst[pointer] = byte(distance)
	return dst, nil
}

func (d Draft) appendContents(dst []byte, p Parameter) ([]byte, error) {
	if len(p.Contents) > maxLength {
		return dst, d.fail(p.Name, ErrTooLong)
	}
	return append(append(dst, byte(len(p.Contents))), p.Contents...), nil
}

func (d Draft) index(name ParameterName) int {
	for i := range d.Parameters {
		if d.Parameters[i].Name == name {
			return i
		}
	}
	return -1
}

func (d Draft) fail(name ParameterName, err error) error {
	return &ParseError{Message: d.Type, Parameter: name, Err: err}
}

// mandatory says whether the parameter is fixed or variable in this message.
func (l *layout) mandatory(name ParameterName) bool {
	for _, f := range l.fixed {
		if f.name == name {
			return true
		}
	}
	for _, v := range l.variable {
		if v == name {
			return true
		}
	}
	return false
}
