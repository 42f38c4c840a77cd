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
	// refusalCost and dropCost are what a refusal costs us, and to drop an INVITE that
	// was received, in parts of what a call does.
	refusalCost = 1.0 / 8
	dropCost    = 1.0 / 32

	// shedStep is how long a step is. At the end of each the kernel's share of the
	// INVITEs is looked at. It goes by the load: how many INVITEs came for each call
	// that we could take.
	shedStep = 250 * time.Millisecond
	// Up to a load of loadMost, nearly what refusedEach pays for, all that cannot be
	// taken are refused, and none of them comes again. Beyond it the kernel sheds until
	// the load is loadAim, where refusals cost a sixth of the work. Below loadLeast
	// hardly anybody is refused: the share rises. Between loadLeast and loadMost it
	// stays as it is.
	loadMost  = 2.75
	loadAim   = 2.2
	loadLeast = 1.3
	// shareLeast is the least share: with less nobody would notice that it is over.
	shareLeast = 1.0 / 256
	// capacityKept is what a step leaves of the capacity that those before showed:
	// collecting garbage takes a moment's work, and is no reason to shed.
	capacityKept = 0.9

	// A lower share takes evidence, which steps on end add up: each gives by what part
	// the load was over loadMost, evidenceMost at most, and shedAfter is enough. Far
	// beyond the capacity that is two steps, a little beyond what refusals can serve it
	// is seconds. A moment in which others had half of the processor, at twice our
	// capacity, is not enough. What a higher share lets in has been repeated already,
	// and comes in a rush: after a rise it takes evidenceRush more.
	shedAfter    = 2
	evidenceMost = 1
	evidenceRush = 12

	// A higher share takes lowAfter steps on end below loadLeast, since a moment's
	// queue says little, or that nobody was refused for quietAfter: the load may be
	// over. It rises so many times then. What it lets in then are repeats, for
	// as long as callers hope: four times as many are a queue before anybody has looked.
	lowAfter   = 8
	quietAfter = 500 * time.Millisecond
	riseTimes  = 2

	// Near the capacity each pause of a moment makes some wait, which would keep
	// overload going for ever: it ends after mildAfter steps on end in which no more
	// than one in mildPart were refused. If more than we take come all the same, it
	// begins again.
	mildAfter = 8
	mildPart  = 5

	// How the queue grew that begins overload tells the load. From sureLoad on the
	// kernel sheds at once, as for sureMost at most.
	sureLoad = 5
	sureMost = 10
)

// shedder is the part of overload that drops. The mutex there guards it.
type shedder struct {
	admit func(share float64) // tells the kernel
	began chan struct{}       // wakes control

	share                float64       // of the INVITEs by UDP that the kernel lets in
	credit               float64       // refusals that are paid for
	capacity             float64       // calls that we can take in a step: the most work done in one of late
	stepped              time.Duration // when this step began
	judged               int           // INVITEs judged in it, of those that the kernel sheds
	came                 int           // those of them that came in it, too
	taken, refused, shed int           // new calls judged in it
	evidence             float64       // for a lower share; below 0 after a rise
	lowSteps             int           // steps on end with a load below loadLeast
	mildSteps            int           // steps on end in which hardly anybody was refused
}

func newShedder(admit func(float64)) shedder {
	return shedder{admit: admit, began: make(chan struct{}, 1), share: 1}
}

// reset begins anew, with a new overload, from what its queue showed of the
// capacity and the load.
func (s *shedder) reset(now time.Duration, capacity, load float64) {
	s.capacity, s.evidence, s.lowSteps, s.mildSteps = capacity, 0, 0, 0
	s.credit = s.saved()
	s.step(now)
	if load >= sureLoad {
		s.share = loadAim / min(load, sureMost)
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

// arrived counts an INVITE that came then, of those that the kernel sheds. One
// that waited since before the step says nothing of how many come now.
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

// sheds tells whether a new call is to be dropped unread, since there is no time to
// refuse it. Who asks knows that it waited longer than refuseAge.
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

// look ends a step, and overload when it is over. It tells the share from now on,
// and whether there is overload.
func (o *overload) look() (share float64, is bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := o.now()
	o.share = o.nextShare(now - o.late)
	if o.mildly() {
		o.mildSteps++
	} else {
		o.mildSteps = 0
	}
	o.step(now)
	o.credit = min(o.credit+refusedLeast, o.saved())
	if o.over(now) {
		o.end()
		o.watch(now)
	}
	return o.share, o.is
}

// nextShare is the share after a step, where nobody was refused for so long. It is
// kept wherever nothing speaks clearly against it: the right one for a load is known
// only roughly, and each change lets in other calls, which is late for those.
func (s *shedder) nextShare(quiet time.Duration) float64 {
	came, judged := float64(s.came), float64(s.judged)
	if s.came == 0 {
		came = judged // the queue is longer than a step: more come than is dropped
	}
	work := float64(s.taken) + refusalCost*float64(s.refused) + dropCost*float64(s.shed)
	s.capacity = max(work, s.capacity*capacityKept)
	if came > loadMost*s.capacity+refusedLeast {
		s.lowSteps = 0
		if s.evidence += min(came/(loadMost*s.capacity)-1, evidenceMost); s.evidence < shedAfter {
			return s.share
		}
		s.evidence = 0
		return max(s.share*loadAim*s.capacity/came, shareLeast)
	}
	s.evidence = min(s.evidence, 0)
	if judged >= loadLeast*work {
		s.lowSteps = 0
	} else {
		s.lowSteps++
	}
	if s.share < 1 && (quiet > quietAfter || s.lowSteps >= lowAfter) {
		s.evidence, s.lowSteps = -evidenceRush, 0
		return min(s.share*riseTimes, 1)
	}
	return s.share
}

// mildly tells whether so few were refused in this step that all might be taken.
func (s *shedder) mildly() bool {
	return (s.refused+s.shed)*mildPart <= s.taken+s.refused+s.shed
}

// admitted is the kernel's share, for the metrics.
func (o *overload) admitted() float64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.share
}
