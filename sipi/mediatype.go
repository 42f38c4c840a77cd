package sipi

import "bytes"

// maxBoundary is the longest boundary RFC 2046 clause 5.1.1 allows.
const maxBoundary = 70

// mediaType is what matters of a Content-Type value (RFC 3261 clause 25.1).
type mediaType struct {
	kind        Kind
	alternative bool   // multipart/alternative
	params      []byte // from the first ";" on
}

// parseMediaType reads type and subtype. White space around the slash is legal
// (RFC 3261 SLASH), and so is a fold in it. Behind the subtype only a parameter
// may follow: "application/isup x" is no type.
func parseMediaType(v []byte) (m mediaType, ok bool) {
	slash := bytes.IndexByte(v, '/')
	if slash < 0 {
		return m, false
	}
	typ, rest := trimRight(v[:slash]), trimLeft(v[slash+1:])
	n := tokenLength(rest)
	subtype := rest[:n]
	m.params = trimLeft(rest[n:])
	if n == 0 || len(m.params) > 0 && m.params[0] != ';' {
		return mediaType{}, false
	}
	// Whole names in any case (RFC 2045 clause 5.1; application/ISUP is as common
	// as application/isup): application/isu, application/isupp and text/isup are
	// other types.
	switch {
	case equalFold(typ, "application"):
		switch {
		case equalFold(subtype, "sdp"):
			m.kind = SDP
		case equalFold(subtype, "isup"):
			m.kind = ISUP
		}
	case equalFold(typ, "multipart"):
		m.kind = Multipart
		m.alternative = equalFold(subtype, "alternative")
	case len(typ) == 0 || tokenLength(typ) != len(typ):
		return mediaType{}, false
	}
	return m, true
}

// boundaryOf returns the boundary parameter. The error says why a strict reader
// must not use it; the value is still the best guess there is, nil for none.
//
// Accepted beyond RFC 2046: characters that need quotes without them (":", "/",
// "="), characters it does not know in quotes (the "*" of the Dialogic DMG
// gateways), and the same boundary twice. Refused, as readers differ: two
// different ones, RFC 2231's boundary*=, escapes, no closing quote, inner white
// space without quotes, over 70 octets.
func boundaryOf(params []byte) ([]byte, error) {
	var found []byte
	var bad error
	for rest := params; len(rest) > 0; {
		var p param
		p, rest = nextParam(rest)
		switch {
		case p.open:
			bad = ErrContentType
		case len(p.name) > len("boundary") && p.name[len("boundary")] == '*' && equalFold(p.name[:len("boundary")], "boundary"):
			return nil, ErrContradictory
		case !equalFold(p.name, "boundary"):
			continue
		case found != nil && !bytes.Equal(found, p.value):
			return nil, ErrContradictory
		default:
			found = p.value
		}
	}
	if usableBoundary(found) {
		return found, bad
	}
	if bad == nil {
		bad = ErrNoBoundary
	}
	if len(found) == 0 || bytes.ContainsAny(found, "\r\n") {
		return nil, bad
	}
	return found, bad
}

// usableBoundary reports whether b is printable, short enough, not empty and
// not ending in a space, which padding would hide.
func usableBoundary(b []byte) bool {
	if len(b) == 0 || len(b) > maxBoundary || b[len(b)-1] == ' ' {
		return false
	}
	for _, c := range b {
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// param is one parameter of a header value.
type param struct {
	name  []byte
	value []byte // without quotes, escapes kept
	open  bool   // a quote without its end, or something between value and ";"
}

// nextParam reads the parameter at the start of s, which begins with ";". White
// space is allowed around "=" and ";" (RFC 3261 EQUAL, SEMI; the Dialogic DMG
// gateways have it before ";"), empty parameters are passed over as a trailing
// ";" is common.
func nextParam(s []byte) (p param, rest []byte) {
	s = trimLeft(s[1:])
	n := tokenLength(s)
	p.name, s = s[:n], trimLeft(s[n:])
	if len(s) == 0 || s[0] != '=' {
		i := indexOrLen(s, ';')
		p.open = i > 0
		return p, s[i:]
	}
	s = trimLeft(s[1:])
	if len(s) > 0 && s[0] == '"' {
		return quotedValue(p.name, s[1:])
	}
	return plainValue(p.name, s)
}

// plainValue reads a value without quotes.
func plainValue(name, s []byte) (p param, rest []byte) {
	i, end := 0, 0 // where it ends, without white space behind it
	for ; i < len(s) && s[i] != ';'; i++ {
		switch c := s[i]; {
		case isSpace(c):
		case c == '"', c == '\\', i > end: // something behind white space
			p.open = true
			fallthrough
		default:
			end = i + 1
		}
	}
	p.name, p.value = name, s[:end]
	return p, s[i:]
}

// quotedValue reads the rest of a quoted value; s begins behind the quote.
func quotedValue(name, s []byte) (p param, rest []byte) {
	p.name = name
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			p.value = s[:i]
			s = trimLeft(s[i+1:])
			i = indexOrLen(s, ';')
			p.open = i > 0
			return p, s[i:]
		}
	}
	p.value, p.open = s, true
	return p, nil
}

// handling reads the handling parameter of a Content-Disposition value, whatever
// its type: session above ISUP occurs (SIPp scenarios for SIP-I). Two that
// differ count as required, the safe one.
func handling(disposition []byte) Handling {
	h := Required
	for rest := disposition[indexOrLen(disposition, ';'):]; len(rest) > 0; {
		var p param
		p, rest = nextParam(rest)
		if !equalFold(p.name, "handling") {
			continue
		}
		if !equalFold(p.value, "optional") || p.open {
			return Required
		}
		h = Optional
	}
	return h
}
