package proxy

import (
	"bytes"

	"sipid/isupbody"
	"sipid/sipi"
	"sipid/sipmsg"
)

// unwrapAnswer takes the ISUP out of the response being handled: a PBX is to have
// none. A body that cannot be split passes, or gives its SDP.
func (w *worker) unwrapAnswer() {
	_ = splitBody(&w.id.body, &w.msg)
	w.unwrap(&w.splice, &w.msg)
}

// addISUP adds what goes with the response being handled on its way to a trunk.
func (w *worker) addISUP(tx *transaction) {
	m := &w.msg
	if !tx.up.Reliable() && len(m.Raw) > maxDatagram-mostAdded {
		return // better without ISUP than in no datagram
	}
	where := w.placeOf(m)
	if where == placeNone {
		w.noteACM(tx)
		return
	}
	if isup := w.isupFor(tx); isup != nil {
		w.attach(where, m.Bytes(m.TopVia.Branch), attachment{isup, tx.backward.contentType()})
	}
}

// mostAdded is more than what addISUP adds to a message.
const mostAdded = 2048

// noteACM remembers the ACM of a PBX that speaks ISUP itself, though not in each
// of its responses: what is added to the others follows it.
func (w *worker) noteACM(tx *transaction) {
	part := w.id.body.First(sipi.ISUP)
	if part == nil || len(part.Content) == 0 || isupbody.MessageType(part.Content[0]) != isupbody.MessageACM {
		return
	}
	if tx.method == sipmsg.MethodInvite && w.msg.Status < 200 {
		tx.backward.acm(w.p.table.hash(w.msg.Bytes(w.msg.ToTag)), w.reliable())
	}
}

// addREL adds a REL to a BYE of the PBX (RFC 3398 section 7.2.3), with the cause
// that the BYE gives.
func (w *worker) addREL(b *backward, branch []byte) {
	where := w.placeOf(&w.msg)
	if where == placeNone {
		return
	}
	if isup := w.rel(w.reasonOr(b.dialect.clearing())); isup != nil {
		w.attach(where, branch, attachment{isup, b.contentType()})
	}
}

// attachment is an ISUP message with its Content-Type.
type attachment struct {
	isup        []byte
	contentType string
}

// place says how ISUP gets into a body.
type place uint8

const (
	placeNone   place = iota // not at all
	placeAlone               // there is no body: ISUP becomes it
	placeBehind              // one part of any type: a multipart of it and ISUP
	placeWithin              // a multipart/mixed: one part more
)

// placeOf splits a message's body and says how ISUP gets into it. A body that is
// not readable in one way only stays as it is, and so does one that has ISUP
// already: the PBX speaks it itself.
func (w *worker) placeOf(m *sipmsg.Message) place {
	b := &w.id.body
	if splitBody(b, m) != nil || b.First(sipi.ISUP) != nil {
		return placeNone
	}
	if m.Body.Empty() {
		return placeAlone
	}
	if !b.IsMultipart() {
		if _, typed := m.First(sipmsg.IDContentType); !typed {
			return placeNone
		}
		return placeBehind
	}
	if _, _, ok := b.Extension(); ok {
		return placeWithin
	}
	return placeNone
}

// attach splices ISUP into the message being handled, whose body was split by placeOf. No octet of
// the body that is there changes. The boundary comes from the branch, so that a
// message that is sent again is the same octets.
func (w *worker) attach(where place, branch []byte, a attachment) {
	w.p.metrics.isupAdded(a.isup)
	m, s := &w.msg, &w.splice
	length := m.Body.End - m.Body.Start
	switch where {
	case placeAlone:
		w.dropBodyHeaders(s, m)
		w.lines = append(append(append(w.lines, "Content-Type: "...), a.contentType...), "\r\nContent-Disposition: "+sipi.SignalOptional+"\r\n"...)
		s.Insert(m.Body.Start, a.isup)
		length = len(a.isup)
	case placeWithin:
		at, delimiter, _ := w.id.body.Extension()
		w.part = appendPart(w.part[:0], delimiter, a)
		s.Insert(m.Body.Start+at, w.part)
		length += len(w.part)
	case placeBehind:
		length += w.wrap(s, m, branch, a)
	}
	w.contentLength(s, m, length)
}

