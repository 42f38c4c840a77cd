package sipmsg

import (
	"bytes"
	"net/netip"
)

// Splice collects edits to a message and writes it out with them; what is not
// edited leaves byte for byte. Texts are copied into the Splice, so they may
// change after the call. The zero value is ready for Reset; used again it
// allocates nothing. Edits are best made in ascending order of position; those
// that are not are put in their place. Edits at the same position apply in the
// order of the calls. Octets deleted twice are gone once. A Splice must be used
// only while the message it was reset to stays as it is.
type Splice struct {
	raw   []byte
	edits []edit
	texts []byte
}

type edit struct {
	at   Span // octets of the message that go
	text Span // octets of texts that come
}

// Reset forgets all edits and takes the message to edit.
func (s *Splice) Reset(m *Message) {
	s.raw, s.edits, s.texts = m.Raw, s.edits[:0], s.texts[:0]
}

// Delete removes the octets of a span.
func (s *Splice) Delete(sp Span) { s.add(sp, len(s.texts)) }

// Replace puts text in the place of a span.
func (s *Splice) Replace(sp Span, text []byte) {
	from := len(s.texts)
	s.texts = append(s.texts, text...)
	s.add(sp, from)
}

// Insert puts text before the octet at an offset.
func (s *Splice) Insert(at int, text []byte) { s.Replace(Span{at, at}, text) }

// SetValue puts a value in the place of a header's. Where that was folded, the
// line breaks go too: some readers take what stands behind one for another line.
func (s *Splice) SetValue(h Header, value []byte) {
	if bytes.Count(s.raw[h.Line.Start:h.Line.End], []byte{'\n'}) < 2 {
		s.Replace(h.Value, value)
		return
	}
	from := len(s.texts)
	s.texts = append(append(append(s.texts, ": "...), value...), "\r\n"...)
	s.add(Span{h.Name.End, h.Line.End}, from)
}

// Stamp fills received and rport of a via-parm with the packet's source (RFC
// 3261 section 18.2.1, RFC 3581 section 4), overwriting what the sender claimed.
func (s *Splice) Stamp(v Via, source netip.AddrPort) {
	var patches [3]patch
	for _, p := range v.stamp(s.raw, source, patches[:0]) {
		from := len(s.texts)
		s.texts = p.append(s.texts, source)
		s.add(p.at, from)
	}
}

// add keeps an edit whose text is what stands in texts from an offset on. Spans
// beyond the message are cut to it, so that a wrong one cannot panic.
func (s *Splice) add(sp Span, from int) {
	sp.Start = min(max(sp.Start, 0), len(s.raw))
	sp.End = min(max(sp.End, sp.Start), len(s.raw))
	e := edit{sp, Span{from, len(s.texts)}}
	s.edits = append(s.edits, e)
	i := len(s.edits) - 1
	for ; i > 0 && s.edits[i-1].at.Start > sp.Start; i-- {
		s.edits[i] = s.edits[i-1]
	}
	s.edits[i] = e
}

// Append writes the edited message to dst. It allocates nothing when dst has room.
func (s *Splice) Append(dst []byte) []byte {
	pos := 0
	for i := range s.edits {
		e := &s.edits[i]
		if e.at.Start > pos {
			dst = append(dst, s.raw[pos:e.at.Start]...)
		}
		dst = append(dst, s.texts[e.text.Start:e.text.End]...)
		pos = max(pos, e.at.End)
	}
	return append(dst, s.raw[pos:]...)
}
