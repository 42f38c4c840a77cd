package e2e_test

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestTrustedNamesSweepByStreams is TestTrustedNamesSweep by connections: what comes by TCP leaves by UDP, what comes by TLS
// by TCP. All single octets and a sample of the pairs; with SIPID_LONG all pairs. A spelling that is refused ends its
// connection, so each of these has one of its own, with a sound message behind it that must not be read any more.
func TestTrustedNamesSweepByStreams(t *testing.T) {
	need(t)
	t.Parallel()
	pairs := 48
	if long() {
		pairs = 65536
	}
	for _, way := range []struct{ in, out string }{{"TCP", ""}, {"TLS", ";transport=tcp"}} {
		t.Run(way.in, func(t *testing.T) {
			s := newStreamSweep(t, way.in, way.out)
			for _, name := range trustedNames {
				s.sweep(spellingsOf(name, pairs))
			}
		})
	}
}

// streamSweep is a sipid, its PBX, and what came there.
type streamSweep struct {
	t       *testing.T
	rig     *rig
	network string
	node    netip.AddrPort
	secure  *tls.Config // nil: TCP
	run     int
	current atomic.Pointer[sweepRun]
	mu      sync.Mutex
	bad     []string
}

// sweepRun is the spellings of one name, and which of their messages came to the PBX.
type sweepRun struct {
	id              string
	spellings       []string
	arrived, behind []atomic.Bool // the message of the spelling, the one behind it
	refused         atomic.Int32  // connections that ended
}

// Peers of one source run into no limit of connections: 64 at a time, from 16 addresses.
const (
	sweepSources = 16
	sweepPeers   = 64
)

func newStreamSweep(t *testing.T, network, out string) *streamSweep {
	t.Helper()
	s := &streamSweep{t: t, network: network}
	o := options{direct: true, plain: true, target: out}
	manyTrunks(&o)
	if network == "TLS" {
		ca := newAuthority(t, "ca")
		cert, key := ca.issue("sipid", nodeIP, time.Hour)
		// The cheapest handshake: there is one for nearly each spelling.
		s.secure = &tls.Config{RootCAs: ca.pool, ServerName: nodeIP.String(), CurvePreferences: []tls.CurveID{tls.X25519}}
		o.tls, o.more = at(t, nodeIP), fmt.Sprintf("tls: {cert: %s, key: %s}\n", cert, key)
	}
	s.rig = newRig(t, o)
	s.node = s.rig.node
	if s.secure != nil {
		s.node = o.tls
	}
	newTorturePBX(t, s.rig.pbx, s.look)
	return s
}

