package pbx

import (
	"slices"
	"time"

	"sipid/router"
)

// Endpoints are the places of targets that have names, by the target's URI.
type Endpoints map[string][]router.Endpoint

// A place that a name stands for no more still has its calls: it is remembered
// for a while.
const (
	formerTime = 24 * time.Hour
	formerMost = 64 // of one target: a name that changes all the time must not fill the memory
)

// former is a place that a target had.
type former struct {
	*Target
	until time.Duration
}

// Settle says where the targets with names are from now on. What is not in found
// stays where it is. Calls may be taken meanwhile; Settle itself is called by one
// at a time.
func (all *Groups) Settle(found Endpoints) {
	now := all.clock()
	fresh := make(map[*router.Target]int) // how many former places a target has
	var left []former
	for _, p := range all.list {
		was := *p.places.Load()
		places := make([][]*Target, len(was))
		for i := range was {
			conf := &p.Group.Targets[i]
			at, known := found[conf.URI]
			if !conf.Named || !known {
				places[i] = was[i]
				continue
			}
			places[i] = all.settle(p, i, was[i], at)
			for _, t := range was[i] {
				if !slices.Contains(places[i], t) {
					left = append(left, former{t, now + formerTime})
					fresh[conf]++
					close(t.gone)
				}
			}
		}
		p.places.Store(&places)
	}
	for _, f := range all.former {
		if f.until > now && fresh[f.Conf] < formerMost {
			fresh[f.Conf]++
			left = append(left, f)
		}
	}
	all.former = left
}

// settle gives a target its places. One that it had before keeps its health; a
// new one is drained when all were.
func (all *Groups) settle(p *Pool, index int, was []*Target, at []router.Endpoint) []*Target {
	drained := len(was) > 0 && !slices.ContainsFunc(was, func(t *Target) bool { return !t.Drained() })
	var now []*Target
	for _, e := range at {
		same := slices.IndexFunc(was, func(t *Target) bool { return t.At.Addr == e.Addr && t.At.Transport == e.Transport })
		switch {
		case same < 0:
			t := newTarget(p, index, e, all.clock, all.log)
			if drained {
				t.setDrained(true)
			}
			now = append(now, t)
		case was[same].At == e:
			now = append(now, was[same])
		default: // another rank
			now = append(now, was[same].ranked(p, e))
		}
	}
	return now
}

// ranked is the target at the same place with another rank. What calls ring at
// the old one is not known to the new one.
func (t *Target) ranked(p *Pool, e router.Endpoint) *Target {
	n := newTarget(p, t.Index, e, t.clock, t.log)
	t.mu.Lock()
	defer t.mu.Unlock()
	n.drained, n.probeDown, n.tripped, n.resting = t.drained, t.probeDown, t.tripped, t.resting
	n.rests, n.trial, n.hold, n.fails, n.oks = t.rests, t.trial, t.hold, t.fails, t.oks
	n.outcomes, n.known, n.since, n.why, n.rtt = t.outcomes, t.known, t.since, t.why, t.rtt
	n.in.Store(t.in.Load())
	n.lastCode.Store(t.lastCode.Load())
	n.bad.Store(t.bad.Load())
	return n
}

// Former are the places that targets had not long ago.
func (all *Groups) Former() []*Target {
	list := make([]*Target, len(all.former))
	for i, f := range all.former {
		list[i] = f.Target
	}
	return list
}

// Targets lists the group's targets in the order of the configuration, each
// place of one with a name by itself.
func (p *Pool) Targets() []*Target { return slices.Concat(*p.places.Load()...) }

// Places are those of the group's target i; none when its name was never found.
func (p *Pool) Places(i int) []*Target { return (*p.places.Load())[i] }

// appendPlaces appends the places of the group's target i, in the order in which
// a call is offered to them.
func (p *Pool) appendPlaces(dst []*Target, i int, callID []byte) []*Target {
	start := len(dst)
	dst = append(dst, p.Places(i)...)
	if len(dst)-start > 1 {
		slices.SortFunc(dst[start:], func(a, b *Target) int { return a.At.Compare(&b.At, callID) })
	}
	return dst
}

// First is where a call is offered first, by the configuration and DNS alone;
// nil when no target was ever found.
func (p *Pool) First(callID []byte) *Target {
	for _, i := range p.Group.Order(callID, nil) {
		if places := p.appendPlaces(nil, i, callID); len(places) > 0 {
			return places[0]
		}
	}
	return nil
}

// Gone is closed when the target's name stands for this place no more.
func (t *Target) Gone() <-chan struct{} { return t.gone }
