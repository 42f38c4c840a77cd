package e2e_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// The failure tests run the real chain in a network namespace: SIPp as trunk, Kamailio, one or two sipid processes, SIPp
// as PBXs; nft takes packets away, signals take processes away. Each prints one line, "RESULT T4 PASS ...", with its figures
// and its verdict. T numbers are those of docs/reliability.md. scripts/failure/all runs them; with SIPID_LONG they take the
// full times.

// site is the chain of one test. Addresses are fixed: the namespace is the test's own.
type site struct {
	t     *testing.T
	dir   string
	bin   string
	entry netip.AddrPort // where the trunk calls
	nodes []*node
	pbxs  []netip.AddrPort
	wire  *wire
	notes []string
}

// node is one sipid.
type node struct {
	*process
	site   *site
	addr   netip.AddrPort
	http   string
	config string
	env    []string
	prefix []string // a command that starts sipid
	starts int
}

type siteOptions struct {
	nodes int // 0: one
	pbxs  int // 0: one
	edge  bool
	group string // YAML, further keys of the PBX group
	more  string // YAML, further lines
	table string // CSV; "": the one client
	bin   string // instead of the plain binary
}

// failure prepares a failure test: it needs the real peers and a namespace. ok is false outside of it, where the test has
// been run by then.
func failure(t *testing.T) (ok bool) {
	t.Helper()
	need(t, "kamailio", "sipp", "nft", "ip", "sqlite3", "prlimit", "gcc")
	return inNamespace(t)
}

func newSite(t *testing.T, o siteOptions) *site {
	t.Helper()
	s := &site{t: t, dir: t.TempDir(), bin: o.bin, wire: watchWire(t)}
	if s.bin == "" {
		s.bin = plainBinary.get(t)
	}
	for i := range max(o.pbxs, 1) {
		s.pbxs = append(s.pbxs, netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, byte(21 + i)}), uint16(16001+10*i)))
	}
	s.fill(o.table)
	for i := range max(o.nodes, 1) {
		n := &node{site: s, addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, byte(3 + i*2)}), 5070)}
		n.http = netip.AddrPortFrom(n.addr.Addr(), 8060).String()
		n.config = filepath.Join(s.dir, fmt.Sprintf("node%d.yaml", i))
		s.write(n.config, s.config(n, o))
		s.nodes = append(s.nodes, n)
	}
	s.entry = s.nodes[0].addr
	t.Cleanup(func() { s.check() })
	return s
}

func (s *site) fill(table string) {
	s.t.Helper()
	if table != "" {
		command(s.t, s.dir, s.bin, "client", "import", "--db", "sipid.db", table)
		return
	}
	command(s.t, s.dir, s.bin, "client", "add", "--db", "sipid.db", "--access-id", "1001", "--name", "Hangzhou", "--endpoint", "https://a.example/sipid")
}

func (s *site) write(file, content string) {
	s.t.Helper()
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) config(n *node, o siteOptions) string {
	var targets []string
	for _, p := range s.pbxs {
		targets = append(targets, fmt.Sprintf("{uri: \"sip:%s\"}", p))
	}
	edges := ""
	if o.edge {
		edges = fmt.Sprintf("edges: [%s]\n", edgeIP)
	}
	return fmt.Sprintf("listen:\n  - {on: \"udp:%s\"}\n%sdb: sipid.db\nhttp: %s\nkey_file: sipid.key\ntrunks:\n"+
		"  - {name: alpha, sources: [%s/32, %s/32], identify: [isup-original-called]}\npbx_groups:\n  - name: default\n    targets: [%s]\n%s%s",
		n.addr, edges, n.http, trunkIP, trunk2IP, strings.Join(targets, ", "), o.group, o.more)
}

// start runs sipid and waits until it takes calls.
func (n *node) start() {
	t := n.site.t
	t.Helper()
	n.launch()
	eventually(t, 10*time.Second, "sipid is ready", func() bool {
		if n.exited() {
			t.Fatalf("sipid ended: %v", n.err)
		}
		return n.status("/readyz") == http.StatusOK
	})
}

// launch runs sipid and waits for nothing.
func (n *node) launch() {
	n.starts++
	argv := slices.Concat(n.prefix, []string{n.site.bin, "serve", "--config", n.config})
	if len(n.env) > 0 {
		argv = slices.Concat([]string{"env"}, n.env, argv)
	}
	n.process = start(n.site.t, n.site.dir, fmt.Sprintf("sipid-%s-%d", n.addr.Addr(), n.starts), argv...)
	n.rude = true
}

// kill ends sipid without a word, and waits until its address is free.
func (n *node) kill() {
	n.process.kill()
	eventually(n.site.t, 5*time.Second, "the address is free", func() bool { return !bound("udp", n.addr) })
}

func (n *node) status(path string) int {
	c := http.Client{Timeout: time.Second}
	resp, err := c.Get("http://" + n.http + path)
	if err != nil {
		return 0
	}
	resp.Body.Close()
	return resp.StatusCode
}

// edge puts the shipped Kamailio in front of all nodes.
func (s *site) edge() *process {
	s.t.Helper()
	r := &rig{t: s.t, dir: s.dir, edge: netip.AddrPortFrom(edgeIP, 5060)}
	var nodes []netip.AddrPort
	for _, n := range s.nodes {
		nodes = append(nodes, n.addr)
	}
	s.entry = r.edge
	return r.startEdge(nodes...)
}

