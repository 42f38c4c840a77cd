package proxy

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"sipid/pbx"
)

// probeAll watches the targets of the groups that want it, until ctx is done.
// Each is asked in its own rhythm, and not all at once.
func (p *Proxy) probeAll(ctx context.Context, running *sync.WaitGroup) {
	for _, g := range p.groups.Pools() {
		if g.Group.Probe.Interval <= 0 {
			continue
		}
		for _, t := range g.Targets {
			running.Go(func() { p.watch(ctx, t) })
		}
	}
}

func (p *Proxy) watch(ctx context.Context, t *pbx.Target) {
	w := newWorker(p)
	interval := t.Group.Probe.Interval
	wait := time.Duration(rand.Int64N(int64(interval)/10 + 1)) // a first look soon, then evenly spread
	for {
		t.SetNextProbe(time.Now().Add(wait))
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		w.probe(t)
		wait = interval*9/10 + time.Duration(rand.Int64N(int64(interval)/5+1))
	}
}
