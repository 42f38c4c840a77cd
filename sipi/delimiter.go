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

// scanner finds the delimiter lines of one boundary, each octet read at most
// twice: it goes from line to line and compares at line starts only, so a body
// full of near misses costs no more than any other.
type scanner struct {
	content  []byte
	boundary []byte
	pos      int // where the next line starts
}

// next returns the next delimiter line; false: there is none.
func (s *scanner) next() (delimiter, bool) {
	for s.pos < len(s.content) {
		if d, ok := s.at(s.pos); ok {
			s.pos = d.after
			return d, true
		}
		i := bytes.IndexByte(s.content[s.pos:], '\n')
		if i < 0 {
			break
		}
		s.pos += i + 1
	}
	s.pos = len(s.content)
	return delimiter{}, false
}

// at reads the line that starts at line as a delimiter. The whole line must
// match: after the boundary only "--" and padding may stand, so a line that
// starts with a longer boundary is content. Padding is legal on the wire and
// receivers must accept it (RFC 2046 clause 5.1.1, transport-padding).
func (s *scanner) at(line int) (delimiter, bool) {
	c := s.content
	i := line + 2 + len(s.boundary)
	if len(c) < i || c[line] != '-' || c[line+1] != '-' || !bytes.Equal(c[line+2:i], s.boundary) {
		return delimiter{}, false
	}
	d := delimiter{line: line, pre: endBefore(c, line)}
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
		return delimiter{}, false
	}
	return d, true
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
