package e2e_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// probing is a PBX group that notices within a few seconds.
const probing = "    probe: {interval: 1s, timeout: 1s, down_after: 2, up_after: 2}\n"

// firstOnes bounds the calls that meet a dead PBX before it is marked, later those behind the mark.
const (
	firstOnes = 1500 * time.Millisecond
	marked    = 5 * time.Millisecond
)

// trunkTail is longer than a call that is well takes to its end.
const trunkTail = 12 * time.Second

// failover is the rig of T4 and T5: one of two PBXs dies at 100 calls/s.
func failover(t *testing.T, die func(s *site, victim *sipp) (restore func())) {
	s := newSite(t, siteOptions{pbxs: 2, group: probing})
	s.nodes[0].start()
	c := hi(500, 1000)
	victim, _ := s.pbx(0, "failure-pbx.xml", c), s.pbx(1, "failure-pbx.xml", c)
	seconds := int(full(60*time.Second, 7*time.Second) / time.Second)
	trunk := s.trunk(c, 100, 100*seconds)
	time.Sleep(3 * time.Second)
	dead := s.wire.now()
	restore := die(s, victim)
	eventually(t, 30*time.Second, "the PBX is marked", func() bool { return strings.Contains(string(s.nodes[0].output()), "PBX target out") })
	mark := s.wire.now()
	if restore != nil {
		time.Sleep(full(10*time.Second, 2*time.Second))
		restore()
	}
	s.settle(trunk, within(time.Duration(seconds)*time.Second, 5*time.Second))
	s.wire.close()
	first, then := s.tally(dead, mark), s.tally(mark+200*time.Millisecond, mark+2*time.Second)
	all := s.tally(0, s.wire.now())
	s.note("%d calls at 100/s, marked after %v", all.calls, (mark - dead).Round(10*time.Millisecond))
	s.want(first.quantile(1) <= within(firstOnes, 5*time.Second), "first calls at most %s later", ms(first.quantile(1)))
	s.want(then.quantile(0.99) <= within(marked, 2*time.Second), "once marked p99 %s", ms(then.quantile(0.99)))
	// A call that the PBX had in hand when it died is gone with it.
	after := s.tally(dead, s.wire.now())
	s.want(after.lost == 0, "%d of %d later ones lost %v", after.lost, after.calls, after.why)
	s.want(all.twoAnswered == 0, "%d with two answered legs", all.twoAnswered)
}

func TestFailureT04Killed(t *testing.T) {
	if failure(t) {
		failover(t, func(_ *site, victim *sipp) func() { victim.kill(); return nil })
	}
}

func TestFailureT05Silent(t *testing.T) {
	if failure(t) {
		failover(t, func(s *site, _ *sipp) func() {
			return s.drop(fmt.Sprintf("ip daddr %s udp dport %d", s.pbxs[0].Addr(), s.pbxs[0].Port()))
		})
	}
}

// Every PBX is cut off for a while, so that all look dead: calls flow again at once when they are back.
func TestFailureT07AllDead(t *testing.T) {
	if !failure(t) {
		return
	}
	s := newSite(t, siteOptions{pbxs: 2, group: probing})
	s.nodes[0].start()
	c := hi(200, 500)
	s.pbx(0, "failure-pbx.xml", c)
	s.pbx(1, "failure-pbx.xml", c)
	away := full(10*time.Second, 5*time.Second)
	trunk := s.trunk(c, 50, 50*int(3+away/time.Second+5))
	time.Sleep(3 * time.Second)
	restore := s.drop("ip saddr 127.0.0.16/28 udp dport 5070")
	time.Sleep(away)
	if n := strings.Count(string(s.nodes[0].output()), "PBX target out"); n < 2 {
		t.Errorf("%d PBXs are marked, the test wants both", n)
	}
	restore()
	back := s.wire.now()
	s.settle(trunk, trunkTail)
	s.wire.close()
	flow := time.Duration(0)
	s.wire.each(back, back+3*time.Second, func(c *wireCall) {
		if c.status == 200 && (flow == 0 || c.final < flow) {
			flow = c.final
		}
	})
	later := s.tally(back+2*time.Second, s.wire.now())
	s.want(flow > 0 && flow-back <= 2*time.Second, "all PBXs cut off for %v; first new call answered %s after", away, ms(flow-back))
	s.want(later.lost == 0, "%d of %d from 2 s after lost %v", later.lost, later.calls, later.why)
	during := s.tally(back-away, back)
	s.note("%d of %d begun meanwhile came to nothing %v", during.lost, during.calls, during.why)
}

// flaps is how often a target may change its state that is away and back for a time each, so many times, and then back for
// a rest: it goes out whenever it is away, at once, and comes back as soon as it is there and its hold is over. The hold is
// nothing at first, then holdFirst of pbx/health.go, then twice as long each time up to holdMost.
func flaps(times int, each, rest time.Duration) (changes int) {
	const first, most = 15 * time.Second, time.Minute
	end := 2*time.Duration(times)*each + rest
	for i, hold := 0, time.Duration(0); i < times; hold = min(max(2*hold, first), most) {
		over := 2*time.Duration(i)*each + hold
		for i++; i < times && 2*time.Duration(i)*each <= over; i++ {
		}
		back := max(over, 2*time.Duration(i)*each-each)
		if changes++; back > end {
			break
		}
		changes++
	}
	return changes
}

// A PBX that comes and goes every three seconds.
func TestFailureT08Flapping(t *testing.T) {
	if !failure(t) {
		return
	}
	s := newSite(t, siteOptions{pbxs: 2, group: probing})
	s.nodes[0].start()
	c := hi(200, 500)
	s.pbx(0, "failure-pbx.xml", c)
	s.pbx(1, "failure-pbx.xml", c)
	times := int(full(300*time.Second, 30*time.Second) / (6 * time.Second))
	trunk := s.trunk(c, 50, 50*(times*6+2))
	time.Sleep(time.Second)
	for range times {
		restore := s.drop(fmt.Sprintf("ip daddr %s udp dport %d", s.pbxs[0].Addr(), s.pbxs[0].Port()))
		time.Sleep(3 * time.Second)
		restore()
		time.Sleep(3 * time.Second)
	}
	s.settle(trunk, trunkTail)
	s.wire.close()
	log := string(s.nodes[0].output())
	changes := strings.Count(log, "PBX target out") + strings.Count(log, "PBX target back")
	all := s.tally(0, s.wire.now())
	allowed := flaps(times, 3*time.Second, trunkTail)
	s.want(changes <= allowed, "%d changes of state in %d s (%d allowed)", changes, times*6, allowed)
	s.want(all.lost == 0, "%d of %d calls lost %v", all.lost, all.calls, all.why)
	s.want(all.twoAnswered == 0, "%d with two answered legs", all.twoAnswered)
}
