package proxy

import (
	"net/netip"
	"time"

	"sipid/transport"
)

// Passing runs whole calls through a proxy without a network, for what they
// cost. The clock is set forward with every call, so that as many calls are held
// as would be at a certain rate, and are forgotten in their time.
type Passing struct {
	w     *worker
	clock *worker
	step  time.Duration
	tick  time.Duration
	list  []*wheelEntry
}

// NewPassing passes calls; held are kept at a time.
func NewPassing(p *Proxy, held int) *Passing {
	return &Passing{w: newWorker(p), clock: newWorker(p), step: lifetime / time.Duration(held)}
}

// Message handles a message.
func (c *Passing) Message(b []byte, from netip.AddrPort) bool {
	return c.w.handle(b, transport.Flow{By: c.w.p.transport.Listeners()[0], Addr: from})
}

// Pass lets the time of one call pass, and fires what is due.
func (c *Passing) Pass() {
	p := c.w.p
	p.wheel.start = p.wheel.start.Add(-c.step)
	if c.tick += c.step; c.tick < wheelTick {
		return
	}
	c.tick = 0
	c.list = p.wheel.due(c.list[:0])
	for _, e := range c.list {
		c.clock.fire(e.tx)
	}
}

// Overload has more calls come than can be taken, from now on. The guard's clock
// stands still: there are no pauses.
func (c *Passing) Overload() {
	o := &c.w.p.overload
	o.mu.Lock()
	defer o.mu.Unlock()
	at := o.now()
	o.now = func() time.Duration { return at }
	o.queues[0].look(at)
	o.begin(at, &o.queues[0])
	o.watching.Store(true)
}

// Late handles a message that waited for longer than one may in overload.
func (c *Passing) Late(b []byte, from netip.AddrPort) {
	p := c.w.p
	p.overload.credit = refusedMost
	handler{p}.Message(b, transport.Flow{By: p.transport.Listeners()[0], Addr: from, Waited: 2 * refuseAge})
}
