package e2e_test

import (
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// slow entries wait for a timer of sipid's.
func (e *tortureEntry) slow() bool { return e.Special == "stall" || e.Special == "slow" }

// alone entries use many connections, or much of the machine.
func (e *tortureEntry) alone() bool {
	return !e.plain() && slices.Contains([]string{"split", "endless", "flood-then", "burst", "sweep", "bytewise"}, e.Special)
}

// bytewise sends each octet in a segment of its own.
func (c *tortureCase) bytewise() string {
	raw := c.prepare(c.raw(), c.tag)
	c.sent = raw
	for i := range len(raw) {
		if c.caller.send(raw[i:i+1]) != nil {
			break
		}
		time.Sleep(200 * time.Microsecond)
	}
	c.settle()
	return c.judge()
}

// split sends the message in two segments, cut at every place in turn, each over a connection of its own.
func (c *tortureCase) split() string {
	raw := c.prepare(c.raw(), c.tag)
	slots := make(chan bool, 8)
	var running sync.WaitGroup
	for at := 1; at < len(raw); at += max(c.e.Arg.Step, 1) {
		slots <- true
		running.Go(func() {
			defer func() { <-slots }()
			if !c.cutAt(at) {
				c.fail("cut at %d: not served", at)
			}
		})
	}
	running.Wait()
	for _, f := range c.requests() {
		if methodOf(f) == "INVITE" {
			c.sent = raw
			c.judgeBody(f, c.identity(f))
		}
	}
	return "messages:all"
}

func (c *tortureCase) cutAt(at int) bool {
	one := c.d.newCase(&tortureEntry{Name: c.e.Name, Transport: "tcp"}, "tcp")
	if err := one.dial(); err != nil {
		c.fail("connect: %v", err)
		return true
	}
	defer one.caller.close()
	one.sent = one.prepare(c.raw(), one.tag)
	at = min(at, len(one.sent)-1)
	_ = one.caller.send(one.sent[:at])
	time.Sleep(2 * time.Millisecond)
	_ = one.caller.send(one.sent[at:])
	ok := one.until(2*time.Second, func() bool { return len(one.finals()) > 0 })
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fw = append(c.fw, one.forwarded()...)
	return ok
}

// endless sends one thing after the other and wants to be cut off.
func (c *tortureCase) endless() string {
	raw := c.prepare(c.raw(), c.tag)
	c.sent = raw
	_ = c.caller.send(raw)
	chunk, sent := strings.Repeat(c.e.Arg.Unit, 4096/len(c.e.Arg.Unit)), 0
	for sent < c.e.Arg.Max && !c.caller.isClosed() {
		err := c.caller.send(chunk)
		sent += len(chunk)
		time.Sleep(2 * time.Millisecond) // the peer's kernel takes some MB on its own
		if errors.Is(err, os.ErrDeadlineExceeded) {
			break
		}
	}
	c.until(3*time.Second, c.caller.isClosed)
	if sent >= c.e.Arg.Max {
		c.fail("took %d octets", sent)
	}
	return c.judge()
}

// floodThen sends much of the same, and then a call: either the connection is closed or the call is served.
func (c *tortureCase) floodThen() string {
	raw := c.raw()
	for range c.e.Arg.Times {
		if c.caller.send(raw) != nil {
			break
		}
	}
	c.sent = strings.Replace(c.prepare(c.base(), c.tag), "SIP/2.0/UDP", "SIP/2.0/TCP", 1)
	_ = c.caller.send(c.sent)
	if !c.until(3*time.Second, func() bool { return c.caller.isClosed() || len(c.finals()) > 0 }) {
		c.fail("neither closed nor served")
	}
	if c.caller.isClosed() {
		return "close"
	}
	return "messages:1"
}

// stalled sends a beginning and nothing more.
func (c *tortureCase) stalled() string {
	raw := c.prepare(c.raw(), c.tag)
	c.sent = raw
	_ = c.caller.send(raw)
	c.until(time.Duration(c.e.Arg.Limit)*time.Second, c.caller.isClosed)
	return c.judge()
}

// slowly sends an octet a second of a head that never ends.
func (c *tortureCase) slowly() string {
	raw := c.prepare(c.raw(), c.tag)
	c.sent = raw
	for i := 0; i < c.e.Arg.Limit && !c.caller.isClosed(); i++ {
		k := i % (len(raw) - 8)
		_ = c.caller.send(raw[k : k+1])
		c.until(time.Second, c.caller.isClosed)
	}
	return c.judge()
}

// burst sends many messages that mean nothing, and then a call, which has to be served.
func (c *tortureCase) burst() string {
	raw := c.prepare(c.raw(), c.tag)
	c.sent = raw
	for i := range c.e.Arg.Count {
		_ = c.caller.send(strings.ReplaceAll(raw, c.tag, c.tag+"n"+strconv.Itoa(i)))
		if i%50 == 49 {
			time.Sleep(2 * time.Millisecond)
		}
	}
	c.until(200*time.Millisecond, func() bool { return false })
	if n := len(c.finals()); c.e.Arg.Answered != nil && n > *c.e.Arg.Answered {
		c.fail("%d answers", n)
	}
	if bad := c.servedWithin(5 * time.Second); len(bad) > 0 {
		c.fail("the call after it: %s", strings.Join(bad, "; "))
	}
	return "survives"
}

// servedWithin makes calls until one is served as any call is; while the burst's queue stands they may be refused. It
// gives what was wrong with the last one.
func (c *tortureCase) servedWithin(limit time.Duration) []string {
	for end := time.Now().Add(limit); ; {
		next := c.d.newCase(&tortureEntry{Name: "base-sipi-invite", Expect: "forward", Checks: []string{"identified"}, Transport: "udp"}, "udp")
		next.play()
		if len(next.bad) == 0 || time.Now().After(end) {
			return next.bad
		}
	}
}
