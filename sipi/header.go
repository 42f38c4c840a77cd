package sipi

import "bytes"

var crlfOctets = []byte("\r\n")

// headerReader reads the header block of a part. It notes the first offence
// against a strict reading and reads on as a lenient reader would: Split stops
// at the offence, the search for a lone SDP part does not.
type headerReader struct {
	region   []byte // from behind the delimiter line to the next delimiter's line end
	mode     lineEnd
	pos      int
	err      error
	errAt    int
	repeated bool
}

func (r *headerReader) fail(at int, err error) {
	if r.err == nil {
		r.err, r.errAt = err, at
	}
}

// read fills p and returns where the content begins in the region. A block
// without a blank line is a part without content (RFC 2046 clause 5.1.1:
// body-part := MIME-part-headers [CRLF *OCTET]).
func (r *headerReader) read(p *Part) int {
	p.Header = r.region[:0]
	for r.pos < len(r.region) {
		start := r.pos
		line, blank := r.line()
		if blank {
			break
		}
		if !r.take(p, line, start) {
			// A lenient reader takes the line for content: printed examples and
			// some gateways have no blank line above the SDP.
			r.fail(start, ErrBadHeader)
			r.pos = start
			break
		}
		p.Header = r.region[:r.pos]
	}
	return r.pos
}

// line returns the next header line with its folds, without its line end.
func (r *headerReader) line() (line []byte, blank bool) {
	start := r.pos
	end, blank := r.physical()
	for !blank && r.pos < len(r.region) && (r.region[r.pos] == ' ' || r.region[r.pos] == '\t') {
		from := r.pos
		end, _ = r.physical()
		// A line of white space alone is a fold to some readers and the blank
		// line to others.
		if len(trim(r.region[from:end])) == 0 {
			r.fail(from, ErrBadHeader)
		}
	}
	return r.region[start:end], blank
}

// physical passes over one line and returns where its text ends. The line ends
// of a header block must be those of the delimiters, and nothing in a line may
// be a line end to another reader: bare CR, bare LF, NUL.
func (r *headerReader) physical() (end int, blank bool) {
	start := r.pos
	if i := indexControl(r.region[start:]); i >= 0 && r.mode == crlf && bytes.HasPrefix(r.region[start+i:], crlfOctets) {
		r.pos = start + i + 2
		return start + i, i == 0
	}
	i := bytes.IndexByte(r.region[start:], '\n')
	if i < 0 {
		// The last line has no end of its own: it went to the delimiter.
		end, r.pos = len(r.region), len(r.region)
	} else {
		end, r.pos = start+i, start+i+1
		got := lf
		if end > start && r.region[end-1] == '\r' {
			got, end = crlf, end-1
		}
		if got != r.mode {
			r.fail(start, ErrLineEnds)
		}
	}
	if j := indexControl(r.region[start:end]); j >= 0 {
		r.fail(start+j, ErrBadHeader)
	}
	return end, end == start && i >= 0
}

// take reads one header line into p; false: it is none. White space before the
// colon is legal in SIP (RFC 3261 HCOLON), and none behind it too.
func (r *headerReader) take(p *Part, line []byte, start int) bool {
	colon := bytes.IndexByte(line, ':')
	if colon <= 0 {
		return false
	}
	name := line[:colon]
	for len(name) > 0 && (name[len(name)-1] == ' ' || name[len(name)-1] == '\t') {
		name = name[:len(name)-1]
	}
	field, known := p.field(name)
	switch {
	case !known:
		n := tokenLength(name)
		return n > 0 && n == len(name)
	case *field == nil:
		*field = trim(line[colon+1:])
	case field == &p.Language: // a list that may be repeated (RFC 3261 clause 7.3.1)
	default:
		r.repeated = true
		r.fail(start, ErrContradictory)
	}
	return true
}

// field returns where the value of a header goes that matters here, in whatever
// order they come (Sonus has the disposition first); others stay in the raw block.
// Delimiters rule, so a Content-Length inside a part says nothing. The compact
// forms are SIP's own (RFC 3261 clause 20) and do occur inside parts.
func (p *Part) field(name []byte) (value *[]byte, known bool) {
	switch len(name) {
	case len("c"):
		switch name[0] {
		case 'c', 'C':
			return &p.ContentType, true
		case 'e', 'E':
			return &p.Encoding, true
		}
	case len("content-id"):
		return &p.ID, equalFold(name, "content-id")
	case len("content-type"):
		return &p.ContentType, equalFold(name, "content-type")
	case len("content-encoding"): // and content-language
		if equalFold(name, "content-language") {
			return &p.Language, true
		}
		return &p.Encoding, equalFold(name, "content-encoding")
	case len("content-disposition"):
		return &p.Disposition, equalFold(name, "content-disposition")
	case len("content-transfer-encoding"):
		return &p.TransferEncoding, equalFold(name, "content-transfer-encoding")
	}
	return nil, false
}
