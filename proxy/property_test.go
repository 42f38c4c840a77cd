package proxy_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

var propertyRounds = flag.Int("property-rounds", 60, "random calls of the transaction property test")

// chaos is one random call: what came at each party, as a referee sees it.
type chaos struct {
	mu     sync.Mutex
	finals map[string]bool         // status lines of final responses to the INVITE at the caller
	oneXX  map[netip.AddrPort]bool // who answered the INVITE with a 1xx
	faults []string
}

func (c *chaos) fault(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults = append(c.faults, fmt.Sprintf(format, args...))
}

// TestTransactionProperties throws random events at the transaction machine:
// retransmissions, CANCEL, responses of every class in any order, loss, and
// silence, to one target and to two. What must hold whatever happens: the caller
// gets one final response (and ACKs end its repetition), no CANCEL goes to who
// has not said anything, and in the end nothing is kept.
func TestTransactionProperties(t *testing.T) {
	for i := range *propertyRounds {
		seed := uint64(i) + 1
		t.Run(fmt.Sprintf("Seed%d", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := start(t, newWire(), two)
				defer r.stop()
				c := playChaos(r, rand.New(rand.NewPCG(seed, 7)))
				time.Sleep(450 * time.Second) // Timer C, its CANCEL, and all that follows
				if server, client := r.proxy.Held(); server != 0 || client != 0 {
					t.Errorf("kept %d transactions and %d attempts", server, client)
				}
				c.mu.Lock()
				defer c.mu.Unlock()
				if len(c.finals) > 1 {
					t.Errorf("several final responses: %v", c.finals)
				}
				for _, f := range c.faults {
					t.Error(f)
				}
			})
		})
	}
}

// playChaos runs the caller and both targets for a random while.
func playChaos(r *rig, rnd *rand.Rand) *chaos {
	c := &chaos{finals: make(map[string]bool), oneXX: make(map[netip.AddrPort]bool)}
	var lossMu sync.Mutex
	loss := rnd.Float64() * 0.3
	lossy := rand.New(rand.NewPCG(rnd.Uint64(), 1))
	r.wire.losing(func(_, _ netip.AddrPort, _ string) bool {
		lossMu.Lock()
		defer lossMu.Unlock()
		return lossy.Float64() < loss
	})
	inv := call{id: "chaos", branch: "z9hG4bKchaos"}
	stop := make(chan struct{})
	var parties sync.WaitGroup
	parties.Go(func() { c.caller(r, inv, stop) })
	for _, a := range []netip.AddrPort{pbxAddr, pbx2Addr} {
		own := rand.New(rand.NewPCG(rnd.Uint64(), 2))
		parties.Go(func() { c.target(r.peer(a), own, stop) })
	}
	for range 1 + rnd.IntN(4) {
		r.trunk.send(inv.invite())
		time.Sleep(time.Duration(rnd.IntN(1500)) * time.Millisecond)
	}
	if rnd.IntN(2) == 0 {
		time.Sleep(time.Duration(rnd.IntN(5000)) * time.Millisecond)
		for range 1 + rnd.IntN(3) {
			r.trunk.send(inv.cancel(""))
			time.Sleep(500 * time.Millisecond)
		}
	}
	time.Sleep(time.Duration(rnd.IntN(60)) * time.Second)
	r.wire.losing(nil) // the end of a bad connection: what was started gets a chance to finish
	go func() {
		time.Sleep(440 * time.Second)
		close(stop)
	}()
	r.t.Cleanup(parties.Wait)
	return c
}

// caller acknowledges what it gets, and is the referee of it.
func (c *chaos) caller(r *rig, inv call, stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		case got := <-r.trunk.in:
			m := message(got.text)
			if !strings.HasPrefix(got.text, "SIP/2.0 ") {
				continue // a BYE of a target
			}
			status := got.text[8:11]
			if !strings.HasSuffix(m.all("CSeq")[0], "INVITE") || status < "200" {
				continue
			}
			c.mu.Lock()
			key := status
			if status[0] == '2' {
				key += m.all("To")[0]
			}
			c.finals[key] = true
			c.mu.Unlock()
			if status >= "300" {
				r.trunk.send(inv.ackRefusal(m))
			}
		}
	}
}

// target answers INVITEs at random, or not at all.
func (c *chaos) target(p *peer, rnd *rand.Rand, stop <-chan struct{}) {
	answers := []string{"100 Trying", "180 Ringing", "183 Session Progress", "200 OK", "486 Busy Here", "503 Service Unavailable", "404 Not Found", "603 Decline"}
	silent := rnd.IntN(5) == 0
	for {
		select {
		case <-stop:
			return
		case got := <-p.in:
			m := message(got.text)
			switch {
			case strings.HasPrefix(got.text, "INVITE") && !silent:
				for range 1 + rnd.IntN(4) {
					a := answers[rnd.IntN(len(answers))]
					if a < "2" {
						c.mu.Lock()
						c.oneXX[p.addr] = true
						c.mu.Unlock()
					}
					time.Sleep(time.Duration(rnd.IntN(700)) * time.Millisecond)
					p.send(m.answer(a, "t"+p.addr.String()[5:7], "Contact: <sip:8001@"+p.addr.String()+">"))
				}
			case strings.HasPrefix(got.text, "CANCEL"):
				c.mu.Lock()
				heard := c.oneXX[p.addr]
				c.mu.Unlock()
				if !heard {
					c.fault("CANCEL to %s, which said nothing", p.addr)
				}
				p.send(m.answer("200 OK", "t"))
			case strings.HasPrefix(got.text, "BYE"):
				p.send(m.answer("200 OK", "t"))
			}
		}
	}
}
