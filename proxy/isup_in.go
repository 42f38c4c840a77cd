package proxy

import (
	"sipid/isupbody"
	"sipid/q850"
	"sipid/router"
	"sipid/sipi"
	"sipid/sipmsg"
)

// What a trunk says in ISUP within a call, to a PBX that gets no ISUP.

// infoIsOurs tells whether the request being handled is an INFO with nothing in
// it that a PBX of the group gets: SUS, RES, and whatever else rides in one.
func (w *worker) infoIsOurs(g *router.Group) bool {
	if w.msg.Method != sipmsg.MethodInfo || g.ISUPInfo == router.InfoPass {
		return false
	}
	found := false
	for i := range w.id.body.Parts {
		switch w.id.body.Parts[i].Kind {
		case sipi.ISUP:
			found = true
		case sipi.Multipart:
		default:
			return false
		}
	}
	return found
}

// reasonsOfCancel are the Reason lines of the CANCEL being handled. It has no
// body, and where a trunk's gateway puts a REL into it all the same, a PBX that
// gets our CANCEL would not see it (9.1: it is made anew at each hop).
func (w *worker) reasonsOfCancel(trunk *router.Trunk) []byte {
	var lines []byte
	for _, h := range w.msg.All(sipmsg.IDReason) {
		lines = append(lines, w.msg.Bytes(h.Line)...)
	}
	if trunk == nil || w.msg.Body.Empty() || splitBody(&w.id.body, &w.msg) != nil {
		return lines
	}
	if r, ok := w.reasonOfREL(w.p.dialects.of(trunk)); ok {
		lines = append(r.Append(append(lines, "Reason: "...)), "\r\n"...)
	}
	return lines
}

// reasonOfREL is what the REL in a BYE says, for a Reason header that has it
// (RFC 3398 section 7.2.3; RFC 8606 for the location). A BYE that gives a cause
// of Q.850 itself keeps that. A CANCEL is read the same way.
func (w *worker) reasonOfREL(d *dialect) (q850.Reason, bool) {
	ends := w.msg.Method == sipmsg.MethodBye || w.msg.Method == sipmsg.MethodCancel
	if !ends || w.reasonOr(q850.Reason{}).Cause != 0 {
		return q850.Reason{}, false
	}
	w.id.readISUP(d.encoding)
	for _, octets := range w.id.isup {
		m, err := isupbody.Decode(octets, isupbody.VariantITU)
		if err != nil || m.Type() != isupbody.MessageREL {
			continue
		}
		// Of the coding standards the header knows ITU-T's alone.
		if c, err := m.Cause(); err == nil && c.Coding == 0 && q850.Cause(c.Value).Valid() {
			return q850.Reason{Cause: q850.Cause(c.Value), Location: q850.Location(c.Location), HasLocation: true}, true
		}
	}
	return q850.Reason{}, false
}

// isSubsequent tells whether the INVITE in w.id carries further digits of a call
// that another one began (overlap, RFC 3578): it is no call of its own.
func (id *identity) isSubsequent() bool {
	if len(id.signals.ISUP) == 0 {
		return false
	}
	for _, octets := range id.signals.ISUP {
		if len(octets) == 0 || isupbody.MessageType(octets[0]) != isupbody.MessageSAM {
			return false
		}
	}
	return true
}
