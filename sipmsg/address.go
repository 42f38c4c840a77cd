package sipmsg

// NameAddr is one value of From, To, Contact, Route, Diversion and the like
// (RFC 3261 section 20.10), sub-slices of what was parsed.
type NameAddr struct {
	Display []byte // with its quotes, if any
	URI     []byte // without the angle brackets
	Params  []byte // of the header, with the leading ';'
}

// ParseNameAddr takes one value apart, a name-addr or an addr-spec. Without
// angle brackets what follows a ';' are parameters of the header, and a URI
// with ',' or '?' is refused (section 20).
func ParseNameAddr(b []byte) (NameAddr, error) {
	var a address
	if at := a.scan(b); at >= 0 {
		return NameAddr{}, &Error{Status: 400, Reason: "Bad Address", Offset: at, Err: ErrAddress}
	}
	return NameAddr{
		Display: b[a.display.Start:a.display.End],
		URI:     b[a.uri.Start:a.uri.End],
		Params:  b[a.params.Start:a.params.End],
	}, nil
}

type address struct {
	display, uri, params Span
	tag                  Span
	tags                 int
}

// scan reads one address and its tag. bad is the offset of the first octet that
// does not fit, -1 when all do.
func (a *address) scan(b []byte) (bad int) {
	s := scanner{b: b, end: len(b)}
	s.lws()
	if s.at('"') {
		a.display.Start = s.i
		if !s.quoted() {
			return a.display.Start
		}
		a.display.End = s.i
		s.lws()
		if !s.at('<') {
			return s.i
		}
	} else if from := s.i; s.run(isDisplay) && s.at('<') {
		a.display = trimSpan(b, Span{from, s.i})
	} else if !s.at('<') {
		s.i = from
	}
	if s.at('<') {
		s.i++
		a.uri = Span{s.i, s.i}
		s.run(isURI)
		a.uri.End = s.i
		if !s.take('>') {
			return s.i
		}
	} else {
		a.uri = Span{s.i, s.i}
		for s.i < s.end && classes[b[s.i]]&isURI != 0 && b[s.i] != ';' && b[s.i] != ',' && b[s.i] != '?' {
			s.i++
		}
		a.uri.End = s.i
	}
	if n := schemeLen(b[a.uri.Start:a.uri.End]); n < 0 || a.uri.Start+n+1 == a.uri.End {
		return a.uri.Start
	}
	return a.scanParams(&s)
}

// scanParams reads what follows the URI. Empty parameters and parameters of any
// spelling pass: they hide nothing. An open quote would, and so would a comma:
// to some readers a second address follows it.
func (a *address) scanParams(s *scanner) (bad int) {
	s.lws()
	a.params = Span{s.i, s.end}
	for s.i < s.end {
		if !s.take(';') {
			return s.i
		}
		s.lws()
		name := Span{s.i, s.i}
		s.runName()
		name.End = s.i
		s.lws()
		var value Span
		if s.take('=') {
			var ok bool
			if value, ok = s.value(); !ok {
				return s.i
			}
			s.lws()
		}
		if name.End-name.Start == 3 && equalFold(s.b[name.Start:name.End], "tag") {
			a.tag = value
			a.tags++
		}
	}
	return -1
}
