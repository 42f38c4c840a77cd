package sipi

import "bytes"

// isToken reports whether c may stand in a token (RFC 3261 clause 25.1).
func isToken(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	}
	switch c {
	case '-', '.', '!', '%', '*', '_', '+', '`', '\'', '~':
		return true
	}
	return false
}

// isSpace reports whether c is white space of a header value; CR and LF stand
// for a fold there.
func isSpace(c byte) bool {
	return c == ' ' || c == '\t' || c == '\r' || c == '\n'
}

// cutToken splits s behind the token it begins with.
func cutToken(s []byte) (token, rest []byte) {
	i := 0
	for i < len(s) && isToken(s[i]) {
		i++
	}
	return s[:i], s[i:]
}

// trimLeft removes leading white space and folds.
func trimLeft(s []byte) []byte {
	for len(s) > 0 && isSpace(s[0]) {
		s = s[1:]
	}
	return s
}

// trim removes surrounding white space and folds.
func trim(s []byte) []byte {
	s = trimLeft(s)
	for len(s) > 0 && isSpace(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}

// indexOrLen returns the index of c in s, or its length.
func indexOrLen(s []byte, c byte) int {
	if i := bytes.IndexByte(s, c); i >= 0 {
		return i
	}
	return len(s)
}

// equalFold compares with a lower-case ASCII name. Only ASCII folds: Unicode
// has letters that fold onto k and s.
func equalFold(b []byte, lower string) bool {
	if len(b) != len(lower) {
		return false
	}
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}
