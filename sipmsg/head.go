package sipmsg

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// index finds the header lines from start to the empty line.
//
// A good head is read once, line by line with the library's fast octet search,
// and counted once more as a whole for CR and NUL. Only when the counts show
// something odd the lines are read again octet by octet to find whose fault it
// is; so a bad line is never kept, and never gets into an answer.
func (m *Message) index(start int) {
	lineEnds, clean := m.lines(start, false)
	head := m.Raw[start:m.HeadEnd]
	if !clean || bytes.Count(head, []byte{'\r'}) != lineEnds || bytes.IndexByte(head, 0) >= 0 {
		m.count, m.first = 0, [idCount]uint8{}
		m.lines(start, true)
	}
	m.Headers = m.store[:m.count]
}

// lines reads header lines until the empty one. It counts their line ends and
// says whether no bare LF was seen. With odd set every line is looked at octet
// by octet.
func (m *Message) lines(pos int, odd bool) (lineEnds int, clean bool) {
	raw := m.Raw
	for clean = true; ; {
		if pos+1 < len(raw) && raw[pos] == '\r' && raw[pos+1] == '\n' {
			m.HeadEnd = pos
			return lineEnds, clean
		}
		next := pos
		for {
			nl := bytes.IndexByte(raw[next:], '\n')
			if nl < 0 {
				m.HeadEnd = len(raw)
				m.fail(ErrHeadEnd, len(raw))
				return lineEnds, clean
			}
			next += nl + 1
			if next < 2 || raw[next-2] != '\r' {
				clean = false // no line end for us, but one for others
				continue
			}
			lineEnds++
			if next == len(raw) || raw[next] != ' ' && raw[next] != '\t' {
				break // else a continuation line (RFC 3261 section 7.3.1)
			}
		}
		if !m.line(Span{pos, next}, odd) {
			m.HeadEnd = next
			return lineEnds, clean
		}
		pos = next
	}
}

// line takes one header line in. It gives false when no more fit.
func (m *Message) line(sp Span, odd bool) bool {
	if m.count == MaxHeaders {
		m.fail(ErrTooManyHeaders, sp.Start)
		return false
	}
	h := &m.store[m.count]
	m.count++
	at, err := h.split(m.Raw, sp)
	if err == nil && !odd && m.Request && m.first[h.ID] == 0 && sp.End-sp.Start <= MaxLine { // nearly always
		m.first[h.ID] = uint8(m.count)
		return true
	}
	if err == nil && sp.End-sp.Start > MaxLine {
		at, err = sp.Start+MaxLine, ErrLineTooLong
	}
	if err == nil && odd {
		at, err = h.oddOctet(m.Raw)
	}
	switch {
	case err == nil && m.first[h.ID] == 0:
		m.first[h.ID] = uint8(m.count)
	case err == nil && h.ID.single():
		at, err = sp.Start, ErrRepeated
	}
	if m.Request {
		return m.keepRequestLine(h, err, at)
	}
	m.keepResponseLine(h, err, at)
	return true
}

// keepRequestLine refuses the request for a bad line and takes the line out of
// the list, so that it cannot get into the answer.
func (m *Message) keepRequestLine(h *Header, err error, at int) bool {
	switch err {
	case nil:
		return true
	case ErrRepeated:
		m.failHeader(err, h.ID, at)
	default:
		m.fail(err, at)
	}
	m.count--
	return true
}

// keepResponseLine marks what must not go further. Only Via, CSeq and
// Content-Length are needed whole: without them a response cannot be matched or
// framed. A repeated one of these is cut when it says the same again.
func (m *Message) keepResponseLine(h *Header, err error, at int) {
	h.Cut = err != nil || h.ID.Trusted()
	switch {
	case err == nil:
	case h.ID != IDVia && h.ID != IDCSeq && h.ID != IDContentLength:
	case err == ErrRepeated && bytes.Equal(m.Bytes(h.Value), m.Bytes(m.store[m.first[h.ID]-1].Value)):
	default:
		m.fail(err, at)
	}
}

