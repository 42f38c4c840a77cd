package proxy

import (
	"fmt"
	"log/slog"
	"sync"
	"time"

	"sipid/router"
	"sipid/transport"
)

// How a target is judged by the calls it is offered.
const (
	// patience is how long a target may say nothing at all to an INVITE before
	// the next one is tried: two transmissions, and then some.
	patience = 1500 * time.Millisecond
	// breakerWindow and breakerOpens: five of the last ten calls that came to
	// nothing take a target out.
	breakerWindow = 10
	breakerOpens  = 5
	// trialEvery is how often a target that was taken out by its calls is given
	// one to try.
	trialEvery = 5 * time.Second
)

// target is what is known of a PBX while we run. Health is never kept on disk;
// a process that starts believes in all of them.
type target struct {
	conf    *router.Target
	group   *router.Group
	network transport.Network
	clock   func() time.Duration
	log     *slog.Logger

	mu        sync.Mutex
	drained   bool // by the operator
	probeDown bool // by OPTIONS
	tripped   bool // by its calls
	trial     time.Duration
	fails     int // probes without a good answer, in a row
	oks       int // probes with one, in a row
	outcomes  uint16
	offered   int
	since     time.Time
	why       string
	lastCode  int
	rtt       time.Duration
	nextProbe time.Time
}

// TargetState is what Targets says of a PBX.
type TargetState struct {
	Group, URI string
	Up         bool // takes calls
	Drained    bool // by the operator
	Since      time.Time
	Why        string        // what changed it last
	LastCode   int           // of the last answer to a probe or an INVITE; 0: none yet
	RTT        time.Duration // of the last probe
	NextProbe  time.Time     // zero: not probed
}

// state is the target's state now.
func (t *target) state() TargetState {
	t.mu.Lock()
	defer t.mu.Unlock()
	return TargetState{
		Group: t.group.Name, URI: t.conf.URI, Up: t.up(), Drained: t.drained, Since: t.since, Why: t.why,
		LastCode: t.lastCode, RTT: t.rtt, NextProbe: t.nextProbe,
	}
}

// gauge is up as a metric.
func (t *target) gauge() float64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.up() {
		return 1
	}
	return 0
}

func (t *target) up() bool { return !t.drained && !t.probeDown && !t.tripped }

// takes tells whether a call may be offered. To one that its calls took out,
// now and then one is offered all the same.
func (t *target) takes() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.up() {
		return true
	}
	if t.drained || t.probeDown || t.clock() < t.trial {
		return false
	}
	t.trial = t.clock() + trialEvery
	return true
}

// served notes an INVITE that the target took up: any answer that is no reason
// to try another.
func (t *target) served(status int) { t.outcome(true, status, "takes calls") }

// declined notes an INVITE that has to be taken elsewhere.
func (t *target) declined(status int, why string) { t.outcome(false, status, why) }

func (t *target) outcome(good bool, status int, why string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if status != 0 {
		t.lastCode = status
	}
	t.outcomes <<= 1
	t.offered = min(t.offered+1, breakerWindow)
	if good {
		if t.tripped {
			t.outcomes, t.offered = 0, 0
			t.change(&t.tripped, false, why)
		}
		return
	}
	t.outcomes |= 1
	bad := 0
	for i := range t.offered {
		bad += int(t.outcomes >> i & 1)
	}
	if bad >= breakerOpens && !t.tripped {
		t.trial = t.clock() + trialEvery
		t.change(&t.tripped, true, fmt.Sprintf("%d of the last %d calls came to nothing: %s", bad, t.offered, why))
	}
}

// change sets one of the reasons to be out, and remembers since when and why.
func (t *target) change(reason *bool, out bool, why string) {
	if *reason == out {
		return
	}
	was := t.up()
	*reason = out
	t.since, t.why = time.Now(), why
	switch is := t.up(); {
	case was && !is:
		t.log.Warn("PBX target out", "group", t.group.Name, "target", t.conf.URI, "why", why)
	case is && !was:
		t.log.Info("PBX target back", "group", t.group.Name, "target", t.conf.URI, "why", why)
	}
}

// probed notes the answer to an OPTIONS; status 0 is none. Any answer but 503
// and 408 shows a PBX that is there.
func (t *target) probed(status int, rtt time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	probe := t.group.Probe
	if status != 0 {
		t.lastCode, t.rtt = status, rtt
	}
	if status == 0 || status == 503 || status == 408 {
		t.fails, t.oks = t.fails+1, 0
		if t.fails >= max(probe.DownAfter, 1) {
			t.change(&t.probeDown, true, probeWhy(status))
		}
		return
	}
	t.fails, t.oks = 0, t.oks+1
	if t.oks >= max(probe.UpAfter, 1) {
		t.change(&t.probeDown, false, "answers OPTIONS")
	}
}

func probeWhy(status int) string {
	if status == 0 {
		return "no answer to OPTIONS"
	}
	return fmt.Sprintf("%d to OPTIONS", status)
}

// setDrained takes a target out, or back in, by the operator's word.
func (t *target) setDrained(out bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	why := "enabled by the operator"
	if out {
		why = "drained by the operator"
	}
	t.change(&t.drained, out, why)
}

// pool is a PBX group while we run.
type pool struct {
	group   *router.Group
	targets []*target
}

func newPools(r *router.Router, clock func() time.Duration, log *slog.Logger) map[*router.Group]*pool {
	pools := make(map[*router.Group]*pool)
	for _, g := range r.Groups() {
		p := &pool{group: g}
		for i := range g.Targets {
			n, _ := transport.ParseNetwork(g.Targets[i].Transport)
			p.targets = append(p.targets, &target{conf: &g.Targets[i], group: g, network: n, clock: clock, log: log, since: time.Now()})
		}
		pools[g] = p
	}
	return pools
}

// candidates are the targets for a call, in the order of trying: as the group
// orders them, without those that are out. When all are out they are tried all
// the same: a call is not lost because our picture of the PBXs is wrong.
func (p *pool) candidates(callID []byte, order []int, dst []*target) ([]int, []*target) {
	order = p.group.Order(callID, order[:0])
	for _, i := range order {
		if p.targets[i].takes() {
			dst = append(dst, p.targets[i])
		}
	}
	if len(dst) > 0 {
		return order, dst
	}
	for _, i := range order {
		dst = append(dst, p.targets[i])
	}
	return order, dst
}

// Targets tells how all PBX targets are, in the order of the configuration.
func (p *Proxy) Targets() []TargetState {
	var all []TargetState
	for _, g := range p.router.Groups() {
		for _, t := range p.pools[g].targets {
			all = append(all, t.state())
		}
	}
	return all
}

// SetDrained takes targets out, or back in: those with this URI, in the named
// group or, when group is empty, in all. It tells how many there were.
func (p *Proxy) SetDrained(group, uri string, out bool) int {
	n := 0
	for _, g := range p.router.Groups() {
		if group != "" && g.Name != group {
			continue
		}
		for _, t := range p.pools[g].targets {
			if t.conf.URI == uri {
				t.setDrained(out)
				n++
			}
		}
	}
	return n
}
