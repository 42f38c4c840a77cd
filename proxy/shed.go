package proxy

import (
	"context"
	"time"

	"sipid/transport"
)

// A refusal costs about an eighth of a call, so from some load on there is no
// time left for calls if all others are refused. In overload refusals therefore
// have a budget. What is over it is dropped unread, best by the kernel before it
// is even queued: peers repeat it after 500 ms (Timer A, RFC 3261 17.1.1.2).
const (
	// refusedEach is how many refusals a call that is taken pays for.
	refusedEach = 3
	// refusedLeast are paid for in each step in any case. What is saved at most is as
	// much as we take in refusedSteps, and refusedMost: the queue that stands when
	// overload begins, at twice our capacity.
	refusedLeast = 10
	refusedMost  = 500
	refusedSteps = 2
	// repeatAge is when a peer over UDP is about to repeat a call by itself: to
	// refuse it costs, and answers nobody in time.
	repeatAge = 400 * time.Millisecond
	// refusalCost and dropCost are what these cost us, in calls.
	refusalCost = 1.0 / 8
	dropCost    = 1.0 / 32

	// shedStep is how often the kernel's share is looked at.
	shedStep = 250 * time.Millisecond
	// Up to admitMost new calls for each call's worth of work all that cannot be taken
	// are refused, and none of them comes again: three times our capacity. Beyond that
	// the kernel sheds, down to admitAim, and refusals cost a sixth of the work. With
	// less than admitLeast hardly anybody is refused, and with nobody for admitQuiet it
	// may be over. Between admitMost and admitLeast the share stays.
	admitMost  = 2.75
	admitAim   = 2.2
	admitLeast = 1.3
	admitQuiet = 500 * time.Millisecond
	// capacityKept is what a step leaves of what we could do in those before: collecting
	// garbage takes a moment's work, and is no reason to shed.
	capacityKept = 0.9
	// A moment's queue says little: it takes lowAfter steps with less than admitLeast.
	lowAfter = 8
	// shareFaster and shareOver are by how much the share rises then, at most.
	shareFaster = 2
	shareOver   = 4
	// Below shareLeast nobody would notice that it is over.
	shareLeast = 1.0 / 256
	// shedAfter is the evidence on end that it takes for a lower share. A step gives
	// as much as came over admitMost, in parts of that, and no more than evidenceMost:
	// far beyond the capacity it is two steps, a little beyond what refusals can serve
	// it is seconds. A moment in which others had half of the processor, at twice our
	// capacity, is not enough. What a rise lets in has been repeated already, and comes
	// in a rush: afterwards it takes that much more.
	shedAfter    = 2
	evidenceMost = 1
	shedRush     = 12
	// Near the capacity each pause of a moment makes some wait, which would keep
	// overload going for ever: it ends after mildAfter steps in which fewer than one in
	// mildPart were refused. If more than we take come all the same, it begins again.
	mildAfter = 8
	mildPart  = 5
	// While the queue grew that began overload, so many times what we took came. From
	// sureTimes on the kernel sheds at once, as for sureMost times at most.
	sureTimes = 5
	sureMost  = 10
)

// shedder is the part of overload that drops. The mutex there guards it.
type shedder struct {
	admit func(share float64)
	began chan struct{}

	share                float64       // of the INVITEs by UDP that the kernel lets in
	credit               float64       // refusals that are paid for
	capacity             float64       // the most work that was done in a step of late, in calls
	stepped              time.Duration // when this step began
	judged               int           // INVITEs by UDP that were judged in it
	came                 int           // those of them that came in it, too
	taken, refused, shed int           // new calls judged in it
	above                float64       // the evidence, over steps on end in which more than admitMost came
	low                  int           // steps on end in which less than admitLeast came
	mild                 int           // steps on end in which hardly anybody was refused
}

func newShedder(admit func(float64)) shedder {
	return shedder{admit: admit, began: make(chan struct{}, 1), share: 1}
}

