package proxy

import (
	"sync/atomic"
	"time"
)

// queue is of new calls that came by one listener. It stands while each of them
// waited longer than queueTarget. The overload's mutex guards it, but for looked.
type queue struct {
	looked atomic.Int64     // when there last was a new call, a time.Duration
	paused [2]time.Duration // from when to when we did not work, last

	worked time.Duration // how long we worked while it stood
	first  time.Duration // when the last one came that did not wait so long
	span   time.Duration // how much later than that the last one came
	calls  int           // that waited so long
}

// work is how long we worked since the call before. A pause is remembered.
func (q *queue) work(now time.Duration) time.Duration {
	looked := q.look(now)
	since := now - looked
	if since > pause {
		q.paused = [2]time.Duration{looked, now}
	}
	return min(since, pause)
}

// look notes that there is a new call, and tells when the one before was.
func (q *queue) look(now time.Duration) time.Duration {
	return time.Duration(q.looked.Swap(int64(now)))
}

// doubtful tells whether it seems to stand: calls waited, and lately.
func (q *queue) doubtful(now time.Duration) bool {
	return q.worked > 0 && now-time.Duration(q.looked.Load()) <= calm
}

// excused tells whether a call came while we did not work. Then all that came
// before the pause is through: no queue stands.
func (q *queue) excused(came time.Duration) bool {
	return came >= q.paused[0] && came <= q.paused[1]
}

// empty notes a call behind which no queue stands.
func (q *queue) empty(came time.Duration) {
	q.worked, q.first, q.span, q.calls = 0, came, 0, 0
}

// add adds a call that waited, after so much work.
func (q *queue) add(came, worked time.Duration) {
	q.worked, q.span, q.calls = q.worked+worked, max(came-q.first, 0), q.calls+1
}

// stands tells whether it is overload. What came within the span took us longer
// than that where the queue grew by work; a pause makes it longer, too, but is no
// work.
func (q *queue) stands() bool {
	return q.worked >= queueStands || q.worked-q.span >= queueGrew
}

// speed is how many new calls we took in a step.
func (q *queue) speed() float64 {
	return float64(q.calls) * float64(shedStep) / float64(max(q.worked, 1))
}

// load is how many new calls came for each that we took.
func (q *queue) load() float64 {
	return float64(q.worked) / float64(max(q.span, 1))
}
