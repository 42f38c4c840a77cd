package proxy

import (
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"sipid/pbx"
	"sipid/record"
	"sipid/router"
	"sipid/sipmsg"
	"sipid/transport"
)

// RFC 3261 table 4, for an unreliable transport.
const (
	timerT1 = 500 * time.Millisecond // round-trip estimate
	timerT2 = 4 * time.Second        // longest retransmission interval of non-INVITE and of final responses
	timerT4 = 5 * time.Second        // how long the network may keep a message
	timerC  = 185 * time.Second      // over three minutes (16.6 step 11)
	// lifetime is what timers B, D, F, H, J, L and M have in common: 64*T1.
	lifetime = 64 * timerT1
)

// serverState is where the server side of a transaction stands (17.2, RFC 6026).
type serverState uint8

const (
	serverProceeding serverState = iota // no final response yet (Trying and Proceeding)
	serverCompleted                     // a final response went up; of an INVITE, not a 2xx
	serverConfirmed                     // INVITE: the ACK came
	serverAccepted                      // INVITE: a 2xx went up; retransmissions of the INVITE are absorbed
	serverEnded
)

// transaction is one request on its way: its server side, and an attempt for
// each target it was sent to. Its mutex guards all of it. A finished one serves
// another request (recycle): who found it without its mutex has to look at the
// key again when he has that.
type transaction struct {
	mu    sync.Mutex
	p     *Proxy
	entry wheelEntry
	key   tableKey // of its server side; zero: it has none
	// waiting is true until the final response is sent, and acknowledged where it
	// has to be. It is read without the mutex.
	waiting atomic.Bool
	course
	first attempt    // the attempt of nearly every call, kept here to save a piece of memory
	more  []*attempt // further ones
}

// course is what one request makes of a transaction.
type course struct {
	method     sipmsg.Method
	state      serverState
	cancelled  bool          // the caller gave up
	heard      bool          // a new call's caller hears that it rings, or speaks
	ranOut     bool          // the refusal being handled is to the CANCEL of timer C
	counted    bool          // a new call, for the metrics and the observer
	identified router.Status // what came out of its identification
	fromPort   uint16        // the port it came from; the address is that of up
	status     uint16        // of the final response, 0 before
	size       uint32        // of the request, while it waits (room)
	armed      time.Duration // when the wheel will fire; 0: not at all
	trunk      *trunkLimit   // whose it is, while it waits; nil: no trunk's

	up        way        // whom its responses go to (18.2.2)
	unsettled *unsettled // of an INVITE, until its final response; nil: of no other, and not any more
	winner    *attempt   // whose 2xx went up
	last      []byte     // the last response sent up, to be sent again

	resend, interval time.Duration // timer G
	expire           time.Duration // timers H, I, J, L

	backward backward   // what is done to its responses
	call     uint64     // of a request within a call: which (calls.callKey)
	record   record.Ref // of a new call, when calls are kept
	reason   *[]byte    // the Reason header lines of the caller's CANCEL; nil: it sent none
	probe    *probing   // of an OPTIONS of ours
}

// unsettled is what an INVITE needs until its final response is known. A finished
// transaction is held for half a minute, and there are many: it has none of this.
type unsettled struct {
	request    []byte        // as received: answers of our own are made from it
	tag        uint64        // ours in To, as a number (worker.toTag)
	untried    []*pbx.Target // when the ones before fail
	ways       int           // as of its first attempt
	best       []byte        // the refusal that goes up when all fail
	bestStatus int
	slot       slot          // the places of a new call, until it is answered
	callID     string        // of a new call, when there is an observer
	began      time.Duration // of a new call: when its INVITE came
}

// probing is whom an OPTIONS of ours asks, and since when.
type probing struct {
	stream bool // it asks a UDP target by TCP
	target *pbx.Target
	began  time.Duration
}

// settle lets go of what only an open question needs.
func (tx *transaction) settle() {
	u := tx.unsettled
	if u == nil {
		return
	}
	u.slot.free()
	tx.p.buffers.put(u.request)
	clear(u.untried)
	*u = unsettled{untried: u.untried[:0], best: u.best[:0]}
	tx.p.questions.Put(u)
	tx.unsettled = nil
}

// from is who sent the request.
func (tx *transaction) from() transport.Flow {
	f := tx.up.flow()
	f.Addr, f.Alt = netip.AddrPortFrom(f.Addr.Addr(), tx.fromPort), netip.AddrPort{}
	return f
}

// attempts calls f for every attempt.
func (tx *transaction) attempts(f func(*attempt)) {
	if tx.first.number != 0 {
		f(&tx.first)
	}
	for _, a := range tx.more {
		f(a)
	}
}

