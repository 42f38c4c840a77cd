package sipi

import "bytes"

// finder looks for SDP parts the way a lenient reader does: any line end, broken
// part headers passed over, the boundary taken from the body if need be. What it
// finds is good enough for the PBX to take the call, never to say who calls.
type finder struct {
	found Part
	count int
}

// isolate returns the SDP part of a body that Split refused; false: none, or
// more than one, or one that would have to be decoded.
func (b *Body) isolate() (Part, bool) {
	const prefix = "multipart/"
	v := b.Headers.ContentType
	if len(v) < len(prefix) || !equalFold(v[:len(prefix)], prefix) ||
		!plainEncoding(b.Headers.Encoding) || !plainTransfer(b.Headers.TransferEncoding) {
		return Part{}, false
	}
	var f finder
	if !f.container(v, b.Content, 1) && isSDP(b.Content) {
		// A middlebox took the delimiters away and left the type (seen with
		// Kamailio scripts): the body is the SDP.
		return Part{Kind: SDP, Content: b.Content, Whole: b.Content}, true
	}
	return f.found, f.count == 1 && !f.found.Encoded()
}

// container walks a multipart by its own boundary, or by the one that the body
// shows where that one is missing, contradictory or does not occur (a Chinese
// test guide writes bound= for boundary=, a manual has curly quotes). It returns
// false when there is no delimiter.
func (f *finder) container(contentType, content []byte, depth int) bool {
	m, _ := parseMediaType(contentType)
	if boundary, _ := boundaryOf(m.params); boundary != nil && f.parts(content, boundary, depth) {
		return true
	}
	boundary := shownBoundary(content)
	return boundary != nil && f.parts(content, boundary, depth)
}

// parts counts the SDP parts between the delimiters of one boundary.
func (f *finder) parts(content, boundary []byte, depth int) bool {
	s := scanner{content: content, boundary: boundary}
	var d, next delimiter
	more := s.next(&d)
	if !more {
		return false
	}
	for more && !d.close {
		more = s.next(&next)
		end := len(content)
		if more {
			end = max(next.line-int(next.pre), d.after)
		}
		f.part(content[d.after:end], depth)
		d = next
	}
	return true
}

func (f *finder) part(region []byte, depth int) {
	var p Part
	r := headerReader{region: region}
	start := r.read(&p)
	p.Whole, p.Content, p.Depth = region, region[start:], depth
	if _, err := p.classify(); err != nil || r.repeated {
		return
	}
	switch {
	case p.Kind == SDP:
		f.found = p
		f.count++
	case p.Kind == Multipart && depth < MaxDepth && !p.Encoded():
		f.container(p.ContentType, p.Content, depth+1)
	}
}

// shownBoundary takes the first line of the body, empty lines passed over, for
// the delimiter it then must be.
func shownBoundary(content []byte) []byte {
	content = bytes.TrimLeft(content, "\r\n")
	if !bytes.HasPrefix(content, []byte("--")) {
		return nil
	}
	line := bytes.TrimRight(content[2:indexOrLen(content, '\n')], " \t\r")
	if len(line) == 0 {
		return nil
	}
	return line
}

// isSDP reports whether the octets begin as every session description does
// (RFC 4566 clause 5.1).
func isSDP(content []byte) bool {
	return bytes.HasPrefix(content, []byte("v=0\r\n")) || bytes.HasPrefix(content, []byte("v=0\n"))
}
