package q850

import "strconv"

// Protocol is the protocol of a Reason header that carries a cause (RFC 3326
// section 2).
const Protocol = "Q.850"

// Reason is what a Reason header says in Q.850.
type Reason struct {
	Cause       Cause
	Location    Location
	HasLocation bool // RFC 8606; without it Location says nothing
}

// Append appends the header's value, as in "Q.850;cause=16;location=LN".
func (r Reason) Append(dst []byte) []byte {
	dst = append(dst, Protocol+";cause="...)
	dst = strconv.AppendUint(dst, uint64(r.Cause), 10)
	if r.HasLocation {
		dst = append(append(dst, ";location="...), r.Location.String()...)
	}
	return dst
}

// String gives the header's value.
func (r Reason) String() string { return string(r.Append(nil)) }

// Find looks for the Q.850 value in the value of a Reason header, which may list
// one for each protocol (RFC 3326 section 2). It is false where there is none,
// or none with a cause that can be read. A location that is not known counts as
// absent: the cause stands without it.
func Find(list []byte) (Reason, bool) {
	for len(list) > 0 {
		var value []byte
		value, list = cut(list, ',')
		if r, ok := parse(value); ok {
			return r, true
		}
	}
	return Reason{}, false
}

// parse reads one value: protocol *(SEMI param).
func parse(value []byte) (Reason, bool) {
	protocol, params := cut(value, ';')
	if !fold(trim(protocol), Protocol) {
		return Reason{}, false
	}
	var r Reason
	for len(params) > 0 {
		var param []byte
		param, params = cut(params, ';')
		name, text := cut(param, '=')
		name, text = trim(name), trim(text)
		switch {
		case fold(name, "cause") && r.Cause == 0:
			r.Cause = parseCause(text)
		case fold(name, "location") && !r.HasLocation:
			r.Location, r.HasLocation = ParseLocation(text)
		}
	}
	return r, r.Cause.Valid()
}

// parseCause reads a cause in decimal; 0: it is none.
func parseCause(text []byte) Cause {
	n := 0
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0
		}
		if n = 10*n + int(c-'0'); n > int(MaxCause) {
			return 0
		}
	}
	return Cause(n)
}

// cut splits at the first separator outside quotes.
func cut(b []byte, separator byte) (before, after []byte) {
	quoted := false
	for i := 0; i < len(b); i++ {
		switch {
		case quoted && b[i] == '\\':
			i++
		case b[i] == '"':
			quoted = !quoted
		case b[i] == separator && !quoted:
			return b[:i], b[i+1:]
		}
	}
	return b, nil
}

// trim removes white space, line ends of folds included.
func trim(b []byte) []byte {
	for len(b) > 0 && isSpace(b[0]) {
		b = b[1:]
	}
	for len(b) > 0 && isSpace(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }
