package proxy

import (
	"sipid/isupbody"
	"sipid/router"
	"sipid/sipi"
	"sipid/sipmsg"
	"sipid/transport"
)

// onInvite is the way of a new call. The places it takes are given back unless it
// goes on.
func (w *worker) onInvite(trunk *router.Trunk) {
	defer w.slot.free()
	if !w.admit(trunk) {
		return
	}
	began := w.p.wheel.now()
	d := w.identify(trunk, &w.msg) // unwrap the body, decode the ISUP, find the client
	if w.id.isSubsequent() {
		w.refuse(errIncomplete)
		return
	}
	w.logDecision(trunk, d)
	w.checkCalled(trunk, d)
	if d.RejectStatus != 0 {
		w.p.metrics.rejected(d.Status)
		w.begin(trunk, d, d.RejectStatus)
		w.refuse(rejected(d.RejectStatus))
		return
	}
	n, r, ok := w.place(d) // which PBX, by which listener
	w.p.metrics.decision.Observe((w.p.wheel.now() - began).Seconds())
	if !ok {
		w.begin(trunk, d, r.status)
		w.refuse(r)
		return
	}
	n.decision, n.trunk = d, trunk // the X- headers
	n.token = w.routeToken(trunk, d.Group)
	n.backward = w.backwardTo(trunk)
	w.observeIdentified(trunk, d, &n)
	w.relay(n)
}

// onOther carries a request that begins something else than a call: there is
// nobody to identify, so it goes to the default group.
func (w *worker) onOther(trunk *router.Trunk) {
	n, ok := w.firstTarget(w.p.router.DefaultGroup())
	if !ok {
		w.refuse(errNoTarget)
		return
	}
	w.id.signals, w.id.base = router.Signals{}, isupbody.BaseUnknown
	w.splitForeign(n)
	n.token = w.routeToken(trunk, w.p.router.DefaultGroup())
	w.relay(n)
}

// identify finds out whose call an INVITE is and where it goes.
func (w *worker) identify(trunk *router.Trunk, m *sipmsg.Message) *router.Decision {
	w.id.read(m, w.p.dialects.of(trunk))
	if trunk.NeedsCaller() {
		w.id.readCaller(m)
	}
	w.p.router.Route(trunk, &w.id.signals, &w.id.decision)
	return &w.id.decision
}

// read collects what identification may look at, of a trunk of that dialect.
func (id *identity) read(m *sipmsg.Message, d *dialect) {
	s := &id.signals
	*s = router.Signals{RequestURI: m.Bytes(m.URI)}
	id.base = isupbody.BaseUnknown
	s.BodyErr = splitBody(&id.body, m)
	id.readISUP(d.encoding)
	s.ISUP = id.isup
	if part := id.body.First(sipi.ISUP); part != nil {
		s.ISUPLabel = part.ContentType
		id.base = id.label.baseOf(d, part)
	}
	if to, ok := m.First(sipmsg.IDTo); ok {
		s.To = m.Bytes(to.Value)
	}
	id.values = id.values[:0]
	s.Diversion = id.all(m, sipmsg.IDDiversion)
	s.HistoryInfo = id.all(m, sipmsg.IDHistoryInfo)
	s.UserToUser = id.all(m, sipmsg.IDUserToUser)
}

// readISUP collects the ISUP messages of the body.
func (id *identity) readISUP(e sipi.Encoding) {
	if e == sipi.Binary {
		id.isup = id.body.ISUP(id.isup[:0])
		return
	}
	id.isup, id.decoded = id.body.ISUPAs(id.isup[:0], id.decoded[:0], e)
}

// readCaller collects who says to call, for the sources that ask for it.
func (id *identity) readCaller(m *sipmsg.Message) {
	s := &id.signals
	if from, ok := m.First(sipmsg.IDFrom); ok {
		s.From = m.Bytes(from.Value)
	}
	s.Asserted = id.all(m, sipmsg.IDPAssertedIdentity)
	if h, ok := m.First(sipmsg.IDPrivacy); ok {
		s.Privacy = m.Bytes(h.Value)
	}
}

