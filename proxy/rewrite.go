package proxy

import (
	"bytes"
	"strconv"

	"sipid/sipi"
	"sipid/sipmsg"
	"sipid/transport"
)

// rewrite writes the request m as it leaves, by the steps of RFC 3261 16.6.
// What is not edited leaves octet for octet. The result is valid until the
// worker writes again.
func (w *worker) rewrite(m *sipmsg.Message, n next, branch []byte) []byte {
	s := &w.splice
	s.Reset(m)
	if n.uri != nil {
		s.Replace(m.URI, n.uri) // step 2
	}
	s.Insert(m.Headers[0].Line.Start, w.topLines(m, n, branch)) // steps 3, 4 and 8
	s.Stamp(m.TopVia, w.from.Addr)                              // 18.2.1
	if h, ok := m.First(sipmsg.IDMaxForwards); ok {
		s.SetValue(h, w.digits(m.MaxForwards-1)) // step 3
	}
	if h, ok := m.First(sipmsg.IDMaxBreadth); ok {
		w.passBreadth(s, m, h, n.ways)
	}
	w.cutTrusted(s, m)
	for _, route := range w.drop {
		s.Delete(route) // 16.4
	}
	w.lines, w.sized = w.lines[:0], false
	if n.unwrap {
		w.unwrap(s, m)
	}
	if n.reason.Cause != 0 {
		w.lines = append(n.reason.Append(append(w.lines, "Reason: "...)), "\r\n"...)
	}
	if n.release {
		w.addREL(&n.backward, branch)
	}
	if n.lastRoute != nil {
		w.lines = append(append(append(w.lines, "Route: <"...), n.lastRoute...), ">\r\n"...) // step 6
	}
	if n.decision != nil {
		// Its values were checked when the client table was loaded; what the
		// writer refuses all the same is left out.
		w.lines, _ = n.decision.AppendHeaders(w.lines)
		if n.unwrap && n.decision.Restricted {
			w.keepPrivate(m)
		}
	}
	w.frame(s, m, n.down.Reliable()) // step 9
	if len(w.lines) > 0 {
		s.Insert(m.HeadEnd, w.lines)
	}
	w.out = s.Append(w.out[:0])
	return w.out
}

// breadthOf is the Max-Breadth of one of a request's ways: they share what there
// is, so that all may be under way at one time (RFC 5393 5.3.3). Where that is too
// little for it they are gone one after the other, and each has all of it.
func breadthOf(m *sipmsg.Message, ways int) int {
	most := maxBreadth(m)
	if ways > 1 && ways <= most {
		return most / ways
	}
	return most
}

// passBreadth gives Max-Breadth the value of this way, if it has another.
func (w *worker) passBreadth(s *sipmsg.Splice, m *sipmsg.Message, h sipmsg.Header, ways int) {
	if value := w.digits(breadthOf(m, ways)); !bytes.Equal(value, m.Bytes(h.Value)) {
		s.SetValue(h, value)
	}
}

// keepPrivate says in SIP what the ISUP part said that is taken out: that the
// caller's number is not to be shown (RFC 3323).
func (w *worker) keepPrivate(m *sipmsg.Message) {
	if _, there := m.First(sipmsg.IDPrivacy); !there {
		w.lines = append(w.lines, "Privacy: id\r\n"...)
	}
}

// topLines are the lines that go in front of all others: our Via, our
// Record-Routes, and Max-Forwards and Max-Breadth where there were none.
func (w *worker) topLines(m *sipmsg.Message, n next, branch []byte) []byte {
	host := n.down.By.HostPort(n.down.Addr.Addr())
	b := append(w.lines[:0], "Via: SIP/2.0/"...)
	b = append(append(b, n.down.By.Network.Via()...), ' ')
	b = append(append(b, host...), ";rport;branch="...)
	b = append(append(b, branch...), "\r\n"...)
	if makesDialog(m.Method) {
		b = w.recordRoutes(b, n, host)
	}
	if m.MaxForwards < 0 {
		b = append(b, "Max-Forwards: 70\r\n"...) // step 3
	}
	if _, given := m.First(sipmsg.IDMaxBreadth); !given {
		b = append(strconv.AppendInt(append(b, "Max-Breadth: "...), int64(breadthOf(m, n.ways)), 10), "\r\n"...)
	}
	w.lines = b
	return b
}

