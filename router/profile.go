package router

import (
	"encoding/hex"
	"strings"

	"sipid/sipmsg"
)

// Profile is a set of headers for PBXs that want others than the trusted ones.
type Profile struct {
	Name    string
	Headers []ProfileHeader // by importance: what does not fit the budget is left out from the end
	Budget  int             // octets of all its lines together, line ends included; 0: no limit
}

// ProfileHeader is one header of a profile. It is left out where a value that it
// needs is not there: of a call that is not identified that is all but status.
type ProfileHeader struct {
	Name  string // as it is written, capitals and all
	Value string // what it says: one of the Value constants
	Text  string // of ValueUUIGenesys, ValueUUIAvaya and ValueCallInfo: with {access_id}, {serial} and {calling_number}
}

// The values of ProfileHeader.Value.
const (
	ValueAccessID   = "access_id"
	ValueSerial     = "serial"
	ValueName       = "client_name"
	ValueEndpoint   = "client_endpoint"
	ValueStatus     = "status"
	ValueSource     = "source"
	ValueCalling    = "calling_number" // personal: a group has to allow it
	ValueUUIGenesys = "uui_genesys"    // hexadecimal behind the discriminator 04, IA5 (RFC 7433; Q.931 table 4-26)
	ValueUUIAvaya   = "uui_avaya"      // shared UUI: discriminator 04, application C8 (ASAI), length, text
	ValueCallInfo   = "call_info"      // a URL for this call, purpose=info (RFC 3261 section 20.9)
)

// DefaultUUIText is what User-to-User carries where nothing else is said.
const DefaultUUIText = "{access_id}:{serial}"

const (
	holderAccessID = "{access_id}"
	holderSerial   = "{serial}"
	holderCalling  = "{calling_number}"
)

// personal says whether a header shows who calls.
func (h *ProfileHeader) personal() bool {
	return h.Value == ValueCalling || strings.Contains(h.Text, holderCalling)
}

// appendProfile appends the headers of the profile, as many as fit.
func (d *Decision) appendProfile(dst []byte) ([]byte, error) {
	start := len(dst)
	var first error
	for i := range d.profile.Headers {
		h := &d.profile.Headers[i]
		if h.personal() && !d.Group.Personal {
			continue
		}
		var room [maxEndpoint]byte
		value, there := d.appendValue(room[:0], h)
		if !there {
			continue
		}
		mark := len(dst)
		var err error
		if dst, err = sipmsg.AppendHeader(dst, h.Name, value); err != nil && first == nil {
			first = err
		}
		if d.profile.Budget > 0 && len(dst)-start > d.profile.Budget {
			return dst[:mark], first
		}
	}
	return dst, first
}

// appendValue appends what a header says; not there where it has nothing to say.
func (d *Decision) appendValue(dst []byte, h *ProfileHeader) (value []byte, there bool) {
	if h.Value == ValueStatus {
		return append(dst, d.Status.String()...), true
	}
	if d.Status != StatusResolved {
		return dst, false
	}
	switch h.Value {
	case ValueAccessID, ValueSerial, ValueCalling:
		return d.appendText(dst, "{"+h.Value+"}")
	case ValueName:
		return append(dst, d.name...), true
	case ValueEndpoint:
		return append(dst, d.Client.Endpoint...), true
	case ValueSource:
		return append(dst, d.Source.String()...), true
	case ValueCallInfo:
		dst, there = d.appendText(append(dst, '<'), h.Text)
		return append(dst, ">;purpose=info"...), there
	}
	return d.appendUUI(dst, h)
}

// maxUUI is how much text User-to-User may carry: an ISDN takes 128 octets behind
// the discriminator (RFC 7434 section 6), and Avaya's frame is two of them.
const maxUUI = 126

func (d *Decision) appendUUI(dst []byte, h *ProfileHeader) (value []byte, there bool) {
	var room [maxUUI]byte
	text, there := d.appendText(room[:0], h.Text)
	if !there || len(text) > maxUUI {
		return dst, false
	}
	mark := len(dst)
	dst = append(dst, "04"...)
	if h.Value == ValueUUIAvaya {
		dst = hex.AppendEncode(dst, []byte{0xC8, byte(len(text))})
	}
	dst = hex.AppendEncode(dst, text)
	copy(dst[mark:], strings.ToUpper(string(dst[mark:])))
	return append(dst, ";encoding=hex"...), true
}

// appendText fills the placeholders of a text; not there where one has no value.
func (d *Decision) appendText(dst []byte, text string) (filled []byte, there bool) {
	for text != "" {
		before, rest, open := strings.Cut(text, "{")
		dst = append(dst, before...)
		if !open {
			return dst, true
		}
		holder, behind, _ := strings.Cut(rest, "}")
		mark := len(dst)
		switch "{" + holder + "}" {
		case holderAccessID:
			if d.Source.ByAccessID() {
				dst = append(dst, d.Client.AccessID...)
			}
		case holderSerial:
			dst = append(dst, d.Serial()...)
		case holderCalling:
			dst = append(dst, d.CallingNumber()...)
		}
		if len(dst) == mark {
			return dst, false
		}
		text = behind
	}
	return dst, true
}

// Owns says whether a configured profile writes a header of that name: like the
// trusted ones it is ours alone, in any case and with _ for -.
func (r *Router) Owns(name []byte) bool {
	for _, own := range r.own {
		if len(own) == len(name) && foldsTo(name, own) {
			return true
		}
	}
	return false
}

// foldsTo compares a name with one in small letters and with -.
func foldsTo(name []byte, own string) bool {
	for i, c := range name {
		switch {
		case c >= 'A' && c <= 'Z':
			c |= 0x20
		case c == '_':
			c = '-'
		}
		if c != own[i] {
			return false
		}
	}
	return true
}

// profileOf is the profile for a call: the client's, if it is configured, else
// that of the group. Nil are the trusted headers.
func (r *Router) profileOf(c *Client, g *Group) *Profile {
	if c != nil {
		if p, ok := r.profiles[c.HeaderProfile]; ok {
			return p
		}
	}
	return r.profiles[g.HeaderProfile]
}
