package proxy

import (
	"time"

	"sipid/pbx"
	"sipid/record"
	"sipid/sipmsg"
)

// clientState is where an attempt stands (17.1, RFC 6026).
type clientState uint8

const (
	clientCalling    clientState = iota // sent, nothing heard (Calling, Trying)
	clientProceeding                    // a 1xx came
	clientCompleted                     // a final response came; of an INVITE, not a 2xx
	clientAccepted                      // INVITE: a 2xx came; further ones are forwarded
	clientEnded
)

// attempt is a request sent to one target: the client side of a transaction. The
// transaction's mutex guards it; which one that is never changes, and is read
// without.
type attempt struct {
	tx *transaction
	leg
}

// leg is what one request makes of an attempt.
type leg struct {
	key      tableKey // of its branch
	down     way
	target   *pbx.Target // of a request to a PBX outside a dialog
	out      []byte      // the request as sent; of a refused INVITE the ACK, to be sent again
	number   uint16      // from 1
	status   uint16      // of its refusal; 0: none
	state    clientState
	unwanted bool // another attempt decided the call, or is to
	judged   bool // the target's health knows of it
	hungUp   bool // a second 2xx was ended with BYE
	gaveUp   bool // timer C ran out, or the caller did: the next expiry ends it

	resend, interval time.Duration // timers A and E
	expire           time.Duration // timers B, C, D, F, K, M
	patience         time.Duration // the next target is tried when nothing was heard by then

	cancel *cancelling // nil before
}

// cancelling is a CANCEL of ours.
type cancelling struct {
	text             []byte // as sent
	resend, interval time.Duration
	expire           time.Duration
}

// next is the attempt's next timer.
func (a *attempt) next() time.Duration {
	next := earlier(earlier(a.resend, a.patience), a.expire)
	if a.cancel != nil {
		next = earlier(next, earlier(a.cancel.resend, a.cancel.expire))
	}
	return next
}

// start sends the request and starts timers A and B, or E and F. An answer to
// the request goes up with it, if there is one.
func (a *attempt) start(answer []byte) {
	now := a.tx.p.wheel.now()
	a.expire = now + lifetime
	if !a.down.Reliable() {
		a.interval = timerT1
		a.resend = now + a.interval
	}
	a.tx.p.table.addClient(a)
	if len(answer) > 0 {
		a.tx.p.transport.SendWith(a.down.flow(), a.out, a, a.tx.up.flow(), answer)
		return
	}
	a.tx.p.transport.Send(a.down.flow(), a.out, a)
}

func (a *attempt) send(b []byte) { a.tx.p.send(a.down.flow(), b) }

// forget lets go of what was sent.
func (a *attempt) forget() {
	a.tx.p.buffers.put(a.out)
	a.out = nil
}

// proceed handles a 1xx.
func (a *attempt) proceed(w *worker) {
	if a.state > clientProceeding {
		return
	}
	now := a.tx.p.wheel.now()
	again := a.state == clientProceeding
	a.state = clientProceeding
	switch {
	case a.tx.method != sipmsg.MethodInvite:
		// 17.1.2.2: a non-INVITE is still sent again, every T2.
		if !a.down.Reliable() {
			a.interval, a.resend = timerT2, now+timerT2
		}
	case a.gaveUp:
		a.resend = 0 // timer C ran out: no 1xx gives it more time
	case again && w.msg.Status == 100:
		// 16.7 step 2: 101 to 199 reset timer C. A PBX that says 100 again and again
		// does not ring.
	default:
		a.resend, a.expire = 0, now+timerC
	}
	a.patience = 0
	a.judge(true, 0, "")
	if a.tx.cancelled || a.unwanted {
		a.sendCancel(w)
	}
}

// accept handles the first 2xx to an INVITE; it takes the later ones until
// timer M.
func (a *attempt) accept() {
	if a.state == clientAccepted {
		return
	}
	a.state, a.resend, a.patience, a.expire = clientAccepted, 0, 0, a.tx.p.wheel.now()+lifetime
	a.stopCancel()
	a.forget()
}

// complete handles a final response that ends the attempt's search: timer D of
// an INVITE, timer K of any other.
func (a *attempt) complete() {
	wait := timerT4
	if a.tx.method == sipmsg.MethodInvite {
		wait = lifetime
	}
	a.state, a.resend, a.patience, a.expire = clientCompleted, 0, 0, a.tx.p.wheel.now()+linger(&a.down, wait)
	a.stopCancel()
	a.forget()
}

