package e2e_test

import (
	"strings"
	"testing"
	"time"
)

// A PBX is drained while it has calls: those go on to their BYE, new ones go elsewhere within a second. A restart keeps
// the drain, enable ends it.
func TestTargetDrain(t *testing.T) {
	if !failure(t) {
		return
	}
	s := newSite(t, siteOptions{pbxs: 2})
	node := s.nodes[0]
	node.start()
	c := hi(200, 3000)
	s.pbx(0, "failure-pbx.xml", c)
	s.pbx(1, "failure-pbx.xml", c)
	first := "sip:" + s.pbxs[0].String()
	target := func(what string) {
		t.Helper()
		command(t, s.dir, s.bin, "target", what, first, "--config", node.config)
	}
	trunk := s.trunk(c, 40, 320)
	time.Sleep(4 * time.Second)
	target("drain")
	drained := s.wire.now()
	if _, busy := s.offered(0, drained); busy == 0 {
		t.Error("the PBX had no calls: nothing is shown")
	}
	s.settle(trunk, trunkTail)
	list := command(t, s.dir, s.bin, "target", "list", "--url", "http://"+node.http, "-o", "csv")
	if !strings.Contains(list, first+","+s.pbxs[0].String()+",drained,") {
		t.Errorf("target list:\n%s", list)
	}
	node.terminate()
	if err := node.wait(10 * time.Second); err != nil {
		t.Errorf("drain of the process: %v", err)
	}
	node.start()
	again := s.wire.now()
	s.settle(s.trunk(c, 40, 40), trunkTail)
	target("enable")
	enabled := s.wire.now()
	time.Sleep(time.Second)
	s.settle(s.trunk(c, 40, 40), trunkTail)
	s.wire.close()

	before, _ := s.offered(0, drained)
	late, _ := s.offered(drained+time.Second, again)
	restarted, _ := s.offered(again, enabled)
	back, _ := s.offered(enabled, s.wire.now())
	all := s.tally(0, s.wire.now())
	s.want(before > 0 && late == 0, "%d calls before the drain, %d from a second after it", before, late)
	s.want(restarted == 0, "%d after a restart", restarted)
	s.want(back > 0, "%d once enabled", back)
	s.want(all.lost == 0 && all.inDialogLost == 0, "%d of %d calls lost %v, %d BYEs without an answer", all.lost, all.calls, all.why, all.inDialogLost)
}

// offered counts the calls that came to the first PBX in a time, and those of them that are up now.
func (s *site) offered(from, to time.Duration) (calls, up int) {
	s.wire.each(0, s.wire.now(), func(c *wireCall) {
		for _, l := range c.legs {
			if l.pbx == s.pbxs[0].Addr() && l.at >= from && l.at < to {
				calls++
				if l.answered && !l.ended {
					up++
				}
			}
		}
	})
	return calls, up
}
