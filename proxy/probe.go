package proxy

import (
	"context"
	"math/rand/v2"
	"time"

	"sipid/pbx"
	"sipid/router"
	"sipid/transport"
)

// streamProbeEvery is how often a UDP target is asked by TCP, too, at most.
const streamProbeEvery = time.Minute

// probeAll watches the targets of the groups that want it, until ctx is done.
// Each is asked in its own rhythm, and not all at once.
func (p *Proxy) probeAll(ctx context.Context) {
	p.watching.mu.Lock()
	p.watching.ctx, p.watching.all = ctx, make(map[*pbx.Target]bool)
	p.watching.mu.Unlock()
	for _, g := range p.groups.Pools() {
		for _, t := range g.Targets() {
			p.watching.start(p, t)
		}
	}
}

// probeNone waits for the end of all watching; what probeAll got is done.
func (p *Proxy) probeNone() {
	p.watching.mu.Lock()
	p.watching.ctx = nil
	p.watching.mu.Unlock()
	p.watching.running.Wait()
}

func (p *Proxy) watch(ctx context.Context, t *pbx.Target) {
	w := newWorker(p)
	interval := t.Group.Probe.Interval
	var streamed time.Time                                     // when it was last asked by TCP
	wait := time.Duration(rand.Int64N(int64(interval)/10 + 1)) // a first look soon, then evenly spread
	for {
		t.SetNextProbe(time.Now().Add(wait))
		select {
		case <-ctx.Done():
			return
		case <-t.Gone():
			return
		case <-time.After(wait):
		}
		w.probe(t, t.Network)
		if asked := time.Since(streamed); t.Network == transport.UDP && t.Conf.Large == router.LargeAuto && asked >= streamProbeEvery {
			streamed = time.Now()
			w.probe(t, transport.TCP)
		}
		wait = interval*9/10 + time.Duration(rand.Int64N(int64(interval)/5+1))
	}
}
