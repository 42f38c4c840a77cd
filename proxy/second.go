package proxy

import (
	"slices"

	"sipid/sipmsg"
	"sipid/transport"
)

// hangUpSecond ends a call that a second target answered: one has the caller
// already, or the caller is gone. Its 2xx is acknowledged and the call ended
// with BYE (RFC 3261 16.7 step 5 is for forks that the caller knows of; this one
// it does not).
func (w *worker) hangUpSecond(a *attempt) {
	d, ok := w.secondDialog()
	if !ok {
		return
	}
	w.p.metrics.secondAnswers.Inc()
	ack, _ := w.buildWithin("ACK", d, a.down.flow(), w.msg.CSeq)
	a.send(ack)
	if a.hungUp {
		return
	}
	a.hungUp = true
	bye, branch := w.buildWithin("BYE", d, a.down.flow(), w.msg.CSeq+1)
	w.startLocal(sipmsg.MethodBye, branch, a.down.flow(), bye, nil)
}

// secondDialog is the dialog of the 2xx being handled as we stand in it: the way
// to whoever answered leads by those who are behind us (12.1.2). It is false
// where a Contact says nothing of where that is.
func (w *worker) secondDialog() (d dialogBehind, ok bool) {
	m := &w.msg
	contact, ok := m.First(sipmsg.IDContact)
	if !ok {
		return d, false
	}
	value, _ := sipmsg.NextValue(m.Bytes(contact.Value))
	addr, err := sipmsg.ParseNameAddr(value)
	if err != nil {
		return d, false
	}
	d = dialogBehind{uri: addr.URI, routes: w.routesBehind()}
	if len(d.routes) == 0 {
		return d, true
	}
	first, err := sipmsg.ParseNameAddr(d.routes[0])
	if err != nil {
		return d, false
	}
	if !loose(first.URI) { // 12.2.1.1
		d.routes = append(d.routes[1:], slices.Concat([]byte{'<'}, d.uri, []byte{'>'}))
		d.uri = first.URI
	}
	return d, true
}

// dialogBehind is how requests of ours go in a dialog.
type dialogBehind struct {
	uri    []byte
	routes [][]byte
}

// routesBehind are the Record-Routes of the 2xx being handled that stand before
// ours, nearest to us first.
func (w *worker) routesBehind() [][]byte {
	var routes [][]byte
	for _, h := range w.msg.All(sipmsg.IDRecordRoute) {
		for list := w.msg.Bytes(h.Value); len(list) > 0; {
			var value []byte
			value, list = sipmsg.NextValue(list)
			addr, err := sipmsg.ParseNameAddr(value)
			if err != nil {
				continue
			}
			if _, ours := w.namesUs(addr.URI); ours {
				slices.Reverse(routes)
				return routes
			}
			routes = append(routes, value)
		}
	}
	return nil // ours is gone: nobody knows what stands before it
}

// buildWithin makes a request in the dialog that the 2xx being handled began.
func (w *worker) buildWithin(method string, d dialogBehind, down transport.Flow, cseq uint32) (out []byte, branch string) {
	m := &w.msg
	branch = newBranch()
	b := make([]byte, 0, 512)
	b = append(append(append(b, method...), ' '), d.uri...)
	b = append(b, " SIP/2.0\r\n"...)
	b = appendOwnVia(b, down, branch)
	for _, r := range d.routes {
		b = append(append(append(b, "Route: "...), r...), "\r\n"...)
	}
	b = appendNames(b, m)
	b = append(append(b, "CSeq: "...), w.digits(int(cseq))...)
	b = append(append(append(b, ' '), method...), "\r\n"...)
	return append(b, "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"...), branch
}

// appendNames copies what a response's dialog is known by: From, To and Call-ID,
// but no line that the gate cut.
func appendNames(b []byte, m *sipmsg.Message) []byte {
	for i := range m.Headers {
		h := &m.Headers[i]
		if h.Cut {
			continue
		}
		switch h.ID {
		case sipmsg.IDFrom, sipmsg.IDTo, sipmsg.IDCallID:
			b = append(b, m.Bytes(h.Line)...)
		}
	}
	return b
}
