package sipi

// Split divides content by the message-level headers h. Parts and Content point
// into content and h; nothing is allocated when it succeeds. The error is an
// [*Error]; then Parts is empty, so that nobody is identified by a body that can
// be read in two ways, and [Body.Unwrap] still looks for the SDP.
//
// Accepted on purpose: any text before the first and behind the closing
// delimiter, padding behind a delimiter, no closing delimiter, a last delimiter
// without its "--", LF line ends throughout, parts in any order, one part alone.
func (b *Body) Split(h Headers, content []byte) error {
	b.Headers, b.Content, b.Parts = h, content, b.store[:0]
	b.sdp, b.multipart, b.failed = notFound, false, false
	err := b.split()
	if err == nil {
		err = b.chooseSDP()
	}
	if err != nil {
		b.Parts, b.failed = b.store[:0], true
		return err
	}
	return nil
}

// split reads the message's own type: one part, or a multipart.
func (b *Body) split() error {
	if b.Headers.ContentType == nil && len(b.Content) == 0 {
		return nil
	}
	root := Part{
		ContentType:      b.Headers.ContentType,
		TransferEncoding: b.Headers.TransferEncoding,
		Encoding:         b.Headers.Encoding,
		Content:          b.Content,
		Whole:            b.Content,
	}
	m, err := root.classify()
	if err != nil {
		return &Error{Offset: 0, Err: err}
	}
	b.multipart = root.Kind == Multipart
	switch {
	case len(b.Content) == 0: // Content-Length: 0 under any type
		return nil
	case b.multipart:
		return b.container(&root, m)
	}
	b.Parts = b.store[:1]
	b.store[0] = root
	return nil
}

// classify sets the kind by the Content-Type. A part without one is text/plain
// (RFC 2046 clause 5.1), whatever its octets look like.
func (p *Part) classify() (mediaType, error) {
	if p.ContentType == nil {
		return mediaType{}, nil
	}
	m, ok := parseMediaType(p.ContentType)
	if !ok {
		return m, ErrContentType
	}
	p.Kind = m.kind()
	p.alternative = p.Kind == Multipart && equalFold(m.subtype, "alternative")
	return m, nil
}

// container divides the content of a multipart. Every multipart is treated as
// mixed (RFC 2046 clause 5.1.7, RFC 5621 clause 4.2).
func (b *Body) container(p *Part, m mediaType) error {
	if p.Encoded() {
		return &Error{Offset: p.Offset, Err: ErrEncoded}
	}
	boundary, err := m.boundary()
	if err != nil {
		return &Error{Offset: p.Offset, Err: err}
	}
	if p.Depth == MaxDepth {
		return &Error{Offset: p.Offset, Err: ErrTooDeep}
	}
	return b.parts(p.Content, p.Offset, boundary, p.Depth+1)
}

// parts goes from delimiter to delimiter. Line ends must be of one kind at all
// of them: a delimiter after a bare LF in a CRLF body, as an octet 0x0A inside
// an ISUP parameter can make one, is a delimiter to some readers and content to
// others.
func (b *Body) parts(content []byte, base int, boundary []byte, depth int) error {
	s := scanner{content: content, boundary: boundary}
	d, ok := s.next()
	if !ok || d.close || d.after == len(content) {
		return &Error{Offset: base, Err: ErrNoParts}
	}
	mode := d.post
	if d.pre != noEnd && d.pre != mode {
		return &Error{Offset: base + d.line, Err: ErrLineEnds}
	}
	for {
		next, ok := s.next()
		end := len(content)
		if ok {
			if next.pre != mode || !next.close && next.post != mode && next.post != noEnd {
				return &Error{Offset: base + next.line, Err: ErrLineEnds}
			}
			if end = next.line - int(next.pre); end < d.after {
				return &Error{Offset: base + next.line, Err: ErrNoParts}
			}
		} else if d.after == len(content) {
			return nil // the last delimiter came without its "--"
		}
		p := Part{Depth: depth, line: base + d.line, next: notFound, dash: 2 + len(boundary)}
		if ok {
			p.next = base + next.line
		}
		if err := b.add(&p, content[d.after:end], base+d.after, mode); err != nil {
			return err
		}
		if !ok || next.close {
			return nil
		}
		d = next
	}
}

// add reads one part, puts it into the list and divides it when it is a
// multipart itself.
func (b *Body) add(p *Part, region []byte, base int, mode lineEnd) error {
	n := len(b.Parts)
	if n == MaxParts {
		return &Error{Offset: base, Err: ErrTooManyParts}
	}
	r := headerReader{region: region, mode: mode}
	start := r.read(p)
	if r.err != nil {
		return &Error{Offset: base + r.errAt, Err: r.err}
	}
	p.Whole, p.Content, p.Offset = region, region[start:], base+start
	m, err := p.classify()
	if err != nil {
		return &Error{Offset: base, Err: err}
	}
	if len(p.Header) == 0 && len(p.Content) == 0 {
		p.Handling = Optional // there is nothing in it that could be required
	}
	b.store[n] = *p
	b.Parts = b.store[:n+1]
	if p.Kind == Multipart {
		return b.container(p, m)
	}
	return nil
}