// all collects the values of all headers of a name, in order.
func (id *identity) all(m *sipmsg.Message, name sipmsg.HeaderID) [][]byte {
	if _, found := m.First(name); !found {
		return nil // nearly always
	}
	start := len(id.values)
	for i := range m.Headers {
		if h := &m.Headers[i]; h.ID == name && !h.Cut {
			id.values = append(id.values, m.Bytes(h.Value))
		}
	}
	return id.values[start:len(id.values):len(id.values)]
}

// splitBody splits a message's body by its headers.
func splitBody(b *sipi.Body, m *sipmsg.Message) error {
	value := func(id sipmsg.HeaderID) []byte {
		if h, ok := m.First(id); ok {
			return m.Bytes(h.Value)
		}
		return nil
	}
	return b.Split(sipi.Headers{
		ContentType:      value(sipmsg.IDContentType),
		TransferEncoding: value(sipmsg.IDContentTransferEncoding),
		Encoding:         value(sipmsg.IDContentEncoding),
	}, m.Bytes(m.Body))
}

// splitForeign splits the body of a request that was not identified, where it is
// to be unwrapped. One that cannot be split passes, or gives its SDP.
func (w *worker) splitForeign(n next) {
	if n.unwrap {
		_ = splitBody(&w.id.body, &w.msg)
	}
}

// firstTarget is the way to the PBX that is offered a request which is no call. It
// is false when all are drained or full.
func (w *worker) firstTarget(g *router.Group) (next, bool) {
	w.order, w.targets = w.p.groups.Of(g).Candidates(w.msg.Bytes(w.msg.CallID), w.order, w.targets[:0])
	if len(w.targets) == 0 {
		return next{}, false
	}
	return w.toTarget(w.targets[0]), true
}

// appendTargetURI writes the Request-URI for a PBX: the user part of the one
// that came, host and port of the target. Of the parameters those go that would
// lead elsewhere (RFC 3261 19.1.1). sips stays so where the PBX is asked by TLS; to
// one by another transport it would promise what is not so (26.2.2).
func appendTargetURI(dst, uri []byte, t *router.Target, by transport.Network) []byte {
	u, err := sipmsg.ParseURI(uri)
	if err != nil {
		return append(dst, t.URI...)
	}
	if lower(u.Scheme) == "tel" {
		dst = append(append(dst, "sip:"...), u.User...)
		dst = append(append(dst, '@'), t.Host...)
		return append(dst, ";user=phone"...)
	}
	scheme := "sip:"
	if by == transport.TLS && lower(u.Scheme) == "sips" {
		scheme = "sips:"
	}
	dst = append(dst, scheme...)
	if len(u.User) > 0 {
		dst = append(append(dst, u.User...), '@')
	}
	dst = append(dst, t.Host...)
	for params := u.Params; len(params) > 0; {
		var one []byte
		one, params = nextParam(params)
		if !misleads(one) {
			dst = append(dst, one...)
		}
	}
	return dst
}

// checkCalled counts and tells of a call whose two called numbers differ.
func (w *worker) checkCalled(trunk *router.Trunk, d *router.Decision) {
	if d.CalledDiffers {
		w.p.metrics.calledDiffers.Inc()
		w.p.log.Warn("the called number of the ISUP part is not that of the Request-URI", "trunk", trunk.Name, "call_id", string(w.msg.Bytes(w.msg.CallID)))
	}
}

// logDecision says what a call could not be identified for: what was wrong, and
// at which octet. It names no number.
func (w *worker) logDecision(trunk *router.Trunk, d *router.Decision) {
	if d.Status == router.StatusResolved {
		return
	}
	what := []any{"trunk", trunk.Name, "status", d.Status.String(), "call_id", string(w.msg.Bytes(w.msg.CallID))}
	if d.Err != nil {
		what = append(what, "error", d.Err)
	}
	w.p.log.Warn("call not identified", what...)
}
