package e2e_test

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// These tests look at the shipped Kamailio configuration alone: peers stand where sipid nodes would.

func TestKamailioConfigParses(t *testing.T) {
	need(t, "kamailio")
	root := filepath.Join(repoRoot(t), "kamailio")
	check := func(args ...string) (string, error) {
		argv := []string{"kamailio", "-c", "-f", filepath.Join(root, "kamailio.cfg"), "-l", "udp:127.0.0.1:5060"}
		return tryCommand(t.TempDir(), append(argv, args...)...)
	}
	out, err := check(kamailioDefines(root)...)
	if err != nil {
		t.Fatalf("kamailio -c: %v\n%s", err, out)
	}
	// Without -A the files in /etc are used; a definition that is missing would be a syntax error.
	if out, err := check(); err != nil {
		t.Fatalf("kamailio -c without definitions: %v\n%s", err, out)
	}
}

// What must never stand in the configuration: see "Never" in kamailio/README.md.
var forbidden = []string{
	`sipt`, `ss7ops`, `sdpops`, `textopsx`, `lua`, `python`, `rtpproxy`, `rtpengine`,
	`filter_body`, `get_body_part\w*`, `set_body\w*`, `set_multibody\w*`, `append_multibody\w*`, `append_body_part\w*`, `remove_body\w*`, `replace_body\w*`,
	`search_append_body`, `subst_body`, `replace_all`, `search_body\w*`, `has_body`, `msg_apply_changes`, `change_reply_status`,
	`subst`, `search`, `replace`, `\$rb`, `\$mb`, `\$msg_body`, `ds_mark_dst`, `keep_hf`,
}

var required = []string{
	`if (!sanity_check(`, `pike_check_req()`, `allow_source_address(`, `append_hf("X-Edge-Source: $siz:$sp\r\n")`, `record_route()`, `loose_route()`,
	`"ds_ping_interval", 5)`, `"ds_probing_threshold", 2)`, `"ds_inactive_threshold", 2)`, `"fr_timer", 2000)`, `t_on_failure(`,
}

func TestKamailioConfigKeepsOffTheBody(t *testing.T) {
	code := kamailioCode(t)
	for _, word := range forbidden {
		if m := regexp.MustCompile(`(^|[^\w"])` + word + `\b`).FindString(code); m != "" {
			t.Errorf("kamailio.cfg has %q", m)
		}
		if strings.Contains(code, `"`+word+`.so"`) {
			t.Errorf("kamailio.cfg loads %s", word)
		}
	}
	for _, part := range required {
		if !strings.Contains(code, part) {
			t.Errorf("kamailio.cfg lacks %s", part)
		}
	}
	route := code[strings.Index(code, "request_route {"):]
	if first := strings.TrimSpace(strings.SplitN(route, "\n", 3)[1]); !strings.HasPrefix(first, "if (!sanity_check(") {
		t.Errorf("the first thing in request_route is %q, not sanity_check", first)
	}
}

// kamailioCode is the configuration without its comments.
func kamailioCode(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(repoRoot(t), "kamailio", "kamailio.cfg"))
	if err != nil {
		t.Fatal(err)
	}
	var code []string
	for line := range strings.Lines(string(b)) {
		if s := strings.TrimSpace(line); s != "" && (!strings.HasPrefix(s, "#") || strings.HasPrefix(s, "#!")) {
			code = append(code, s)
		}
	}
	return strings.Join(code, "\n")
}

// edgeRig is Kamailio with bare peers as nodes.
type edgeRig struct {
	edge  netip.AddrPort
	nodes []*peer
	trunk *peer
	kam   *process
	dir   string
}

func newEdgeRig(t *testing.T, nodes int) *edgeRig {
	t.Helper()
	need(t, "kamailio")
	r := &rig{t: t, dir: t.TempDir(), edge: at(t, edgeIP)}
	e := &edgeRig{edge: r.edge, dir: r.dir}
	var addrs []netip.AddrPort
	for range nodes {
		p := dialUDP(t, at(t, nodeIP))
		e.nodes = append(e.nodes, p)
		addrs = append(addrs, p.addr())
	}
	e.kam = r.startEdge(addrs...)
	e.trunk = dialUDP(t, at(t, trunkIP))
	return e
}

