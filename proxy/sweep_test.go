package proxy_test

import (
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"testing/synctest"
)

// spellingsOf are the spellings of a name with one or two octets before or behind
// it: all single ones and a sample of the pairs, the same each time; with
// SIPID_LONG all 65 536 pairs.
func spellingsOf(name string) []string {
	pairs := 1024
	if os.Getenv("SIPID_LONG") != "" {
		pairs = 65536
	}
	var list []string
	for i := range 256 {
		one := string([]byte{byte(i)})
		list = append(list, one+name, name+one)
	}
	for _, i := range rand.New(rand.NewPCG(5, 2)).Perm(65536)[:pairs] {
		two := string([]byte{byte(i >> 8), byte(i)})
		list = append(list, two+name, name+two)
	}
	return list
}

// harmless are 200 spellings of headers that are nobody's but their sender's.
func harmless() []string {
	names := []string{
		"Subject", "subject", "SUBJECT", "sUbJeCt", "s", "S", "X-Foo", "x.foo", "X!%*_+`'~-9", "P-Charging-Vector",
		"X-Access-I", "X-Access-IDs", "Access-ID", "X-Serial2", "XX-Serial", "X-Identify", "X.Access.ID", "X-Client-Endpoints", "5", "-",
	}
	spellings := []string{
		"%s: value", "%s:value", "%s : value", "%s\t:\t value \t", "%s:\r\n value", "%s:  a\r\n\tb\r\n  c", "%s:",
		"%s: \r\n ", "%s: \"a, \\\" b\" <sip:x@y>;q=1", "%s: 杭州 \xff\xfe \x7f",
	}
	var lines []string
	for _, name := range names {
		for _, s := range spellings {
			lines = append(lines, strings.Replace(s, "%s", name, 1)+"\r\n")
		}
	}
	return lines
}

// trustedIn are the trusted names that the most lenient reader sees in a message.
func trustedIn(m message) (names []string) {
	for _, line := range strings.FieldsFunc(m.head(), func(r rune) bool { return r == '\r' || r == '\n' })[1:] {
		if name, _, _ := strings.Cut(line, ":"); line[0] != ' ' && line[0] != '\t' && trustedNames[lenientName(name)] {
			names = append(names, name)
		}
	}
	return names
}

// passes gives what arrived of a message that was sent, empty when it went nowhere.
// Whatever the proxy sends its sender does not count.
func (p *peer) passes() message {
	synctest.Wait()
	select {
	case got := <-p.in:
		return message(got.text)
	default:
		return ""
	}
}

// sweepWay is a way of messages through the proxy that takes a line of the sender's.
type sweepWay struct {
	name     string
	from, to *peer
	make     func(line string) string
}

// ways are the responses of a call being set up, and the requests within one, in
// both directions. Those that begin a call are in the tests with real peers.
func (r *rig) ways() (ways []sweepWay, end func()) {
	c := call{id: "sweep", branch: "z9hG4bKsweep"}
	r.trunk.send(c.invite())
	ring := r.pbx.get("INVITE ")
	up := func(line string) string {
		return strings.Replace(ring.answer("180 Ringing", "agent"), "Content-Length", line+"Content-Length", 1)
	}
	other := call{id: "sweep2", branch: "z9hG4bKsweep2"}
	r.trunk.drain()
	invite, ok := r.answered(other)
	end = func() {
		r.trunk.drain()
		r.pbx.send(ring.answer("486 Busy Here", "agent"))
		r.trunk.send(c.ackRefusal(r.trunk.get("SIP/2.0 486")))
	}
	return []sweepWay{
		{"180", r.pbx, r.trunk, up},
		{"ACK of the caller", r.trunk, r.pbx, func(line string) string { return other.inDialog("ACK", "z9hG4bKsweep3", 1, ok, line) }},
		{"ACK of the called", r.pbx, r.trunk, func(line string) string {
			return strings.Replace(other.fromPBX("ACK", "z9hG4bKsweep4", invite), "Content-Length", line+"Content-Length", 1)
		}},
	}, end
}

// TestSweepThroughTheProxy puts octets round each trusted name, in responses and in
// requests of both directions: no reader, however lenient, sees it where it
// arrives. What is a name of its own, and all that is harmless, arrives as it was.
func TestSweepThroughTheProxy(t *testing.T) {
	run(t, nil, func(r *rig) {
		ways, end := r.ways()
		defer end()
		for _, way := range ways {
			r.trunk.drain()
			r.pbx.drain()
			passed := 0
			for name := range trustedNames {
				for _, spelling := range spellingsOf(name) {
					if way.carries(t, spelling, spelling+": evil\r\n") {
						passed++
					}
				}
			}
			for _, line := range harmless() {
				way.from.send(way.make(line))
				if got := way.to.passes(); !strings.Contains(string(got), "\r\n"+line) {
					t.Errorf("%s: %q does not pass unchanged: %q", way.name, line, got)
				}
			}
			if passed == 0 {
				t.Errorf("%s: nothing passed: the sweep tests nothing", way.name)
			}
			t.Logf("%s: %d passed", way.name, passed)
		}
	})
}

// carries sends a line with a spelling, and tells whether the message arrived.
func (way sweepWay) carries(t *testing.T, spelling, line string) bool {
	way.from.send(way.make(line))
	got := way.to.passes()
	if got != "" {
		if seen := trustedIn(got); len(seen) > 0 {
			t.Fatalf("%s: %q is seen as %q", way.name, spelling, seen)
		}
	}
	if isToken(spelling) && !trustedNames[lenientName(spelling)] && !strings.Contains(string(got), "\r\n"+line) {
		t.Fatalf("%s: %q is another header, and does not pass", way.name, spelling)
	}
	return got != ""
}

func isToken(s string) bool {
	return strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~") == ""
}
