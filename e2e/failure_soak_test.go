package e2e_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// soakKinds are the calls beside the answered ones: who ends them, and how it has to look at the trunk. Each kind has a
// client and a PBX group of its own.
var soakKinds = []struct {
	name, id, pbx, trunk, status string
	ring                         int // ms, until the PBX refuses or the caller gives up
	want                         int
}{
	{"busy", "1002", "pbx-refuses.xml", "trunk-is-refused.xml", "486 Busy Here", 200, 486},
	{"no-answer", "1003", "pbx-refuses.xml", "trunk-is-refused.xml", "480 Temporarily Unavailable", 200, 480},
	{"cancel", "1004", "pbx-cancelled.xml", "trunk-cancels.xml", "", 200, 487},
	{"rings", "1005", "pbx-cancelled.xml", "failure-trunk-gives-up.xml", "", 20_000, 487},
}

// soakSerial is that of all calls.
const soakSerial = "00000042"

// sample is how the process stood at one moment.
type sample struct {
	at                   time.Duration
	rss, goroutines, fds float64
	heap                 float64 // what the Go runtime holds of rss; the rest is SQLite's and the calls that are kept
}

// TestFailureSoak runs for SIPID_SOAK (10m, 30m, 2h) at SIPID_SOAK_CPS calls a second: answered, busy, unanswered and
// cancelled calls, a table that changes every second, a PBX that is away for three seconds of thirty, and broken messages.
// A call is lost when the trunk gets another final response than it has to, and wrong when a PBX gets the identity of
// another one, or name and endpoint of two tables. With SIPID_SOAK_RESTARTS two processes behind the edge are drained and started again by turns, one every half minute;
// memory is not judged then, since no process gets old.
func TestFailureSoak(t *testing.T) {
	d, err := time.ParseDuration(os.Getenv("SIPID_SOAK"))
	if err != nil {
		t.Skip("takes as long as SIPID_SOAK says; scripts/failure/soak runs it")
	}
	if !failure(t) {
		return
	}
	cps, err := strconv.Atoi(os.Getenv("SIPID_SOAK_CPS"))
	if err != nil {
		cps = 200
	}
	nodes := 1
	if os.Getenv("SIPID_SOAK_RESTARTS") != "" {
		nodes = 2
	}
	s := newSite(t, siteOptions{nodes: nodes, pbxs: len(soakKinds) + 3, edge: true, table: soakTable(t)})
	for _, n := range s.nodes {
		s.write(n.config, soakConfig(string(must(os.ReadFile(n.config))), s.pbxs))
		n.start()
	}
	s.edge()
	c := hi(1000, 2000)
	s.pbx(0, "failure-pbx.xml", c)
	s.pbx(1, "failure-pbx.xml", c)
	total := int(d.Seconds())
	trunk := startSIPp(t, "failure-trunk.xml", c, netip.AddrPortFrom(trunkIP, 5090), s.entry, "-m", fmt.Sprint(cps*total), "-r", fmt.Sprint(cps),
		"-l", "15000", "-recv_timeout", "60000", "-cid_str", "soak-%u-%p@%s")
	trunk.rude = true
	trunks := []*sipp{trunk}
	for i, k := range soakKinds {
		trunks = append(trunks, s.soakKind(i, k.pbx, k.trunk, k.name, call{IAM: iam(k.id + soakSerial), Status: k.status, Ring: k.ring, Talk: 200}, total))
	}
	samples := s.soak(d)
	for _, p := range trunks {
		s.settle(p, trunkTail+20*time.Second) // so long the last ones ring
	}
	s.wire.close()
	s.soakVerdict(samples)
}