// inviteTo is an INVITE with further lines right behind the Via, where a broken one does most harm.
func inviteTo(to, from netip.AddrPort, id string, more ...string) string {
	lines := []string{fmt.Sprintf("INVITE sip:95165@%s SIP/2.0", to), fmt.Sprintf("Via: SIP/2.0/UDP %s;branch=z9hG4bK-%s", from, id)}
	lines = append(lines, more...)
	return crlf(append(lines, "Max-Forwards: 70", fmt.Sprintf("From: <sip:0571@%s>;tag=f%s", from, id), fmt.Sprintf("To: <sip:95165@%s>", to),
		"Call-ID: "+id, "CSeq: 1 INVITE", fmt.Sprintf("Contact: <sip:0571@%s>", from), "Content-Length: 0", "", "")...)
}

// take receives the next INVITE at a node and leaves the probes out.
func take(p *peer, d time.Duration) (message, bool) {
	for end := time.Now().Add(d); time.Now().Before(end); {
		if m, ok := p.tryReceive(time.Until(end)); ok && strings.HasPrefix(m.text, "INVITE ") {
			return m, true
		}
	}
	return message{}, false
}

var trustedNames = []string{"X-Edge-Source", "X-Access-ID", "X-Serial", "X-Client-Name", "X-Client-Endpoint", "X-Identify-Status",
	"X-Identify-Source", "X-Calling-Number"}

// A trusted header of the trunk's own never passes, however it is spelt; what the edge sets is the packet's source.
func TestEdgeSetsTheSourceAndNobodyElseDoes(t *testing.T) {
	e := newEdgeRig(t, 1)
	evil := "127.0.0.12:5060"
	spellings := []string{"%s: %s", "%s : %s", "%s\t: %s", "%s:\r\n %s", "%s:%s"}
	n := 0
	for _, name := range trustedNames {
		for _, written := range []string{name, strings.ToLower(name), strings.ToUpper(name), strings.ReplaceAll(name, "-", "_")} {
			n++
			line := fmt.Sprintf(spellings[n%len(spellings)], written, evil)
			id := fmt.Sprintf("s%d", n)
			e.trunk.send(e.edge, inviteTo(e.edge, e.trunk.addr(), id, line, line))
			m, ok := take(e.nodes[0], 2*time.Second)
			if !ok || m.lines("Call-ID")[0] != "Call-ID: "+id {
				t.Fatalf("%q: the INVITE did not arrive", line)
			}
			if strings.Contains(m.text, evil) {
				t.Errorf("%q passed:\n%s", line, m)
			}
			want := []string{"X-Edge-Source: " + e.trunk.addr().String()}
			if got := m.lines("X-Edge-Source"); !slices.Equal(got, want) {
				t.Errorf("%q: X-Edge-Source is %q, want %q", line, got, want)
			}
			e.nodes[0].send(e.edge, m.answer("486 Busy Here", "x"))
			e.trunk.receive(2*time.Second, "SIP/2.0 486")
		}
	}
}

// White space that is none, control characters and folds around the name: such lines are for a lenient reader the
// trusted header, for Kamailio an unknown or an unreadable one. The message must not pass with the line in it.
func TestEdgeStopsHeadersThatReadersSeeDifferently(t *testing.T) {
	e := newEdgeRig(t, 1)
	var lines []string
	for _, c := range []string{"\v", "\f", "\u00a0", "\u0085", "\u2003", "\x00", "\x01"} {
		lines = append(lines, "X-Access-ID"+c+": evil", c+"X-Access-ID: evil")
	}
	lines = append(lines, "X-Access-ID\r\n : evil", "X-Access-ID \r\n\t: evil", ": x\r\nX-Access-ID: evil", "X-Foo\x0bbar\r\nX-Access-ID: evil")
	for i, line := range lines {
		// Once before all that Kamailio needs, and once behind it, where it might never look.
		early := inviteTo(e.edge, e.trunk.addr(), fmt.Sprintf("e%d", i), line)
		late := strings.Replace(inviteTo(e.edge, e.trunk.addr(), fmt.Sprintf("l%d", i)), "\r\n\r\n", "\r\n"+line+"\r\n\r\n", 1)
		for _, m := range []string{early, late} {
			e.trunk.send(e.edge, m)
			if m, ok := take(e.nodes[0], 100*time.Millisecond); ok && m.lenient("X-Access-ID") {
				t.Errorf("%q passed", line)
			}
		}
	}
}

