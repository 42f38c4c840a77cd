package proxy

import (
	"net/netip"
	"strconv"

	"sipid/sipmsg"
)

// refuse answers the message being handled with a refusal, without a
// transaction: the same request, sent again, gets the same answer (8.2.7).
func (w *worker) refuse(r refusal, src netip.AddrPort) { w.refuseWith(r, src, w.lines[:0]) }

// refuseWith is refuse with further header lines.
func (w *worker) refuseWith(r refusal, src netip.AddrPort, lines []byte) {
	if w.msg.Method == sipmsg.MethodAck {
		w.p.metrics.drop(dropStrayAck)
		return
	}
	w.lines = refusalLines(lines, r)
	w.p.metrics.refused(r.status)
	w.answer(sipmsg.Answer{Status: r.status, Reason: r.reason, ToTag: w.toTag(), Source: src, Extra: w.lines})
}

// refusalLines adds the headers of a refusal.
func refusalLines(lines []byte, r refusal) []byte {
	if cause := r.cause(); cause != 0 {
		lines, _ = sipmsg.AppendHeader(lines, "Reason", reasonQ850(cause))
	}
	if r.passing {
		lines, _ = sipmsg.AppendHeader(lines, "Retry-After", retryAfter)
	}
	return lines
}

// answer sends an answer to the message being handled.
func (w *worker) answer(a sipmsg.Answer) {
	w.out = w.msg.AppendAnswer(w.out[:0], a)
	w.p.send(w.sock, w.out, replyTo(&w.msg.TopVia, a.Source))
}

// trying sends the 100 that stops the caller's retransmissions (17.2.1).
func (w *worker) trying(tx *transaction) {
	w.out = w.msg.AppendAnswer(w.out[:0], sipmsg.Answer{Status: 100, Reason: "Trying", Source: tx.src})
	tx.sendUp(w.out)
}

// toTag is our tag in To: the same for the same request.
func (w *worker) toTag() string {
	return strconv.FormatUint(w.p.table.hash(w.key), 36)
}

// finalFrom answers a transaction's INVITE with a refusal of ours.
func (w *worker) finalFrom(tx *transaction, r refusal) {
	if err := w.kept.Parse(tx.request); err != nil {
		w.p.log.Error("kept request unreadable", "error", err)
		tx.end()
		return
	}
	w.lines = refusalLines(w.lines[:0], r)
	w.out = w.kept.AppendAnswer(w.out[:0], sipmsg.Answer{
		Status: r.status, Reason: r.reason, Source: tx.src, Extra: w.lines,
		ToTag: strconv.FormatUint(w.p.table.hash([]byte(tx.key)), 36),
	})
	w.p.metrics.refused(r.status)
	tx.final(r.status, w.out)
}

// timeOut ends an INVITE that no target answered.
func (w *worker) timeOut(tx *transaction) {
	if tx.cancelled {
		w.finalFrom(tx, errTerminated)
		return
	}
	w.finalFrom(tx, errTimeout)
}

// replyTo is where answers to a request go (18.2.2, RFC 3581 section 4): back to
// the address it came from; to its port too with rport, else to the port of its
// Via. What a Via says of other addresses counts for nothing.
func replyTo(via *sipmsg.Via, src netip.AddrPort) netip.AddrPort {
	if via.HasRPort {
		return src
	}
	return netip.AddrPortFrom(src.Addr(), defaultPort(via.Port))
}

// defaultPort is the port of an address that names none.
func defaultPort(port int) uint16 {
	if port == 0 {
		return 5060
	}
	return uint16(port)
}