func soakTable(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("access_id,name,endpoint,pbx\n1001,answered gen-0,https://a.example/gen-0,agents\n")
	for _, k := range soakKinds {
		fmt.Fprintf(&b, "%s,%s,https://a.example/,%s\n", k.id, k.name, k.name)
	}
	for i := range 1000 {
		fmt.Fprintf(&b, "2%05d,Client %d,https://a.example/%d,agents\n", i, i, i)
	}
	file := filepath.Join(t.TempDir(), "soak.csv")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// soakConfig gives each kind of call a group; what is not identified goes where nobody answers.
func soakConfig(config string, pbxs []netip.AddrPort) string {
	head, _, _ := strings.Cut(config, "pbx_groups:\n")
	head += "pbx_groups:\n" + fmt.Sprintf("  - {name: default, targets: [{uri: \"sip:%s\"}]}\n", pbxs[len(pbxs)-1]) +
		fmt.Sprintf("  - name: agents\n    targets: [{uri: \"sip:%s\"}, {uri: \"sip:%s\"}]\n%s", pbxs[0], pbxs[1], probing)
	for i, k := range soakKinds {
		head += fmt.Sprintf("  - {name: %s, targets: [{uri: \"sip:%s\"}]}\n", k.name, pbxs[2+i])
	}
	return head
}

func (s *site) soakKind(i int, pbx, trunk, name string, c call, total int) *sipp {
	s.pbx(2+i, pbx, c)
	p := startSIPp(s.t, trunk, c, netip.AddrPortFrom(trunkIP, uint16(5100+10*i)), s.entry, "-m", fmt.Sprint(2*total), "-r", "2",
		"-l", "1000", "-recv_timeout", "60000", "-cid_str", "soak-"+name+"-%u-%p@%s")
	p.rude = true
	return p
}

// soak disturbs for the time given and takes a sample every ten seconds.
func (s *site) soak(d time.Duration) (samples []sample) {
	stray := dialUDP(s.t, netip.AddrPortFrom(trunk2IP, 5099))
	broken, _ := filepath.Glob(filepath.Join(repoRoot(s.t), "e2e", "testdata", "torture", "*.sip"))
	if len(broken) == 0 {
		s.t.Fatal("no torture messages")
	}
	begin := time.Now()
	restarts := make(chan int)
	go func() { restarts <- s.restarts(begin.Add(d)) }()
	restore, away := func() {}, false
	flaps, changes := 0, 0
	for i := 0; time.Since(begin) < d; i++ {
		if b, err := os.ReadFile(broken[i%len(broken)]); err == nil {
			_, _ = stray.conn.WriteToUDPAddrPort(b, s.nodes[0].addr)
		}
		command(s.t, s.dir, s.bin, "client", "set", "--db", "sipid.db", "1001", "--name", fmt.Sprintf("answered gen-%d", i),
			"--endpoint", fmt.Sprintf("https://a.example/gen-%d", i))
		changes++
		// A slow machine may pass over seconds: what is looked at is the time, not the round.
		switch second := int(time.Since(begin).Seconds()) % 30; {
		case second >= 10 && second < 13 && !away:
			restore = s.drop(fmt.Sprintf("ip daddr %s udp dport %d", s.pbxs[0].Addr(), s.pbxs[0].Port()))
			away = true
			flaps++
		case (second < 10 || second >= 13) && away:
			restore()
			away = false
		}
		if len(s.nodes) == 1 && i%10 == 0 {
			samples = append(samples, s.sample(time.Since(begin)))
		}
		time.Sleep(time.Until(begin.Add(time.Duration(i+1) * time.Second)))
	}
	restore()
	s.note("%d changes of the table, %d times a PBX away", changes, flaps)
	if n := <-restarts; len(s.nodes) > 1 {
		s.want(n > 0, "%d restarts", n)
		return nil
	}
	return append(samples, s.sample(time.Since(begin)))
}

// restarts drains the processes by turns and starts them again, where there are two, and tells how often. Half a minute lies
// between them: the edge's probes need ten seconds to see one that is back.
func (s *site) restarts(end time.Time) (n int) {
	if len(s.nodes) < 2 {
		return 0
	}
	for next := time.Now().Add(20 * time.Second); next.Before(end); next = time.Now().Add(30 * time.Second) {
		time.Sleep(time.Until(next))
		s.restart(s.nodes[n%len(s.nodes)])
		n++
	}
	return n
}

// restart drains a process and starts it again.
func (s *site) restart(n *node) {
	n.signal(syscall.SIGTERM) // to itself: calls that ring keep it for up to half a minute, and timeout would kill it
	if err := n.wait(40 * time.Second); err != nil {
		s.t.Errorf("drain: %v", err)
	}
	n.launch() // a test may only be ended by its own goroutine, which start might
	for range 1000 {
		if n.status("/readyz") == http.StatusOK {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	s.t.Errorf("%s is not ready", n.addr)
}

func (s *site) sample(at time.Duration) sample {
	value := func(name string) float64 {
		f, err := strconv.ParseFloat(s.metric(name), 64)
		if err != nil {
			s.t.Errorf("metric %s: %v", name, err)
		}
		return f
	}
	return sample{
		at: at, rss: value("process_resident_memory_bytes"), goroutines: value("go_goroutines"), fds: value("process_open_fds"),
		heap: value("go_memstats_sys_bytes") - value("go_memstats_heap_released_bytes"),
	}
}

func (s *site) soakVerdict(samples []sample) {
	calls, lost, why := map[string]int{}, map[string]int{}, map[string]map[string]int{}
	wrong, others := map[string]int{}, 0
	s.wire.eachNamed(func(id string, c *wireCall) {
		name, access, want := "answered", "1001", 200
		if !strings.HasPrefix(id, "soak-") {
			others++
			return
		}
		for _, k := range soakKinds {
			if strings.HasPrefix(id, "soak-"+k.name) {
				name, access, want = k.name, k.id, k.want
			}
		}
		calls[name]++
		if right := (identity{access, soakSerial, name}); c.torn || len(c.legs) > 0 && (c.identity != right || c.changed) {
			wrong[fmt.Sprintf("%s as %v", name, c.identity)]++
		}
		if c.status != want || c.status == 200 && c.bye > 0 && !c.byeOK {
			lost[name]++
			if why[name] == nil {
				why[name] = map[string]int{}
			}
			why[name][fmt.Sprintf("%d at the trunk (%s)", c.status, c.fate())]++
		}
	})
	s.want(len(wrong) == 0, "%d kinds of calls with a wrong identity at a PBX %v", len(wrong), wrong)
	s.want(others > 0, "%d broken calls beside", others)
	names := []string{"answered"}
	for _, k := range soakKinds {
		names = append(names, k.name)
	}
	for _, name := range names {
		s.want(calls[name] > 0 && lost[name] == 0, "%s: %d of %d otherwise than it has to be %v", name, lost[name], calls[name], why[name])
	}
	if len(samples) == 0 {
		return
	}
	s.flat(settled(samples))
}

// settled is what comes after the first third, which fills what has a bound of its own: transactions, pools, the heap up to
// what the rate needs, the calls that are kept.
func settled(samples []sample) []sample {
	from := samples[len(samples)-1].at / 3
	return samples[slices.IndexFunc(samples, func(x sample) bool { return x.at >= from }):]
}

// flat judges memory, goroutines and descriptors: the second half against the first.
func (s *site) flat(settled []sample) {
	first, last := settled[0], settled[len(settled)-1]
	s.note("over %v: RSS %.1f to %.1f MB (slope %+.1f MB/h), of the Go runtime %.1f to %.1f MB (%+.1f MB/h), goroutines %.0f to %.0f (%+.1f/h), descriptors %.0f to %.0f (%+.1f/h)", (last.at - first.at).Round(time.Second),
		first.rss/1e6, last.rss/1e6, slope(settled, func(x sample) float64 { return x.rss / 1e6 }),
		first.heap/1e6, last.heap/1e6, slope(settled, func(x sample) float64 { return x.heap / 1e6 }),
		first.goroutines, last.goroutines, slope(settled, func(x sample) float64 { return x.goroutines }),
		first.fds, last.fds, slope(settled, func(x sample) float64 { return x.fds }))
	half := len(settled) / 2
	rss := func(x sample) float64 { return x.rss }
	young := last.at < 10*time.Minute // the heap is still on its way to what the rate needs: the figure says nothing
	s.want(young || mean(settled[half:], rss) <= 1.05*mean(settled[:half], rss), "mean RSS of the second half %+.1f %%", 100*(mean(settled[half:], rss)/mean(settled[:half], rss)-1))
	s.want(last.goroutines <= first.goroutines+5 && last.fds <= first.fds+5, "goroutines and descriptors flat")
}

func mean(list []sample, f func(sample) float64) (sum float64) {
	for _, x := range list {
		sum += f(x) / float64(len(list))
	}
	return sum
}

// slope is that of the least squares, per hour.
func slope(list []sample, f func(sample) float64) float64 {
	at := func(x sample) float64 { return x.at.Hours() }
	mt, mf := mean(list, at), mean(list, f)
	var up, down float64
	for _, x := range list {
		up += (at(x) - mt) * (f(x) - mf)
		down += (at(x) - mt) * (at(x) - mt)
	}
	if down == 0 {
		return 0
	}
	return up / down
}
