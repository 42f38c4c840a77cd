package proxy

import (
	"net/netip"
	"strconv"

	"sipid/q850"
	"sipid/sipi"
	"sipid/sipmsg"
	"sipid/transport"
)

// refuse answers the message being handled with a refusal, without a
// transaction: the same request, sent again, gets the same answer (8.2.7).
func (w *worker) refuse(r refusal) { w.refuseWith(r, w.lines[:0]) }

// refuseWith is refuse with further header lines.
func (w *worker) refuseWith(r refusal, lines []byte) {
	if w.msg.Method == sipmsg.MethodAck {
		w.p.metrics.drop(dropStrayAck)
		return
	}
	b := w.refusedTrunk()
	w.lines = refusalLines(lines, r, b.dialect)
	w.p.metrics.refused(r.status)
	w.answer(w.withREL(&b, sipmsg.Answer{Status: r.status, Reason: r.reason, ToTag: w.toTag()}))
}

// refusedTrunk is the way back for a refusal of the request being handled. Only
// to an INVITE that begins a call a REL says anything: within one it would end it.
func (w *worker) refusedTrunk() backward {
	if w.trunk == nil || w.msg.Method != sipmsg.MethodInvite || !w.msg.BeginsDialog() {
		return backward{dialect: w.p.dialects.of(w.trunk)}
	}
	w.id.read(&w.msg, w.p.dialects.of(w.trunk))
	return w.backwardTo(w.trunk)
}

// withREL completes a refusal whose further header lines are in w.lines.
func (w *worker) withREL(b *backward, a sipmsg.Answer) sipmsg.Answer {
	d := b.dialect
	if b.speaks {
		a.Body = w.rel(q850.Reason{Cause: d.causeOf(a.Status), Location: d.locationOf(a.Status)})
	}
	if len(a.Body) > 0 {
		w.p.metrics.isupAdded(a.Body)
		a.ContentType = b.contentType()
		w.lines = append(w.lines, "Content-Disposition: "+sipi.SignalOptional+"\r\n"...)
	}
	a.Extra = w.lines
	return a
}

// refusalLines adds the headers of a refusal: the cause that it has in a trunk's
// dialect (RFC 6432), and when to come again.
func refusalLines(lines []byte, r refusal, d *dialect) []byte {
	if cause := d.causeOf(r.status); cause != 0 {
		lines = append(lines, "Reason: "...)
		lines = append(q850.Reason{Cause: cause}.Append(lines), "\r\n"...)
	}
	if r.passing {
		lines, _ = sipmsg.AppendHeader(lines, "Retry-After", retryAfter())
	}
	return lines
}

// answer sends an answer to the request being handled.
func (w *worker) answer(a sipmsg.Answer) {
	a.Source = w.from.Addr
	w.out = w.msg.AppendAnswer(w.out[:0], a)
	w.p.send(w.back(), w.out)
}

// trying sends the 100 that stops the caller's retransmissions (17.2.1).
func (w *worker) trying(tx *transaction) {
	w.out = w.appendTrying(w.out[:0], tx)
	tx.sendUp(w.out)
}

func (w *worker) appendTrying(dst []byte, tx *transaction) []byte {
	return w.msg.AppendAnswer(dst, sipmsg.Answer{Status: 100, Reason: "Trying", Source: tx.from().Addr})
}

// toTag is our tag in To: the same for the same request.
func (w *worker) toTag() string {
	return strconv.FormatUint(w.p.table.hash(w.key), 36)
}

// finalKept answers a transaction's INVITE, as it was kept, with a refusal of ours.
func (w *worker) finalKept(tx *transaction, r refusal) {
	u := tx.unsettled
	if err := w.kept.Parse(u.request); err != nil {
		w.p.log.Error("kept request unreadable", "error", err)
		tx.end()
		return
	}
	if tx.backward.dialect == nil {
		tx.backward.dialect = w.p.dialects.of(nil)
	}
	w.lines = refusalLines(w.lines[:0], r, tx.backward.dialect)
	w.out = w.kept.AppendAnswer(w.out[:0], w.withREL(&tx.backward, sipmsg.Answer{
		Status: r.status, Reason: r.reason, Source: tx.from().Addr,
		ToTag: strconv.FormatUint(u.tag, 36),
	}))
	w.p.metrics.refused(r.status)
	tx.final(r.status, w.out)
}

// timeOut ends an INVITE that no target answered.
func (w *worker) timeOut(tx *transaction) {
	if tx.cancelled {
		w.finalKept(tx, errTerminated)
		return
	}
	w.finalKept(tx, errTimeout)
}

// unreachable ends an attempt whose request found no connection.
func (w *worker) unreachable(a *attempt) {
	defer w.survive()
	a.tx.mu.Lock()
	defer a.tx.mu.Unlock()
	a.failed(w)
	a.tx.arm()
}

// replyTo is where the Via of the request being handled sends answers (18.2.2,
// RFC 3581 section 4): to the address it came from; to its port too with rport,
// else to the port of its Via. What a Via says of other addresses counts for
// nothing. The default port is that of the transport the Via names, which may lie
// about how it came: the Via is all that another process sees (replyBy).
func (w *worker) replyTo() netip.AddrPort {
	via := &w.msg.TopVia
	if via.HasRPort {
		return w.from.Addr
	}
	network, _ := transport.ParseNetwork(string(w.msg.Bytes(via.Transport)))
	return netip.AddrPortFrom(w.from.Addr.Addr(), portOr(via.Port, network))
}

// back is the way back for answers to the request being handled: the connection
// it came by, as long as there is that.
func (w *worker) back() transport.Flow {
	back := w.from
	if back.Stream == nil {
		back.Addr = w.replyTo()
		return back
	}
	back.Alt = netip.AddrPortFrom(back.Addr.Addr(), portOr(w.msg.TopVia.Port, back.By.Network))
	return back
}

// portOr is a port, or the network's default where none is named.
func portOr(port int, n transport.Network) uint16 {
	if port == 0 {
		return n.DefaultPort()
	}
	return uint16(port)
}
