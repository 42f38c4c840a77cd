package proxy

import (
	"sync/atomic"
	"time"
)

// How a queue of new calls is judged, by how long each had waited when it was
// taken up (as CoDel does, RFC 8289): one that stands is overload, one that goes
// away by itself was a pause of the machine and costs nobody a call.
const (
	// queueTarget is what a new call may wait.
	queueTarget = 20 * time.Millisecond
	// queueStands is for how long all may wait longer until there is overload.
	queueStands = 250 * time.Millisecond
	// refuseAge is what a new call may wait while there is: below queueTarget, so
	// that a refusal is out within 50 ms and the calls that are taken go fast.
	refuseAge = 10 * time.Millisecond
	// calm is for how long nobody must have waited refuseAge for it to end.
	calm = time.Second
	// overloadAge is when a new call is refused in any case: an edge gives up on us
	// after 1.5 to 2 s and tries another node, and a call that we take later than
	// that is answered twice.
	overloadAge = time.Second
)

// overload says whether more calls come than we can take. Readers share it
// without a lock: a reading that is a message late changes nothing.
type overload struct {
	now     func() time.Duration
	above   atomic.Int64 // since when all waited longer than queueTarget; 0: they do not
	seen    atomic.Int64 // when one that did was seen last
	late    atomic.Int64 // when somebody last waited longer than refuseAge, in overload
	is      atomic.Bool
	entered func(bool)
}

// refuses tells whether a new call that waited so long is to be refused.
func (o *overload) refuses(waited time.Duration) bool {
	if waited <= refuseAge && o.above.Load() == 0 && !o.is.Load() {
		return false // nearly always, and at no cost
	}
	now := int64(o.now())
	if o.stands(waited, now) {
		o.set(true)
	}
	if o.is.Load() {
		if waited > refuseAge {
			o.late.Store(now)
			return true
		}
		if now-o.late.Load() > int64(calm) {
			o.set(false)
		}
	}
	return waited > overloadAge
}

// stands tells whether all new calls have waited too long for a while.
func (o *overload) stands(waited time.Duration, now int64) bool {
	if waited <= queueTarget {
		o.above.Store(0)
		return false
	}
	if last := o.seen.Swap(now); o.above.Load() == 0 || now-last > int64(queueStands) {
		o.above.Store(now)
	}
	return now-o.above.Load() >= int64(queueStands)
}

// active tells whether there is overload now: without new calls none ends it.
func (o *overload) active() bool {
	return o.is.Load() && int64(o.now())-o.late.Load() <= int64(calm)
}

func (o *overload) set(is bool) {
	if o.is.Swap(is) != is {
		o.late.Store(int64(o.now()))
		o.entered(is)
	}
}
