package e2e_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"
)

// T6: a PBX that answers probes and not calls, or refuses all of them, is found out by its calls; one that is only slow to
// ring is not.
func TestFailureT06HalfDead(t *testing.T) {
	if !failure(t) {
		return
	}
	t.Run("trying", onlyTrying)
	t.Run("silent", func(t *testing.T) { halfDead(t, "failure-pbx-silent.xml", call{}, true) })
	t.Run("503", func(t *testing.T) {
		halfDead(t, "failure-pbx-refuses.xml", call{Status: "503 Service Unavailable"}, true)
	})
	t.Run("slow", func(t *testing.T) {
		halfDead(t, "failure-pbx-slow.xml", hi(int(full(8*time.Second, 3*time.Second)/time.Millisecond), 500), false)
	})
}

// onlyTrying: a PBX that says 100 and nothing more keeps the calls that meet it until the caller gives up, which reaches
// it; those that another PBX has are none of its business.
func onlyTrying(t *testing.T) {
	s := newSite(t, siteOptions{pbxs: 2, group: probing})
	s.nodes[0].start()
	s.pbx(0, "failure-pbx-trying.xml", hi(200, 500))
	s.pbx(1, "failure-pbx.xml", hi(200, 500))
	seconds := int(full(60*time.Second, 8*time.Second) / time.Second)
	trunk := startSIPp(t, "failure-trunk-impatient.xml", hi(5000, 500), netip.AddrPortFrom(trunkIP, 5090), s.entry,
		"-m", fmt.Sprint(4*seconds), "-r", "4", "-recv_timeout", "60000")
	trunk.rude = true
	s.settle(trunk, time.Duration(seconds)*time.Second+trunkTail)
	s.wire.close()
	hung, given, well, lost := 0, 0, 0, 0
	s.wire.each(0, s.wire.now(), func(c *wireCall) {
		switch there := len(c.legs) > 0 && c.legs[0].pbx == s.pbxs[0].Addr(); {
		case there && c.status == 487:
			hung, given = hung+1, given+1
		case there:
			hung++
		case c.status == 200 && c.byeOK:
			well++
		default:
			lost++
		}
	})
	s.want(hung > 0 && given == hung, "100 and nothing more: %d calls hung there, %d of them ended by the caller's CANCEL", hung, given)
	s.want(well > 0 && lost == 0, "%d of %d others lost", lost, lost+well)
}

// halfDead calls slowly, since "within ten calls" counts calls that were begun before the first came to nothing.
func halfDead(t *testing.T, scenario string, ill call, found bool) {
	s := newSite(t, siteOptions{pbxs: 2, group: probing})
	s.nodes[0].start()
	s.pbx(0, scenario, ill)
	c := hi(200, 500)
	s.pbx(1, "failure-pbx.xml", c)
	seconds := int(full(60*time.Second, 12*time.Second) / time.Second)
	trunk := s.trunk(c, 4, 4*seconds)
	s.settle(trunk, time.Duration(seconds)*time.Second+trunkTail)
	s.wire.close()
	offered, refusal := 0, time.Duration(0)
	s.wire.each(0, s.wire.now(), func(c *wireCall) {
		for i, l := range c.legs {
			if l.pbx == s.pbxs[0].Addr() {
				offered++
				if i+1 < len(c.legs) {
					refusal = max(refusal, c.legs[i+1].at-l.at)
				}
			}
		}
	})
	all := s.tally(0, s.wire.now())
	s.want(all.calls > 0 && all.lost == 0, "%s: %d of %d calls lost %v", t.Name()[len("TestFailureT06HalfDead/"):], all.lost, all.calls, all.why)
	if !found {
		s.want(offered > seconds, "not taken for dead, %d calls there", offered)
		return
	}
	trials := seconds/5 + 1
	s.want(offered <= 10+trials, "%d calls there in %d s, at most 10 and one in five seconds", offered, seconds)
	if ill.Status != "" {
		s.want(refusal <= 50*time.Millisecond, "the next one called at most %s after a refusal", ms(refusal))
	}
}
