package proxy

import (
	"net/netip"

	"sipid/pbx"
	"sipid/router"
	"sipid/sipmsg"
	"sipid/transport"
)

// recovery is how long after our start calls may ring that another process
// began: as long as a transaction may wait for its final response.
const recovery = timerC + lifetime

// onStray handles a response whose transaction is gone: a 2xx that came late or
// once more, or any after this process took over from another. Our branch, with
// its signature, says that we sent the request, and by which Via it came
// (16.11); whatever else carries our name goes nowhere.
func (w *worker) onStray() {
	up, ok := w.strayUp()
	if !ok {
		w.p.metrics.drop(dropStrayResponse)
		return
	}
	method := sipmsg.MethodOf(w.msg.Bytes(w.msg.CSeqMethod))
	if w.msg.Status == 100 || method == sipmsg.MethodCancel {
		return // meant for us, and the one we were is gone
	}
	w.p.metrics.lateResponses.Inc()
	if method == sipmsg.MethodInvite && w.msg.Status >= 200 && w.p.recovering() {
		w.p.metrics.recoveredCalls.Inc()
	}
	if method == sipmsg.MethodInvite && w.msg.Status >= 300 {
		// The target repeats it until it gets our ACK; that of the caller, to what
		// goes up now, ends here.
		w.p.send(w.from, w.strayAck())
	}
	// Whether an ACM went before is not known any more: no ISUP is added. A trunk
	// copes (RFC 3398 section 8.2.3).
	w.beginUpward()
	if w.p.peers().takesNoISUP(up.Addr) {
		w.unwrapAnswer()
	}
	w.p.send(up, w.endUpward(up.Reliable()))
}

// strayUp is the way up of a response without a transaction, if our branch in
// it is one that we made for that way.
func (w *worker) strayUp() (transport.Flow, bool) {
	m := &w.msg
	via, ok := m.SecondVia()
	if !ok {
		return transport.Flow{}, false
	}
	reply, ok := replyBy(m, &via)
	if !ok {
		return transport.Flow{}, false
	}
	if _, ok := w.sign.readBranch(m.Bytes(m.TopVia.Branch), upstreamOf(m, &via, reply)); !ok {
		return transport.Flow{}, false
	}
	network, known := transport.ParseNetwork(string(m.Bytes(via.Transport)))
	up, ok := w.p.transport.Outgoing(w.from.By, network, reply)
	return up, ok && known
}

// strayAck makes the ACK to a refusal of an INVITE that is not kept any more.
// The target knows it by its branch; the Request-URI is as near as To comes.
func (w *worker) strayAck() []byte {
	m := &w.msg
	b := append(make([]byte, 0, 512), "ACK "...)
	b = append(append(b, w.toURI()...), " SIP/2.0\r\nVia: "...)
	b = append(append(b, m.Bytes(m.TopVia.Value)...), "\r\n"...)
	b = appendNames(b, m)
	b = append(append(b, "CSeq: "...), w.digits(int(m.CSeq))...)
	return append(b, " ACK\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"...)
}

// toURI is the URI of the To header of the message being handled.
func (w *worker) toURI() []byte {
	to, ok := w.msg.First(sipmsg.IDTo)
	if !ok {
		return []byte("sip:unknown@invalid")
	}
	addr, err := sipmsg.ParseNameAddr(w.msg.Bytes(to.Value))
	if err != nil {
		return []byte("sip:unknown@invalid")
	}
	return addr.URI
}

// recovering tells whether there may be calls that another process began.
func (p *Proxy) recovering() bool { return p.resumes && p.wheel.now() < recovery }

// cancelUnknown cancels a call that another process began: to which target, and
// by which attempt, its INVITE went is not known, but every branch it can have
// had is. A target that has no such call answers 481, which harms nobody.
func (w *worker) cancelUnknown() {
	for _, g := range w.p.groups.Pools() {
		attempts := len(g.Targets())
		for _, t := range g.Targets() {
			if _, ok := w.streamTo(t); ok {
				attempts++ // where no connection took it, it went by UDP once more
			}
		}
		for _, t := range g.Targets() {
			if down, ok := w.p.transport.Outgoing(w.from.By, t.Network, t.At.Addr); ok {
				w.cancelUnknownAt(t, down, attempts)
			}
			if down, ok := w.streamTo(t); ok {
				w.cancelUnknownAt(t, down, attempts)
			}
		}
	}
	w.p.metrics.recoveredCancels.Inc()
	w.cancelAnswered()
}

// streamTo is the way of an INVITE that is too large for UDP, where the target is
// one that may have got it by TCP: whether it was known to take TCP is not known.
func (w *worker) streamTo(t *pbx.Target) (transport.Flow, bool) {
	auto := t.Conf.Large == router.LargeAuto && t.Group.Probe.Interval > 0
	if t.Network != transport.UDP || t.Conf.Large != router.LargeTCP && !auto {
		return transport.Flow{}, false
	}
	return w.p.transport.Outgoing(w.from.By, transport.TCP, t.At.Addr)
}

// cancelUnknownAt cancels the call at one target, by one way.
func (w *worker) cancelUnknownAt(t *pbx.Target, down transport.Flow, attempts int) {
	for attempt := range attempts {
		branch := string(w.branch(down, attempt))
		if a := w.p.table.client([]byte(branch)); a != nil {
			a.tx.mu.Unlock()
			continue // the caller's CANCEL came once more
		}
		w.startLocal(sipmsg.MethodCancel, branch, down, w.buildUnknownCancel(t, down, branch), nil)
	}
}

// buildUnknownCancel makes the CANCEL that the attempt with this branch would
// have got.
func (w *worker) buildUnknownCancel(t *pbx.Target, down transport.Flow, branch string) []byte {
	m := &w.msg
	b := append(make([]byte, 0, 512), "CANCEL "...)
	b = append(appendTargetURI(b, m.Bytes(m.URI), t.Conf, t.Network), " SIP/2.0\r\n"...)
	b = appendOwnVia(b, down, branch)
	for i := range m.Headers {
		switch h := &m.Headers[i]; h.ID {
		case sipmsg.IDFrom, sipmsg.IDTo, sipmsg.IDCallID, sipmsg.IDCSeq, sipmsg.IDReason:
			b = append(b, m.Bytes(h.Line)...)
		}
	}
	return append(b, "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"...)
}

// replyBy is where a Via that we stamped sends answers.
func replyBy(m *sipmsg.Message, via *sipmsg.Via) (netip.AddrPort, bool) {
	host := m.Bytes(via.Host)
	if !via.Received.Empty() {
		host = m.Bytes(via.Received)
	}
	addr, ok := parseHost(host)
	if !ok {
		return netip.AddrPort{}, false
	}
	transport, _ := transport.ParseNetwork(string(m.Bytes(via.Transport)))
	port := portOr(via.Port, transport)
	if via.HasRPort {
		n, ok := parsePort(m.Bytes(via.RPort))
		if !ok {
			return netip.AddrPort{}, false
		}
		port = n
	}
	return netip.AddrPortFrom(addr, port), true
}