// wrap makes the body the first part of a multipart and ISUP the second one: a
// reader that knows no multipart looks at the first part only. The headers that
// speak of the body go with it. It tells how many octets were added.
func (w *worker) wrap(s *sipmsg.Splice, m *sipmsg.Message, branch []byte, a attachment) int {
	w.delimiter = appendDelimiter(w.delimiter[:0], branch, m.Bytes(m.Body))
	front := append(append(w.part[:0], w.delimiter...), "\r\n"...)
	for i := range m.Headers {
		if h := &m.Headers[i]; describesBody(h.ID) && h.ID != sipmsg.IDMIMEVersion && !h.Cut {
			front = append(append(front, h.ID.String()...), ": "...)
			front = append(append(front, m.Bytes(h.Value)...), "\r\n"...)
		}
	}
	front = append(front, "\r\n"...)
	w.part = front
	w.dropBodyHeaders(s, m)
	w.lines = append(w.lines, "MIME-Version: 1.0\r\nContent-Type: multipart/mixed;boundary="...)
	w.lines = append(append(w.lines, w.delimiter[2:]...), "\r\n"...)
	s.Insert(m.Body.Start, front)
	added := len(front)

	w.part = append(w.part[:0], "\r\n"...)
	w.part = appendPart(w.part, w.delimiter, a)
	w.part = append(append(w.part, w.delimiter...), "--\r\n"...)
	s.Insert(m.Body.End, w.part)
	return added + len(w.part)
}

// appendPart writes a delimiter line and the ISUP part behind it.
func appendPart(dst, delimiter []byte, a attachment) []byte {
	dst = append(append(dst, delimiter...), "\r\nContent-Type: "...)
	dst = append(append(dst, a.contentType...), "\r\nContent-Disposition: "+sipi.SignalOptional+"\r\n\r\n"...)
	return append(append(dst, a.isup...), "\r\n"...)
}

// appendDelimiter makes the delimiter from a branch of ours. Whoever answers has
// read the branch; that it stands in his body is no accident, and it gets longer
// until it does not.
func appendDelimiter(dst, branch, body []byte) []byte {
	const longest = 60 // with what may be added, RFC 2046 section 5.1.1 allows 70
	branch = bytes.TrimPrefix(branch, []byte(branchCookie))
	dst = append(append(dst, "--"...), branch[:min(len(branch), longest)]...)
	for n := byte('0'); n <= '9' && bytes.Contains(body, dst[2:]); n++ {
		dst = append(dst, n)
	}
	return dst
}

// dropBodyHeaders removes what speaks of the body that was.
func (w *worker) dropBodyHeaders(s *sipmsg.Splice, m *sipmsg.Message) {
	for i := range m.Headers {
		if h := &m.Headers[i]; describesBody(h.ID) {
			s.Delete(h.Line)
		}
	}
}

// contentLength sets Content-Length.
func (w *worker) contentLength(s *sipmsg.Splice, m *sipmsg.Message, n int) {
	w.sized = true
	if h, ok := m.First(sipmsg.IDContentLength); ok {
		s.SetValue(h, w.digits(n))
		return
	}
	w.lines = append(append(append(w.lines, "Content-Length: "...), w.digits(n)...), "\r\n"...)
}

// frame adds the Content-Length that a message may lack by UDP and must have on a
// stream, where nothing else says how long it is (RFC 3261 20.14).
func (w *worker) frame(s *sipmsg.Splice, m *sipmsg.Message, stream bool) {
	if !stream || w.sized {
		return
	}
	if _, there := m.First(sipmsg.IDContentLength); !there {
		w.contentLength(s, m, m.Body.End-m.Body.Start)
	}
}
