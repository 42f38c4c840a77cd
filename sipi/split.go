package sipi

// Split divides content by the message-level headers h. Parts and Content point
// into content and h; nothing is allocated when it succeeds. The error is an
// [*Error]; then Parts is empty, so that nobody is identified by a body that can
// be read in two ways, and [Body.Unwrap] still looks for the SDP.
//
// Accepted on purpose: any text before the first and behind the closing
// delimiter (RFC 2046 clause 5.1.1; a bridge that puts a new SDP beside the old
// multipart), padding behind a delimiter (the same clause), no closing delimiter
// or one without its "--" (middleboxes that add a part: Kamailio issues 661, 1719
// and 3854), LF line ends throughout (SIP stacks made at home), parts in any order
// (RFC 5621 clause 8.2 ties none to a place), ISUP alone under the message's own
// type (the BYE of Brazilian networks; Oracle's SBC), empty parts (pjsip issue
// 2017).
func (b *Body) Split(h Headers, content []byte) error {
	b.Headers, b.Content, b.Parts = h, content, b.store[:0]
	b.sdp, b.multipart, b.failed = notFound, false, false
	err := b.split()
	if err == nil && b.multipart {
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
	root := &b.root
	*root = Part{
		ContentType:      b.Headers.ContentType,
		TransferEncoding: b.Headers.TransferEncoding,
		Encoding:         b.Headers.Encoding,
		Content:          b.Content,
		Whole:            b.Content,
	}
	params, err := root.classify()
	if err != nil {
		return &Error{Offset: 0, Err: err}
	}
	b.multipart = root.Kind == Multipart
	switch {
	case len(b.Content) == 0: // Content-Length: 0 under any type
		return nil
	case b.multipart:
		return b.container(root, params)
	}
	*b.grow() = *root
	if root.Kind == SDP {
		b.sdp = 0
	}
	return nil
}

// classify sets the kind by the Content-Type and returns the type's parameters.
// A part without one is text/plain (RFC 2046 clause 5.1), whatever its octets
// look like; and application/ISUP is ISUP, though the Dialogic DMG gateways put
// digits in ASCII there: the codec finds no message in it.
func (p *Part) classify() (params []byte, err error) {
	if p.ContentType == nil {
		return nil, nil
	}
	m, ok := parseMediaType(p.ContentType)
	if !ok {
		return nil, ErrContentType
	}
	p.Kind, p.alternative = m.kind, m.alternative
	return m.params, nil
}

// container divides the content of a multipart. Every multipart is treated as
// mixed (RFC 2046 clause 5.1.7, RFC 5621 clause 4.2).
func (b *Body) container(p *Part, params []byte) error {
	if p.Encoded() {
		return &Error{Offset: p.Offset, Err: ErrEncoded}
	}
	boundary, err := boundaryOf(params)
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
	var d, next delimiter
	if !s.next(&d) || d.close || d.after == len(content) {
		return &Error{Offset: base, Err: ErrNoParts}
	}
	mode := d.post
	if d.pre != noEnd && d.pre != mode {
		return &Error{Offset: base + d.line, Err: ErrLineEnds}
	}
	for {
		more := s.next(&next)
		end, nextLine := len(content), notFound
		if more {
			end, nextLine = next.line-int(next.pre), base+next.line
			if err := next.follows(&d, mode, end); err != nil {
				return &Error{Offset: nextLine, Err: err}
			}
		} else if d.after == len(content) {
			return nil // the last delimiter came without its "--"
		}
		p := b.grow()
		if p == nil {
			return &Error{Offset: base + d.after, Err: ErrTooManyParts}
		}
		p.Depth, p.line, p.next, p.dash = depth, base+d.line, nextLine, 2+len(boundary)
		if err := b.fill(p, content[d.after:end], base+d.after, mode); err != nil {
			return err
		}
		if !more || next.close {
			return nil
		}
		d = next
	}
}

// follows checks a delimiter against the one before it; end is where the part
// between them ends.
func (d *delimiter) follows(before *delimiter, mode lineEnd, end int) error {
	switch {
	case d.pre != mode, !d.close && d.post != mode && d.post != noEnd:
		return ErrLineEnds
	case end < before.after:
		return ErrNoParts // one line end between two delimiters
	default:
		return nil
	}
}

// grow returns the next free part, cleared; nil: the limit is reached.
func (b *Body) grow() *Part {
	n := len(b.Parts)
	if n == MaxParts {
		return nil
	}
	b.Parts = b.store[:n+1]
	b.store[n] = Part{}
	return &b.store[n]
}

// fill reads one part, and divides it when it is a multipart itself.
func (b *Body) fill(p *Part, region []byte, base int, mode lineEnd) error {
	r := headerReader{region: region, mode: mode}
	start := r.read(p)
	if r.err != nil {
		return &Error{Offset: base + r.errAt, Err: r.err}
	}
	p.Whole, p.Content, p.Offset = region, region[start:], base+start
	p.Handling = handling(p.Disposition)
	params, err := p.classify()
	if err != nil {
		return &Error{Offset: base, Err: err}
	}
	if len(p.Header) == 0 && len(p.Content) == 0 {
		p.Handling = Optional // there is nothing in it that could be required
	}
	if p.Kind == Multipart {
		return b.container(p, params)
	}
	return nil
}
