package vas

import (
	"context"
	"sync"
)

// block is a range of counters that this process alone may use.
type block struct{ next, end uint64 }

func (b block) left() uint64 { return b.end - b.next }

// counters hands out counters from leased blocks. The next block is leased while
// half of the current one is left, so that an issue seldom waits for a lease.
type counters struct {
	size  uint64 // of a block
	lease func(ctx context.Context, n uint64) (uint64, error)

	mu      sync.Mutex
	current block
	spare   block
	running *leasing // nil: none
}

// leasing is one lease on its way; err may be read when done is closed.
type leasing struct {
	done chan struct{}
	err  error
}

// take gives the next counter.
func (c *counters) take(ctx context.Context) (uint64, error) {
	for {
		n, wait := c.try()
		if wait == nil {
			return n, nil
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-wait.done:
			if wait.err != nil {
				return 0, wait.err
			}
		}
	}
}

// try gives a counter, or the lease to wait for.
func (c *counters) try() (uint64, *leasing) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.current.left() == 0 {
		c.current, c.spare = c.spare, block{}
	}
	left := c.current.left()
	if left <= c.size/2 && c.spare.left() == 0 && c.running == nil {
		c.running = &leasing{done: make(chan struct{})}
		go c.fetch(c.running)
	}
	if left == 0 {
		return 0, c.running
	}
	n := c.current.next
	c.current.next++
	return n, nil
}

// fetch leases a block. It does not end with the issue that happened to start
// it: others wait for the same block.
func (c *counters) fetch(l *leasing) {
	first, err := c.lease(context.Background(), c.size)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil {
		c.spare = block{next: first, end: first + c.size}
	}
	l.err = err
	c.running = nil
	close(l.done)
}

// drop forgets the blocks that were leased before or with counter n: they are as
// stale as n is.
func (c *counters) drop(n uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, b := range []*block{&c.current, &c.spare} {
		if b.end <= n+c.size {
			*b = block{}
		}
	}
}
