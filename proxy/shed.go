package proxy

import (
	"context"
	"time"
)

// A refusal costs about an eighth of a call, so from some load on there is no
// time left for calls if all others are refused. In overload refusals therefore
// have a budget. What is over it is dropped unread, best by the kernel before it
// is even queued: peers repeat it after 500 ms (Timer A, RFC 3261 17.1.1.2).
const (
	// refusedMild is how many refusals a call that is taken pays for while the kernel
	// lets all in, refusedEach while it sheds. Up to three times our capacity all that
	// cannot be taken are refused: none of them comes again. With more it is shedding
	// that leaves time for calls: refusals cost a twentieth of it then.
	refusedMild = 3
	refusedEach = 0.25
	// refusedLeast are paid for in each step in any case. refusedMost is what is
	// saved at most: the queue that stands when overload begins, at twice our capacity.
	refusedLeast = 4
	refusedMost  = 500
	// shedAfter is the evidence on end that it takes until the kernel sheds. A step
	// gives as much as came over what is paid for, in parts of that, and no more than
	// one: far beyond the capacity it is 600 ms, a little beyond what refusals can
	// serve it is seconds. A moment in which others had half of the processor, at
	// twice our capacity, is not enough.
	shedAfter = 6
	// repeatAge is when a peer over UDP is about to repeat a call by itself: to
	// refuse it costs, and answers nobody in time.
	repeatAge = 400 * time.Millisecond
	// shedStep is how often the kernel's share is set anew.
	shedStep = 100 * time.Millisecond
	// The share falls by shedFaster a step at most, and rises by shedSlower where
	// there is room for more than shedRoom: each rise lets in repeats of what was
	// dropped. Where nobody was refused it may be over, and it rises by shedOver.
	// Below shareLeast nobody would notice that it is over.
	shedFaster = 0.25
	shedSlower = 1.05
	shedOver   = 1.25
	shedRoom   = 0.75
	shareLeast = 1.0 / 256
)

// shedder is the part of overload that drops. The mutex there guards it.
type shedder struct {
	admit func(share float64)
	began chan struct{}

	share                float64 // of the INVITEs by UDP that the kernel lets in
	credit               float64 // refusals that are paid for
	taken, refused, shed int     // new calls, in this step
	above                float64 // the evidence, over steps on end in which more came than is paid for
}

func newShedder(admit func(float64)) shedder {
	return shedder{admit: admit, began: make(chan struct{}, 1), share: 1}
}

// reset begins anew, with a new overload.
func (s *shedder) reset() {
	s.credit, s.taken, s.refused, s.shed, s.above = refusedMost, 0, 0, 0, 0
	select {
	case s.began <- struct{}{}:
	default: // nobody has looked at the last one yet
	}
}

// note counts a new call that was judged.
func (s *shedder) note(refused bool) {
	if refused {
		s.refused++
		s.credit--
		return
	}
	s.taken++
	s.credit = min(s.credit+s.each(), refusedMost)
}

// each is how many refusals a call pays for.
func (s *shedder) each() float64 {
	if s.share < 1 {
		return refusedEach
	}
	return refusedMild
}

// sheds tells whether a new call that waited so long is to be dropped, since there
// is no time to refuse it.
func (o *overload) sheds(waited time.Duration) bool {
	if !o.watching.Load() {
		return false
	}
	now := o.now()
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.is {
		return false
	}
	o.work(now)
	if o.excused(now-waited) || o.credit >= 1 && waited < repeatAge {
		return false
	}
	o.late = now
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
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		before, share, is := o.step()
		if share != before {
			o.admit(share)
		}
		if !is {
			return
		}
	}
}

// step ends a step, and overload when it is over. It tells the share before and
// after, and whether there is overload.
func (o *overload) step() (before, share float64, is bool) {
	now := o.now()
	o.mu.Lock()
	defer o.mu.Unlock()
	before = o.share
	o.share = o.next()
	o.taken, o.refused, o.shed = 0, 0, 0
	o.credit = min(o.credit+refusedLeast, refusedMost)
	if o.over(now) {
		o.set(false, now)
		o.watching.Store(o.standing > 0)
	}
	return before, o.share, o.is
}

// next is the share for what came in this step.
func (s *shedder) next() float64 {
	came := float64(s.taken + s.refused + s.shed)
	room := float64(s.taken)*(1+s.each()) + refusedLeast
	if came <= room {
		s.above = 0
		switch {
		case s.refused+s.shed == 0:
			return min(s.share*shedOver, 1)
		case came < room*shedRoom:
			return min(s.share*shedSlower, 1)
		}
		return s.share
	}
	if s.above += min(came/room-1, 1); s.share >= 1 && s.above < shedAfter {
		return 1
	}
	return max(s.share*max(room/came, shedFaster), shareLeast)
}

// admitted is the kernel's share, for the metrics.
func (o *overload) admitted() float64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.share
}
