package e2e_test

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// TestTorture plays every hostile and odd message to a real sipid: the project's own, the 49 of RFC 4475 and the 12 of
// RFC 5118, each as it says and, where that makes sense, by the other transport. What must hold of all of them: each
// trusted header reaches the PBX once at most and never with the sender's value, the body is what the group asks for,
// one message leaves for one that came, answers get back, and nothing goes to anybody else.
func TestTorture(t *testing.T) {
	need(t)
	entries := loadTorture(t)
	for _, body := range []string{"sdp", "keep"} {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			d := newTortureDriver(t, body)
			leaks := d.watch(t)
			results := d.playAll(entries)
			score(t, entries, results)
			leaks(t)
			if body == "sdp" {
				checkTortureDoc(t, entries, results)
			}
		})
	}
}

// tortureResult is what came of an entry; bad is what is wrong with it.
type tortureResult struct {
	name, got string
	bad       []string
}

// jobs is how many entries are played at a time.
const jobs = 16

// playAll plays the entries: those that wait for sipid's timers all along, most side by side, and some alone.
func (d *tortureDriver) playAll(entries []*tortureEntry) map[string]tortureResult {
	p := &torturePlay{d: d, results: make(map[string]tortureResult), slots: make(chan bool, jobs)}
	var waiting sync.WaitGroup
	for _, e := range entries {
		if e.slow() {
			waiting.Go(func() { p.play(e, e.Transport) })
		}
	}
	for _, e := range entries {
		if !e.slow() && !e.alone() {
			p.playBeside(e)
		}
	}
	p.running.Wait()
	for _, e := range entries {
		if e.alone() {
			p.play(e, e.Transport)
		}
	}
	waiting.Wait()
	p.again(entries)
	return p.results
}

// torturePlay is a run over the table.
type torturePlay struct {
	d       *tortureDriver
	mu      sync.Mutex
	results map[string]tortureResult
	slots   chan bool
	running sync.WaitGroup
}

func (p *torturePlay) play(e *tortureEntry, network string) {
	r := p.d.playOne(e, network)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.results[r.name] = r
}

// playBeside plays an entry by all its transports when there is room for it.
func (p *torturePlay) playBeside(e *tortureEntry) {
	for _, network := range p.d.networks(e) {
		p.slots <- true
		p.running.Go(func() {
			defer func() { <-p.slots }()
			p.play(e, network)
		})
	}
}

// again plays once more, alone, the few of which nothing at all was seen: on a busy machine datagrams get lost.
func (p *torturePlay) again(entries []*tortureEntry) {
	n := 0
	for _, e := range entries {
		for _, network := range []string{"udp", "tcp"} {
			name := e.Name
			if network != e.Transport {
				name += " by " + network
			}
			if r := p.results[name]; len(r.bad) > 0 && (r.got == "ignore" || r.got == "nothing") && n < 8 {
				n++
				p.d.t.Logf("%s: once more, after %s", name, strings.Join(r.bad, "; "))
				p.play(e, network)
			}
		}
	}
}

// networks are the transports an entry is played by: its own, and TCP when it is one whole message of UDP. What is
// about streams makes no sense in a datagram.
func (d *tortureDriver) networks(e *tortureEntry) []string {
	raw := d.files.load(d.t, e)
	_, rest, ok := strings.Cut(raw, "\r\n\r\n")
	lengths := fieldsOf(raw, "content-length")
	if e.Transport == "udp" && e.plain() && ok && len(lengths) == 1 && lengths[0].value == strconv.Itoa(len(rest)) {
		return []string{"udp", "tcp"}
	}
	return []string{e.Transport}
}

func (d *tortureDriver) playOne(e *tortureEntry, network string) tortureResult {
	c := d.newCase(e, network)
	var got string
	switch {
	case e.UAS != nil:
		got = c.answerInCall()
	case e.Special != "":
		got = c.special()
	default:
		got = c.play()
	}
	r := tortureResult{name: e.Name, got: got, bad: c.bad}
	if network != e.Transport {
		r.name += " by " + network
	}
	return r
}

// score says for each group how many passed, and fails for each that did not.
func score(t *testing.T, entries []*tortureEntry, results map[string]tortureResult) {
	t.Helper()
	passed, all := make(map[string]int), make(map[string]int)
	var groups []string
	for _, e := range entries {
		if all[e.Group] == 0 {
			groups = append(groups, e.Group)
		}
		for _, name := range []string{e.Name, e.Name + " by tcp"} {
			r, ok := results[name]
			if !ok {
				continue
			}
			all[e.Group]++
			if len(r.bad) == 0 {
				passed[e.Group]++
				continue
			}
			t.Errorf("%s: want %s; %s: %s", name, strings.Join(e.wants(), " or "), r.got, strings.Join(r.bad, "; "))
		}
	}
	var words []string
	for _, g := range groups {
		words = append(words, fmt.Sprintf("%s %d/%d", g, passed[g], all[g]))
	}
	t.Logf("torture: %s", strings.Join(words, ", "))
}
