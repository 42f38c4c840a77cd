package proxy

import (
	"fmt"

	"sipid/sipmsg"
)

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

// buildCancel makes the CANCEL of an attempt (9.1), with its Reason: a CANCEL has
// no body that could say it in ISUP.
func (w *worker) buildCancel(a *attempt) []byte {
	if w.kept.Parse(a.out) != nil {
		return nil
	}
	to, ok := w.kept.First(sipmsg.IDTo)
	if !ok {
		return nil
	}
	return w.buildHop("CANCEL", w.kept.Bytes(to.Value), a.cancelReason())
}

// The reasons of CANCELs of our own.
const (
	// The example of RFC 3326 section 3.1, with the cause of Q.850 that means it:
	// non-selected user clearing.
	reasonElsewhere = "Reason: SIP;cause=200;text=\"Call completed elsewhere\", Q.850;cause=26\r\n"
	// The call goes on at another target, which has not decided yet.
	reasonNotSelected = "Reason: Q.850;cause=26\r\n"
	// Timer C (16.8): recovery on timer expiry.
	reasonTimerC = "Reason: Q.850;cause=102\r\n"
)

// cancelReason is the Reason line of the attempt's CANCEL (RFC 3326): what the
// caller gave in its own, or why we gave up on the attempt ourselves.
func (a *attempt) cancelReason() []byte {
	status := a.tx.status
	switch {
	case a.tx.cancelled:
		return *a.tx.reason
	case !a.unwanted:
		return []byte(reasonTimerC)
	case status == 0:
		return []byte(reasonNotSelected)
	case status < 300:
		return []byte(reasonElsewhere)
	}
	return fmt.Appendf(nil, "Reason: SIP;cause=%d\r\n", status)
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