// Nobody who is not listed gets anything, not even an error: the edge must not be of use as a mirror.
func TestEdgeIsSilentToStrangers(t *testing.T) {
	e := newEdgeRig(t, 1)
	stray := dialUDP(t, at(t, strayIP))
	good := inviteTo(e.edge, stray.addr(), "stray")
	for _, m := range []string{good, strings.Replace(good, "CSeq: 1 INVITE", "CSeq: x INVITE", 1), optionsTo(e.edge, stray.addr()),
		strings.ReplaceAll(good, "INVITE", "CANCEL")} {
		stray.send(e.edge, m)
		if got, ok := stray.tryReceive(200 * time.Millisecond); ok {
			t.Errorf("a stranger got %q", got.first())
		}
	}
	if m, ok := take(e.nodes[0], 50*time.Millisecond); ok {
		t.Errorf("a stranger's call went through: %q", m.first())
	}
	// The same broken message from a trunk is answered.
	e.trunk.send(e.edge, strings.Replace(inviteTo(e.edge, e.trunk.addr(), "broken"), "CSeq: 1 INVITE", "CSeq: x INVITE", 1))
	e.trunk.receive(2*time.Second, "SIP/2.0 400")
}

// A trunk cannot use the edge to reach an address of its choice.
func TestEdgeIsNoOpenRelay(t *testing.T) {
	e := newEdgeRig(t, 1)
	victim := dialUDP(t, at(t, strayIP))
	route := []string{fmt.Sprintf("Route: <sip:%s;lr>", e.edge), fmt.Sprintf("Route: <sip:%s;lr>", victim.addr())}
	preloaded := inviteTo(e.edge, e.trunk.addr(), "preloaded", route...)
	inDialog := strings.Replace(inviteTo(victim.addr(), e.trunk.addr(), "dialog", route...), fmt.Sprintf("To: <sip:95165@%s>", victim.addr()),
		"To: <sip:a@b>;tag=x", 1)
	e.trunk.send(e.edge, preloaded)
	if m, ok := take(e.nodes[0], 2*time.Second); !ok || len(m.lines("Route")) != 0 {
		t.Errorf("the preloaded route is still there: %q", m.lines("Route"))
	} else {
		e.nodes[0].send(e.edge, m.answer("486 Busy Here", "x"))
		e.trunk.receive(2*time.Second, "SIP/2.0 486")
	}
	e.trunk.send(e.edge, inDialog)
	e.trunk.receive(2*time.Second, "SIP/2.0 403")
	if m, ok := victim.tryReceive(100 * time.Millisecond); ok {
		t.Errorf("the victim got %q", m.first())
	}
}

// A node that says nothing is passed over after fr_timer; one that said 100 is not.
func TestEdgeFailsOver(t *testing.T) {
	e := newEdgeRig(t, 2)
	begin := time.Now()
	e.trunk.send(e.edge, inviteTo(e.edge, e.trunk.addr(), "failover"))
	other := e.nodes[1]
	if _, ok := take(e.nodes[0], 300*time.Millisecond); !ok {
		other = e.nodes[0]
	}
	m, ok := take(other, 4*time.Second)
	if !ok {
		t.Fatal("the other node was not tried")
	}
	if d := time.Since(begin); d < 1500*time.Millisecond || d > 3500*time.Millisecond {
		t.Errorf("failover after %v, want fr_timer", d)
	}
	other.send(e.edge, m.answer("100 Trying", "x"))
	other.send(e.edge, m.answer("486 Busy Here", "x"))
	e.trunk.receive(2*time.Second, "SIP/2.0 486")
}

