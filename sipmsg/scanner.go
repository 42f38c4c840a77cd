package sipmsg

// scanner walks over a value. It never goes beyond end.
type scanner struct {
	b      []byte
	i, end int
}

// at reports whether the next octet is c.
func (s *scanner) at(c byte) bool { return s.i < s.end && s.b[s.i] == c }

// take passes the next octet when it is c.
func (s *scanner) take(c byte) bool {
	if s.at(c) {
		s.i++
		return true
	}
	return false
}

// lws passes white space, folds included.
func (s *scanner) lws() {
	for s.i < s.end && isLWS(s.b[s.i]) {
		s.i++
	}
}

// run passes octets of a class and reports whether there were any.
func (s *scanner) run(class uint8) bool {
	n := span(s.b[s.i:s.end], class)
	s.i += n
	return n > 0
}

// runName passes a parameter name.
func (s *scanner) runName() bool {
	from := s.i
	for s.i < s.end && s.b[s.i] != '=' && classes[s.b[s.i]]&isValue != 0 {
		s.i++
	}
	return s.i > from
}

// quoted passes a quoted string; false when it does not end.
func (s *scanner) quoted() bool {
	for s.i++; s.i < s.end; s.i++ {
		switch s.b[s.i] {
		case '\\':
			s.i++
		case '"':
			s.i++
			return true
		}
	}
	s.i = s.end
	return false
}

// value passes what follows a '='. Quotes are part of the span.
func (s *scanner) value() (v Span, ok bool) {
	s.lws()
	v.Start = s.i
	ok = true
	if s.at('"') {
		ok = s.quoted()
	} else {
		s.run(isValue)
	}
	v.End = s.i
	return v, ok
}

// slash passes LWS "/" LWS, which RFC 3261 section 25.1 allows in a Via.
func (s *scanner) slash() bool {
	s.lws()
	ok := s.take('/')
	s.lws()
	return ok
}