// reset begins anew, with a new overload: so many new calls are what we take in a
// step, and so many times that comes.
func (s *shedder) reset(now time.Duration, capacity, times float64) {
	s.capacity, s.above, s.low, s.mild = capacity, 0, 0, 0
	s.credit = s.saved()
	s.step(now)
	if times >= sureTimes {
		s.share = admitAim / min(times, sureMost)
	}
	select {
	case s.began <- struct{}{}:
	default: // nobody has looked at the last one yet
	}
}

// step begins a step.
func (s *shedder) step(now time.Duration) {
	s.stepped, s.judged, s.came, s.taken, s.refused, s.shed = now, 0, 0, 0, 0, 0
}

// arrived counts an INVITE by UDP that came then. One that waited since before the
// step says nothing of how many come now.
func (s *shedder) arrived(at time.Duration) {
	s.judged++
	if at >= s.stepped {
		s.came++
	}
}

// note counts a new call that was judged.
func (s *shedder) note(refused bool) {
	if refused {
		s.refused++
		s.credit = max(s.credit-1, 0)
		return
	}
	s.taken++
	s.credit = min(s.credit+refusedEach, s.saved())
}

// saved is how many refusals are saved at most.
func (s *shedder) saved() float64 { return max(refusedSteps*s.capacity, refusedMost) }

// sheds tells whether a new call that waited so long is to be dropped, since there
// is no time to refuse it.
func (o *overload) sheds(from *transport.Flow) bool {
	if !o.watching.Load() {
		return false
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.is {
		return false
	}
	now, q := o.now(), &o.queues[from.By.Index]
	came := now - from.Waited
	q.work(now)
	if q.excused(came) || o.credit >= 1 && from.Waited < repeatAge {
		return false
	}
	o.late = now
	o.arrived(came)
	o.shed++
	return true
}

// control sets the kernel's share while there is overload, until ctx is done.
func (o *overload) control(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-o.began:
		}
		o.controlOne(ctx)
	}
}

// controlOne does so until one overload is over.
func (o *overload) controlOne(ctx context.Context) {
	ticker := time.NewTicker(shedStep)
	defer ticker.Stop()
	set := 1.0 // what the kernel knows
	for share, is := o.admitted(), true; ; share, is = o.look() {
		if share != set {
			o.admit(share)
			set = share
		}
		if !is {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// look ends a step, and overload when it is over. It tells the share from
// now on, and whether there is overload.
func (o *overload) look() (share float64, is bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := o.now()
	o.share = o.next(now - o.late)
	if o.mildly() {
		o.mild++
	} else {
		o.mild = 0
	}
	o.step(now)
	o.credit = min(o.credit+refusedLeast, o.saved())
	if o.over(now) {
		o.end()
		o.watch()
	}
	return o.share, o.is
}

// next is the share after a step. Nobody was refused for so long.
func (s *shedder) next(quiet time.Duration) float64 {
	came, judged := float64(s.came), float64(s.judged)
	if s.came == 0 {
		came = judged // the queue is longer than a step: more come than is dropped
	}
	work := float64(s.taken) + refusalCost*float64(s.refused) + dropCost*float64(s.shed)
	s.capacity = max(work, s.capacity*capacityKept)
	if came > admitMost*s.capacity+refusedLeast {
		s.low = 0
		if s.above += min(came/(admitMost*s.capacity)-1, evidenceMost); s.above < shedAfter {
			return s.share
		}
		s.above = 0
		return max(s.share*admitAim*s.capacity/came, shareLeast)
	}
	s.above = min(s.above, 0)
	if judged >= admitLeast*work {
		s.low = 0
	} else {
		s.low++
	}
	switch {
	case s.share >= 1:
	case quiet > admitQuiet:
		return s.rise(shareOver)
	case s.low >= lowAfter:
		return s.rise(shareFaster)
	}
	return s.share
}

// mildly tells whether so few were refused in a step that all might be taken.
func (s *shedder) mildly() bool {
	return (s.refused+s.shed)*mildPart <= s.taken+s.refused+s.shed
}

func (s *shedder) rise(times float64) float64 {
	s.above, s.low = -shedRush, 0
	return min(s.share*times, 1)
}

// admitted is the kernel's share, for the metrics.
func (o *overload) admitted() float64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.share
}
