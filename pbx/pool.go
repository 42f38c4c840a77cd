package pbx

import (
	"log/slog"
	"sync/atomic"
	"time"

	"sipid/router"
)

// Pool is a PBX group while we run.
type Pool struct {
	Group  *router.Group
	places atomic.Pointer[[][]*Target] // by the targets of the configuration
	calls  atomic.Int64
	counts []counts // by the targets of the configuration
}

// counts are of a target of the configuration, wherever its name stood for.
type counts struct {
	offered, failed atomic.Uint64
}

// Offered counts the INVITEs that went to the group's target i since the start,
// Failed those that came to nothing by its fault.
func (p *Pool) Offered(i int) uint64 { return p.counts[i].offered.Load() }

// Failed is described with Offered.
func (p *Pool) Failed(i int) uint64 { return p.counts[i].failed.Load() }

// Take gives the group one more call. It is false when it has all it may have.
func (p *Pool) Take() bool {
	if n := p.calls.Add(1); p.Group.MaxCalls > 0 && n > int64(p.Group.MaxCalls) {
		p.calls.Add(-1)
		return false
	}
	return true
}

// Full tells whether the group, or each target of it that is not drained, has all
// the calls it may have.
func (p *Pool) Full() bool {
	if p.Group.MaxCalls > 0 && p.calls.Load() >= int64(p.Group.MaxCalls) {
		return true
	}
	full := false
	for _, t := range p.Targets() {
		switch {
		case t.Full():
			full = true
		case !t.Drained():
			return false
		}
	}
	return full
}

// Release takes a call from the group.
func (p *Pool) Release() { p.calls.Add(-1) }

// Calls is how many calls the group has now.
func (p *Pool) Calls() int { return int(p.calls.Load()) }

// Candidates appends to dst the targets for a call, in the order of trying: as
// the group orders them, without those that are out or full. order is space of
// the caller's, given back for the next call. When all are out they are tried
// all the same: a call is not lost because our picture of the PBXs is wrong.
// Drained and full ones are never: dst comes back as it was when there are no others.
func (p *Pool) Candidates(callID []byte, order []int, dst []*Target) ([]int, []*Target) {
	order = p.Group.Order(callID, order[:0])
	start := len(dst)
	for _, i := range order {
		dst = p.appendPlaces(dst, i, callID)
	}
	some := start
	for i := start; i < len(dst); i++ {
		t := dst[i]
		if t.Full() {
			continue
		}
		// The first is offered the call for certain: only that spends a trial.
		if t.in.Load() || some == start && t.begin() || some > start && t.due() {
			dst[some], dst[i] = t, dst[some]
			some++
		}
	}
	if some > start {
		return order, dst[:some]
	}
	for _, t := range dst[start:] {
		if !t.Full() && !t.Drained() {
			dst[some] = t
			some++
		}
	}
	return order, dst[:some]
}

// Preview is Candidates for who only wants to know: nothing is offered, so no
// trial is spent. Those that are out come last.
func (p *Pool) Preview(callID []byte) []*Target {
	var all, in, out []*Target
	for _, i := range p.Group.Order(callID, nil) {
		all = p.appendPlaces(all, i, callID)
	}
	for _, t := range all {
		switch {
		case t.Full() || t.Drained():
		case t.Up():
			in = append(in, t)
		default:
			out = append(out, t)
		}
	}
	return append(in, out...)
}

// Drained tells whether an operator took the target out.
func (t *Target) Drained() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.drained
}

// NoneTakes tells whether no target but those that said named it full could take
// a call now: each of the others is out or has all the calls it may have.
func (p *Pool) NoneTakes(except func(*Target) bool) bool {
	for _, t := range p.Targets() {
		if !except(t) && t.Up() && !t.Full() {
			return false
		}
	}
	return true
}

// Groups are all PBX groups while we run.
type Groups struct {
	byGroup map[*router.Group]*Pool
	list    []*Pool
	former  []former
	clock   func() time.Duration
	log     *slog.Logger
}

// New makes the groups of a configuration. clock is the time since some moment;
// log gets what changes. Targets with names are nowhere before Settle.
func New(r *router.Router, clock func() time.Duration, log *slog.Logger) *Groups {
	all := &Groups{byGroup: make(map[*router.Group]*Pool), clock: clock, log: log}
	for _, g := range r.Groups() {
		p := &Pool{Group: g, counts: make([]counts, len(g.Targets))}
		places := make([][]*Target, len(g.Targets))
		for i := range g.Targets {
			if conf := &g.Targets[i]; !conf.Named {
				places[i] = []*Target{newTarget(p, i, router.Endpoint{Transport: conf.Transport, Addr: conf.Addr}, clock, log)}
			}
		}
		p.places.Store(&places)
		all.byGroup[g] = p
		all.list = append(all.list, p)
	}
	return all
}

// Of is the pool of a group of the configuration.
func (all *Groups) Of(g *router.Group) *Pool { return all.byGroup[g] }

// Pools are all groups, in the order of the configuration. Not to be changed.
func (all *Groups) Pools() []*Pool { return all.list }

// States tells how all targets are, in the order of the configuration: each place
// of one with a name by itself.
func (all *Groups) States() []State {
	var states []State
	for _, p := range all.list {
		for i, places := range *p.places.Load() {
			if len(places) == 0 {
				states = append(states, State{Group: p.Group.Name, URI: p.Group.Targets[i].URI, Why: "its name was never found"})
			}
			for _, t := range places {
				states = append(states, t.State())
			}
		}
	}
	return states
}

// SetDrained takes targets out, or back in: those with this URI, in the named
// group or, when group is empty, in all. What runs at them goes on. It tells how
// many places there were.
func (all *Groups) SetDrained(group, uri string, out bool) int {
	n := 0
	for _, p := range all.list {
		if group != "" && p.Group.Name != group {
			continue
		}
		for _, t := range p.Targets() {
			if t.Conf.URI == uri {
				t.setDrained(out)
				n++
			}
		}
	}
	return n
}
