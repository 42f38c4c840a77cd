package proxy

import (
	"context"
	"sync"
	"time"
)

// The wheel's tick is fine against T1 (500 ms) and coarse enough that an idle
// process hardly wakes. One round reaches past 64*T1 (32 s); what is due later
// (Timer C) is parked in the last slot and comes round again.
const (
	wheelTick  = 20 * time.Millisecond
	wheelSlots = 4096
)

// wheelEntry is one place in the wheel, held inside its transaction; prev is
// nil when it is not in the wheel. The wheel's mutex guards it.
type wheelEntry struct {
	tx         *transaction
	prev, next *wheelEntry
	tick       int64
}

// wheel is the one timer of all transactions: a ring of lists, one for each tick.
type wheel struct {
	mu    sync.Mutex
	start time.Time
	done  int64 // ticks handled so far
	slots [wheelSlots]wheelEntry
}

func newWheel() *wheel {
	w := &wheel{start: time.Now()}
	for i := range w.slots {
		head := &w.slots[i]
		head.prev, head.next = head, head
	}
	return w
}

// now is the time since the wheel was made, on the monotonic clock: a jump of
// the wall clock moves no timer.
func (w *wheel) now() time.Duration { return time.Since(w.start) }

// schedule makes e fire at the given time, or a tick later. An entry that is in
// the wheel already is moved.
func (w *wheel) schedule(e *wheelEntry, at time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if e.prev != nil {
		e.unlink()
	}
	e.tick = int64((at + wheelTick - 1) / wheelTick)
	w.link(e)
}

// link files e under its tick, or as far ahead as one round goes.
func (w *wheel) link(e *wheelEntry) {
	slot := min(max(e.tick, w.done+1), w.done+wheelSlots-1)
	head := &w.slots[slot%wheelSlots]
	e.prev, e.next = head.prev, head
	head.prev.next, head.prev = e, e
}

func (e *wheelEntry) unlink() {
	e.prev.next, e.next.prev = e.next, e.prev
	e.prev, e.next = nil, nil
}

// due takes all entries out whose time has come and appends them to list.
func (w *wheel) due(list []*wheelEntry) []*wheelEntry {
	w.mu.Lock()
	defer w.mu.Unlock()
	for until := int64(w.now() / wheelTick); w.done < until; {
		w.done++
		head := &w.slots[w.done%wheelSlots]
		for e := head.next; e != head; e = head.next {
			e.unlink()
			if e.tick > w.done {
				w.link(e)
				continue
			}
			list = append(list, e)
		}
	}
	return list
}

// run fires what is due until ctx is done.
func (w *wheel) run(ctx context.Context, fire func(*transaction)) {
	ticker := time.NewTicker(wheelTick)
	defer ticker.Stop()
	var list []*wheelEntry
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		list = w.due(list[:0])
		for i, e := range list {
			fire(e.tx)
			list[i] = nil
		}
	}
}
