package sipi

// Unwrapped is what a PBX group with `body: sdp` gets.
type Unwrapped struct {
	Changed bool   // false: the body and its headers stay as they came
	Content []byte // the new body; empty: none

	// DropMIMEHeaders: the message-level Content-Type, Content-Disposition,
	// Content-Transfer-Encoding, Content-Encoding, Content-Language, Content-ID
	// and MIME-Version go, and those below that are not nil come instead. False:
	// they all stay and only Content-Length changes. The values are one line of
	// printable ASCII each.
	DropMIMEHeaders bool
	ContentType     []byte // nil: no body
	Disposition     []byte
	Language        []byte
	ID              []byte
}

// Unwrap says what becomes of the body on the way to a PBX that gets the SDP
// alone. ISUP counts as handled here, even where it is required. One SDP part
// left: it becomes the body, octet for octet. Nothing left: no body. Anything
// else that is required: the multipart stays as it came with the ISUP parts cut
// out, and the PBX decides; parts are dropped only if they are optional.
//
// After an error of Split the SDP becomes the body where exactly one can be
// found, else nothing changes.
//
// It returns dst with what had to be written appended: a rebuilt multipart, or
// a folded header value unfolded. In all other cases nothing is written and
// nothing allocated.
func (b *Body) Unwrap(dst []byte) (Unwrapped, []byte) {
	if b.failed {
		if p, ok := b.isolate(); ok {
			return alone(&p, dst)
		}
		return Unwrapped{}, dst
	}
	if !b.multipart {
		if b.First(ISUP) != nil {
			return Unwrapped{Changed: true, DropMIMEHeaders: true}, dst
		}
		return Unwrapped{}, dst
	}
	isup, sdp, blocked := b.tally()
	switch {
	case len(b.Content) == 0:
		return Unwrapped{Changed: true, DropMIMEHeaders: true}, dst
	case blocked && isup:
		return b.withoutISUP(dst)
	case blocked, !isup && !sdp: // not a SIP-I body: not ours to change
		return Unwrapped{}, dst
	case sdp:
		return alone(b.SDP(), dst)
	default:
		return Unwrapped{Changed: true, DropMIMEHeaders: true}, dst
	}
}

// tally says which kinds are there, and whether something else than the one SDP
// part has to reach the PBX: a required part, an SDP part under an encoding, or
// alternatives to choose from.
func (b *Body) tally() (isup, sdp, blocked bool) {
	for i := range b.Parts {
		p := &b.Parts[i]
		switch p.Kind {
		case ISUP:
			isup = true
		case SDP:
			sdp = true
			if i == b.sdp {
				blocked = blocked || p.Encoded()
			} else {
				blocked = blocked || b.sdp == notFound || !p.droppable
			}
		case Other:
			blocked = blocked || !p.droppable
		}
	}
	return isup, sdp, blocked
}

// alone makes one part the body, with its own headers. Its transfer encoding is
// binary, 8bit or 7bit and says nothing above a SIP body.
func alone(p *Part, dst []byte) (Unwrapped, []byte) {
	u := Unwrapped{Changed: true, DropMIMEHeaders: true, Content: p.Content}
	u.ContentType, dst = headerValue(p.ContentType, dst)
	if u.ContentType == nil {
		n := len(dst)
		dst = append(dst, TypeSDP...)
		u.ContentType = dst[n:len(dst):len(dst)]
	}
	u.Disposition, dst = headerValue(p.Disposition, dst)
	u.Language, dst = headerValue(p.Language, dst)
	u.ID, dst = headerValue(p.ID, dst)
	return u, dst
}

// headerValue returns a part's header value as it may stand in a SIP header:
// unfolded, and nil when it holds anything but printable ASCII. A value that
// has no fold is returned as it is.
func headerValue(v, dst []byte) (value, rest []byte) {
	folded := false
	for _, c := range v {
		switch {
		case c == '\r' || c == '\n':
			folded = true
		case c != '\t' && (c < ' ' || c > '~'):
			return nil, dst
		}
	}
	if !folded || len(v) == 0 {
		return v, dst
	}
	n := len(dst)
	for i := 0; i < len(v); i++ {
		if v[i] != '\r' && v[i] != '\n' {
			dst = append(dst, v[i])
			continue
		}
		for i+1 < len(v) && isSpace(v[i+1]) {
			i++
		}
		dst = append(dst, ' ')
	}
	return dst[n:len(dst):len(dst)], dst
}

// withoutISUP appends the multipart without its ISUP parts, every other octet
// as received. A part is cut from its own delimiter line to the next one, so
// the line end before stays for the next. A container that held nothing else
// goes too.
func (b *Body) withoutISUP(dst []byte) (Unwrapped, []byte) {
	var gone [MaxParts]bool
	b.markGone(&gone)
	start, from := len(dst), 0
	for i := range b.Parts {
		p := &b.Parts[i]
		if !gone[i] || p.line < from { // kept, or inside a container cut already
			continue
		}
		dst = append(dst, b.Content[from:p.line]...)
		from = p.next
		if p.next == notFound {
			// The last part and no closing delimiter: this one closes. The line
			// end behind a closing delimiter may be missing, whatever the others are.
			dst = append(dst, b.Content[p.line:p.line+p.dash]...)
			dst = append(dst, "--"...)
			from = p.Offset + len(p.Content)
		}
	}
	dst = append(dst, b.Content[from:]...)
	return Unwrapped{Changed: true, Content: dst[start:], ContentType: b.Headers.ContentType}, dst
}

// markGone marks the ISUP parts and the containers that hold nothing but such.
// It goes backwards, so that a container comes after all that is in it.
func (b *Body) markGone(gone *[MaxParts]bool) {
	var kept, seen [MaxDepth + 2]bool // by depth: a part was kept, a part was there
	for i := len(b.Parts) - 1; i >= 0; i-- {
		p := &b.Parts[i]
		gone[i] = p.Kind == ISUP
		if p.Kind == Multipart {
			gone[i] = seen[p.Depth+1] && !kept[p.Depth+1]
			kept[p.Depth+1], seen[p.Depth+1] = false, false
		}
		seen[p.Depth] = true
		kept[p.Depth] = kept[p.Depth] || !gone[i]
	}
}
