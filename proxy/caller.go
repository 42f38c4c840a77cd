package proxy

import (
	"bytes"
	"slices"
	"strings"

	"sipid/isupbody"
	"sipid/sipmsg"
)

// maxCaller bounds what is taken for a calling number.
const maxCaller = 32

// caller says who calls, for people to read: the number as the trunk sent it in
// P-Asserted-Identity (RFC 3325), or in From, or in the IAM. It identifies
// nobody. A caller who wants to stay unknown is withheld, and has no number.
func (w *worker) caller() (number string, withheld bool) {
	m := &w.msg
	calling := w.id.callingParty()
	if calling.Presentation == isupbody.PresentationRestricted || wantsPrivacy(m) {
		return "", true
	}
	for _, name := range []sipmsg.HeaderID{sipmsg.IDPAssertedIdentity, sipmsg.IDFrom} {
		h, ok := m.First(name)
		if !ok {
			continue
		}
		// P-Asserted-Identity may hold a sip and a tel URI (RFC 3325 9.1).
		for rest := m.Bytes(h.Value); len(rest) > 0; {
			var value []byte
			if value, rest = sipmsg.NextValue(rest); len(value) == 0 {
				break
			}
			if number := numberOf(value); number != "" {
				return number, false
			}
		}
	}
	return calling.Digits(), false
}

// callingParty is the calling party number of the call's one ISUP part, Q.763
// clause 3.10; the zero Number when there is none.
func (id *identity) callingParty() isupbody.Number {
	if len(id.isup) != 1 {
		return isupbody.Number{}
	}
	m, _ := isupbody.Decode(id.isup[0], isupbody.VariantOf(id.signals.ISUPLabel))
	if m.Type() != isupbody.MessageIAM {
		return isupbody.Number{}
	}
	n, err := m.CallingPartyNumber()
	if err != nil {
		return isupbody.Number{}
	}
	return n
}

// wantsPrivacy finds the wish in a Privacy header (RFC 3323 4.2, and "id" of RFC
// 3325 9.3), and in a From that is anonymous (RFC 3323 4.1.1.3).
func wantsPrivacy(m *sipmsg.Message) bool {
	for _, h := range m.All(sipmsg.IDPrivacy) {
		for wish := range bytes.FieldsFuncSeq(m.Bytes(h.Value), func(r rune) bool { return strings.ContainsRune(";, \t\r\n", r) }) {
			if slices.ContainsFunc([]string{"id", "user", "header"}, func(w string) bool { return strings.EqualFold(w, string(wish)) }) {
				return true
			}
		}
	}
	from, _ := m.First(sipmsg.IDFrom)
	address, err := sipmsg.ParseNameAddr(m.Bytes(from.Value))
	if err != nil {
		return false
	}
	uri, err := sipmsg.ParseURI(address.URI)
	return err == nil && (strings.EqualFold(string(uri.User), "anonymous") || strings.EqualFold(string(uri.Host), "anonymous.invalid"))
}

// numberOf gives the number in an address: a telephone number without its
// separators and parameters, RFC 3966 5.1.1; empty when it is none.
func numberOf(value []byte) string {
	address, err := sipmsg.ParseNameAddr(value)
	if err != nil {
		return ""
	}
	uri, err := sipmsg.ParseURI(address.URI)
	if err != nil {
		return ""
	}
	user, _, _ := bytes.Cut(uri.User, []byte(";"))
	user, _, _ = bytes.Cut(user, []byte(":"))
	number := make([]byte, 0, maxCaller)
	for i, c := range user {
		switch {
		case c >= '0' && c <= '9', c == '*', c == '#', c == '+' && i == 0:
			number = append(number, c)
		case c != '-' && c != '.' && c != '(' && c != ')':
			return ""
		}
	}
	if len(number) > maxCaller || len(bytes.TrimLeft(number, "+")) == 0 {
		return ""
	}
	return string(number)
}