// pbx runs a SIPp PBX at one of the site's addresses.
func (s *site) pbx(i int, scenario string, c call) *sipp {
	s.t.Helper()
	p := startSIPp(s.t, scenario, c, s.pbxs[i], noAddr, "-m", "10000000", "-recv_timeout", "400000")
	p.rude = true
	return p
}

// trunk starts calls at a rate, so many in all, and returns at once.
func (s *site) trunk(c call, cps, calls int) *sipp {
	s.t.Helper()
	p := startSIPp(s.t, "failure-trunk.xml", c, netip.AddrPortFrom(trunkIP, 5090), s.entry,
		"-m", fmt.Sprint(calls), "-r", fmt.Sprint(cps), "-l", "15000", "-recv_timeout", "200000")
	p.rude = true
	return p
}

// settle waits until a trunk has nothing left to do, or until the time is up: calls of a peer that is gone stay open. How
// it ended says nothing, the wire does.
func (s *site) settle(p *sipp, d time.Duration) {
	select {
	case <-p.done:
	case <-time.After(d):
	}
	p.kill()
}

// hi is a call that is identified, with times of its own in milliseconds.
func hi(ring, talk int) call {
	return call{IAM: iam("100100000042"), Ring: ring, Talk: talk, Expect: []expect{exactly("X-Access-ID", "1001"), exactly("X-Serial", "00000042")}}
}

// tally is what became of the calls that began in a time.
type tally struct {
	calls, lost, torn, inDialogLost, secondInvite, twoAnswered int
	why                                                        map[string]int  // of those lost: who said what
	delays                                                     []time.Duration // trunk's INVITE to the last INVITE at a PBX
}

func (s *site) tally(from, to time.Duration) tally {
	r := tally{why: map[string]int{}}
	s.wire.each(from, to, func(c *wireCall) {
		r.calls++
		if c.status < 200 || c.status > 299 {
			r.lost++
			r.why[c.fate()]++
		}
		if c.torn {
			r.torn++
		}
		if c.bye > 0 && !c.byeOK {
			r.inDialogLost++
		}
		r.legs(c)
	})
	slices.Sort(r.delays)
	return r
}

// fate is what a call came to that was not answered.
func (c *wireCall) fate() string {
	if len(c.said) == 0 {
		return fmt.Sprintf("%d after %d INVITEs at PBXs", c.status, len(c.legs))
	}
	return strings.Join(c.said, ", ")
}

func (r *tally) legs(c *wireCall) {
	perPBX, open := map[netip.Addr]int{}, 0
	for _, l := range c.legs {
		perPBX[l.pbx]++
		if l.answered && !l.ended {
			open++
		}
	}
	for _, n := range perPBX {
		if n > 1 {
			r.secondInvite++
			break
		}
	}
	if open > 1 {
		r.twoAnswered++
	}
	if len(c.legs) > 0 {
		r.delays = append(r.delays, c.legs[len(c.legs)-1].at-c.invite)
	}
}

// quantile of the delays, 0 without any.
func (r *tally) quantile(q float64) time.Duration {
	if len(r.delays) == 0 {
		return 0
	}
	return r.delays[min(int(q*float64(len(r.delays))), len(r.delays)-1)]
}

func ms(d time.Duration) string { return fmt.Sprintf("%.2f ms", float64(d)/1e6) }

// note adds to the line of figures.
func (s *site) note(format string, args ...any) {
	s.notes = append(s.notes, fmt.Sprintf(format, args...))
}

// want adds a figure that has to hold.
func (s *site) want(ok bool, format string, args ...any) {
	s.t.Helper()
	s.note(format, args...)
	if !ok {
		s.t.Errorf("not met: "+format, args...)
	}
}

// check ends the test: the wire's completeness, then the line that scripts/failure/all gathers.
func (s *site) check() {
	s.wire.close()
	result(s.t, s.notes)
}

// result prints the line of a test: TestFailureT04Killed is T4.
func result(t *testing.T, notes []string) {
	verdict := "PASS"
	if t.Failed() {
		verdict = "FAIL"
	}
	name := strings.TrimPrefix(t.Name(), "TestFailure")
	if len(name) > 3 && name[0] == 'T' && name[1] >= '0' && name[1] <= '9' {
		name = "T" + strings.TrimPrefix(name[1:3], "0")
	}
	fmt.Printf("RESULT %s %s %s\n", name, verdict, strings.Join(notes, "; "))
}

// full is the time a test asks for: the whole with SIPID_LONG, else a part.
func full(whole, part time.Duration) time.Duration {
	if long() {
		return whole
	}
	return part
}

// within is how long something may take: what was promised, or, where SIPID_BUSY says that the machine does other work
// beside, as CI's does, what only a fault explains. Counts are judged alike in both.
func within(promised, busy time.Duration) time.Duration {
	if os.Getenv("SIPID_BUSY") != "" {
		return busy
	}
	return promised
}

// drop takes packets away that fit an nft expression, until restored.
func (s *site) drop(expr string) (restore func()) {
	s.t.Helper()
	command(s.t, s.dir, "nft", "add table inet failure; add chain inet failure in { type filter hook input priority 0; }; add rule inet failure in "+expr+" drop")
	return func() { command(s.t, s.dir, "nft", "flush chain inet failure in") }
}
