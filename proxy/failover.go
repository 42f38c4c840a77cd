package proxy

import (
	"time"

	"sipid/pbx"
	"sipid/record"
	"sipid/sipmsg"
)

// patience is how long a target may say nothing at all to an INVITE before the
// next one is tried: two transmissions, and then some. The third would go out
// after 1.5 s, by when the other target shall have the call.
const patience = 1400 * time.Millisecond

// canTryNext tells whether a refusal of this target is a reason to try another.
// A caller who gave up is not connected to anybody any more.
func (tx *transaction) canTryNext() bool {
	return tx.mayGoOn() && len(tx.unsettled.untried) > 0
}

// mayGoOn tells whether an INVITE may be sent once more.
func (tx *transaction) mayGoOn() bool {
	return tx.state == serverProceeding && !tx.cancelled && tx.unsettled != nil
}

// failsOver tells the statuses by which a group says: not I, ask another. Those
// that say something of the call itself (486, 600 and the like) are never
// among them, as the configuration check sees to.
func (a *attempt) failsOver(status int) bool {
	if a.target == nil {
		return false
	}
	for _, s := range a.target.Group.FailoverOn {
		if s == status {
			return true
		}
	}
	return false
}

// refused handles a final response to an INVITE that is no 2xx, after it was
// acknowledged.
func (w *worker) refused(a *attempt, status int) {
	tx := a.tx
	over := a.failsOver(status)
	a.status = uint16(status)
	w.judgeRefusal(a, status)
	if tx.state != serverProceeding || a.unwanted {
		return
	}
	if !over || tx.cancelled {
		w.finalRefusal(tx, status)
		w.abandonOthers(a)
		return
	}
	tx.keepBest(status, w.upward(tx))
	if tx.canTryNext() && w.tryNext(tx) {
		return
	}
	if !tx.pending() {
		w.finalBest(tx)
	}
}

// keepBest keeps the response that will go up if no target takes the call
// (16.7 step 6). Among those that made us go on, 503 says least: another target
// may well have room.
func (tx *transaction) keepBest(status int, b []byte) {
	if u := tx.unsettled; u.bestStatus == 0 || u.bestStatus == 503 && status != 503 {
		u.best, u.bestStatus = append(u.best[:0], b...), status
	}
}

// refusedBefore tells whether a refusal is kept.
func (tx *transaction) refusedBefore() bool { return tx.unsettled.bestStatus != 0 }

// finalRefusal sends up the refusal being handled.
func (w *worker) finalRefusal(tx *transaction, status int) {
	if status == 503 && !tx.nobodyTakesCalls() {
		w.finalKept(tx, errOneFull)
		return
	}
	tx.final(status, w.upward(tx))
}

// finalBest sends up the best there was. To a caller who gave up that is 487.
func (w *worker) finalBest(tx *transaction) {
	switch {
	case tx.cancelled || !tx.refusedBefore():
		w.timeOut(tx)
	case tx.unsettled.bestStatus == 503 && !tx.nobodyTakesCalls():
		w.finalKept(tx, errOneFull)
	default:
		tx.final(tx.unsettled.bestStatus, tx.unsettled.best)
	}
}

// nobodyTakesCalls tells whether the next call would get a 503, too: only then
// one may go up (16.7 step 6). Whoever gets it may take us for out of service and
// send no more calls for a while.
func (tx *transaction) nobodyTakesCalls() bool {
	if tx.first.target == nil {
		return true // within a dialog there is one way only
	}
	return tx.p.groups.Of(tx.first.target.Group).NoneTakes(func(t *pbx.Target) bool {
		full := false
		tx.attempts(func(a *attempt) { full = full || a.target == t && a.status == 503 })
		return full
	})
}

// pending tells whether an attempt may still be answered.
func (tx *transaction) pending() bool {
	found := false
	tx.attempts(func(a *attempt) {
		found = found || a.state <= clientProceeding && !a.unwanted
	})
	return found
}

// tryNext sends the INVITE to the next target that has room, made anew from what
// came in. It is false when none has.
func (w *worker) tryNext(tx *transaction) bool {
	u := tx.unsettled
	for len(u.untried) > 0 {
		t := u.untried[0]
		u.untried = u.untried[1:]
		if u.slot.move(t) {
			tx.p.metrics.failovers.Inc()
			if !w.tryAt(tx, t, false) {
				w.finalKept(tx, errInternal)
			}
			return true
		}
	}
	return false
}

// tryAt sends the INVITE to one more target, or once more to the same one, by UDP
// when datagram is set. It is false when that cannot be.
func (w *worker) tryAt(tx *transaction, t *pbx.Target, datagram bool) bool {
	other := tx.p.workers.Get().(*worker)
	defer tx.p.workers.Put(other)
	return other.resend(tx, t, datagram)
}

// resend is the way of an INVITE that came before, to another target.
func (w *worker) resend(tx *transaction, t *pbx.Target, datagram bool) bool {
	m := &w.msg
	if m.Parse(tx.unsettled.request) != nil {
		return false
	}
	w.from = tx.from()
	n := w.toTarget(t)
	n.ways = tx.unsettled.ways
	who := w.p.peers().of(w.from.Addr)
	if who.side == sideEdge {
		who.trunk = w.edgeTrunk()
	}
	if who.trunk == nil {
		return false
	}
	w.ownRoutes()
	n.decision = w.identify(who.trunk, m)
	n.token = w.routeToken(who.trunk, t.Group)
	if n.down.By == nil {
		return false
	}
	if !datagram {
		w.chooseStream(&n)
	}
	if w.tooLong(n) {
		return false
	}
	w.attempt(tx, n, nil)
	return true
}

// impatient handles a target that said nothing at all to an INVITE for a while:
// the next one is tried beside it. Should the first one answer after all, the
// rule for a second 2xx takes care of it.
func (w *worker) impatient(a *attempt) {
	a.patience = 0
	if a.state != clientCalling || !a.tx.canTryNext() {
		return
	}
	a.judge(false, 0, "says nothing")
	a.note(record.KindSilent, 0)
	a.unwanted = w.tryNext(a.tx)
}

// abandonOthers gives up on all attempts but the one that decided the call.
func (w *worker) abandonOthers(winner *attempt) {
	winner.tx.attempts(func(a *attempt) {
		if a != winner && a.state <= clientProceeding {
			a.unwanted = true
			a.sendCancel(w)
		}
	})
}

// judgeRefusal tells the target's health of a refusal. Only 503 says something
// of the target (21.5.4): most others a caller could provoke, and take a PBX out
// for everybody.
func (w *worker) judgeRefusal(a *attempt, status int) {
	if status != 503 {
		a.judge(true, status, "")
		return
	}
	a.judge(false, status, "503 to INVITE")
	if a.target == nil {
		return
	}
	if h, ok := w.msg.First(sipmsg.IDRetryAfter); ok {
		a.target.Rest(seconds(w.msg.Bytes(h.Value)))
	}
}

// seconds reads the number of seconds that a Retry-After begins with (20.33);
// none is no time at all.
func seconds(value []byte) time.Duration {
	n := 0
	for _, c := range value {
		if c < '0' || c > '9' || n > 1e6 {
			break
		}
		n = 10*n + int(c-'0')
	}
	return time.Duration(n) * time.Second
}

// judge tells the target's health what came of an INVITE, once.
func (a *attempt) judge(good bool, status int, why string) {
	if a.target == nil || a.judged || a.tx.method != sipmsg.MethodInvite {
		return
	}
	a.judged = true
	if good {
		a.target.Served(status)
		return
	}
	a.target.Failed(status, why)
}