// A draining node answers 503: the call goes on at once.
func TestEdgeTakesTheNextNodeWhenOneDrains(t *testing.T) {
	e := newEdgeRig(t, 2)
	e.trunk.send(e.edge, inviteTo(e.edge, e.trunk.addr(), "drain"))
	first, second := e.nodes[0], e.nodes[1]
	m, ok := take(first, 300*time.Millisecond)
	if !ok {
		first, second = second, first
		if m, ok = take(first, 300*time.Millisecond); !ok {
			t.Fatal("no node got the call")
		}
	}
	first.send(e.edge, m.answer("503 Service Unavailable", "x"))
	m, ok = take(second, time.Second)
	if !ok {
		t.Fatal("the other node was not tried")
	}
	second.send(e.edge, m.answer("486 Busy Here", "y"))
	e.trunk.receive(2*time.Second, "SIP/2.0 486")
}

// Probes bring a silent node down, but when all are down calls still go out: the probes may be what is broken.
func TestEdgeLastResort(t *testing.T) {
	need(t, "kamailio", "kamcmd")
	t.Parallel()
	e := newEdgeRig(t, 1)
	state := func() string {
		out, err := tryCommand(e.dir, "kamcmd", "-s", "unix:"+filepath.Join(e.dir, "ctl"), "dispatcher.list")
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	// The node answers no probe. It takes two of them to go down; the set of last resort keeps its state.
	eventually(t, 20*time.Second, "the node is marked down", func() bool { return strings.Contains(state(), "FLAGS: IP") })
	if !strings.Contains(state(), "FLAGS: AX") {
		t.Errorf("the set of last resort was probed as well:\n%s", state())
	}
	e.trunk.send(e.edge, optionsTo(e.edge, e.trunk.addr()))
	e.trunk.receive(2*time.Second, "SIP/2.0 503")
	e.trunk.send(e.edge, inviteTo(e.edge, e.trunk.addr(), "resort"))
	m, ok := take(e.nodes[0], 2*time.Second)
	if !ok {
		t.Fatal("no call went out")
	}
	e.nodes[0].send(e.edge, m.answer("486 Busy Here", "x"))
	e.trunk.receive(2*time.Second, "SIP/2.0 486")
}

// The last node that looks alive is drained while the other one is back and the probes have not seen it yet: that one gets
// the call. After the 503 of a full node it gets none.
func TestEdgeTakesANodeThatIsJustBack(t *testing.T) {
	need(t, "kamailio", "kamcmd")
	t.Parallel()
	e := newEdgeRig(t, 2)
	back, draining := e.nodes[0], e.nodes[1]
	var shutting atomic.Bool
	refused := make(chan struct{}, 100)
	go func() { // answers its probes, and refuses calls
		for t.Context().Err() == nil {
			m, ok := draining.tryReceive(100 * time.Millisecond)
			switch {
			case !ok:
			case strings.HasPrefix(m.text, "OPTIONS "):
				draining.send(e.edge, m.answer("200 OK", "x"))
			case strings.HasPrefix(m.text, "INVITE "):
				status := "503 Overload"
				if shutting.Load() {
					status = "503 Shutting Down"
				}
				draining.send(e.edge, m.answer(status, "x"))
				refused <- struct{}{}
			}
		}
	}()
	eventually(t, 30*time.Second, "the node is marked down", func() bool {
		out, err := tryCommand(e.dir, "kamcmd", "-s", "unix:"+filepath.Join(e.dir, "ctl"), "dispatcher.list")
		return err == nil && strings.Contains(out, "FLAGS: IP")
	})
	e.trunk.send(e.edge, inviteTo(e.edge, e.trunk.addr(), "full"))
	e.trunk.receive(2*time.Second, "SIP/2.0 500")
	<-refused
	if m, ok := take(back, 300*time.Millisecond); ok {
		t.Errorf("after the 503 of a full node: %q", m.first())
	}
	shutting.Store(true)
	e.trunk.send(e.edge, inviteTo(e.edge, e.trunk.addr(), "draining"))
	m, ok := take(back, 2*time.Second)
	if !ok {
		t.Fatal("the node that is back was not tried")
	}
	back.send(e.edge, m.answer("486 Busy Here", "y"))
	e.trunk.receive(2*time.Second, "SIP/2.0 486")
}
