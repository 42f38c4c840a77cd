package proxy

import (
	"sipid/pbx"
	"sipid/q850"
	"sipid/record"
	"sipid/router"
	"sipid/sipmsg"
	"sipid/transport"
)

// next says where a request goes on, and what is done to it on the way.
type next struct {
	down transport.Flow // by which listener, to whom; by is nil where no listener reaches the target

	uri         []byte           // the new Request-URI; nil: as it came
	lastRoute   []byte           // the URI of a Route to be added at the end; nil: none
	token       []byte           // of a new Record-Route; nil: none
	recordRoute [][]byte         // the URIs of our Record-Routes that are written again
	decision    *router.Decision // whose headers are added; nil: none
	trunk       *router.Trunk    // of a new call
	target      *pbx.Target      // of a request to a PBX outside a dialog
	untried     []*pbx.Target    // further ones, should that fail
	ways        int              // how many attempts the call may have in all, which share its Max-Breadth; 0 or 1: this one
	toPBX       bool
	call        uint64 // of a request within a call: which
	unwrap      bool   // the body loses its ISUP

	backward backward    // of its responses
	release  bool        // it is a PBX's BYE, and the trunk gets a REL with it
	reason   q850.Reason // what a trunk's REL said, for the PBX; no cause: nothing
}

// relay carries the request being handled on in a transaction of its own.
func (w *worker) relay(n next) {
	if n.down.By == nil {
		w.refuse(errNextHop)
		return
	}
	w.chooseStream(&n)
	if n.release && w.tooLong(n) {
		n.release = false // better without ISUP than in no datagram
	}
	if w.tooLong(n) {
		w.refuse(errTooLong)
		return
	}
	if !w.roomFor(&n) {
		w.p.metrics.limited[memory].Inc()
		w.refuse(errNoRoom)
		return
	}
	tx := w.newTransaction(&n)
	defer tx.mu.Unlock()
	if !w.p.table.addServer(w.key, tx) {
		w.again()
		return
	}
	w.takeRoom(tx)
	if n.decision != nil {
		tx.counted, tx.identified = true, n.decision.Status
		tx.unsettled.began = w.p.wheel.now() - w.from.Waited
		tx.record = w.begin(n.trunk, n.decision, 0)
		if w.p.observer != nil {
			tx.unsettled.callID = string(w.msg.Bytes(w.msg.CallID))
		}
		tx.unsettled.slot, w.slot = w.slot, slot{}
	}
	if u := tx.unsettled; u != nil {
		u.request, u.tag = w.p.buffers.keep(w.msg.Raw), w.p.table.hash(w.key)
		u.untried, u.ways = append(u.untried, n.untried...), n.ways
		w.hundred = w.appendTrying(w.hundred[:0], tx)
		tx.note(record.KindUp, 100)
		w.attempt(tx, n, w.hundred)
	} else {
		w.attempt(tx, n, nil)
	}
	tx.arm()
}

// A datagram of UDP over IPv4 holds no more (65 535 less its headers). What we
// add to a message is far below the rest.
const (
	maxDatagram = 65507
	nearlyLong  = maxDatagram - 16<<10
)

// tooLong tells whether a request leaves longer than a datagram can be. It would
// never arrive, the PBX would seem to say nothing, and some such calls would take
// it out for everybody.
func (w *worker) tooLong(n next) bool {
	return !n.down.Reliable() && len(w.msg.Raw) > nearlyLong && len(w.rewrite(&w.msg, n, w.branch(n.down, 0))) > maxDatagram
}

// newTransaction makes the transaction of the request being handled. Its mutex is
// held.
func (w *worker) newTransaction(n *next) *transaction {
	up, method := wayOf(w.back()), w.msg.Method
	var question *unsettled
	if method == sipmsg.MethodInvite {
		question = w.p.questions.Get().(*unsettled)
	}
	tx := w.p.transaction() // last: nothing may fail with its mutex held
	tx.method, tx.fromPort, tx.up, tx.unsettled = method, w.from.Addr.Port(), up, question
	tx.backward, tx.call = n.backward, n.call
	tx.waiting.Store(true)
	return tx
}

// attempt sends the request being handled to one target, and an answer to
// whoever sent it, if there is one.
func (w *worker) attempt(tx *transaction, n next, answer []byte) {
	a := tx.newAttempt()
	branch := w.branch(n.down, len(tx.more))
	a.key = w.p.table.key(branch)
	a.down, a.target = wayOf(n.down), n.target
	if a.target != nil && tx.method == sipmsg.MethodInvite {
		a.target.Offer()
	}
	a.out = w.p.buffers.keep(w.rewrite(&w.msg, n, branch))
	a.note(record.KindTried, 0)
	a.start(answer)
	if n.ways <= maxBreadth(&w.msg) && tx.unsettled != nil && len(tx.unsettled.untried) > 0 {
		a.patience = w.p.wheel.now() + patience
	}
}

// branch makes the branch of the request being handled, on its way down.
func (w *worker) branch(down transport.Flow, attempt int) []byte {
	h := hop{target: down.Addr, listener: down.By.Index, attempt: uint8(attempt)}
	return w.sign.branch(h, upstreamOf(&w.msg, &w.msg.TopVia, w.replyTo()))
}

// forwardAck sends the ACK to a 2xx on. It has no transaction and no answer.
func (w *worker) forwardAck(n next) {
	if n.down.By == nil {
		w.p.metrics.drop(dropStrayAck)
		return
	}
	w.p.send(n.down, w.rewrite(&w.msg, n, w.branch(n.down, 0)))
}
