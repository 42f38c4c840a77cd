package router

import (
	"strings"

	"sipid/sipmsg"
)

// AppendHeaders appends the header lines for the agent PBX. X-Identify-Status
// is always there; the others only of a resolved call: a wrong name is worse
// than none. Where the client or its PBX group has a header profile, its headers
// stand in their place. It does not allocate when dst has room, but for
// User-to-User.
func (d *Decision) AppendHeaders(dst []byte) ([]byte, error) {
	if d.profile != nil {
		return d.appendProfile(dst)
	}
	if d.Status != StatusResolved {
		return sipmsg.AppendHeader(dst, sipmsg.HeaderIdentifyStatus, d.Status.String())
	}
	dst, err := d.appendKey(dst)
	if err != nil {
		return dst, err
	}
	for _, h := range [...]struct{ name, value string }{
		{sipmsg.HeaderClientName, d.name},
		{sipmsg.HeaderClientEndpoint, d.Client.Endpoint},
		{sipmsg.HeaderIdentifyStatus, d.Status.String()},
		{sipmsg.HeaderIdentifySource, d.Source.String()},
	} {
		if dst, err = sipmsg.AppendHeader(dst, h.name, h.value); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// appendKey appends what the client system knows the call by: access ID and
// serial, or the real caller, which stands beside the calling number that the
// client was found by.
func (d *Decision) appendKey(dst []byte) ([]byte, error) {
	if d.Source.ByAccessID() {
		dst, err := sipmsg.AppendHeader(dst, sipmsg.HeaderAccessID, d.Client.AccessID)
		if err != nil {
			return dst, err
		}
		return sipmsg.AppendHeader(dst, sipmsg.HeaderSerial, d.Serial())
	}
	if number := d.CallingNumber(); len(number) > 0 {
		return sipmsg.AppendHeader(dst, sipmsg.HeaderCallingNumber, number)
	}
	return dst, nil
}

// isControl: the C0 and C1 control characters and DEL. Some readers end a line
// at U+0085.
func isControl(r rune) bool { return r < ' ' || r >= 0x7F && r <= 0x9F }

// needsEscape says whether a name differs from what the header shows.
func needsEscape(name string) bool {
	for _, r := range name {
		if r == '%' || isControl(r) {
			return true
		}
	}
	return false
}

// escapeName percent-encodes % and the octets of control characters (RFC 3986
// section 2.1); all else stays raw UTF-8.
func escapeName(name string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for _, r := range name {
		if r != '%' && !isControl(r) {
			b.WriteRune(r)
			continue
		}
		for _, octet := range []byte(string(r)) {
			b.WriteByte('%')
			b.WriteByte(hex[octet>>4])
			b.WriteByte(hex[octet&0xF])
		}
	}
	return b.String()
}