// sendCancel sends the CANCEL down once there is something to cancel (9.1).
func (a *attempt) sendCancel(w *worker) {
	if a.cancel != nil || a.state != clientProceeding {
		return
	}
	now := a.tx.p.wheel.now()
	a.cancel = &cancelling{text: w.buildCancel(a), expire: now + lifetime}
	if !a.down.Reliable() {
		a.cancel.interval = timerT1
		a.cancel.resend = now + timerT1
	}
	// 9.1: no final response within 64*T1 of the CANCEL: it is taken as cancelled.
	a.gaveUp, a.expire = true, now+lifetime
	a.note(record.KindCancelDown, 0)
	a.send(a.cancel.text)
}

// stopCancel ends the retransmission of a CANCEL.
func (a *attempt) stopCancel() {
	if a.cancel != nil {
		a.cancel.resend, a.cancel.expire = 0, 0
	}
}

// timers does what is due.
func (a *attempt) timers(w *worker, now time.Duration) {
	if due(a.resend, now) {
		a.send(a.out)
		a.interval = a.nextInterval()
		a.resend = now + a.interval
		if a.tx.probe == nil {
			a.tx.p.metrics.retransmitted.Inc()
		}
	}
	if due(a.patience, now) {
		w.impatient(a)
	}
	if c := a.cancel; c != nil {
		if due(c.resend, now) {
			a.send(c.text)
			c.interval = min(2*c.interval, timerT2)
			c.resend = now + c.interval
		}
		if due(c.expire, now) {
			a.stopCancel()
		}
	}
	if due(a.expire, now) {
		a.expired(w, now)
	}
}

// nextInterval doubles: without bound for an INVITE, up to T2 for others.
func (a *attempt) nextInterval() time.Duration {
	if a.tx.method == sipmsg.MethodInvite {
		return 2 * a.interval
	}
	return min(2*a.interval, timerT2)
}

// expired handles the end of the attempt's time.
func (a *attempt) expired(w *worker, now time.Duration) {
	invite := a.tx.method == sipmsg.MethodInvite
	if a.state == clientProceeding && invite && !a.gaveUp {
		// Timer C: the target rings for ever (16.8).
		a.sendCancel(w)
		return
	}
	silent := a.state <= clientProceeding
	calling := a.state == clientCalling
	a.end()
	if !silent {
		return
	}
	if a.tx.probe != nil {
		a.tx.probe.done(0, 0)
		return
	}
	a.tx.p.metrics.timedOut.Inc()
	a.note(record.KindSilent, 0)
	switch {
	case a.tx.state != serverProceeding || a.unwanted && a.tx.pending():
	case !invite:
		// RFC 4320 4.2: a 408 would come too late for whoever asked.
		a.tx.end()
	default:
		if calling {
			a.judge(false, 0, "says nothing")
		}
		w.giveUpOn(a)
	}
}

// giveUpOn handles an attempt that came to nothing by itself: on to the next
// target, or, when there is none and nobody else may answer, up with the best.
func (w *worker) giveUpOn(a *attempt) {
	switch {
	case a.tx.canTryNext() && w.tryNext(a.tx):
	case !a.tx.pending():
		w.finalBest(a.tx)
	}
}

// failed handles a request that could not be sent (17.1.4): to the caller it is
// as if the target had answered 503 (16.9).
func (a *attempt) failed(w *worker) {
	if a.state > clientProceeding {
		return
	}
	a.end()
	a.note(record.KindUnreachable, 0)
	if a.byStream() {
		a.target.SetStream(false) // it may take UDP all the same
	} else {
		a.judge(false, 0, "cannot be connected to")
	}
	switch {
	case a.tx.probe != nil:
		a.tx.probe.done(0, 0)
	case a.byStream() && !a.unwanted && a.tx.mayGoOn():
		w.byDatagram(a)
	case a.tx.state != serverProceeding:
	case a.tx.method != sipmsg.MethodInvite:
		a.tx.end()
	case a.tx.canTryNext() && w.tryNext(a.tx):
	case !a.tx.pending() && !a.tx.cancelled && !a.tx.refusedBefore():
		w.finalKept(a.tx, errNextHop)
	case !a.tx.pending():
		w.finalBest(a.tx)
	}
}

// linger is how long a finished transaction waits for retransmissions: over a
// reliable transport there are none (timers D, I, J and K are 0).
func linger(f *way, d time.Duration) time.Duration {
	if f.Reliable() {
		return 0
	}
	return d
}

// end forgets the attempt.
func (a *attempt) end() {
	a.state, a.resend, a.patience, a.expire = clientEnded, 0, 0, 0
	a.stopCancel()
	a.forget()
	a.cancel = nil
	a.tx.p.table.removeClient(a)
}
