package proxy

import (
	"hash/maphash"
	"math"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"sipid/pbx"
	"sipid/router"
)

// limit says which limit a call met.
type limit uint8

const (
	trunkRate limit = iota
	trunkCalls
	clientRate
	clientCalls
	groupCalls
	targetCalls
	memory
	limitCount
)

// String names the limit in the metrics.
func (l limit) String() string {
	return [...]string{"trunk_cps", "trunk_calls", "client_cps", "client_calls", "group_calls", "target_calls", "memory"}[l]
}

// trunkLimit counts the calls of a trunk.
type trunkLimit struct {
	rate  *rate.Limiter // nil: no limit
	most  int64         // 0: no limit
	calls atomic.Int64
	over  refusal // what a call too many gets
	// waiting is how many octets of its requests wait for their answer.
	waiting atomic.Int64
}

// newLimiter allows so many a second; a second's worth may come at once, as
// calls are not evenly spread.
func newLimiter(cps float64) *rate.Limiter {
	return rate.NewLimiter(rate.Limit(cps), max(1, int(math.Ceil(cps))))
}

func newTrunkLimits(r *router.Router) map[*router.Trunk]*trunkLimit {
	all := make(map[*router.Trunk]*trunkLimit)
	for _, t := range r.Trunks() {
		l := &trunkLimit{most: int64(t.MaxCalls), over: errTooManyCalls}
		if t.MaxCPS > 0 {
			l.rate = newLimiter(t.MaxCPS)
		}
		if t.LimitBusy {
			l.over = errBusy
		}
		all[t] = l
	}
	return all
}

// take gives the trunk one more call.
func (l *trunkLimit) take() bool {
	if n := l.calls.Add(1); l.most > 0 && n > l.most {
		l.calls.Add(-1)
		return false
	}
	return true
}

// clientShards spreads the lock of the clients that have limits; a power of two.
const clientShards = 16

// clientLimits counts the calls of the clients that have limits. They are known
// by access ID: the client table is swapped, the counts stay.
type clientLimits struct {
	seed   maphash.Seed
	shards [clientShards]clientShard
}

type clientShard struct {
	mu sync.Mutex
	of map[string]*clientLimit
}

// clientLimit is one client's; its shard's mutex guards it.
type clientLimit struct {
	shard *clientShard
	cps   float64
	rate  *rate.Limiter // nil: no limit
	calls int
}

func newClientLimits() *clientLimits {
	c := &clientLimits{seed: maphash.MakeSeed()}
	for i := range c.shards {
		c.shards[i].of = make(map[string]*clientLimit)
	}
	return c
}

// take gives a client one more call. What comes back is nil for one without
// limits; it is false, with the limit, when the client has all it may have.
func (c *clientLimits) take(client *router.Client) (*clientLimit, limit, bool) {
	if client == nil || client.MaxCPS <= 0 && client.MaxCalls <= 0 {
		return nil, 0, true
	}
	s := &c.shards[maphash.String(c.seed, client.AccessID)%clientShards]
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.of[client.AccessID]
	if l == nil {
		l = &clientLimit{shard: s}
		s.of[client.AccessID] = l
	}
	if l.cps != client.MaxCPS {
		l.cps, l.rate = client.MaxCPS, nil
		if client.MaxCPS > 0 {
			l.rate = newLimiter(client.MaxCPS)
		}
	}
	switch {
	case client.MaxCalls > 0 && l.calls >= client.MaxCalls:
		return nil, clientCalls, false
	case l.rate != nil && !l.rate.Allow():
		return nil, clientRate, false
	}
	l.calls++
	return l, 0, true
}

func (l *clientLimit) release() {
	l.shard.mu.Lock()
	defer l.shard.mu.Unlock()
	l.calls--
}

// forget drops clients without calls whose rate is at rest: it is as if they
// had never called.
func (c *clientLimits) forget() {
	for i := range c.shards {
		s := &c.shards[i]
		s.mu.Lock()
		for id, l := range s.of {
			if l.calls == 0 && (l.rate == nil || l.rate.Tokens() >= float64(l.rate.Burst())) {
				delete(s.of, id)
			}
		}
		s.mu.Unlock()
	}
}

// slot is the place a call takes: with its trunk, its client, the group and the
// target. The zero slot takes none.
type slot struct {
	trunk  *trunkLimit
	client *clientLimit
	group  *pbx.Pool
	target *pbx.Target
}

// free gives the place back.
func (s *slot) free() {
	if s.trunk != nil {
		s.trunk.calls.Add(-1)
	}
	if s.client != nil {
		s.client.release()
	}
	if s.group != nil {
		s.group.Release()
	}
	if s.target != nil {
		s.target.Release()
	}
	*s = slot{}
}

// move has the call count at another target, which has room: the one it is
// offered now. It is false, and nothing changes, when it has none.
func (s *slot) move(t *pbx.Target) bool {
	if s.target == t {
		return true
	}
	if !t.Take() {
		return false
	}
	s.at(t)
	return true
}

// answered has the call count at the target that answered it.
func (s *slot) answered(t *pbx.Target) {
	if s.target != t && t != nil {
		t.Add()
		s.at(t)
	}
}

func (s *slot) at(t *pbx.Target) {
	if s.target != nil {
		s.target.Release()
	}
	s.target = t
}

// admit takes a place for a new call with its trunk, before it is known whose it
// is.
func (w *worker) admit(t *router.Trunk) bool {
	l := w.p.trunkLimits[t]
	switch {
	case l.rate != nil && !l.rate.Allow():
		w.refuse(w.overLimit(l, trunkRate))
	case !l.take():
		w.refuse(w.overLimit(l, trunkCalls))
	default:
		w.slot.trunk = l
		return true
	}
	return false
}

// place takes the other places of a call: with its client, the group, and the
// first target that has room. The way to that one comes back, or the refusal.
func (w *worker) place(d *router.Decision) (n next, r refusal, ok bool) {
	s := &w.slot
	c, which, ok := w.p.clientLimits.take(d.Client)
	if !ok {
		return n, w.overLimit(s.trunk, which), false
	}
	s.client = c
	g := w.p.groups.Of(d.Group)
	if !g.Take() {
		return n, w.overLimit(s.trunk, groupCalls), false
	}
	s.group = g
	w.order, w.targets = g.Candidates(w.msg.Bytes(w.msg.CallID), w.order, w.targets[:0])
	for i, t := range w.targets {
		if s.move(t) {
			n = w.toTarget(t)
			n.untried = w.targets[i+1:]
			n.ways = 1 + len(n.untried)
			return n, refusal{}, true
		}
	}
	if g.Full() {
		return n, w.overLimit(s.trunk, targetCalls), false
	}
	return n, errNoTarget, false
}

// overLimit counts a call too many, and says what it gets.
func (w *worker) overLimit(l *trunkLimit, which limit) refusal {
	w.p.metrics.limited[which].Inc()
	return l.over
}

// retryAfter is how many seconds a peer should stay away after a refusal that
// will pass: not the same for all, or they would all be back at once.
func retryAfter() string { return strconv.Itoa(5 + rand.IntN(11)) }

// sweepEvery is how often what is kept of calls and clients is looked through.
const sweepEvery = 5 * time.Second
