package proxy

import (
	"time"

	"sipid/pbx"
	"sipid/record"
	"sipid/sipmsg"
	"sipid/transport"
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

// attempt is a request sent to one target: the client side of a transaction.
// The transaction's mutex guards it; branch never changes.
type attempt struct {
	tx     *transaction
	state  clientState
	branch string
	down   transport.Flow
	target *pbx.Target // of a request to a PBX outside a dialog
	number int         // from 1
	status int         // of its refusal; 0: none
	out    []byte      // the request as sent
	ack    []byte      // the ACK to a refusal, to be sent again

	resend, interval time.Duration // timers A and E
	expire           time.Duration // timers B, C, D, F, K, M
	patience         time.Duration // the next target is tried when nothing was heard by then
	unwanted         bool          // another attempt decided the call, or is to
	judged           bool          // the target's health knows of it
	hungUp           bool          // a second 2xx was ended with BYE
	gaveUp           bool          // timer C ran out, or the caller did: the next expiry ends it

	cancel                       []byte // the CANCEL as sent; nil before
	cancelResend, cancelInterval time.Duration
	cancelExpire                 time.Duration
}

// next is the attempt's next timer.
func (a *attempt) next() time.Duration {
	return earlier(earlier(earlier(a.resend, a.patience), a.expire), earlier(a.cancelResend, a.cancelExpire))
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
		a.tx.p.transport.SendWith(a.down, a.out, a, a.tx.up, answer)
		return
	}
	a.tx.p.transport.Send(a.down, a.out, a)
}

func (a *attempt) send(b []byte) { a.tx.p.send(a.down, b) }

// proceed handles a 1xx.
func (a *attempt) proceed(w *worker) {
	if a.state > clientProceeding {
		return
	}
	now := a.tx.p.wheel.now()
	a.state = clientProceeding
	switch {
	case a.tx.method != sipmsg.MethodInvite:
		// 17.1.2.2: a non-INVITE is still sent again, every T2.
		if !a.down.Reliable() {
			a.interval, a.resend = timerT2, now+timerT2
		}
	case a.gaveUp:
		a.resend = 0 // timer C ran out: no 1xx gives it more time
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
	a.out = nil
}

// complete handles a final response that ends the attempt's search: timer D of
// an INVITE, timer K of any other.
func (a *attempt) complete() {
	wait := timerT4
	if a.tx.method == sipmsg.MethodInvite {
		wait = lifetime
	}
	a.state, a.resend, a.patience, a.expire = clientCompleted, 0, 0, a.tx.p.wheel.now()+linger(a.down, wait)
	a.stopCancel()
	a.out = nil
}

// sendCancel sends the CANCEL down once there is something to cancel (9.1).
func (a *attempt) sendCancel(w *worker) {
	if a.cancel != nil || a.state != clientProceeding {
		return
	}
	now := a.tx.p.wheel.now()
	a.cancel = w.buildCancel(a)
	a.cancelExpire = now + lifetime
	if !a.down.Reliable() {
		a.cancelInterval = timerT1
		a.cancelResend = now + a.cancelInterval
	}
	// 9.1: no final response within 64*T1 of the CANCEL: it is taken as cancelled.
	a.gaveUp, a.expire = true, now+lifetime
	a.note(record.KindCancelDown, 0)
	a.send(a.cancel)
}

// stopCancel ends the retransmission of a CANCEL.
func (a *attempt) stopCancel() { a.cancelResend, a.cancelExpire = 0, 0 }

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
	if due(a.cancelResend, now) {
		a.send(a.cancel)
		a.cancelInterval = min(2*a.cancelInterval, timerT2)
		a.cancelResend = now + a.cancelInterval
	}
	if due(a.cancelExpire, now) {
		a.stopCancel()
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
		a.tx.probe.Probed(0, 0)
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
	a.judge(false, 0, "cannot be connected to")
	a.note(record.KindUnreachable, 0)
	switch {
	case a.tx.probe != nil:
		a.tx.probe.Probed(0, 0)
	case a.tx.state != serverProceeding:
	case a.tx.method != sipmsg.MethodInvite:
		a.tx.end()
	case a.tx.canTryNext() && w.tryNext(a.tx):
	case !a.tx.pending() && a.tx.best == nil:
		w.finalKept(a.tx, errNextHop)
	case !a.tx.pending():
		w.finalBest(a.tx)
	}
}

// linger is how long a finished transaction waits for retransmissions: over a
// reliable transport there are none (timers D, I, J and K are 0).
func linger(f transport.Flow, d time.Duration) time.Duration {
	if f.Reliable() {
		return 0
	}
	return d
}

// end forgets the attempt.
func (a *attempt) end() {
	a.state, a.resend, a.patience, a.expire = clientEnded, 0, 0, 0
	a.stopCancel()
	a.out, a.ack, a.cancel = nil, nil, nil
	a.tx.p.table.removeClient(a)
}
