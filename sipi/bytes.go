package sipi

import (
	"bytes"
	"encoding/binary"
)

// The characters of a token (RFC 3261 clause 25.1) as bits, 0 to 63 and 64 to
// 127: one shift instead of a comparison chain, as every name goes through it.
const (
	tokenLow = 1<<'!' | 1<<'%' | 1<<'\'' | 1<<'*' | 1<<'+' | 1<<'-' | 1<<'.' | 0x3ff<<'0'

	tokenHigh = 0x3ffffff<<('A'-64) | 0x3ffffff<<('a'-64) | 1<<('_'-64) | 1<<('`'-64) | 1<<('~'-64)
)

// isToken reports whether c may stand in a token.
func isToken(c byte) bool {
	if c < 64 {
		return tokenLow>>c&1 != 0
	}
	return c < 128 && tokenHigh>>(c-64)&1 != 0
}

// isSpace reports whether c is white space of a header value; CR and LF stand
// for a fold there.
func isSpace(c byte) bool {
	return c == ' ' || c == '\t' || c == '\r' || c == '\n'
}

// tokenLength returns the length of the token s begins with.
func tokenLength(s []byte) int {
	for i, c := range s {
		if !isToken(c) {
			return i
		}
	}
	return len(s)
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

// indexControl returns the index of the first control character that is no tab,
// or notFound. Eight octets at a time are tried first: with the bit trick below
// a word without any control character, tab included, costs four operations.
func indexControl(s []byte) int {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	i := 0
	for ; i+8 <= len(s); i += 8 {
		w := binary.LittleEndian.Uint64(s[i:])
		below := (w - ones*' ') &^ w // high bit set where an octet is below a space
		del := w ^ ones*0x7f
		del = (del - ones) &^ del // high bit set where an octet is DEL
		if (below|del)&high != 0 {
			break
		}
	}
	for ; i < len(s); i++ {
		if c := s[i]; c < ' ' && c != '\t' || c == 0x7f {
			return i
		}
	}
	return notFound
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
		l := lower[i]
		if d := c ^ l; d != 0 && (d != 'a'-'A' || l < 'a' || l > 'z') {
			return false
		}
	}
	return true
}
