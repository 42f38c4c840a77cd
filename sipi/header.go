package sipi

import "bytes"

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
		name, value, ok := cutHeader(line)
		if !ok {
			// A lenient reader takes the line for content: printed examples and
			// some gateways have no blank line above the SDP.
			r.fail(start, ErrBadHeader)
			r.pos = start
			break
		}
		if !p.setHeader(name, value) {
			r.repeated = true
			r.fail(start, ErrContradictory)
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

// cutHeader splits a header line at the colon. White space before the colon is
// legal in SIP (RFC 3261 HCOLON), none after it too.
func cutHeader(line []byte) (name, value []byte, ok bool) {
	n := tokenLength(line)
	name, rest := line[:n], line[n:]
	for len(rest) > 0 && (rest[0] == ' ' || rest[0] == '\t') {
		rest = rest[1:]
	}
	if len(name) == 0 || len(rest) == 0 || rest[0] != ':' {
		return nil, nil, false
	}
	return name, trim(rest[1:]), true
}

// setHeader keeps the value of a header that matters here; others stay in the
// raw block. False: it was there before. Delimiters rule, so a Content-Length
// inside a part says nothing. The compact forms are SIP's own (RFC 3261 clause
// 20) and do occur inside parts.
func (p *Part) setHeader(name, value []byte) bool {
	switch len(name) {
	case len("c"):
		if equalFold(name, "c") {
			return setOnce(&p.ContentType, value)
		}
		if equalFold(name, "e") {
			return setOnce(&p.Encoding, value)
		}
	case len("content-id"):
		if equalFold(name, "content-id") {
			return setOnce(&p.ID, value)
		}
	case len("content-type"):
		if equalFold(name, "content-type") {
			return setOnce(&p.ContentType, value)
		}
	case len("content-encoding"): // and content-language
		if equalFold(name, "content-encoding") {
			return setOnce(&p.Encoding, value)
		}
		if equalFold(name, "content-language") && p.Language == nil {
			p.Language = value // a list that may be repeated (RFC 3261 clause 7.3.1)
		}
	case len("content-disposition"):
		if equalFold(name, "content-disposition") {
			p.Handling = handling(value)
			return setOnce(&p.Disposition, value)
		}
	case len("content-transfer-encoding"):
		if equalFold(name, "content-transfer-encoding") {
			return setOnce(&p.TransferEncoding, value)
		}
	}
	return true
}

func setOnce(field *[]byte, value []byte) bool {
	if *field != nil {
		return false
	}
	*field = value
	return true
}
