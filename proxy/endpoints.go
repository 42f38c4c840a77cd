package proxy

import (
	"context"
	"net/netip"
	"sync"

	"sipid/pbx"
)

// SetEndpoints says where targets with names are from now on. What is not in
// found stays where it is. It is safe to call while calls run: these end where
// they began.
func (p *Proxy) SetEndpoints(found pbx.Endpoints) {
	p.setting.Lock()
	defer p.setting.Unlock()
	p.groups.Settle(found)
	p.known.Store(newPeers(p.router, p.edges, p.groups))
	for _, g := range p.groups.Pools() {
		for _, t := range g.Targets() {
			p.watching.start(p, t)
		}
	}
}

// peers is who may send and where we may send now.
func (p *Proxy) peers() *peers { return p.known.Load() }

func (p *Proxy) hostOf(a netip.Addr) string { return p.peers().hostOf(a) }

// watching is the probes that run.
type watching struct {
	mu      sync.Mutex
	running sync.WaitGroup
	ctx     context.Context      // nil: nobody watches
	all     map[*pbx.Target]bool // who is watched
}

// start watches a target, unless somebody does or its group does not want it.
func (w *watching) start(p *Proxy, t *pbx.Target) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ctx == nil || w.all[t] || t.Group.Probe.Interval <= 0 {
		return
	}
	w.all[t] = true
	ctx := w.ctx
	w.running.Go(func() {
		p.watch(ctx, t)
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.all, t)
	})
}
