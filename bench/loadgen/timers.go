package main

import (
	"math"
	"sync"
	"time"
)

// event is a call and when something is due for it.
type event struct {
	at   int64
	call int32
}

// fifo is a queue of due times. The delays are fixed, so it is sorted as it is.
type fifo struct {
	mu sync.Mutex
	q  []event
}

func (f *fifo) push(e event) {
	f.mu.Lock()
	f.q = append(f.q, e)
	f.mu.Unlock()
}

func (f *fifo) pop(now int64) (event, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.q) == 0 || f.q[0].at > now {
		return event{}, false
	}
	e := f.q[0]
	f.q = f.q[1:]
	return e, true
}

// head returns when the first event is due.
func (f *fifo) head() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.q) == 0 {
		return math.MaxInt64
	}
	return f.q[0].at
}

// later does f for a locked call after d; at once when d is nothing.
func later(q *fifo, d time.Duration, i int, c *call, f func(*call)) {
	if d == 0 {
		f(c)
		return
	}
	q.push(event{at: time.Now().UnixNano() + int64(d), call: int32(i)})
}

// due does f for every call of the queue that is due.
func (g *generator) due(q *fifo, now int64, f func(*call)) {
	for {
		e, ok := q.pop(now)
		if !ok {
			return
		}
		c := &g.calls[e.call]
		c.mu.Lock()
		f(c)
		c.mu.Unlock()
	}
}

// answer sends the 200 of a locked call.
func (g *generator) answer(c *call) {
	c.waitFrom = time.Now().UnixNano()
	c.answerGap = int64(g.c.t1)
	c.answerAt = c.waitFrom + c.answerGap
	g.send(g.uas, c.ok, &c.answerTo)
}

// hangup sends the BYE of a locked call.
func (g *generator) hangup(c *call) {
	if c.state != stateTalking {
		return
	}
	c.state = stateBye
	c.resendGap = int64(g.c.t1)
	c.waitFrom = time.Now().UnixNano()
	c.resendAt = c.waitFrom + c.resendGap
	g.send(g.byeSocket(c), c.bye, &g.target)
}

func (g *generator) byeSocket(c *call) *socket {
	if c.byUAS {
		return g.uas
	}
	return g.uac[c.socket]
}

// t2 bounds the gap between two retransmissions (RFC 3261 clause 17.1.2.1).
const t2 = int64(4 * time.Second)

// retransmit handles the timers of one call; false: it is over.
func (g *generator) retransmit(c *call, now int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.state == stateDone || c.state == stateFailed:
		return false
	case now-c.started > int64(g.c.timeout):
		g.count.timedOut[c.state].Add(1)
		g.fail(c)
		return false
	case c.state == stateInvited && now >= c.resendAt:
		g.send(g.uac[c.socket], c.invite, &g.target)
		g.count.resentInvite.Add(1)
		c.resendGap *= 2
		c.resendAt = now + c.resendGap
	case c.state == stateBye && now >= c.resendAt:
		g.send(g.byeSocket(c), c.bye, &g.target)
		g.count.resentBye.Add(1)
		c.resendGap = min(2*c.resendGap, t2)
		c.resendAt = now + c.resendGap
	}
	if c.ok != nil && !c.acked && c.answerAt > 0 && now >= c.answerAt {
		g.send(g.uas, c.ok, &c.answerTo)
		g.count.resentOK.Add(1)
		c.answerGap = min(2*c.answerGap, t2)
		c.answerAt = now + c.answerGap
	}
	return true
}
