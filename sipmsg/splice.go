package sipmsg

import "net/netip"

// Splice collects edits to a message and writes it out with them; what is not
// edited leaves byte for byte. Texts are copied into the Splice, so they may
// change after the call. The zero value is ready for Reset; used again, it
// allocates nothing. Edits are best made in ascending order of position; those
// that are not are put in their place. Edits at the same position apply in the
// order of the calls. Octets deleted twice are gone once.
type Splice struct {
	m     *Message
	edits []edit
	texts []byte
	space [48]edit
}

type edit struct {
	at   Span // octets of Raw that go
	text Span // octets of texts that come
}

// Reset forgets all edits and takes the message to edit.
func (s *Splice) Reset(m *Message) {}

// Delete removes the octets of a span.
func (s *Splice) Delete(sp Span) {}

// Replace puts text in the place of a span.
func (s *Splice) Replace(sp Span, text []byte) {}

// Insert puts text before the octet at an offset.
func (s *Splice) Insert(at int, text []byte) {}

// Stamp fills received and rport of a via-parm with the packet's source (RFC
// 3261 section 18.2.1, RFC 3581 section 4), overwriting what the sender claimed.
func (s *Splice) Stamp(v Via, source netip.AddrPort) {}

// Append writes the edited message to dst. It allocates nothing when dst has room.
func (s *Splice) Append(dst []byte) []byte { return dst }
