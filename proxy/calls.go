package proxy

import (
	"context"
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"

	"sipid/sipmsg"
)

// Answered calls are counted by what their dialog is known by: a call's own
// transactions end, and the token in Record-Route says nothing of when it is
// over. An entry is for counting only. No message's way depends on it, and a
// process that starts knows of no calls of the one before.
const (
	callShards = 64      // spreads the lock; a power of two
	callsMost  = 1 << 18 // further ones are not counted: memory is bounded
	// callAge is for how long a call without a session timer is believed to go on
	// when no BYE is heard.
	callAge = 12 * time.Hour
	// sessionGrace is how much later than Session-Expires a call is given up: the
	// side that ends it sends BYE before (RFC 4028 section 10).
	sessionGrace = time.Minute
)

// calls are the calls that were answered and have not ended.
type calls struct {
	seed   maphash.Seed
	now    func() time.Duration
	shards [callShards]callShard
	count  atomic.Int64
}

type callShard struct {
	mu sync.Mutex
	of map[uint64]answeredCall
}

// answeredCall is what is kept of a call.
type answeredCall struct {
	slot slot
	ends time.Duration // when it is taken for over
}

func newCalls(now func() time.Duration) *calls {
	c := &calls{seed: maphash.MakeSeed(), now: now}
	for i := range c.shards {
		c.shards[i].of = make(map[uint64]answeredCall)
	}
	return c
}

// callKey is a number for a call: by its Call-ID and both tags (RFC 3261 12). Without
// the called side's, what a trunk sends within a dialog that it made up would end
// the count of one that goes on. Never 0.
func (c *calls) callKey(callID, callerTag, calledTag []byte) uint64 {
	key := maphash.Bytes(c.seed, callID)*31 ^ maphash.Bytes(c.seed, callerTag)
	return key*31 ^ maphash.Bytes(c.seed, calledTag) | 1
}

// add keeps the place of a call that was answered, until it ends.
func (c *calls) add(key uint64, s slot, session time.Duration) {
	if c.count.Add(1) > callsMost {
		c.count.Add(-1)
		s.free()
		return
	}
	shard := &c.shards[key>>1%callShards]
	shard.mu.Lock()
	old, again := shard.of[key]
	shard.of[key] = answeredCall{slot: s, ends: c.now() + session}
	shard.mu.Unlock()
	if again { // one that began anew with the same names
		c.count.Add(-1)
		old.slot.free()
	}
}

// extend notes a refreshed session.
func (c *calls) extend(key uint64, session time.Duration) {
	shard := &c.shards[key>>1%callShards]
	shard.mu.Lock()
	defer shard.mu.Unlock()
	if call, ok := shard.of[key]; ok {
		call.ends = c.now() + session
		shard.of[key] = call
	}
}

// end gives the place of a call back.
func (c *calls) end(key uint64) {
	shard := &c.shards[key>>1%callShards]
	shard.mu.Lock()
	call, ok := shard.of[key]
	delete(shard.of, key)
	shard.mu.Unlock()
	if ok {
		c.count.Add(-1)
		call.slot.free()
	}
}

// sweep ends the calls whose time is over.
func (c *calls) sweep() {
	for i := range c.shards {
		shard := &c.shards[i]
		now := c.now()
		shard.mu.Lock()
		for key, call := range shard.of {
			if call.ends <= now {
				delete(shard.of, key)
				c.count.Add(-1)
				call.slot.free()
			}
		}
		shard.mu.Unlock()
	}
}

// sweepCalls looks through what is kept of calls and clients until ctx is done.
func (p *Proxy) sweepCalls(ctx context.Context) {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		p.calls.sweep()
		p.clientLimits.forget()
	}
}

// session is how long the call of the 2xx being handled lasts if nobody says
// anything more (RFC 4028).
func (w *worker) session() time.Duration {
	h, ok := w.msg.First(sipmsg.IDSessionExpires)
	if !ok {
		return callAge
	}
	if d := seconds(w.msg.Bytes(h.Value)); d > 0 && d < callAge {
		return d + sessionGrace
	}
	return callAge
}

// keepCall hands the place of an answered call over.
func (w *worker) keepCall(a *attempt) {
	tx := a.tx
	if tx.unsettled == nil || tx.unsettled.slot.trunk == nil {
		return
	}
	s := &tx.unsettled.slot
	s.answered(a.target)
	m := &w.msg
	w.p.calls.add(w.p.calls.callKey(m.Bytes(m.CallID), m.Bytes(m.FromTag), m.Bytes(m.ToTag)), *s, w.session())
	*s = slot{}
}

// callOf is the number of the call that a request within it belongs to.
func (w *worker) callOf(from direction) uint64 {
	m := &w.msg
	caller, called := m.FromTag, m.ToTag
	if from == fromPBX {
		caller, called = called, caller
	}
	return w.p.calls.callKey(m.Bytes(m.CallID), m.Bytes(caller), m.Bytes(called))
}

// within notes what the final response to a request within a call says of the
// call: a BYE ends it, unless it has to be sent once more with credentials
// (RFC 3261 15.1.1, 22); so does 481 to anything (12.2.1.2). A refresh lengthens
// it.
func (w *worker) within(tx *transaction, status int) {
	switch {
	case tx.call == 0:
	case status == 481 || tx.method == sipmsg.MethodBye && status != 401 && status != 407:
		tx.p.calls.end(tx.call)
	case status < 300 && (tx.method == sipmsg.MethodInvite || tx.method == sipmsg.MethodUpdate):
		tx.p.calls.extend(tx.call, w.session())
	}
}
