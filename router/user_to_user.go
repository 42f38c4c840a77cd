package router

import (
	"bytes"

	"sipid/sipmsg"
)

// readUserToUser takes the User-to-User header (RFC 7433) as the ISDN service
// uses it (RFC 7434): hexadecimal octets, the first a protocol discriminator,
// then the digits as IA5 characters. Platforms without ISDN behind them send the
// digits as text instead, as a quoted string or with encoding=text.
//
// RFC 7434 section 4.6 allows one value of purpose isdn-uui, the default. Values
// of other purposes count only when there is none. Different numbers are
// ambiguous, as with the ISUP parameters.
func (c *call) readUserToUser() {
	digits, same := c.userToUser(true)
	if len(digits) == 0 && same {
		digits, same = c.userToUser(false)
	}
	if !same {
		c.add(outcome{status: StatusAmbiguous, err: errUUIDiffer})
		return
	}
	stripped := c.trunk.strip(digits)
	if len(digits) > 0 {
		c.traceNumber(digits, stripped, "User-to-User")
	}
	c.offer(stripped)
}

func (c *call) userToUser(isdn bool) (digits []byte, same bool) {
	digits = c.scratch[:0]
	for l := (values{headers: c.signals.UserToUser}); l.next(); {
		data, params := splitUUI(l.value)
		purpose, given := sipmsg.Param(params, "purpose")
		if isdn != (!given || equalFold(purpose, "isdn-uui")) {
			continue
		}
		switch again := appendUUI(digits[len(digits):], data, params, isdn); {
		case len(digits) == 0:
			digits = again
		case len(again) > 0 && !bytes.Equal(digits, again):
			return nil, false
		}
	}
	return digits, true
}

// splitUUI takes the data, a token or a quoted string, from its parameters.
func splitUUI(value []byte) (data, params []byte) {
	end := 0
	if len(value) > 0 && value[0] == '"' {
		end = 1 + bytes.IndexByte(value[1:], '"')
	}
	semicolon := bytes.IndexByte(value[end:], ';')
	if semicolon < 0 {
		return bytes.TrimSpace(value), nil
	}
	return bytes.TrimSpace(value[:end+semicolon]), value[end+semicolon:]
}

// appendUUI appends the number in the data. Encodings other than hex and text
// give none: a guess could name somebody else.
func appendUUI(dst, data, params []byte, isdn bool) []byte {
	quoted := len(data) >= 2 && data[0] == '"' && data[len(data)-1] == '"'
	if quoted {
		data = data[1 : len(data)-1]
	}
	encoding, given := sipmsg.Param(params, "encoding")
	switch {
	case given && equalFold(encoding, "hex") || !given && !quoted:
		return appendHexUUI(dst, data, isdn)
	case !given || equalFold(encoding, "text"):
		return appendTextUUI(dst, data)
	}
	return dst
}

// appendHexUUI leaves the protocol discriminator out (Q.931 table 4-26; 04 is
// IA5). An octet that is a digit's character is none of those in use: such data
// has no discriminator, and dropping its first digit could name another client.
func appendHexUUI(dst, data []byte, isdn bool) []byte {
	mark := len(dst)
	for i := 0; i+1 < len(data); i += 2 {
		high, low := fromHex(data[i]), fromHex(data[i+1])
		if high < 0 || low < 0 {
			return dst[:mark]
		}
		octet := byte(high<<4 | low)
		if i == 0 && isdn && (octet < '0' || octet > '9') {
			continue
		}
		dst = append(dst, octet)
	}
	if len(data)%2 != 0 || !hasDigit(dst[mark:]) {
		return dst[:mark]
	}
	return dst
}

func appendTextUUI(dst, text []byte) []byte {
	if !hasDigit(text) {
		return dst
	}
	return append(dst, text...)
}