// recordRoutes are two where a call changes listeners, so that each side finds
// us by the one it can reach: that of the next hop on top (RFC 5658). A dialog
// that goes on gets its own again, as seen from the other side.
func (w *worker) recordRoutes(b []byte, n next, host string) []byte {
	for i := len(n.recordRoute) - 1; i >= 0; i-- {
		b = append(append(append(b, "Record-Route: <"...), n.recordRoute[i]...), ">\r\n"...)
	}
	if n.token == nil {
		return b
	}
	secure := bytes.HasPrefix(n.uri, []byte("sips:"))
	b = appendRecordRoute(b, n.down.By.Network, host, n.token, secure)
	if in := w.from.By; in != n.down.By {
		b = appendRecordRoute(b, in.Network, in.HostPort(w.from.Addr.Addr()), n.token, secure)
	}
	return b
}

// appendRecordRoute writes one. It is sips where the Request-URI is (16.6 step 4),
// and the listener one of TLS.
func appendRecordRoute(b []byte, n transport.Network, host string, token []byte, secure bool) []byte {
	secure = secure && n == transport.TLS
	b = append(b, "Record-Route: <sip"...)
	if secure {
		b = append(b, 's')
	}
	b = append(append(b, ':'), host...)
	if n != transport.UDP && !secure {
		b = append(append(b, ";transport="...), n.String()...)
	}
	b = append(b, transport.RouteMark...)
	return append(append(b, token...), ">\r\n"...)
}

// makesDialog tells the methods whose request may begin or refresh a dialog: we
// stay on the path of that.
func makesDialog(method sipmsg.Method) bool {
	switch method {
	case sipmsg.MethodInvite, sipmsg.MethodSubscribe, sipmsg.MethodNotify, sipmsg.MethodRefer, sipmsg.MethodUpdate:
		return true
	}
	return false
}

// cutTrusted removes the headers that only we may set, and of a response what
// the gate cut.
func (w *worker) cutTrusted(s *sipmsg.Splice, m *sipmsg.Message) {
	for i := range m.Headers {
		if h := &m.Headers[i]; h.Cut || w.p.ours(m, h) {
			s.Delete(h.Line)
		}
	}
}

// ours tells the headers that only we may set: the trusted ones and those of the
// header profiles.
func (p *Proxy) ours(m *sipmsg.Message, h *sipmsg.Header) bool {
	return h.ID.Trusted() || p.router.Owns(m.Bytes(h.Name))
}

// unwrap takes the ISUP out of the body. What the body's headers become is
// added to w.lines.
func (w *worker) unwrap(s *sipmsg.Splice, m *sipmsg.Message) {
	var u sipi.Unwrapped
	u, w.id.content = w.id.body.Unwrap(w.id.content[:0])
	if !u.Changed {
		return
	}
	if u.DropMIMEHeaders {
		w.dropBodyHeaders(s, m)
		w.bodyLine("Content-Type", u.ContentType)
		w.bodyLine("Content-Disposition", u.Disposition)
		w.bodyLine("Content-Language", u.Language)
		w.bodyLine("Content-ID", u.ID)
	}
	w.contentLength(s, m, len(u.Content))
	s.Replace(m.Body, u.Content)
}

// bodyLine adds a header of the new body. A value that the writer refuses (it
// came from a part's own header) is left out rather than sent on.
func (w *worker) bodyLine(name string, value []byte) {
	if value != nil {
		w.lines, _ = sipmsg.AppendHeader(w.lines, name, value)
	}
}

// describesBody tells the headers that belong to a message's body.
func describesBody(id sipmsg.HeaderID) bool {
	switch id {
	case sipmsg.IDContentType, sipmsg.IDContentDisposition, sipmsg.IDContentTransferEncoding,
		sipmsg.IDContentEncoding, sipmsg.IDContentLanguage, sipmsg.IDContentID, sipmsg.IDMIMEVersion:
		return true
	}
	return false
}
