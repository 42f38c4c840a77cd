package sipi

import "bytes"

// lineEnd is what ends a line; its number is its length.
type lineEnd int

const (
	noEnd lineEnd = 0 // the end of the octets
	lf    lineEnd = 1
	crlf  lineEnd = 2
)

// delimiter is one delimiter line (RFC 2046 clause 5.1.1):
//
//	[line end] "--" boundary ["--"] *(SP / HTAB) [line end]
//	 pre                     close   padding      post
type delimiter struct {
	line  int // offset of "--"
	after int // offset behind the line end
	pre   lineEnd
	post  lineEnd
	close bool
}

// scanner finds the delimiter lines of one boundary. It looks for dashes, which
// are rarer than line ends, and compares at line starts only; each octet is read
// a fixed number of times, so a body full of near misses costs no more than any
// other.
type scanner struct {
	content  []byte
	boundary []byte
	pos      int
}

// next finds the next delimiter line; false: there is none.
func (s *scanner) next(d *delimiter) bool {
	c := s.content
	for s.pos < len(c) {
		i := bytes.IndexByte(c[s.pos:], '-')
		if i < 0 {
			break
		}
		i += s.pos
		s.pos = i + 1
		if (i == 0 || c[i-1] == '\n') && s.at(i, d) {
			s.pos = d.after
			return true
		}
	}
	s.pos = len(c)
	return false
}

// at reads the line that starts with a dash at line as a delimiter. The whole
// line must match: after the boundary only "--" and padding may stand, so a line
// that starts with a longer boundary is content. Padding is legal on the wire and
// receivers must accept it (RFC 2046 clause 5.1.1, transport-padding).
func (s *scanner) at(line int, d *delimiter) bool {
	c := s.content
	i := line + 2 + len(s.boundary)
	if len(c) < i || c[line+1] != '-' || !bytes.Equal(c[line+2:i], s.boundary) {
		return false
	}
	d.line, d.pre, d.post, d.close = line, endBefore(c, line), noEnd, false
	if len(c) >= i+2 && c[i] == '-' && c[i+1] == '-' {
		d.close = true
		i += 2
	}
	for i < len(c) && (c[i] == ' ' || c[i] == '\t') {
		i++
	}
	switch {
	case i == len(c), c[i] == '\r' && i+1 == len(c): // a body cut off inside the last line end
		d.after = len(c)
	case c[i] == '\n':
		d.post, d.after = lf, i+1
	case c[i] == '\r' && c[i+1] == '\n':
		d.post, d.after = crlf, i+2
	default:
		return false
	}
	return true
}

// endBefore returns the line end before the line that starts at i. It belongs
// to the delimiter, not to the part (RFC 2046 clause 5.1.1).
func endBefore(c []byte, i int) lineEnd {
	switch {
	case i == 0:
		return noEnd
	case i > 1 && c[i-2] == '\r':
		return crlf
	default:
		return lf
	}
}
