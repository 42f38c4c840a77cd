package proxy

import (
	"sync"
	"sync/atomic"
	"time"
)

// How a queue of new calls is judged, by how long each had waited when it was
// taken up (as CoDel does, RFC 8289): one that stands while we work is overload.
// One that piled up while others had the processor goes away by itself, and costs
// nobody a call.
const (
	// queueTarget is what a new call may wait.
	queueTarget = 20 * time.Millisecond
	// queueStands is for how long all must wait longer, while we work, until there
	// is overload. After a pause of the machine as long as that the queue is gone
	// in time where we are half loaded.
	queueStands = 500 * time.Millisecond
	// queueGrows is long enough where the queue grows all that time, by growth of it:
	// what a pause left shrinks.
	queueGrows = 250 * time.Millisecond
	growth     = 0.3
	// pause is the longest time between two new calls that wait in which we are
	// taken to work; what is longer is the machine's.
	pause = 20 * time.Millisecond
	// refuseAge is what a new call may wait while there is overload: below
	// queueTarget, so that a refusal is out within 50 ms and the calls that are
	// taken go fast.
	refuseAge = 10 * time.Millisecond
	// calm is for how long nobody must have waited refuseAge for it to end.
	calm = time.Second
	// overloadAge is when a new call is refused in any case: an edge gives up on us
	// after 1.5 to 2 s and tries another node, and a call that we take later than
	// that is answered twice.
	overloadAge = time.Second
)

// overload says whether more calls come than we can take.
type overload struct {
	now     func() time.Duration
	entered func(bool)
	shedder
	// watching is true while a queue seems to stand, and in overload. Without it a
	// call that did not wait touches nothing else.
	watching atomic.Bool

	mu     sync.Mutex
	is     bool
	looked time.Duration    // when a new call was last judged
	paused [2]time.Duration // from when to when we did not work, last
	queue  queue            // what stands now
	late   time.Duration    // when somebody last waited longer than refuseAge, in overload
}

// refuses tells whether a new call that waited so long is to be refused.
func (o *overload) refuses(waited time.Duration) bool {
	if waited <= refuseAge && !o.watching.Load() {
		return false // nearly always, and at no cost
	}
	now := o.now()
	o.mu.Lock()
	defer o.mu.Unlock()
	worked := o.work(now)
	excused := o.excused(now - waited)
	if waited <= queueTarget || excused {
		o.queue = queue{first: waited}
	} else if o.queue.add(waited, worked); o.queue.stands() {
		o.set(true, now)
	}
	refused := o.is && waited > refuseAge && !excused
	o.arrived(now - waited)
	o.note(refused)
	switch {
	case refused:
		o.late = now
	case o.over(now):
		o.set(false, now)
	}
	o.watching.Store(o.is || o.queue.worked > 0)
	return refused || waited > overloadAge
}

// work is how long we worked since the call before. A pause is remembered. The
// mutex is held.
func (o *overload) work(now time.Duration) time.Duration {
	since := now - o.looked
	if since > pause {
		o.paused = [2]time.Duration{o.looked, now}
	}
	o.looked = now
	return min(since, pause)
}

// excused tells whether a call came while we did not work. Then all that came
// before the pause is through: no queue stands. The mutex is held.
func (o *overload) excused(came time.Duration) bool {
	return came >= o.paused[0] && came <= o.paused[1]
}

// active tells whether there is overload now: without new calls none ends it.
func (o *overload) active() bool {
	now := o.now()
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.is && !o.over(now)
}

// over tells whether overload may end. The mutex is held.
func (o *overload) over(now time.Duration) bool {
	return o.is && o.share >= 1 && (now-o.late > calm || o.mild >= mildAfter)
}

// set begins overload, or ends it. The mutex is held.
func (o *overload) set(is bool, now time.Duration) {
	if o.is != is {
		o.is, o.late = is, now
		if is {
			o.reset(now, o.queue.speed(), o.queue.times())
		}
		o.entered(is)
	}
}

// queue is one of new calls each of which waited longer than queueTarget.
type queue struct {
	worked time.Duration // how long we worked while it stood
	first  time.Duration // how long the first waited
	grown  time.Duration // how much longer the last did
	calls  int
}

// add adds a call that waited so long, after so much work.
func (q *queue) add(waited, worked time.Duration) {
	q.worked, q.grown, q.calls = q.worked+worked, waited-q.first, q.calls+1
}

// stands tells whether it is overload.
func (q *queue) stands() bool {
	return q.worked >= queueStands || q.worked >= queueGrows && float64(q.grown) >= growth*float64(q.worked)
}

// speed is how many new calls we took in a step.
func (q *queue) speed() float64 {
	return float64(q.calls) * float64(shedStep) / float64(max(q.worked, 1))
}

// times is how many times what we take came: by what the queue had grown, it took
// us that long to take what came in the rest.
func (q *queue) times() float64 {
	return float64(q.worked) / float64(max(q.worked-q.grown, 1))
}
