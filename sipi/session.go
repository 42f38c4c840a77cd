package sipi

// sdpTally counts the SDP parts of one handling.
type sdpTally struct {
	first    int // index of the first one
	count    int
	group    int
	conflict int // index of the first one that is no alternative of the first
}

func (t *sdpTally) add(i, group int) {
	switch {
	case t.count == 0:
		t.first, t.group, t.conflict = i, group, notFound
	case group != t.group && t.conflict == notFound:
		t.conflict = i
	}
	t.count++
}

// chooseSDP finds the SDP part that describes the session and marks what may be
// dropped. A required one goes before optional ones (Microsoft's clients send
// an older version beside it as optional). Two of equal standing describe two
// sessions: an error, unless they are in one multipart/alternative, where the
// receiver picks.
func (b *Body) chooseSDP() error {
	const whole = MaxParts // the group of a message that is an alternative itself
	var around [MaxDepth + 1]struct {
		droppable   bool
		alternative int // the outermost multipart/alternative around, or notFound
	}
	around[0].alternative = notFound
	if b.root.alternative {
		around[0].alternative = whole
	}
	var required, optional sdpTally
	for i := range b.Parts {
		p := &b.Parts[i]
		up := around[p.Depth-1]
		// A container that is optional is so with all that is in it.
		p.droppable = up.droppable || p.Handling == Optional
		group := up.alternative
		switch {
		case p.Kind == Multipart:
			if group == notFound && p.alternative {
				group = i
			}
			around[p.Depth].droppable, around[p.Depth].alternative = p.droppable, group
			continue
		case p.Kind != SDP:
			continue
		case group == notFound:
			group = i
		}
		if p.droppable {
			optional.add(i, group)
		} else {
			required.add(i, group)
		}
	}
	return b.pick(required, optional)
}

func (b *Body) pick(required, optional sdpTally) error {
	t := required
	if t.count == 0 {
		t = optional
	}
	switch {
	case t.count == 0:
	case t.conflict != notFound:
		return &Error{Offset: b.Parts[t.conflict].Offset, Err: ErrTwoSDP}
	case t.count == 1:
		b.sdp = t.first
	}
	return nil
}
