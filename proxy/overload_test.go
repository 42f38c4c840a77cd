package proxy

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sipid/sipmsg"
	"sipid/transport"
)

// guard is an overload without a proxy, with two listeners, and the shares that
// the kernel was told.
type guard struct {
	overload
	udp, tcp *transport.Listener
	mu       sync.Mutex
	shares   []float64
}

func newGuard() *guard {
	g := &guard{udp: &transport.Listener{Network: transport.UDP}, tcp: &transport.Listener{Network: transport.TCP, Index: 1}}
	start := time.Now()
	g.now, g.entered, g.hurried, g.queues = func() time.Duration { return time.Since(start) }, func(bool) {}, func(bool) {}, make([]queue, 2)
	g.shedder = newShedder(func(share float64) {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.shares = append(g.shares, share)
	})
	return g
}

// One listener's calls wait, and those of another do not: they say nothing of its
// queue.
func TestQueueOfEachListener(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard()
		refused, invite := false, &sipmsg.Message{Method: sipmsg.MethodInvite}
		for range 55 {
			time.Sleep(5 * time.Millisecond)
			if g.refuses(&transport.Flow{By: g.tcp}, invite) {
				t.Fatal("one that did not wait was refused")
			}
			time.Sleep(5 * time.Millisecond)
			refused = g.refuses(&transport.Flow{By: g.udp, Waited: 30 * time.Millisecond}, invite)
		}
		if !refused {
			t.Error("a queue stands beside calls by TCP, and is no overload")
		}
	})
}

// Overload that begins again before the control has seen the end of the last sets
// the kernel's share all the same.
func TestOverloadAgainAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard()
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		go g.control(ctx)
		const worked = 200 * time.Millisecond
		begin := func(span time.Duration) {
			g.overload.mu.Lock()
			defer g.overload.mu.Unlock()
			if g.is {
				g.end()
			}
			g.begin(g.now(), &queue{worked: worked, span: span, calls: 100})
		}
		begin(worked / 2)
		time.Sleep(10 * time.Millisecond)
		begin(worked / 10)
		time.Sleep(300 * time.Millisecond)
		g.mu.Lock()
		defer g.mu.Unlock()
		if len(g.shares) != 1 || g.shares[0] > 0.25 {
			t.Errorf("the kernel was told %v", g.shares)
		}
	})
}

// The load is over: twice as much is let in with each step, no more, since what comes
// then are the repeats of all that was dropped.
func TestShareRises(t *testing.T) {
	s := newShedder(nil)
	s.capacity = 100
	for _, c := range []struct {
		share float64
		quiet time.Duration
		want  float64
	}{{0.2, 400 * time.Millisecond, 0.2}, {0.2, 600 * time.Millisecond, 0.4}, {0.6, 600 * time.Millisecond, 1}, {1, 600 * time.Millisecond, 1}} {
		s.share = c.share
		if got := s.nextShare(c.quiet); got != c.want {
			t.Errorf("a share of %v after %v without a refusal becomes %v", c.share, c.quiet, got)
		}
	}
}

// Where a queue seems to stand we hurry, overload or not, and no longer than it does.
func TestHurries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, invite := newGuard(), &sipmsg.Message{Method: sipmsg.MethodInvite}
		var told []bool
		g.hurried = func(is bool) { told = append(told, is) }
		call := func(waited time.Duration) {
			time.Sleep(10 * time.Millisecond)
			g.refuses(&transport.Flow{By: g.udp, Waited: waited}, invite)
		}
		for range 10 {
			call(19 * time.Millisecond)
		}
		for range 10 {
			call(25 * time.Millisecond)
		}
		if g.is || !slices.Equal(told, []bool{true}) {
			t.Errorf("after a queue that stands for 100 ms told %v, overload is %v", told, g.is)
		}
		call(time.Millisecond)
		if !slices.Equal(told, []bool{true, false}) {
			t.Errorf("after one that did not wait told %v", told)
		}
		call(25 * time.Millisecond) // and no other by this listener
		for range 110 {
			time.Sleep(10 * time.Millisecond)
			g.refuses(&transport.Flow{By: g.tcp}, invite)
		}
		if !slices.Equal(told, []bool{true, false, true, false}) {
			t.Errorf("a second after the last call by a listener, with others by another, told %v", told)
		}
	})
}
