package sipmsg

// Classes of octets, RFC 3261 section 25.1. One table, one bit per class.
const (
	isToken   uint8 = 1 << iota // token
	isHost                      // hostname, with '_' which real names have
	isIPv6                      // inside the brackets of an IPv6 reference
	isUser                      // user part and password of a URI
	isParam                     // parameters and headers of a URI
	isDisplay                   // display name without quotes, white space included
	isValue                     // value of a parameter without quotes
	isURI                       // a URI between angle brackets, as far as we look at it
)

var classes = makeClasses()

func makeClasses() (t [256]uint8) {
	mark := func(set string, class uint8) {
		for i := range len(set) {
			t[set[i]] |= class
		}
	}
	const alnum = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	mark(alnum+"-.!%*_+`'~", isToken)
	mark(alnum+"-._", isHost)
	mark("0123456789abcdefABCDEF:.", isIPv6)
	for c := 0x21; c <= 0x7e; c++ {
		t[c] |= isUser | isParam | isDisplay | isValue | isURI
	}
	for c := 0x80; c <= 0xff; c++ {
		t[c] |= isDisplay | isValue | isURI // raw UTF-8 is common there and hides nothing
	}
	mark(" \t\r\n", isDisplay)
	unmark := func(set string, class uint8) {
		for i := range len(set) {
			t[set[i]] &^= class
		}
	}
	unmark("\"<>\\@", isUser|isParam)
	unmark("?", isParam)
	unmark("\"<>\\,;:", isDisplay)
	unmark("\"<>,;", isValue)
	unmark("\"<>\\", isURI)
	return t
}

// span gives the length of the prefix of b that is all of one class.
func span(b []byte, class uint8) int {
	for i, c := range b {
		if classes[c]&class == 0 {
			return i
		}
	}
	return len(b)
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c | 0x20
	}
	return c
}

// equalFold compares without regard to the case of ASCII letters.
func equalFold(b []byte, s string) bool {
	if len(b) != len(s) {
		return false
	}
	if string(b) == s { // nearly always as the RFC spells it
		return true
	}
	for i := range len(s) {
		if lower(b[i]) != lower(s[i]) {
			return false
		}
	}
	return true
}

func isLWS(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// trim gives b without white space, folds included, at both ends.
func trim(b []byte) []byte {
	for len(b) > 0 && isLWS(b[0]) {
		b = b[1:]
	}
	for len(b) > 0 && isLWS(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}

// trimSpan is trim on offsets.
func trimSpan(b []byte, s Span) Span {
	for s.Start < s.End && isLWS(b[s.Start]) {
		s.Start++
	}
	for s.Start < s.End && isLWS(b[s.End-1]) {
		s.End--
	}
	return s
}

// number reads decimal digits and nothing else. Values over max fail; the sum
// cannot overflow as it stops there.
func number(b []byte, max uint64) (uint64, bool) {
	if len(b) == 0 {
		return 0, false
	}
	var n uint64
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		if n = n*10 + uint64(c-'0'); n > max {
			return 0, false
		}
	}
	return n, true
}