// newAttempt adds an attempt.
func (tx *transaction) newAttempt() *attempt {
	if tx.first.number == 0 {
		tx.first.number = 1
		return &tx.first
	}
	a := &attempt{tx: tx, leg: leg{number: uint16(2 + len(tx.more))}}
	tx.more = append(tx.more, a)
	return a
}

// sendUp sends a response to whoever sent the request.
func (tx *transaction) sendUp(b []byte) { tx.p.send(tx.up.flow(), b) }

// provisional sends a 1xx up and keeps it for retransmitted requests.
func (tx *transaction) provisional(b []byte) {
	tx.dropLast()
	tx.last = tx.p.buffers.keep(b)
	tx.sendUp(b)
}

// dropLast lets go of the response that went up.
func (tx *transaction) dropLast() {
	tx.p.buffers.put(tx.last)
	tx.last = nil
}

// progress notes the first thing the caller hears of: for who dials the call
// begins now.
func (tx *transaction) progress() {
	if tx.counted && !tx.heard {
		tx.heard = true
		tx.p.metrics.postDial.Observe((tx.p.wheel.now() - tx.unsettled.began).Seconds())
	}
}

// final sends the one final response up (17.2.1, 17.2.2) and starts the timers
// that follow it.
func (tx *transaction) final(status int, b []byte) {
	tx.status = uint16(status)
	now := tx.p.wheel.now()
	tx.note(record.KindUp, status)
	tx.sendUp(b)
	if u := tx.unsettled; u != nil && status >= 300 {
		u.slot.free()
	}
	tx.p.metrics.ended(tx)
	tx.observeRefused()
	tx.dropLast()
	switch {
	case tx.method == sipmsg.MethodInvite && status < 300:
		// RFC 6026: no retransmission from us, the called side sends its 2xx again.
		tx.state, tx.expire = serverAccepted, now+lifetime
		tx.waiting.Store(false)
	case tx.method == sipmsg.MethodInvite:
		tx.state, tx.expire = serverCompleted, now+lifetime
		tx.last = tx.p.buffers.keep(b)
		if !tx.up.Reliable() {
			tx.interval = timerT1
			tx.resend = now + tx.interval
		}
	default:
		tx.state, tx.expire = serverCompleted, now+linger(&tx.up, lifetime)
		tx.waiting.Store(false)
		tx.last = tx.p.buffers.keep(b)
	}
	tx.leaveRoom()
	tx.settle() // b may lie there
}

// silent ends a transaction that may not be answered. The request coming in once
// more is not asked once more.
func (tx *transaction) silent(status int) {
	tx.status = uint16(status)
	tx.leaveRoom()
	tx.state, tx.expire = serverCompleted, tx.p.wheel.now()+lifetime
	tx.waiting.Store(false)
}

// again handles the request coming in once more.
func (tx *transaction) again() {
	if (tx.state == serverProceeding || tx.state == serverCompleted) && tx.last != nil {
		tx.sendUp(tx.last)
	}
}

// acknowledged handles the ACK to a final response that is no 2xx.
func (tx *transaction) acknowledged() {
	if tx.state != serverCompleted {
		return
	}
	tx.state, tx.resend, tx.expire = serverConfirmed, 0, tx.p.wheel.now()+linger(&tx.up, timerT4)
	tx.dropLast()
	tx.waiting.Store(false)
	tx.arm()
}

// serverTimers does what is due on the server side.
func (tx *transaction) serverTimers(now time.Duration) {
	if due(tx.resend, now) {
		tx.sendUp(tx.last)
		tx.interval = min(2*tx.interval, timerT2)
		tx.resend = now + tx.interval
	}
	if due(tx.expire, now) {
		tx.end()
	}
}

// end forgets the server side. Its attempts live on by themselves.
func (tx *transaction) end() {
	tx.state, tx.resend, tx.expire = serverEnded, 0, 0
	tx.dropLast()
	tx.leaveRoom()
	tx.settle()
	if tx.call != 0 && tx.method == sipmsg.MethodBye && tx.status == 0 {
		tx.p.calls.end(tx.call) // nobody answers it: that ends the call, too
	}
	tx.waiting.Store(false)
	tx.p.table.removeServer(tx)
}

// arm makes the wheel fire no later than the next timer. A wheel that fires
// early costs a look; moving its entry for every message would cost more.
func (tx *transaction) arm() {
	next := earlier(tx.resend, tx.expire)
	tx.attempts(func(a *attempt) { next = earlier(next, a.next()) })
	if next == 0 || tx.armed != 0 && tx.armed <= next {
		return
	}
	tx.armed = next
	tx.p.wheel.schedule(&tx.entry, next)
}

// due tells whether a timer has run out; 0 is a timer that is not set.
func due(at, now time.Duration) bool { return at != 0 && at <= now }

// earlier is the earlier of two timers.
func earlier(a, b time.Duration) time.Duration {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}
