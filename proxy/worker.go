package proxy

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"strconv"

	"sipid/isupbody"
	"sipid/pbx"
	"sipid/router"
	"sipid/sipi"
	"sipid/sipmsg"
	"sipid/transport"
)

// worker handles messages one after the other. It owns all the space that takes,
// so that a message on its way allocates nothing but what its transaction keeps.
// Each reader has one, and the timer wheel.
type worker struct {
	p    *Proxy
	sign *signer
	from transport.Flow // where the message being handled came from
	// trunk is the trunk whose request is being handled, if it is one's.
	trunk *router.Trunk

	msg    sipmsg.Message // the message being handled
	kept   sipmsg.Message // one that was kept, read once more
	splice sipmsg.Splice
	id     identity

	out     []byte // what is being written
	hundred []byte // a 100
	lines   []byte // header lines to be inserted
	sized   bool   // Content-Length was set
	uri     []byte // a new Request-URI
	key     []byte // a transaction's key
	token   []byte // of a Record-Route
	name    []byte // host:port of a Route
	number  []byte
	isup    []byte // an ISUP message being written
	part    []byte // a part of a body being written
	// delimiter is of a multipart being written.
	delimiter []byte
	drop      []sipmsg.Span // Routes that name us
	own       [][]byte      // their URIs

	slot slot // the places of the call being handled, until its transaction has them

	seen    [seenPeers]seenPeer // who sent lately
	order   []int               // of a group's targets
	targets []*pbx.Target       // candidates for a call
}

func newWorker(p *Proxy) *worker {
	return &worker{
		p: p, sign: newSigner(p.key),
		out: make([]byte, 0, 4096),
	}
}

// identity is the space in which a call is identified (steps 2 to 4).
type identity struct {
	body     sipi.Body
	isup     [][]byte
	decoded  []byte        // ISUP that came as text
	base     isupbody.Base // of the first ISUP part
	label    label
	values   [][]byte
	signals  router.Signals
	decision router.Decision
	content  []byte // a body that had to be rebuilt
}

// handle handles one message. It is false when the gate refused it.
func (w *worker) handle(b []byte, from transport.Flow) (ok bool) {
	defer w.surviveMessage()
	w.from, w.trunk = from, nil
	w.msg.Request = false // nothing is answered before something was read
	who := w.peerOf(from.Addr)
	if who.side == sideNobody {
		w.stranger(b)
		return false
	}
	if err := w.msg.Parse(b); err != nil {
		w.malformed(err, who)
		return false
	}
	w.provoke()
	if w.msg.Request {
		w.onRequest(who)
	} else {
		w.onResponse()
	}
	return true
}

// surviveMessage is survive for a message that was received: the peer of a
// request is told, so that the call costs it no time-out.
func (w *worker) surviveMessage() {
	fault := recover()
	if fault == nil {
		return
	}
	w.report(fault)
	if w.msg.Request && w.msg.Method != sipmsg.MethodAck {
		defer w.survive() // whatever it was may strike again
		w.refuse(errInternal)
	}
}

// survive keeps a fault in the handling of one message from ending the process:
// it costs that message.
func (w *worker) survive() {
	if fault := recover(); fault != nil {
		w.report(fault)
	}
}

func (w *worker) report(fault any) {
	w.p.metrics.panics.Inc()
	w.p.log.Error("fault while handling a message", "fault", fault, "stack", string(debug.Stack()))
}

// malformed answers what the gate refused, where an answer is possible.
func (w *worker) malformed(err error, who peer) {
	fault, ok := errors.AsType[*sipmsg.Error](err)
	switch {
	case ok && fault.Err == sipmsg.ErrKeepAlive:
		return
	case !ok || fault.Status == 0 || !w.msg.Answerable():
		w.p.metrics.drop(dropMalformed)
		if ctx := context.Background(); w.p.log.Enabled(ctx, slog.LevelDebug) { // a flood pays for each argument
			w.p.log.Debug("dropped", "source", w.from.Addr, "error", err)
		}
		return
	}
	if !w.p.faults.take(w.from.Addr.Addr(), w.p.wheel.now()) {
		w.p.metrics.drop(dropMalformed) // a flood: neither an answer nor a line for each
		return
	}
	w.p.log.Warn("refused", "source", w.from.Addr, "status", fault.Status, "error", err)
	if who.side == sideEdge {
		who.trunk = w.edgeTrunk()
	}
	w.trunk = who.trunk // its REL and its causes
	w.serverKey(w.from.Addr.Addr())
	w.refuse(refusal{status: fault.Status, reason: fault.Reason})
}

// fire does what is due in a transaction.
func (w *worker) fire(tx *transaction) {
	defer w.survive()
	tx.mu.Lock()
	defer tx.mu.Unlock()
	tx.armed = 0
	now := w.p.wheel.now()
	tx.serverTimers(now)
	tx.attempts(func(a *attempt) { a.timers(w, now) })
	tx.arm()
	tx.recycle()
}

// digits writes a number into the worker's space.
func (w *worker) digits(n int) []byte {
	w.number = strconv.AppendInt(w.number[:0], int64(n), 10)
	return w.number
}
