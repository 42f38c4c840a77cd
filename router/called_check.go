package router

import (
	"bytes"

	"sipid/isupbody"
)

// inspect looks at what does not identify, but must be known: whether the called
// numbers of ISUP and SIP say the same, and whether the caller's number may be
// shown.
func (c *call) inspect() {
	if !c.iam.asked && c.hasISUP() {
		c.iam.asked = true
		c.readIAM()
	}
	d := c.d
	if c.iam.usable {
		m := &c.iam.message
		d.CalledDiffers = c.calledDiffers(m)
		if p, ok := m.Optional(isupbody.ParamCallingPartyNumber, 0); ok && len(p.Contents) > 1 {
			// Q.763 figure 12: bits 4 and 3 of the second octet.
			d.Restricted = isupbody.Presentation(p.Contents[1]>>2&3) == isupbody.PresentationRestricted
		}
	}
	d.Restricted = d.Restricted || asksPrivacy(c.signals.Privacy)
}

// calledDiffers compares the called party number with the Request-URI's. A
// country code, an international prefix and what the trunk strips make no
// difference. A URI without a number has none to compare.
func (c *call) calledDiffers(m *isupbody.Message) bool {
	n, err := m.CalledPartyNumber()
	if err != nil || n.Len() == 0 || n.Is(plainUser(c.signals.RequestURI)) {
		return false // the same, as nearly always
	}
	var room [maxNumber]byte
	if n.Len() > len(room) {
		return false
	}
	called := n.AppendDigits(room[:0])
	uri := appendNumber(c.scratch[:0], c.signals.RequestURI)
	return len(uri) > 0 && !c.trunk.alike(called, uri)
}

// plainUser is the user of a plain SIP URI; one that is not so plain may come
// out wrong, and has to be read with care.
func plainUser(uri []byte) []byte {
	const scheme = "sip:"
	if len(uri) < len(scheme) || string(uri[:len(scheme)]) != scheme {
		return nil
	}
	user := uri[len(scheme):]
	return user[:max(0, bytes.IndexByte(user, '@'))]
}

// alike says whether one of two numbers is the other behind a prefix.
func (t *Trunk) alike(a, b []byte) bool {
	a, b = bytes.TrimPrefix(a, []byte("+")), bytes.TrimPrefix(b, []byte("+"))
	if len(a) < len(b) {
		a, b = b, a
	}
	prefix, ok := bytes.CutSuffix(a, b)
	if !ok {
		return false
	}
	switch string(prefix) {
	case "", trunkPrefix, "00", countryCode, trunkPrefix + countryCode, "00" + countryCode:
		return true
	}
	for _, list := range [...][]string{t.StripPrefix, t.Called.Strip, {t.Called.Add}} {
		for _, p := range list {
			if len(p) > 0 && string(prefix) == p[bytes.IndexByte([]byte(p[:1]), '+')+1:] {
				return true
			}
		}
	}
	return false
}

// asksPrivacy reads the value of Privacy (RFC 3323 section 4.2, RFC 3325 section
// 9.3): anything but none asks for some.
func asksPrivacy(value []byte) bool {
	for len(value) > 0 {
		var one []byte
		one, value, _ = bytes.Cut(value, []byte(";"))
		one = bytes.TrimSpace(one)
		if equalFold(one, "id") || equalFold(one, "user") || equalFold(one, "header") {
			return true
		}
	}
	return false
}
