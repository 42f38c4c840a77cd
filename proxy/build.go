package proxy

import "sipid/sipmsg"

// buildAck makes the ACK to the refusal being handled (17.1.1.3): our INVITE's
// Request-URI, one Via, Route, From, Call-ID and CSeq number, and the To of the
// response.
func (w *worker) buildAck(a *attempt) []byte {
	to, ok := w.msg.First(sipmsg.IDTo)
	if !ok || w.kept.Parse(a.out) != nil {
		return nil
	}
	return w.buildHop("ACK", w.msg.Bytes(to.Value), nil)
}

// buildCancel makes the CANCEL of an attempt (9.1), with the reason the caller
// gave in its own (RFC 3326).
func (w *worker) buildCancel(a *attempt) []byte {
	if w.kept.Parse(a.out) != nil {
		return nil
	}
	to, ok := w.kept.First(sipmsg.IDTo)
	if !ok {
		return nil
	}
	return w.buildHop("CANCEL", w.kept.Bytes(to.Value), a.tx.reason)
}

// buildHop makes a request that concerns one hop of the INVITE in w.kept. All
// its values were in that INVITE or in a response that passed the gate.
func (w *worker) buildHop(method string, to, lines []byte) []byte {
	m := &w.kept
	b := make([]byte, 0, 512)
	b = append(append(b, method...), ' ')
	b = append(append(b, m.Bytes(m.URI)...), " SIP/2.0\r\n"...)
	b = append(b, m.Bytes(m.Headers[m.TopVia.Header].Line)...) // ours, alone in its line
	for i := range m.Headers {
		switch h := &m.Headers[i]; h.ID {
		case sipmsg.IDRoute, sipmsg.IDFrom, sipmsg.IDCallID:
			b = append(b, m.Bytes(h.Line)...)
		}
	}
	b = append(append(append(b, "To: "...), to...), "\r\n"...)
	b = append(append(b, "CSeq: "...), w.digits(int(m.CSeq))...)
	b = append(append(append(b, ' '), method...), "\r\n"...)
	b = append(b, "Max-Forwards: 70\r\n"...)
	b = append(b, lines...)
	return append(b, "Content-Length: 0\r\n\r\n"...)
}
