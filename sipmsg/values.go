package sipmsg

import "bytes"

// NextValue splits the first value off a comma list (RFC 3261 section 7.3.1).
// Commas in quotes, angle brackets and comments do not count; an opening one
// that is never closed does not hide the rest. White space around the value is
// taken off. rest is empty when this was the last value.
func NextValue(list []byte) (value, rest []byte) {
	value, rest, _ = nextValue(list)
	return value, rest
}

// nextValue also says whether a comma was found: after one, an empty rest is
// still a value.
func nextValue(list []byte) (value, rest []byte, more bool) {
	unclosed := false // a comment was: the next ones are not looked for, or the time would grow as the square
	for i := 0; i < len(list); i++ {
		switch c := list[i]; c {
		case ',':
			return trim(list[:i]), list[i+1:], true
		case '"', '<', '(':
			if c == '(' && unclosed {
				continue
			}
			n := closing(list[i:])
			unclosed = unclosed || c == '(' && n == 0
			i += n
		}
	}
	return trim(list), nil, false
}

// closing gives the offset of the octet that closes what b begins with; 0 when
// there is none.
func closing(b []byte) int {
	end := closer(b[0])
	if bytes.IndexByte(b[1:], end) < 0 {
		return 0
	}
	depth := 0
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c == '\\' && end != '>': // quoted pairs are in strings and comments
			i++
		case c == '(' && end == ')':
			depth++ // comments nest (section 25.1)
		case c == end && i > 0:
			if depth--; depth <= 0 {
				return i
			}
		}
	}
	return 0
}

func closer(open byte) byte {
	switch open {
	case '<':
		return '>'
	case '(':
		return ')'
	}
	return '"'
}

// Param finds a parameter in ";a;b=c", the first of its name; names are
// compared without regard to the case of letters. The value comes without its
// quotes, quoted pairs untouched; it is nil for a parameter without one.
func Param(params []byte, name string) (value []byte, ok bool) {
	s := scanner{b: params, end: len(params)}
	for s.lws(); s.take(';'); s.lws() {
		s.lws()
		from := s.i
		s.runName()
		found := equalFold(params[from:s.i], name)
		s.lws()
		value = nil
		if s.take('=') {
			v, closed := s.value()
			if !closed {
				return nil, false
			}
			value = unquote(params[v.Start:v.End])
		}
		if found {
			return value, true
		}
	}
	return nil, false
}

func unquote(b []byte) []byte {
	if len(b) >= 2 && b[0] == '"' {
		return b[1 : len(b)-1]
	}
	return b
}

// URI is a SIP or SIPS URI in its parts (RFC 3261 section 19.1.1), sub-slices of
// what was parsed. Of a tel URI User is the number and Params are its
// parameters; of any other scheme User is all that follows the colon.
type URI struct {
	Scheme  []byte
	User    []byte // with the password, if any
	Host    []byte // with the brackets of an IPv6 reference
	Port    int    // 0: absent
	Params  []byte // with the leading ';'
	Headers []byte // with the leading '?'
}

// ParseURI takes a URI apart. It checks what decides where a SIP URI points to:
// one '@' at most, a host, a port, whole escapes. Inside user and parameters
// any visible ASCII octet but '"', '<', '>', '\' passes, so that "*21#" can be
// dialled.
func ParseURI(b []byte) (URI, error) {
	var u URI
	if bad := u.scan(b); bad >= 0 {
		return URI{}, &Error{Status: 400, Reason: "Bad URI", Offset: bad, Err: ErrURI}
	}
	return u, nil
}

// scan reads a URI of any scheme. bad is the offset of the first octet that does
// not fit, -1 when all do.
func (u *URI) scan(b []byte) (bad int) {
	n := schemeLen(b)
	if n < 0 || n+1 == len(b) {
		return 0
	}
	u.Scheme = b[:n]
	rest := b[n+1:]
	switch {
	case equalFold(u.Scheme, "sip") || equalFold(u.Scheme, "sips"):
		if bad = u.sip(rest); bad >= 0 {
			bad += n + 1
		}
		return bad
	case equalFold(u.Scheme, "tel"):
		// No octet of a number may be read as the end of a SIP URI's user part, which
		// it becomes (RFC 3966 section 3, RFC 3261 section 19.1.6).
		if i := bytes.IndexAny(rest, "@?"); i >= 0 {
			return n + 1 + i
		}
		if i := bytes.IndexByte(rest, ';'); i >= 0 {
			rest, u.Params = rest[:i], rest[i:]
		}
		if i := bytes.IndexByte(rest, ':'); i >= 0 {
			return n + 1 + i
		}
	}
	u.User = rest
	for i, c := range b {
		if c <= ' ' || c >= 0x7f || c == '<' || c == '>' || c == '"' {
			return i
		}
	}
	return -1
}

// sip reads what follows "sip:". bad is the offset of the octet that does not
// fit, -1 when all do.
func (u *URI) sip(b []byte) (bad int) {
	s := scanner{b: b, end: len(b)}
	// '@' is legal in front of the host only: users, parameters and headers
	// escape it. So the one there is ends the user part, whatever else is in it.
	if at := bytes.IndexByte(b, '@'); at >= 0 {
		if u.User = b[:at]; at == 0 || span(u.User, isUser) != at {
			return span(u.User, isUser)
		}
		s.i = at + 1
	}
	from := s.i
	if !s.host() {
		return s.i
	}
	u.Host = b[from:s.i]
	if s.take(':') {
		from = s.i
		for s.i < s.end && '0' <= b[s.i] && b[s.i] <= '9' {
			s.i++
		}
		n, ok := number(b[from:s.i], 65535)
		if !ok || n == 0 {
			return from
		}
		u.Port = int(n)
	}
	if from = s.i; s.at(';') {
		s.run(isParam)
		u.Params = b[from:s.i]
	}
	if from = s.i; s.take('?') {
		for s.i < s.end && (classes[b[s.i]]&isParam != 0 || b[s.i] == '?') {
			s.i++
		}
		u.Headers = b[from:s.i]
	}
	if s.i < s.end {
		return s.i
	}
	return badEscape(b)
}

// host passes a host name, an IPv4 address or an IPv6 reference in brackets.
// Inside the brackets only the octets are checked: RFC 5118 section 4.10 wants
// three colons in a row tolerated, which come from an old fault in the grammar.
func (s *scanner) host() bool {
	if !s.take('[') {
		return s.run(isHost)
	}
	from := s.i
	s.run(isIPv6)
	return bytes.Count(s.b[from:s.i], []byte{':'}) >= 2 && s.take(']')
}

// badEscape finds a '%' without two hexadecimal digits behind it; -1: none.
func badEscape(b []byte) int {
	for i := 0; ; i += 3 {
		next := bytes.IndexByte(b[i:], '%')
		if next < 0 {
			return -1
		}
		i += next
		if i+2 >= len(b) || !isHex(b[i+1]) || !isHex(b[i+2]) {
			return i
		}
	}
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= lower(c) && lower(c) <= 'f'
}

// schemeLen gives the length of a URI's scheme, before the colon (RFC 3261
// section 25.1); -1 when there is none.
func schemeLen(b []byte) int {
	if len(b) > 4 && string(b[:4]) == "sip:" {
		return 3
	}
	for i, c := range b {
		switch l := lower(c); {
		case 'a' <= l && l <= 'z':
		case i > 0 && ('0' <= c && c <= '9' || c == '+' || c == '-' || c == '.'):
		case i > 0 && c == ':':
			return i
		default:
			return -1
		}
	}
	return -1
}