// sweep sends a message for each spelling and looks at what became of them.
func (s *streamSweep) sweep(spellings []string) {
	s.t.Helper()
	s.run++
	r := &sweepRun{id: fmt.Sprintf("r%d", s.run), spellings: spellings,
		arrived: make([]atomic.Bool, len(spellings)), behind: make([]atomic.Bool, len(spellings))}
	s.current.Store(r)
	var sound, odd []int
	for i, spelling := range spellings {
		if strings.Trim(strings.TrimRight(spelling, " \t"), tokenOctets) == "" {
			sound = append(sound, i)
		} else {
			odd = append(odd, i)
		}
	}
	s.sound(r, sound)
	s.odd(r, odd)
	for _, i := range sound {
		if !r.arrived[i].Load() {
			s.fault("%q is a header of its own, and does not pass", spellings[i])
		}
	}
	passed := 0
	for i := range spellings {
		if r.arrived[i].Load() {
			passed++
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.bad {
		s.t.Error(b)
	}
	s.t.Logf("%q: %d spellings, %d passed, %d connections ended", spellings[0][1:], len(spellings), passed, r.refused.Load())
	if passed < len(spellings)/20 || int(r.refused.Load()) < len(odd)/2 {
		s.t.Error("the sweep tests nothing")
	}
	s.bad = nil
}

func (s *streamSweep) fault(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.bad) < 5 {
		s.bad = append(s.bad, fmt.Sprintf(format, args...))
	}
}

// connect opens a connection from one of the sources.
func (s *streamSweep) connect(peer int) (net.Conn, error) {
	c, err := connect(manyIP(peer%sweepSources), s.node)
	if err != nil {
		return nil, err
	}
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	if s.secure == nil {
		return c, nil
	}
	secured := tls.Client(c, s.secure)
	if err := secured.Handshake(); err != nil {
		c.Close()
		return nil, err
	}
	return secured, nil
}

// message has the line whole, or none. Its length stands before the line, so that a line that ends the head leaves no doubt of it.
func (s *streamSweep) message(kind, run string, i int, line string) string {
	id := fmt.Sprintf("%s-%s-%d", kind, run, i)
	return crlf("MESSAGE sip:95165@cc.example SIP/2.0", fmt.Sprintf("Via: SIP/2.0/%s 127.0.1.1;branch=z9hG4bK%s", s.network, id),
		"Max-Forwards: 70", "From: <sip:a@vas.example>;tag=1", "To: <sip:95165@cc.example>", "Call-ID: "+id, "CSeq: 1 MESSAGE",
		"Content-Length: 0", line+"X-Last: 1", "", "")
}

// sound sends spellings that are legal, many of them in a row over one connection, which has to outlast them.
func (s *streamSweep) sound(r *sweepRun, list []int) {
	s.t.Helper()
	c, err := s.connect(0)
	if err != nil {
		s.t.Fatal(err)
	}
	defer c.Close()
	in := &answersIn{conn: c}
	for window := range slices.Chunk(list, sweepWindow) {
		var all strings.Builder
		for _, i := range window {
			all.WriteString(s.message("s", r.id, i, r.spellings[i]+": evil\r\n"))
		}
		_ = c.SetDeadline(time.Now().Add(time.Minute))
		if _, err := io.WriteString(c, all.String()); err != nil {
			s.t.Fatal(err)
		}
		for range window {
			if _, err := in.next(); err != nil {
				s.t.Fatalf("between legal messages %q to %q: %v", r.spellings[window[0]], r.spellings[window[len(window)-1]], err)
			}
		}
	}
}

// odd sends each of the others over a connection of its own.
func (s *streamSweep) odd(r *sweepRun, list []int) {
	var next atomic.Int32
	var running sync.WaitGroup
	for peer := range sweepPeers {
		running.Go(func() {
			for n := int(next.Add(1)) - 1; n < len(list); n = int(next.Add(1)) - 1 {
				s.alone(r, peer, list[n])
			}
		})
	}
	running.Wait()
}

// alone sends a spelling and a sound message behind it. Either both are answered, or the connection ends and the second
// went nowhere.
func (s *streamSweep) alone(r *sweepRun, peer, i int) {
	c, err := s.connect(peer)
	if err != nil {
		s.fault("connection for %q: %v", r.spellings[i], err)
		return
	}
	defer c.Close()
	if _, err := io.WriteString(c, s.message("s", r.id, i, r.spellings[i]+": evil\r\n")+s.message("m", r.id, i, "")); err != nil {
		s.fault("%q: %v", r.spellings[i], err)
		return
	}
	in := &answersIn{conn: c}
	for answered := 0; ; answered++ {
		switch m, err := in.next(); {
		case err != nil && isTimeout(err):
			s.fault("%q: neither answered nor closed", r.spellings[i])
			return
		case err != nil: // closed
			r.refused.Add(1)
			if r.behind[i].Load() {
				s.fault("%q ends the connection, and what stands behind it passes", r.spellings[i])
			}
			return
		case strings.HasPrefix(valueOf(m, "call-id"), "m-"):
			return
		}
	}
}

// answersIn takes final responses off a connection, one after the other.
type answersIn struct {
	conn net.Conn
	rest string
	list []string
}

func (a *answersIn) next() (string, error) {
	b := make([]byte, 16384)
	for len(a.list) == 0 {
		n, err := a.conn.Read(b)
		var came []string
		came, _, a.rest = splitStream(a.rest + string(b[:n]))
		for _, m := range came {
			if codeOf(m) >= 200 {
				a.list = append(a.list, m)
			}
		}
		if err != nil && len(a.list) == 0 {
			return "", err
		}
	}
	first := a.list[0]
	a.list = a.list[1:]
	return first, nil
}

// look is the PBX: it lets the three readers see what came, and answers.
func (s *streamSweep) look(a arrival) {
	a.reply(answerBy(a.text, "200 OK", "pbx"))
	var kind, run string
	var i int
	id := strings.ReplaceAll(valueOf(a.text, "call-id"), "-", " ")
	if _, err := fmt.Sscanf(id, "%1s %s %d", &kind, &run, &i); err != nil {
		s.fault("the PBX got what nobody sent: %.300q", a.text)
		return
	}
	r := s.current.Load()
	if run != r.id {
		return // repeated, of the name before
	}
	if kind == "m" {
		r.behind[i].Store(true)
	} else {
		r.arrived[i].Store(true)
	}
	spelling := r.spellings[i]
	trusted := slices.Contains(tortureTrusted, strings.ToLower(strings.TrimRight(spelling, " \t")))
	sound := strings.Trim(strings.TrimRight(spelling, " \t"), tokenOctets) == ""
	if kind == "s" && sound && !trusted && !strings.Contains(a.text, "\r\n"+spelling+": evil\r\n") {
		s.fault("%q is a header of its own, and is gone", spelling)
	}
	for reader, names := range map[string][]string{"strict": strictNames(a.text), "LF-tolerant": tolerantNames(a.text), "lenient": lenientNames(a.text)} {
		for _, n := range names {
			if slices.Contains(tortureTrusted, n) {
				s.fault("a %s reader sees %s in %q", reader, n, spelling)
			}
		}
	}
}
