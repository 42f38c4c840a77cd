package isupbody

import "io"

// AccessTransport is the access transport, clause 3.3: information elements of
// Q.931 (clause 4.5.1), one behind the other. It is a view over the message's
// octets.
//
//	  8   7   6   5   4   3   2   1
//	+---+---------------------------+
//	| 1 |  identifier and contents  |  single octet
//	+---+---------------------------+
//
//	+---+---------------------------+
//	| 0 |        identifier         |  variable length
//	+---+---------------------------+
//	|            length             |
//	+-------------------------------+
//	|           contents            |
//	+-------------------------------+
type AccessTransport []byte

// InformationElement is one information element of Q.931. Codeset shifts are
// elements too; which codeset holds is for the reader to keep.
type InformationElement struct {
	ID       uint8  // of a single octet element the whole octet
	Contents []byte // nil in a single octet element
}

// Single says whether the element is one octet: bit 8 of it tells.
func (e InformationElement) Single() bool { return e.ID&0x80 != 0 }

// AccessTransport is the access transport, clause 3.3. After an error it holds
// the elements in front of the broken one.
func (m *Message) AccessTransport() (AccessTransport, error) {
	return first(m, ParamAccessTransport, Parameter.AccessTransport)
}

// AccessTransport reads the contents as access transport; the name is not looked
// at.
func (p Parameter) AccessTransport() (AccessTransport, error) {
	b := p.Contents
	for at := 0; at < len(b); {
		end := behindElement(b, at)
		if end > len(b) {
			return AccessTransport(b[:at]), io.ErrUnexpectedEOF
		}
		at = end
	}
	return AccessTransport(b), nil
}

// behindElement gives the octet behind the element at that octet, which may lie
// behind the end.
func behindElement(b []byte, at int) int {
	switch {
	case b[at]&0x80 != 0:
		return at + 1
	case at+1 >= len(b):
		return at + 2
	}
	return at + 2 + int(b[at+1])
}

// Elements yields the information elements in wire order.
func (a AccessTransport) Elements(yield func(InformationElement) bool) {
	for at := 0; at < len(a); {
		end := behindElement(a, at)
		if end > len(a) {
			return
		}
		e := InformationElement{ID: a[at]}
		if !e.Single() {
			e.Contents = a[at+2 : end : end]
		}
		if !yield(e) {
			return
		}
		at = end
	}
}

// Append appends one element. Contents of a single octet element are left out;
// ErrTooLong means that there are more than 255 octets of them.
func (a AccessTransport) Append(e InformationElement) (AccessTransport, error) {
	if e.Single() {
		return append(a, e.ID), nil
	}
	if len(e.Contents) > maxLength {
		return a, ErrTooLong
	}
	return append(append(a, e.ID, byte(len(e.Contents))), e.Contents...), nil
}

// AppendContents appends the parameter's contents.
func (a AccessTransport) AppendContents(dst []byte) []byte { return append(dst, a...) }
