package proxy

import (
	"bytes"
	"net/netip"
	"strconv"

	"sipid/record"
	"sipid/router"
	"sipid/sipmsg"
)

// onRequest handles a request that passed the gate.
func (w *worker) onRequest(who peer) {
	m := &w.msg
	w.p.metrics.request(m.Method)
	if who.side == sideEdge {
		who.trunk = w.edgeTrunk()
	}
	w.trunk = who.trunk
	w.serverKey(w.from.Addr.Addr())
	switch m.Method {
	case sipmsg.MethodAck:
		w.onAck()
		return
	case sipmsg.MethodCancel:
		w.onCancel(who)
		return
	}
	if w.again() {
		return
	}
	if r, ok := w.check(); !ok {
		w.refuseWith(r, w.lines)
		return
	}
	if m.HasToTag || who.side == sidePBX && w.toTaglessCaller() {
		w.onInDialog()
		return
	}
	w.onOutOfDialog(who)
}

// edgeTrunk finds the trunk behind the edge that sent the message being handled.
// An edge that names it twice, or not at all, names nobody.
func (w *worker) edgeTrunk() *router.Trunk {
	var found *router.Trunk
	n := 0
	for _, h := range w.msg.All(sipmsg.IDEdgeSource) {
		found = w.p.peers().behindEdge(w.msg.Bytes(h.Value))
		n++
	}
	if n != 1 {
		return nil
	}
	return found
}

// again handles a retransmission; it is false where there is none. An INVITE that
// rings nowhere yet is answered with another 100, made from itself.
func (w *worker) again() bool {
	tx := w.p.table.server(w.key)
	if tx == nil {
		return false
	}
	defer tx.mu.Unlock()
	tx.note(record.KindAgain, 0)
	if tx.state == serverProceeding && tx.last == nil && tx.method == sipmsg.MethodInvite {
		w.trying(tx)
	} else {
		tx.again()
	}
	return true
}

// serverKey writes the key of RFC 3261 17.2.3 into w.key: branch, sent-by and
// method, where ACK and CANCEL go by their INVITE. The source address is part
// of it, so that nobody else can cancel a call or acknowledge for another. A
// branch without the cookie is an RFC 2543 peer's: then the call's own
// identifiers take its place.
func (w *worker) serverKey(src netip.Addr) {
	m := &w.msg
	via := &m.TopVia
	k := w.key[:0]
	if branch := m.Bytes(via.Branch); len(branch) > len(branchCookie) && string(branch[:len(branchCookie)]) == branchCookie {
		k = append(k, branch...)
	} else {
		k = append(k, m.Bytes(via.Value)...)
		k = append(append(k, 0), m.Bytes(m.CallID)...)
		k = append(append(k, 0), m.Bytes(m.FromTag)...)
		k = append(append(k, 0), w.digits(int(m.CSeq))...)
	}
	k = append(append(k, 0), m.Bytes(via.Host)...)
	k = append(append(k, ':'), w.digits(via.Port)...)
	addr := src.As16()
	k = append(append(k, 0), addr[:]...)
	switch m.Method {
	case sipmsg.MethodInvite, sipmsg.MethodAck, sipmsg.MethodCancel:
		k = append(k, "INVITE"...)
	default:
		k = append(k, m.Bytes(m.MethodName)...)
	}
	w.key = k
}

// check does the checks of RFC 3261 16.3 that the gate leaves to us. What the
// refusal has to say besides is in w.lines.
func (w *worker) check() (r refusal, ok bool) {
	m := &w.msg
	w.lines = w.lines[:0]
	if !servedScheme(m.Bytes(m.URI)) {
		return errURIScheme, false
	}
	if m.MaxForwards == 0 {
		return errTooManyHops, false
	}
	if maxBreadth(m) == 0 && !(m.Method == sipmsg.MethodOptions && w.forUs()) {
		return errBreadth, false
	}
	if !m.HasToTag && w.looped() {
		return errLoop, false
	}
	if _, found := m.First(sipmsg.IDProxyRequire); found {
		// We know no extension that a proxy would have to understand.
		w.unsupported()
		return errExtension, false
	}
	return refusal{}, true
}

// mostBreadth is how many branches a request may have at one time where it does
// not say, and at most (RFC 5393 5.3.3).
const mostBreadth = 60

// maxBreadth is how many branches a request may have at one time. What is no
// number counts as if it were not there.
func maxBreadth(m *sipmsg.Message) int {
	h, given := m.First(sipmsg.IDMaxBreadth)
	if !given {
		return mostBreadth
	}
	n, err := strconv.Atoi(string(m.Bytes(h.Value)))
	if err != nil || n < 0 || n > mostBreadth {
		return mostBreadth
	}
	return n
}

