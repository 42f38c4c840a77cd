package pbx

import (
	"fmt"
	"math/bits"
	"time"
)

// How a target is judged by the calls it is offered.
const (
	// breakerWindow and breakerOpens: five of the last ten calls that came to
	// nothing take a target out.
	breakerWindow = 10
	breakerOpens  = 5
	// trialEvery is how often a target that was taken out by its calls is given
	// one to try.
	trialEvery = 5 * time.Second
	// restAtMost bounds what a Retry-After is believed.
	restAtMost = time.Minute
)

// A target that goes out again soon after it came back stays out longer each
// time: one that flaps must not take every second call with it.
const (
	holdFirst = 15 * time.Second
	holdMost  = time.Minute
	// settled is how long a target must have been in for all that to be forgotten.
	settled = 2 * time.Minute
)

// holdOff says how long a target stays out at least.
type holdOff struct {
	least time.Duration // of the time it is out now, or was out last
	until time.Duration
	back  time.Duration // when it came back last; 0: never was out
}

func (h *holdOff) out(now time.Duration) {
	switch {
	case h.back == 0 || now-h.back > settled:
		h.least = 0
	default:
		h.least = min(max(2*h.least, holdFirst), holdMost)
	}
	h.until = now + h.least
}

func (h *holdOff) in(now time.Duration) { h.back = now }

// over tells whether the target may come back.
func (h *holdOff) over(now time.Duration) bool { return now >= h.until }

// Served notes an INVITE that the target took up: any answer but 503 shows a
// PBX that is there, whatever it says of the call.
func (t *Target) Served(status int) {
	t.code(status)
	if !t.bad.Load() {
		return // nothing in the window to be pushed out by this one
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.note(0)
	if t.tripped && t.hold.over(t.clock()) {
		t.outcomes, t.known = 0, 0
		t.change(&t.tripped, false, "takes calls")
	}
	t.bad.Store(t.outcomes != 0 || t.tripped)
}

// Failed notes an INVITE that came to nothing by the target's fault: it said
// nothing at all, could not be reached, or answered 503 (status 0 but for the
// last). What a caller can provoke, as a 500 by an odd body, is none of these.
func (t *Target) Failed(status int, why string) {
	t.code(status)
	t.counts.failed.Add(1)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.bad.Store(true)
	t.note(1)
	bad := bits.OnesCount16(t.outcomes)
	if bad >= breakerOpens && !t.tripped {
		t.trial = t.clock() + trialEvery
		t.change(&t.tripped, true, fmt.Sprintf("%d of the last %d calls came to nothing: %s", bad, t.known, why))
	}
}

// note adds an outcome to the window. The mutex is held.
func (t *Target) note(bad uint16) {
	t.outcomes = (t.outcomes<<1 | bad) & (1<<breakerWindow - 1)
	t.known = min(t.known+1, breakerWindow)
}

// Rest leaves the target alone for a while, as its 503 asked for by Retry-After
// (RFC 3261 21.5.4).
func (t *Target) Rest(d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	d = min(d, restAtMost)
	t.rests = max(t.rests, t.clock()+d)
	t.change(&t.resting, true, fmt.Sprintf("asked for %s without calls (503, Retry-After)", d))
}

// rested ends such a while. The mutex is held.
func (t *Target) rested() {
	if t.resting && t.clock() >= t.rests {
		t.change(&t.resting, false, "its Retry-After is over")
	}
}

// due tells whether a target that is out may be given a call all the same: one
// that its calls took out, now and then. Take the chance with begin.
func (t *Target) due() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rested()
	return t.in.Load() || t.onTrial()
}

// begin is due for a call that is offered at once: nobody else gets that chance.
func (t *Target) begin() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rested()
	if t.in.Load() {
		return true
	}
	if !t.onTrial() {
		return false
	}
	t.trial = t.clock() + trialEvery
	return true
}

func (t *Target) onTrial() bool {
	return t.tripped && !t.drained && !t.probeDown && !t.resting && t.clock() >= t.trial
}

// Probed notes the answer to an OPTIONS; status 0 is none. Any answer but 503
// and 408 shows a PBX that is there.
func (t *Target) Probed(status int, rtt time.Duration) {
	t.code(status)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rested()
	probe := t.Group.Probe
	if status != 0 {
		t.rtt = rtt
	}
	if status == 0 || status == 503 || status == 408 {
		t.fails, t.oks = t.fails+1, 0
		if t.fails >= max(probe.DownAfter, 1) {
			t.change(&t.probeDown, true, probeWhy(status))
		}
		return
	}
	t.fails, t.oks = 0, t.oks+1
	if t.oks >= max(probe.UpAfter, 1) && t.hold.over(t.clock()) {
		t.change(&t.probeDown, false, "answers OPTIONS")
	}
}

func probeWhy(status int) string {
	if status == 0 {
		return "no answer to OPTIONS"
	}
	return fmt.Sprintf("%d to OPTIONS", status)
}

// code remembers the last answer.
func (t *Target) code(status int) {
	if status != 0 && t.lastCode.Load() != int32(status) {
		t.lastCode.Store(int32(status))
	}
}
