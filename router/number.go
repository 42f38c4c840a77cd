package router

import (
	"bytes"

	"sipid/sipmsg"
)

// appendNumber appends the number in a SIP or tel URI: the user part without
// its parameters and password, escapes undone (RFC 3261 section 19.1.4), visual
// separators left out of telephone numbers (RFC 3966 section 5.1.1). A user
// without any digit is no number.
func appendNumber(dst, uri []byte) []byte {
	u, err := sipmsg.ParseURI(uri)
	if err != nil {
		return dst
	}
	phone := equalFold(u.Scheme, "tel")
	if !phone {
		if !equalFold(u.Scheme, "sip") && !equalFold(u.Scheme, "sips") {
			return dst
		}
		user, _ := sipmsg.Param(u.Params, "user")
		phone = equalFold(user, "phone")
	}
	user := u.User
	if end := bytes.IndexAny(user, ";:"); end >= 0 {
		user = user[:end]
	}
	mark := len(dst)
	dst = appendUnescaped(dst, user, phone)
	if !hasDigit(dst[mark:]) {
		return dst[:mark]
	}
	return dst
}

func appendUnescaped(dst, user []byte, phone bool) []byte {
	for i := 0; i < len(user); i++ {
		c := user[i]
		if c == '%' && i+2 < len(user) {
			if high, low := fromHex(user[i+1]), fromHex(user[i+2]); high >= 0 && low >= 0 {
				c = byte(high<<4 | low)
				i += 2
			}
		}
		if phone && (c == '-' || c == '.' || c == '(' || c == ')') {
			continue
		}
		dst = append(dst, c)
	}
	return dst
}

// strip takes the longest of the trunk's prefixes off a number that came in a
// SIP header: gateways put the country code in front (RFC 3398 section 12).
func (t *Trunk) strip(digits []byte) []byte {
	return digits[longestPrefix(t.StripPrefix, digits):]
}

func hasDigit(b []byte) bool {
	for _, c := range b {
		if c >= '0' && c <= '9' {
			return true
		}
	}
	return false
}

func fromHex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

// equalFold compares names of RFC 3261, ASCII without regard to case.
func equalFold(b []byte, name string) bool {
	if len(b) != len(name) {
		return false
	}
	for i := range b {
		c := b[i]
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if c != name[i] {
			return false
		}
	}
	return true
}