// unsupported lists all that Proxy-Require names (20.40), one by one, since a
// folded list cannot be written as it came.
func (w *worker) unsupported() {
	var all []byte
	for _, h := range w.msg.All(sipmsg.IDProxyRequire) {
		for list := w.msg.Bytes(h.Value); len(list) > 0; {
			var tag []byte
			tag, list = sipmsg.NextValue(list)
			if len(all) > 0 {
				all = append(all, ", "...)
			}
			all = append(all, bytes.TrimSpace(tag)...)
		}
	}
	w.lines, _ = sipmsg.AppendHeader(w.lines, "Unsupported", all) // what cannot be written is left out
}

// servedScheme tells whether we route by such a Request-URI.
func servedScheme(uri []byte) bool {
	u, err := sipmsg.ParseURI(uri)
	if err != nil {
		return false
	}
	switch lower(u.Scheme) {
	case "sip", "sips", "tel":
		return true
	}
	return false
}

// onOutOfDialog handles a request that begins something.
func (w *worker) onOutOfDialog(who peer) {
	m := &w.msg
	switch {
	case m.Method == sipmsg.MethodOptions && (who.trunk == nil || w.forUs()):
		w.onOptions()
	case who.trunk == nil:
		// A PBX does not call out through us, and an edge names the trunk.
		w.refuse(errForbidden)
	case w.p.draining.Load():
		w.refuse(errDraining)
	case w.p.overload.refuses(&w.from, m):
		w.refuse(errOverload)
	case !w.dropOwnRoute():
		// A trunk chooses no way beyond us: its calls go where the router says.
		w.refuse(errForbidden)
	case m.Method == sipmsg.MethodInvite:
		w.onInvite(who.trunk)
	default:
		w.onOther(who.trunk)
	}
}

// forUs tells whether an OPTIONS asks for us: its Request-URI has no user.
func (w *worker) forUs() bool {
	u, err := sipmsg.ParseURI(w.msg.Bytes(w.msg.URI))
	return err == nil && len(u.User) == 0
}

// onOptions says how we are (RFC 3261 11.2).
func (w *worker) onOptions() {
	switch {
	case w.p.draining.Load():
		w.refuse(errDraining)
	case !w.p.ready():
		w.refuse(errNotReady)
	default:
		w.lines, _ = sipmsg.AppendHeader(w.lines[:0], "Accept", "application/sdp, application/isup, multipart/mixed")
		w.answer(sipmsg.Answer{Status: 200, Reason: "OK", ToTag: w.toTag(), Extra: w.lines})
	}
}

// onCancel answers a CANCEL and cancels what it means (9.2, 16.10).
func (w *worker) onCancel(who peer) {
	tx := w.p.table.server(w.key)
	switch {
	case tx != nil:
	case who.callsOut() && w.p.recovering() && !w.msg.HasToTag:
		w.cancelUnknown()
		return
	default:
		w.refuse(errNoDialog)
		return
	}
	defer tx.mu.Unlock()
	if tx.state == serverProceeding && !tx.cancelled {
		tx.cancelled = true
		tx.note(record.KindCancel, 0)
		reason := w.reasonsOfCancel(who.trunk)
		tx.reason = &reason
		tx.attempts(func(a *attempt) { a.sendCancel(w) })
		tx.arm()
	}
	w.cancelAnswered()
}

// cancelAnswered answers a CANCEL. That comes last: if we die before, the caller
// repeats it to the process that comes after us, and nobody's phone rings on.
func (w *worker) cancelAnswered() {
	w.answer(sipmsg.Answer{Status: 200, Reason: "OK", ToTag: w.toTag()})
}

// onAck absorbs the ACK to a refusal; any other goes along its dialog (13.2.2.4).
func (w *worker) onAck() {
	if tx := w.p.table.server(w.key); tx != nil {
		defer tx.mu.Unlock()
		if tx.state == serverCompleted || tx.state == serverConfirmed {
			if tx.state == serverCompleted {
				tx.note(record.KindAck, 0)
			}
			tx.acknowledged()
			return
		}
	}
	w.number = strconv.AppendUint(w.number[:0], w.p.table.hash(w.key), 36)
	if bytes.Equal(w.msg.Bytes(w.msg.ToTag), w.number) {
		return // to a refusal that we keep nothing of
	}
	w.onInDialog()
}
