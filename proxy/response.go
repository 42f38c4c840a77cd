package proxy

import (
	"sipid/record"
	"sipid/sipmsg"
)

// onResponse handles a response that passed the gate.
func (w *worker) onResponse() {
	m := &w.msg
	a := w.p.table.client(m.Bytes(m.TopVia.Branch))
	if a == nil {
		w.onStray()
		return
	}
	tx := a.tx
	defer tx.mu.Unlock()
	defer tx.arm()
	method := sipmsg.MethodOf(m.Bytes(m.CSeqMethod))
	switch {
	case a.state == clientEnded:
		w.onStray()
	case method == sipmsg.MethodCancel && tx.method == sipmsg.MethodInvite:
		if m.Status >= 200 {
			a.stopCancel()
		}
	case method != tx.method:
		w.onStray() // to the INVITE of a call that we cancelled for another process
	case !tx.local() && m.OneVia():
		w.p.metrics.drop(dropStrayResponse) // nobody is left whom it could go to (16.7 step 3)
	case tx.method == sipmsg.MethodInvite:
		w.onInviteResponse(a)
	default:
		w.onOtherResponse(a)
	}
}

// onInviteResponse is the client side of an INVITE (17.1.1, RFC 6026) and what
// goes up from it (16.7).
func (w *worker) onInviteResponse(a *attempt) {
	tx, status := a.tx, w.msg.Status
	switch {
	case status < 200:
		a.note(record.KindProvisional, status)
		a.proceed(w)
		if status > 100 && tx.state == serverProceeding && a.state == clientProceeding {
			tx.provisional(w.upward(tx))
			tx.progress()
			if tx.counted {
				w.observeAgent(EventRinging)
			}
		}
	case status < 300:
		w.onAnswer(a)
	case a.state == clientCompleted:
		a.send(a.out) // our ACK was lost
	case a.state < clientCompleted:
		a.note(record.KindFinal, status)
		ack := w.buildAck(a)
		a.complete()
		a.out = ack
		a.send(ack)
		w.within(tx, status)
		tx.ranOut = a.gaveUp && !a.unwanted && !tx.cancelled
		w.refused(a, status)
	}
}

// onAnswer handles a 2xx to an INVITE. The first goes up, and so do the ones the
// same target sends after it; with them one that forks says of all its branches
// (16.7 step 5). What another target answers is ended.
func (w *worker) onAnswer(a *attempt) {
	tx := a.tx
	if a.state == clientCompleted {
		return // the target refused before: it cannot answer now
	}
	if a.state != clientAccepted {
		a.note(record.KindFinal, w.msg.Status)
	}
	a.accept()
	a.judge(true, w.msg.Status, "")
	switch {
	case tx.state == serverProceeding:
		tx.winner = a
		w.keepCall(a)
		w.within(tx, w.msg.Status)
		tx.progress() // final lets go of when it began
		tx.final(w.msg.Status, w.upward(tx))
		w.abandonOthers(a)
		if tx.counted {
			w.observeAgent(EventAnswered)
		}
	case tx.winner == a:
		tx.sendUp(w.upward(tx))
	default:
		w.hangUpSecond(a)
	}
}

// onOtherResponse is the client side of every other request (17.1.2).
func (w *worker) onOtherResponse(a *attempt) {
	tx, status := a.tx, w.msg.Status
	switch {
	case a.state >= clientCompleted:
	case status < 200:
		a.proceed(w) // RFC 4320 4.1: but 100 none goes up, and 100 is ours alone
	default:
		a.complete()
		switch {
		case tx.probe != nil:
			tx.probe.done(status, tx.p.wheel.now()-tx.probe.began)
		case tx.state == serverProceeding && status == 408:
			w.within(tx, status)
			tx.silent(status) // RFC 4320 4.2: who asked has waited as long, or will
		case tx.state == serverProceeding:
			w.within(tx, status)
			tx.final(status, w.upward(tx))
		}
	}
}

// upward writes the response being handled as it goes up: without our Via and
// without what only we may say (16.7 steps 3 and 9), and with ISUP for a trunk,
// without it for a PBX.
func (w *worker) upward(tx *transaction) []byte {
	w.beginUpward()
	switch {
	case tx.backward.unwrap:
		w.unwrapAnswer()
	case tx.backward.speaks:
		w.addISUP(tx)
	}
	return w.endUpward(tx.up.Reliable())
}

// beginUpward begins the edits to a response.
func (w *worker) beginUpward() {
	w.splice.Reset(&w.msg)
	w.splice.Delete(w.msg.PopVia())
	w.cutTrusted(&w.splice, &w.msg)
	w.lines, w.sized = w.lines[:0], false
}

// endUpward writes the response with its edits, for a stream or a datagram.
func (w *worker) endUpward(stream bool) []byte {
	w.frame(&w.splice, &w.msg, stream)
	if len(w.lines) > 0 {
		w.splice.Insert(w.msg.HeadEnd, w.lines)
	}
	w.out = w.splice.Append(w.out[:0])
	return w.out
}
