package e2e_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// slow gives a node the part of one processor that occupied leaves, a little of it in each millisecond, and so much memory; 0 is
// no bound. It has to come before start.
func (n *node) slow(memory int) {
	t := n.site.t
	t.Helper()
	program := filepath.Join(n.site.dir, "occupy")
	if err := goBuild(filepath.Join(repoRoot(t), "bench", "occupy"), program, "."); err != nil {
		t.Fatal(err)
	}
	p := start(t, n.site.dir, "occupied", program, "-cpu", "0", "-share", fmt.Sprint(occupied))
	eventually(t, 5*time.Second, "a slow processor: "+string(p.output()), func() bool { return bytes.HasPrefix(p.output(), []byte("occupied")) })
	join := ""
	if memory > 0 {
		join = n.hold(memory)
	}
	n.prefix = []string{"bash", "-c", join + `exec taskset -c 0 "$@"`, "bash"}
}

// hold makes a control group with so much memory, and gives what the shell of a process does to be in it.
func (n *node) hold(memory int) (join string) {
	t := n.site.t
	t.Helper()
	// The namespace has a sysfs of its own, where no control groups are mounted.
	mount, file := "groups", "memory.max"
	if _, err := tryCommand(n.site.dir, "bash", "-c", "mkdir groups && mount -t cgroup2 none groups && { echo +memory >groups/cgroup.subtree_control || { umount groups; false; }; }"); err != nil {
		mount, file = "memory", "memory.limit_in_bytes" // version 1
		command(t, n.site.dir, "bash", "-c", "mkdir memory && mount -t cgroup -o memory none memory")
	}
	group := filepath.Join(n.site.dir, mount, fmt.Sprintf("sipid-e2e-%d", os.Getpid()))
	if err := os.Mkdir(group, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		n.process.kill()
		for range 50 {
			if os.Remove(group) == nil {
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
		_, _ = tryCommand(n.site.dir, "umount", mount)
	})
	n.site.write(filepath.Join(group, file), strconv.Itoa(memory))
	return fmt.Sprintf("echo $$ >%s/cgroup.procs; ", group)
}

// nice is that of the thread that ran before all others of the process while f did, beside that of this process.
func (n *node) nice(f func()) int {
	child, err := os.ReadFile(fmt.Sprintf("/proc/%[1]d/task/%[1]d/children", n.process.cmd.Process.Pid)) // of timeout(1)
	if err != nil {
		n.site.t.Error(err)
	}
	own, err := syscall.Getpriority(syscall.PRIO_PROCESS, 0) // counted from 20 down
	if err != nil {
		n.site.t.Error(err)
	}
	least, over := make(chan int), make(chan struct{})
	go func() {
		best := 20
		for {
			select {
			case <-over:
				least <- best
				return
			case <-time.After(100 * time.Millisecond):
				best = min(best, firstNice(strings.TrimSpace(string(child))))
			}
		}
	}()
	f()
	close(over)
	return <-least - (20 - own)
}

// firstNice is the least of the threads of a process.
func firstNice(pid string) int {
	least := 20
	threads, _ := filepath.Glob("/proc/" + pid + "/task/*/stat")
	for _, thread := range threads {
		stat, _ := os.ReadFile(thread) // it may be gone
		if _, after, found := strings.Cut(string(stat), ") "); found {
			nice, _ := strconv.Atoi(strings.Fields(after)[16])
			least = min(least, nice)
		}
	}
	return least
}

// occupied is how much of its processor sipid does not have, so that the generator on the other ones can offer ten times as much as
// it takes: with a fifth it cannot. A quota of 1 ms in 10 would not do: the kernel bills by its tick of 4 ms, so that a process
// runs for 4 ms and then not for 36, which no machine does, and which no refusal can be faster than.
const occupied = 0.9

// apart has the generator run where what is held does not.
func (ts *tableSite) apart() {
	if n := runtime.NumCPU(); n > 1 {
		ts.pin = []string{"taskset", "-c", fmt.Sprintf("1-%d", n-1)}
	}
}

// capacity looks for the rate that just goes through. In the long form that is one that goes through for longer than finished
// transactions are held, 32 s: until then there is less to keep.
func (ts *tableSite) capacity() (c float64) {
	through := func(rate int, d time.Duration) bool {
		f := ts.load(rate, d, "-arrival", "uniform", "-timeout", "5s")
		return f.Done >= f.Calls*98/100
	}
	rate := 50
	for ; rate <= 4000 && through(rate, 4*time.Second); rate = rate * 5 / 4 {
		c = float64(rate)
	}
	for ; long() && c > 0 && !through(int(c), 40*time.Second); c = float64(int(c * 0.9)) {
	}
	return c
}

// maxRefusal is what 99 of a hundred refusals may take. What stands in the queue when overload begins is refused late, some hundred
// calls: of 120 s less than that, of the few of the short form more.
func maxRefusal() time.Duration {
	return within(full(50*time.Millisecond, 250*time.Millisecond), time.Second)
}

// overload measures one step of overload against a capacity.
func (ts *tableSite) overload(c float64, times int, d time.Duration) loadFigures {
	ts.t.Helper()
	var f loadFigures
	nice := ts.nodes[0].nice(func() {
		f = ts.load(int(c)*times, d, "-arrival", "uniform", "-timeout", "15s", "-max-calls", "4000000")
	})
	ts.want(nice == -10, "the reader runs with a nice of %d more", nice)
	accepted := float64(f.Done) / d.Seconds()
	ts.want(accepted >= 0.9*c, "%d times: %.0f calls/s taken (%.0f %%)", times, accepted, 100*accepted/c)
	most := float64(maxRefusal().Microseconds())
	ts.want(f.RefusedCopy.P99 <= most, "%d refused, after the copy that they answer p50 %.1f, p99 %.1f, all within %.1f ms", f.RefusedCopy.N, f.RefusedCopy.P50/1000, f.RefusedCopy.P99/1000, f.RefusedCopy.Max/1000)
	// Beyond three times not everybody can be told no, and what comes to it late is a repeat.
	ts.want(times > 3 || f.Refused.P99 <= most && f.Why["timeout_no_answer_at_all"] == 0, "after the first copy p50 %.1f, p99 %.1f ms, %d without any answer",
		f.Refused.P50/1000, f.Refused.P99/1000, f.Why["timeout_no_answer_at_all"])
	inDialog := f.Why["timeout_no_bye_200"]
	ts.want(inDialog == 0 && f.BadContent == 0, "%d BYEs lost, PDD p99 %.1f ms %v", inDialog, f.PDD.P99/1000, f.Why)
	return f
}

// T2: two, five and ten times as many calls as the process can take.
func TestFailureT02Overload(t *testing.T) {
	if !failure(t) {
		return
	}
	ts := newTableSite(t, func(n *node) { n.slow(0) })
	ts.apart()
	c := ts.capacity()
	ts.want(c > 0, "C is %.0f calls/s at %.0f %% of a processor", c, 100*(1-occupied))
	if c == 0 {
		return
	}
	for _, times := range []int{2, 5, 10} {
		ts.overload(c, times, full(120*time.Second, 8*time.Second))
		time.Sleep(5 * time.Second)
		after := ts.load(int(c)/2, 3*time.Second, "-arrival", "uniform")
		ts.want(after.Done == after.Calls, "5 s after: %d of %d lost at C/2 %v", after.Calls-after.Done, after.Calls, after.Why)
	}
}

// Beside T2: a process that is kept from running again and again, but has the time for all of its calls, refuses none. With
// few calls nearly every one of them waits until it runs again, and still there is no queue.
func TestFailureT02Starved(t *testing.T) {
	if !failure(t) {
		return
	}
	t.Run("many", func(t *testing.T) { starved(t, 200, 60*time.Millisecond) })
	t.Run("few", func(t *testing.T) { starved(t, 15, 8*time.Millisecond) })
}

// starved stops the process for 100 to 200 ms and has it run for a moment, by turns.
func starved(t *testing.T, cps int, run time.Duration) {
	s := newSite(t, siteOptions{})
	n := s.nodes[0]
	n.start()
	c := hi(300, 500)
	s.pbx(0, "failure-pbx.xml", c)
	seconds := int(full(60*time.Second, 8*time.Second) / time.Second)
	trunk := s.trunk(c, cps, cps*seconds)
	stop, stalls := time.Now().Add(time.Duration(seconds)*time.Second), 0
	for ; time.Now().Before(stop); stalls++ {
		n.signal(syscall.SIGSTOP)
		time.Sleep(100*time.Millisecond + rand.N(100*time.Millisecond))
		n.signal(syscall.SIGCONT)
		time.Sleep(run)
	}
	s.settle(trunk, trunkTail)
	s.wire.close()
	all := s.tally(0, s.wire.now())
	s.want(all.calls > 0 && all.lost == 0, "starved: stopped %d times for 100 to 200 ms at %d calls/s: %d of %d lost %v", stalls, cps, all.lost, all.calls, all.why)
}

// T3: somebody floods while others call.
func TestFailureT03Flood(t *testing.T) {
	if !failure(t) {
		return
	}
	for _, who := range []struct {
		name string
		from netip.Addr
	}{{"stranger", netip.MustParseAddr("127.0.0.66")}, {"trunk", trunk2IP}} {
		t.Run(who.name, func(t *testing.T) { flooded(t, who.name, netip.AddrPortFrom(who.from, 5099)) })
	}
}

func flooded(t *testing.T, name string, from netip.AddrPort) {
	s := newSite(t, siteOptions{})
	s.nodes[0].start()
	c := hi(200, 500)
	s.pbx(0, "failure-pbx.xml", c)
	const rate = 50_000
	cpu := s.cpu()
	sent := flood(t, from, s.entry, rate, full(20*time.Second, 3*time.Second))
	cost := time.Duration((s.cpu() - cpu) / float64(max(sent, 1)) * 1e9)
	s.want(cost <= within(2*time.Microsecond, 10*time.Microsecond), "%s: %d packets of garbage, %v of processor each", name, sent, cost)
	seconds := int(full(60*time.Second, 8*time.Second) / time.Second)
	trunk := s.trunk(c, 100, 100*seconds)
	sent = flood(t, netip.AddrPortFrom(from.Addr(), from.Port()+1), s.entry, rate, time.Duration(seconds)*time.Second)
	s.settle(trunk, trunkTail)
	s.wire.close()
	all := s.tally(0, s.wire.now())
	s.want(all.calls > 0 && all.lost == 0 && all.inDialogLost == 0, "%d packets in %d s beside calls: %d of %d calls lost %v", sent, seconds, all.lost, all.calls, all.why)
}

func (s *site) cpu() float64 {
	f, err := strconv.ParseFloat(s.metric("process_cpu_seconds_total"), 64)
	if err != nil {
		s.t.Errorf("processor time: %v", err)
	}
	return f
}

// flood sends garbage, so many packets a second.
func flood(t *testing.T, from, to netip.AddrPort, rate int, d time.Duration) (sent int64) {
	t.Helper()
	p := dialUDP(t, from)
	garbage := make([]byte, 400)
	for i := range garbage {
		garbage[i] = byte(rand.Uint32())
	}
	begin := time.Now()
	for time.Since(begin) < d {
		for behind := int64(time.Since(begin).Seconds()*float64(rate)) - sent; behind > 0; behind-- {
			if _, err := p.conn.WriteToUDPAddrPort(garbage, to); err == nil {
				sent++
			} else {
				break
			}
		}
		time.Sleep(time.Millisecond)
	}
	return sent
}

// T24: five times what it can take, in 256 MB.
func TestFailureT24Memory(t *testing.T) {
	if !failure(t) {
		return
	}
	const limit = 256 << 20
	ts := newTableSite(t, func(n *node) { n.slow(limit) })
	ts.apart()
	c := ts.capacity()
	if c == 0 {
		t.Fatal("no capacity")
	}
	ts.overload(c, 5, full(120*time.Second, 10*time.Second))
	ts.want(!ts.nodes[0].exited(), "the process lives")
	rss, err := strconv.ParseFloat(ts.metric("process_resident_memory_bytes"), 64)
	ts.want(err == nil && rss < limit, "RSS %.0f MB of %d", rss/1e6, limit/1_000_000)
}
