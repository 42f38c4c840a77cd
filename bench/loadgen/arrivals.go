package main

import (
	"math/rand"
	"net/netip"
	"syscall"
	"time"
)

// pacer starts the calls, answers and hangs up when that is due, and
// retransmits: all that is done by the clock is done by one thread.
type pacer struct {
	g       *generator
	rng     *rand.Rand
	arena   arena
	scratch []byte
	next    float64 // when the next call is due, ns
	gap     float64
	from    int64 // beginning and end of the measured window
	end     int64
	index   int
	active  []int32
	scanAt  int64
}

// pace returns when the last call is over.
func (g *generator) pace(start time.Time) {
	p := &pacer{g: g, rng: rand.New(rand.NewSource(g.c.seed)), gap: 1e9 / g.c.cps, scratch: make([]byte, 0, packetMax)}
	p.next = float64(start.UnixNano())
	p.from = start.UnixNano() + int64(g.c.warmup)
	p.end = p.from + int64(g.c.duration)
	p.scanAt = start.UnixNano()
	last := p.end + int64(g.c.timeout) + int64(2*time.Second)
	for {
		now := p.arrivals(time.Now().UnixNano())
		g.due(&g.answers, now, g.answer)
		g.due(&g.hangups, now, g.hangup)
		p.scan(now)
		over := int64(p.next) >= p.end || p.index >= len(g.calls)
		if over && (len(p.active) == 0 || now > last) {
			return
		}
		p.sleep(now, over)
	}
}

// arrivals starts every call that is due.
func (p *pacer) arrivals(now int64) int64 {
	for p.index < len(p.g.calls) && int64(p.next) < p.end && int64(p.next) <= now {
		p.start()
		if p.g.c.arrival == "uniform" {
			p.next += p.gap
		} else {
			p.next += p.rng.ExpFloat64() * p.gap
		}
		now = time.Now().UnixNano()
	}
	return now
}

// start makes one call: a random row of the table, a random serial and caller.
func (p *pacer) start() {
	g := p.g
	c := &g.calls[p.index]
	c.client = &g.clients[p.rng.Intn(len(g.clients))]
	c.serial = uint64(p.rng.Int63n(pow10(c.client.serialDigits)))
	c.calling = uint32(p.rng.Intn(100_000_000))
	c.socket = uint8(p.index % len(g.uac))
	c.byUAS = g.c.bye == "uas" || g.c.bye == "mix" && p.index%2 == 1
	c.measured = int64(p.next) >= p.from
	p.scratch = g.appendInvite(p.scratch[:0], p.index, c)
	c.invite = p.arena.keep(p.scratch)
	c.mu.Lock()
	c.state = stateInvited
	c.resendGap = int64(g.c.t1)
	c.started = time.Now().UnixNano()
	c.resendAt = c.started + c.resendGap
	if c.measured {
		g.delays.add(delayLag, c.started-int64(p.next))
	}
	c.mu.Unlock()
	g.send(g.uac[c.socket], c.invite, &g.target)
	g.count.started.Add(1)
	p.active = append(p.active, int32(p.index))
	p.index++
}

// scan looks at the timers of all calls that go on, every 20 ms.
func (p *pacer) scan(now int64) {
	if now < p.scanAt {
		return
	}
	p.scanAt = now + int64(20*time.Millisecond)
	keep := p.active[:0]
	for _, i := range p.active {
		if p.g.retransmit(&p.g.calls[i], now) {
			keep = append(keep, i)
		}
	}
	p.active = keep
}

// sleep waits for what is due first. The kernel's own call: a Go timer costs a
// wake-up more.
func (p *pacer) sleep(now int64, over bool) {
	wait := int64(time.Millisecond)
	if !over {
		wait = min(wait, int64(p.next)-now)
	}
	wait = min(wait, p.g.answers.head()-now, p.g.hangups.head()-now)
	if wait > int64(20*time.Microsecond) {
		ts := syscall.NsecToTimespec(wait)
		_ = syscall.Nanosleep(&ts, nil) // woken early: the loop looks again
	}
}

func pow10(n int) int64 {
	v := int64(1)
	for range n {
		v *= 10
	}
	return v
}

func portAfter(a netip.AddrPort, n int) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr(), a.Port()+uint16(n))
}