// split finds name and value of a line. White space is legal before the colon,
// but no line end (HCOLON, RFC 3261 section 25.1): to some readers a name that
// ends with a fold is another name.
func (h *Header) split(raw []byte, sp Span) (at int, err error) {
	line := raw[sp.Start:sp.End]
	colon, head := colonAt(line)
	if colon <= 0 {
		*h = Header{Line: sp, Name: Span{sp.Start, sp.Start}, Value: Span{sp.End, sp.End}}
		return sp.Start + span(line, isToken), ErrHeaderName
	}
	n := colon
	id := lookup(line[:n], head)
	if id == IDOther { // a known name is a token
		n = span(line[:n], isToken)
		for i := n; i < colon; i++ {
			if n == 0 || line[i] != ' ' && line[i] != '\t' {
				*h = Header{Line: sp, Name: Span{sp.Start, sp.Start}, Value: Span{sp.End, sp.End}}
				return sp.Start + i, ErrHeaderName
			}
		}
		if n < colon {
			id = idOf(line[:n])
		}
	}
	*h = Header{
		ID: id, Line: sp,
		Name:  Span{sp.Start, sp.Start + n},
		Value: trimSpan(raw, Span{sp.Start + colon + 1, sp.End}),
	}
	return 0, nil
}

// colonAt finds the first colon, -1: none, and gives the first eight octets of
// what stands before it, see word. Nearly all names are shorter than two words,
// and finding the colon in these costs less than a call of IndexByte.
func colonAt(line []byte) (colon int, head uint64) {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	if len(line) >= 16 {
		// An octet of x is zero where the colon is; the lowest high bit marks it.
		head = binary.LittleEndian.Uint64(line)
		x := head ^ ones*':'
		if x = (x - ones) &^ x & highs; x != 0 {
			n := bits.TrailingZeros64(x) &^ 7 // in bits
			return n / 8, head & (1<<n - 1)
		}
		x = binary.LittleEndian.Uint64(line[8:]) ^ ones*':'
		if x = (x - ones) &^ x & highs; x != 0 {
			return 8 + bits.TrailingZeros64(x)/8, head
		}
	}
	if colon = bytes.IndexByte(line, ':'); colon > 0 {
		head = word(line[:colon])
	}
	return colon, head
}

// oddOctet looks for what ends a line or a string to other readers: a bare LF
// or CR, and NUL. The grammar allows NUL in one place, as a quoted pair in a
// quoted string (RFC 4475 section 3.1.1.2 has one in a display name), so there
// it passes. The other control octets end nothing for any reader we know; the
// grammar has them in quoted pairs only, but a call is not refused for a stray
// one in a display name. They cannot get into a name, a number, a URI, a Via, a
// Call-ID or a tag: those have their own grammar checks.
func (h *Header) oddOctet(raw []byte) (at int, err error) {
	quoted, escaped := false, false
	for i := h.Line.Start; i < h.Line.End; i++ {
		c := raw[i]
		switch {
		case c == '\n' && raw[i-1] != '\r':
			return i, ErrBareLF
		case c == '\r' && raw[i+1] != '\n': // a line ends with LF, so there is a next octet
			return i, ErrBareCR
		case c == 0 && !(quoted && escaped && h.ID.address()):
			return i, ErrNUL
		}
		if i < h.Value.Start {
			continue
		}
		switch {
		case escaped:
			escaped = false
		case quoted && c == '\\':
			escaped = true
		case c == '"':
			quoted = !quoted
		}
	}
	return 0, nil
}

// address reports whether values of a header are addresses with display names.
func (id HeaderID) address() bool {
	switch id {
	case IDFrom, IDTo, IDContact, IDRoute, IDRecordRoute, IDDiversion, IDHistoryInfo, IDPAssertedIdentity, IDRemotePartyID:
		return true
	}
	return false
}
