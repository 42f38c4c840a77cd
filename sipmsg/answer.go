package sipmsg

import (
	"net/netip"
	"strconv"
)

// Answer is what a local response says besides what it copies from the request.
type Answer struct {
	Status      int
	Reason      string
	ToTag       string         // added to To when it has none and Status is not 100
	Source      netip.AddrPort // where the request came from: fills received and rport of the top Via
	Extra       []byte         // complete header lines, made by AppendHeader
	ContentType string         // of Body
	Body        []byte
}

// AppendAnswer writes a response to the request m (RFC 3261 section 8.2.6): the
// status line, all Vias, From, To, Call-ID and CSeq as they came, Timestamp on
// a 100, then Extra and the body. After a Parse error it works with what could be
// read, see Answerable: a line that was refused is never copied. Control octets
// in Reason, ToTag and ContentType are written as '_'.
func (m *Message) AppendAnswer(dst []byte, a Answer) []byte {
	dst = append(dst, "SIP/2.0 "...)
	dst = strconv.AppendInt(dst, int64(a.Status), 10)
	dst = append(dst, ' ')
	dst = appendText(dst, a.Reason)
	dst = append(dst, "\r\n"...)
	dst = m.appendVias(dst, a.Source)
	dst = m.appendFirst(dst, IDFrom)
	dst = m.appendTo(dst, a)
	dst = m.appendFirst(dst, IDCallID)
	dst = m.appendFirst(dst, IDCSeq)
	if a.Status == 100 {
		dst = m.appendFirst(dst, IDTimestamp) // section 8.2.6.1
	}
	dst = append(dst, a.Extra...)
	if len(a.Body) > 0 {
		dst = append(dst, "Content-Type: "...)
		dst = appendText(dst, a.ContentType)
		dst = append(dst, "\r\n"...)
	}
	dst = append(dst, "Content-Length: "...)
	dst = strconv.AppendInt(dst, int64(len(a.Body)), 10)
	dst = append(dst, "\r\n\r\n"...)
	return append(dst, a.Body...)
}

// appendVias copies all Via lines and stamps the top one.
func (m *Message) appendVias(dst []byte, source netip.AddrPort) []byte {
	for i := range m.Headers {
		h := &m.Headers[i]
		if h.ID != IDVia || h.Cut {
			continue
		}
		pos := h.Line.Start
		if m.viaOK && i == m.TopVia.Header {
			var patches [3]patch
			for _, p := range m.TopVia.stamp(m.Raw, source, patches[:0]) {
				dst = append(dst, m.Raw[pos:p.at.Start]...)
				dst = p.append(dst, source)
				pos = p.at.End
			}
		}
		dst = append(dst, m.Raw[pos:h.Line.End]...)
	}
	return dst
}

func (m *Message) appendFirst(dst []byte, id HeaderID) []byte {
	if h, ok := m.First(id); ok {
		dst = append(dst, m.Bytes(h.Line)...)
	}
	return dst
}

// appendTo copies To and adds our tag where one is missing. A To that could not
// be read stays as it came: inside an open quote a tag would be none.
func (m *Message) appendTo(dst []byte, a Answer) []byte {
	h, ok := m.First(IDTo)
	if !ok || !m.toOK || m.HasToTag || a.Status == 100 || a.ToTag == "" {
		return m.appendFirst(dst, IDTo)
	}
	dst = append(dst, m.Raw[h.Line.Start:h.Value.End]...)
	dst = append(dst, ";tag="...)
	dst = appendText(dst, a.ToTag)
	return append(dst, m.Raw[h.Value.End:h.Line.End]...)
}

// appendText writes a text of our own into a line. These come from constants
// today; the check is here so that no later caller can open a second line.
func appendText(dst []byte, text string) []byte {
	for i := range len(text) {
		c := text[i]
		if c < ' ' || c == 0x7f {
			c = '_'
		}
		dst = append(dst, c)
	}
	return dst
}
