package proxy

import (
	"sync"
	"sync/atomic"
	"time"

	"sipid/sipmsg"
	"sipid/transport"
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
	// queueGrew is enough to have grown by: what a pause left shrinks. The more comes
	// the sooner that is, after 45 ms of work at ten times what we can take, 80 at
	// twice that. With less the queue of a moment at nine tenths of the capacity is
	// overload.
	queueGrew = 40 * time.Millisecond
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
	entered func(bool) // is told when overload begins, and when it ends
	// hurried is told when there is something to watch, and when no more: then nothing
	// that could wait is to run before a call that cannot, as the collector would, whose
	// queues else look like overload.
	hurried func(bool)
	shedder
	// watching is true while a queue seems to stand, and in overload. Without it a
	// call that did not wait touches nothing else.
	watching atomic.Bool

	mu     sync.Mutex
	is     bool          // there is overload
	queues []queue       // of each listener, by Listener.Index
	late   time.Duration // when somebody last waited longer than refuseAge, in overload
}

// refuses tells whether a request that begins something is to be refused since it
// waited too long. Each listener has a queue of its own here as it has in the
// kernel: one where nobody waits says nothing of the others, least of all TCP,
// where it is not known how long a message waited.
func (o *overload) refuses(from *transport.Flow, m *sipmsg.Message) bool {
	waited := from.Waited
	if waited <= refuseAge && !o.watching.Load() {
		o.queues[from.By.Index].look(o.now())
		return false // nearly always, and at next to no cost
	}
	sheddable := m.Method == sipmsg.MethodInvite && !from.Reliable() && !transport.Within(m.Raw) // by the kernel
	o.mu.Lock()
	defer o.mu.Unlock()
	now, q := o.now(), &o.queues[from.By.Index]
	came := now - waited
	worked := q.work(now)
	excused := q.excused(came)
	if waited <= queueTarget || excused {
		q.empty(came)
	} else if q.add(came, worked); q.stands() {
		o.begin(now, q)
	}
	refused := o.is && waited > refuseAge && !excused
	if sheddable {
		o.arrived(came)
	}
	o.note(refused)
	switch {
	case refused:
		o.late = now
	case o.over(now):
		o.end()
	}
	o.watch(now)
	return refused || waited > overloadAge
}

// watch sets watching. The mutex is held.
func (o *overload) watch(now time.Duration) {
	watching := o.is
	for i := range o.queues {
		watching = watching || o.queues[i].doubtful(now)
	}
	if watching != o.watching.Load() {
		o.watching.Store(watching)
		o.hurried(watching)
	}
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
	return o.is && o.share >= 1 && (now-o.late > calm || o.mildSteps >= mildAfter)
}

// begin begins overload, of which this queue is the evidence, unless there is
// some already. The mutex is held.
func (o *overload) begin(now time.Duration, q *queue) {
	if !o.is {
		o.is, o.late = true, now
		o.reset(now, q.speed(), q.load())
		o.entered(true)
	}
}

// end ends overload. The mutex is held.
func (o *overload) end() {
	o.is = false
	o.entered(false)
}
