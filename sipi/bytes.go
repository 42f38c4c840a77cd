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
	return c <= ' ' && (1<<' '|1<<'\t'|1<<'\r'|1<<'\n')>>c&1 != 0
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

// trimRight removes trailing white space and folds.
func trimRight(s []byte) []byte {
	for len(s) > 0 && isSpace(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}

// trim removes surrounding white space and folds.
func trim(s []byte) []byte { return trimRight(trimLeft(s)) }

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
// has letters that fold onto k and s. Names of eight octets and more, which
// nearly all are, go by words; the last word overlaps the one before.
func equalFold(b []byte, lower string) bool {
	if len(b) != len(lower) {
		return false
	}
	if len(b) < 8 {
		for i, c := range b {
			l := lower[i]
			if d := c ^ l; d != 0 && (d != 'a'-'A' || l < 'a' || l > 'z') {
				return false
			}
		}
		return true
	}
	for i := 0; i < len(b)-8; i += 8 {
		if !equalFold8(b[i:], lower[i:]) {
			return false
		}
	}
	return equalFold8(b[len(b)-8:], lower[len(b)-8:])
}

// equalFold8 compares the first eight octets. A difference is allowed in the
// bit 0x20 of octets that are letters in lower: those from 0x61 on (adding 0x1f
// carries into the high bit) and below 0x7b (adding 5 does not).
func equalFold8(b []byte, lower string) bool {
	const ones = 0x0101010101010101
	l := uint64(lower[0]) | uint64(lower[1])<<8 | uint64(lower[2])<<16 | uint64(lower[3])<<24 |
		uint64(lower[4])<<32 | uint64(lower[5])<<40 | uint64(lower[6])<<48 | uint64(lower[7])<<56
	letters := (l + ones*0x1f) &^ (l + ones*5) & (ones * 0x80) >> 2
	return (binary.LittleEndian.Uint64(b)^l)&^letters == 0
}
