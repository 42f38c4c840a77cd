package e2e_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// long tells whether tests may take minutes: scripts/failure sets it.
func long() bool { return os.Getenv("SIPID_LONG") != "" }

// TestTrustedNamesSweep puts octets round the names that the PBX trusts and sends that through a real sipid: all 256
// single ones and a sample of the 65 536 pairs, before and behind each name; with SIPID_LONG all pairs. Three readers
// look at what reaches the PBX, and none may see a trusted header that sipid did not write.
func TestTrustedNamesSweep(t *testing.T) {
	need(t)
	t.Parallel()
	d := newTortureDriver(t, "sdp")
	pairs := 512
	if long() {
		pairs = 65536
	}
	for _, name := range trustedNames {
		s := &nameSweep{c: d.newCase(&tortureEntry{Name: "sweep", Transport: "udp"}, "udp")}
		if err := s.c.dial(); err != nil {
			t.Fatal(err)
		}
		s.send(t, spellingsOf(name, pairs))
		s.c.caller.close()
	}
}

// spellingsOf are the spellings of a name with one or two octets more. A fixed seed makes the sample the same each time.
func spellingsOf(name string, pairs int) []string {
	var list []string
	for i := range 256 {
		one := string([]byte{byte(i)})
		list = append(list, one+name, name+one)
	}
	order := rand.New(rand.NewPCG(5, 1)).Perm(65536)[:pairs]
	for _, i := range order {
		two := string([]byte{byte(i >> 8), byte(i)})
		list = append(list, two+name, name+two)
	}
	return list
}

// nameSweep sends requests, some at a time, and looks at what becomes of them.
type nameSweep struct {
	c      *tortureCase
	mu     sync.Mutex
	passed int
	bad    []string
}

// sweepWindow requests are under way at a time, so that no buffer overflows.
const sweepWindow = 64

// send sends a MESSAGE for each spelling; sipid itself adds no trusted header to those.
func (s *nameSweep) send(t *testing.T, spellings []string) {
	t.Helper()
	var lost int
	for window := range slices.Chunk(spellings, sweepWindow) {
		before := s.c.caller.finals()
		for _, spelling := range window {
			one := s.c.d.newCase(s.c.e, "udp")
			one.sink = func(a arrival) { s.look(a, spelling) }
			raw := crlf("MESSAGE sip:95165@cc.example SIP/2.0", fmt.Sprintf("Via: SIP/2.0/UDP %s;rport;branch=z9hG4bK%s", s.c.caller.me, one.tag),
				"Max-Forwards: 70", "From: <sip:a@vas.example>;tag=1", "To: <sip:95165@cc.example>", "Call-ID: "+one.tag, "CSeq: 1 MESSAGE",
				spelling+": evil", "X-Last: 1", "Content-Length: 0", "", "")
			if err := s.c.caller.send(raw); err != nil {
				t.Fatal(err)
			}
		}
		if !s.c.until(2*time.Second, func() bool { return s.c.caller.finals()-before >= len(window) }) {
			lost += len(window) - (s.c.caller.finals() - before)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.bad {
		t.Error(b)
	}
	// A spelling that ends the head or begins with white space may make a message without an answer; most have one.
	if s.passed < len(spellings)/20 || lost > len(spellings)/20 {
		t.Errorf("%d of %d passed, %d had no answer: the sweep tests nothing", s.passed, len(spellings), lost)
	}
}

// look lets the three readers see what reached the PBX.
func (s *nameSweep) look(a arrival, spelling string) {
	a.reply(answerBy(a.text, "200 OK", "pbx"))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.passed++
	for reader, names := range map[string][]string{"strict": strictNames(a.text), "LF-tolerant": tolerantNames(a.text), "lenient": lenientNames(a.text)} {
		for _, n := range names {
			if slices.Contains(tortureTrusted, n) && len(s.bad) < 5 {
				s.bad = append(s.bad, fmt.Sprintf("a %s reader sees %s in %q", reader, n, spelling))
			}
		}
	}
}

func strictNames(m string) (names []string) {
	for _, f := range fieldsOf(m, "") {
		names = append(names, f.name)
	}
	return names
}

// tolerantNames reads lines that end with LF, with or without CR, to the first empty one, and trims what Unicode calls
// white space.
func tolerantNames(m string) (names []string) {
	for line := range strings.SplitSeq(m, "\n") {
		if line == "" || line == "\r" {
			break
		}
		if n, _, ok := strings.Cut(line, ":"); ok {
			names = append(names, strings.ReplaceAll(strings.ToLower(strings.TrimSpace(n)), "_", "-"))
		}
	}
	return names
}

func lenientNames(m string) (names []string) {
	for n := range lenientFields(m) {
		names = append(names, n)
	}
	return names
}

// TestLegalSpellings: 200 ways to write harmless headers reach the PBX octet for octet. Refusing everything is no way
// to be safe.
func TestLegalSpellings(t *testing.T) {
	need(t)
	t.Parallel()
	d := newTortureDriver(t, "sdp")
	c := d.newCase(&tortureEntry{Name: "base-sipi-invite", Checks: []string{"identified"}, Transport: "udp"}, "udp")
	if err := c.dial(); err != nil {
		t.Fatal(err)
	}
	defer c.caller.close()
	lines := legalLines()
	if len(lines) != 200 {
		t.Fatalf("%d spellings", len(lines))
	}
	var mu sync.Mutex
	passed := make(map[string]string)
	for window := range slices.Chunk(lines, 20) {
		for _, line := range window {
			one := d.newCase(c.e, "udp")
			one.caller = c.caller
			one.sink = func(a arrival) {
				a.reply(answerBy(a.text, "486 Busy Here", "torturepbx"))
				mu.Lock()
				defer mu.Unlock()
				if methodOf(a.text) == "INVITE" {
					passed[line] = a.text
				}
			}
			if err := c.caller.send(strings.Replace(one.prepare(c.base(), one.tag), "MIME-Version", line+"\r\nMIME-Version", 1)); err != nil {
				t.Fatal(err)
			}
		}
		c.until(2*time.Second, func() bool { mu.Lock(); defer mu.Unlock(); return passed[window[len(window)-1]] != "" })
	}
	mu.Lock()
	defer mu.Unlock()
	for _, line := range lines {
		if !strings.Contains(passed[line], "\r\n"+line+"\r\n") {
			t.Errorf("%q: the PBX got %.400q", line, passed[line])
		}
	}
}

func legalLines() (lines []string) {
	names := []string{"Subject", "subject", "SUBJECT", "sUbJeCt", "s", "S", "X-Foo", "x.foo", "X!%*_+`'~-9", "P-Charging-Vector",
		"X-Access-I", "X-Access-IDs", "Access-ID", "X-Serial2", "XX-Serial", "X-Identify", "X.Access.ID", "X-Client-Endpoints", "5", "-"}
	spellings := []string{"%s: value", "%s:value", "%s : value", "%s\t:\t value \t", "%s:\r\n value", "%s:  a\r\n\tb\r\n  c", "%s:",
		"%s: \r\n ", "%s: \"a, \\\" b\" <sip:x@y>;q=1", "%s: 杭州 \xff\xfe \x7f"}
	for _, n := range names {
		for _, s := range spellings {
			lines = append(lines, strings.Replace(s, "%s", n, 1))
		}
	}
	return lines
}
