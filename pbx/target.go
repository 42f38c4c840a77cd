package pbx

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"sipid/router"
	"sipid/transport"
)

// Target is one PBX while we run. Its health is never kept on disk: a process
// that starts believes in all of them. What is asked for every call is read
// without a lock.
type Target struct {
	Conf    *router.Target
	Index   int             // in the configuration of its group
	At      router.Endpoint // one place of it; it never changes
	Group   *router.Group
	Network transport.Network

	gone chan struct{} // closed when it is no place of the target any more

	clock func() time.Duration
	log   *slog.Logger

	in       atomic.Bool  // takes calls: not drained, and no reason to be out
	calls    atomic.Int64 // calls that ring at it or are answered by it
	lastCode atomic.Int32
	stream   atomic.Bool // it answered an OPTIONS by TCP lately
	bad      atomic.Bool // a call among the last few came to nothing
	counts   *counts

	mu        sync.Mutex
	drained   bool
	probeDown bool          // by OPTIONS
	tripped   bool          // by its calls
	resting   bool          // by its own Retry-After
	rests     time.Duration // until when
	trial     time.Duration // when it is next given a call to try
	hold      holdOff
	fails     int // probes without a good answer, in a row
	oks       int // probes with one, in a row
	outcomes  uint16
	known     int // calls that outcomes tells of
	since     time.Time
	why       string
	rtt       time.Duration
	nextProbe time.Time
}

func newTarget(p *Pool, index int, at router.Endpoint, clock func() time.Duration, log *slog.Logger) *Target {
	conf := &p.Group.Targets[index]
	n, _ := transport.ParseNetwork(at.Transport)
	t := &Target{Conf: conf, Index: index, At: at, gone: make(chan struct{}), Group: p.Group, counts: &p.counts[index], Network: n, clock: clock, log: log, since: time.Now(), why: "start"}
	t.in.Store(true)
	return t
}

// State is what is known of a target.
type State struct {
	Group, URI string
	Address    string // ip:port; empty when its name was never found
	Up         bool   // takes calls
	Drained    bool   // by the operator
	Since      time.Time
	Why        string        // what changed it last
	LastCode   int           // of the last answer to a probe or an INVITE; 0: none yet
	RTT        time.Duration // of the last probe
	NextProbe  time.Time     // zero: not probed
	Calls      int           // that ring at it or are answered by it
	MaxCalls   int           // 0: no limit
}

// String is the state in a word: up, drained, or out by itself.
func (s State) String() string {
	switch {
	case s.Drained:
		return "drained"
	case s.Up:
		return "up"
	}
	return "out"
}

// State is how the target is now.
func (t *Target) State() State {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rested()
	return State{
		Group: t.Group.Name, URI: t.Conf.URI, Address: t.At.Addr.String(), Up: t.in.Load(), Drained: t.drained, Since: t.since, Why: t.why,
		LastCode: int(t.lastCode.Load()), RTT: t.rtt, NextProbe: t.nextProbe,
		Calls: int(t.calls.Load()), MaxCalls: t.Conf.MaxCalls,
	}
}

// Up tells whether the target takes calls.
func (t *Target) Up() bool {
	if t.in.Load() {
		return true
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rested()
	return t.in.Load()
}

// Calls is how many calls it has now.
func (t *Target) Calls() int { return int(t.calls.Load()) }

// Take gives the target one more call. It is false when it has all it may have.
func (t *Target) Take() bool {
	if n := t.calls.Add(1); t.Conf.MaxCalls > 0 && n > int64(t.Conf.MaxCalls) {
		t.calls.Add(-1)
		return false
	}
	return true
}

// Offer notes that an INVITE goes to the target.
func (t *Target) Offer() { t.counts.offered.Add(1) }

// Add gives the target a call whatever its limit: one that it has answered.
func (t *Target) Add() { t.calls.Add(1) }

// Release takes a call from the target.
func (t *Target) Release() { t.calls.Add(-1) }

// Full tells whether the target has all the calls it may have.
func (t *Target) Full() bool {
	return t.Conf.MaxCalls > 0 && t.calls.Load() >= int64(t.Conf.MaxCalls)
}

// WantsStream tells whether what is too large for UDP goes to this UDP target by
// TCP (RFC 3261 18.1.1).
func (t *Target) WantsStream() bool {
	return t.Network == transport.UDP && (t.Conf.Large == router.LargeTCP || t.Conf.Large == router.LargeAuto && t.stream.Load())
}

// SetStream notes whether the target takes TCP.
func (t *Target) SetStream(takes bool) { t.stream.Store(takes) }

// SetNextProbe notes when the target will be asked again, for who wants to know.
func (t *Target) SetNextProbe(at time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.nextProbe = at
}

// setDrained takes the target out, or back in, by the operator's word.
func (t *Target) setDrained(out bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	why := "enabled by the operator"
	if out {
		why = "drained by the operator"
	}
	t.change(&t.drained, out, why)
}

// change sets one of the reasons to be out, and remembers since when and why.
// The mutex is held.
func (t *Target) change(reason *bool, out bool, why string) {
	if *reason == out {
		return
	}
	was := t.in.Load()
	*reason = out
	is := !t.drained && !t.probeDown && !t.tripped && !t.resting
	t.in.Store(is)
	t.since, t.why = time.Now(), why
	switch {
	case was && !is:
		if reason != &t.drained {
			t.hold.out(t.clock())
		}
		t.log.Warn("PBX target out", "group", t.Group.Name, "target", t.Conf.URI, "address", t.At.Addr, "why", why)
	case is && !was:
		t.hold.in(t.clock())
		t.log.Info("PBX target back", "group", t.Group.Name, "target", t.Conf.URI, "address", t.At.Addr, "why", why)
	}
}
