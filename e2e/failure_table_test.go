package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The database and the log may do what they like: calls do not notice. Trunk and PBX are the load generator here, because
// it checks the identity of every call; each has a client of its own of 10,000.

// tableSite is one sipid with 10,000 clients and the generator.
type tableSite struct {
	*site
	generator, table string
	pin              []string // a command that runs the generator; nil: none
}

// loadFigures is what the generator prints, as far as it matters here.
type loadFigures struct {
	loadResult
	PDD struct {
		P50, P99 float64
	} `json:"pdd_us"`
	Refused struct {
		P50, P99 float64
	} `json:"refused_us"`
	RefusedCopy struct {
		N             int
		P50, P99, Max float64
	} `json:"refused_copy_us"`
	DupInvite int `json:"dup_invite_in"`
}

func newTableSite(t *testing.T, more ...func(*node)) *tableSite {
	t.Helper()
	dir := t.TempDir()
	ts := &tableSite{generator: filepath.Join(dir, "loadgen"), table: filepath.Join(dir, "clients.csv")}
	if err := goBuild(filepath.Join(repoRoot(t), "bench", "loadgen"), ts.generator, "."); err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	table.WriteString("access_id,name,endpoint\n")
	for i := range 10_000 {
		fmt.Fprintf(&table, "%04d,Client %04d Ltd,sip:pbx-%04d.example.net:%d\n", i, i, i, 5060+i%40)
	}
	if err := os.WriteFile(ts.table, []byte(table.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	ts.site = newSite(t, siteOptions{table: ts.table})
	for _, f := range more {
		f(ts.nodes[0])
	}
	ts.nodes[0].start()
	return ts
}

func (ts *tableSite) load(cps int, d time.Duration, more ...string) (f loadFigures) {
	ts.t.Helper()
	argv := slices.Concat(ts.pin, []string{ts.generator, "-target", ts.entry.String(), "-listen-uas", ts.pbxs[0].String(), "-listen-uac", trunkIP.String() + ":5090",
		"-clients", ts.table, "-expect", "job", "-warmup", "0s", "-json", "-cps", fmt.Sprint(cps), "-duration", d.String()}, more)
	out := command(ts.t, ts.dir, argv...)
	if err := json.Unmarshal([]byte(out), &f); err != nil {
		ts.t.Fatalf("%v in %q", err, out)
	}
	return f
}

// maxChange is how much the delay may change: the goal is that calls do not notice at all.
const maxChange = time.Millisecond

// endures loads with and without the fault by turns, up to four times: what a shared machine does to single milliseconds is
// not the fault's doing, so the smallest change counts. Lost and wrong calls count in every turn.
func (ts *tableSite) endures(what string, begin func() (end func())) {
	t := ts.t
	t.Helper()
	change, calls, lost, wrong, why := time.Hour, 0, 0, 0, map[string]int{}
	for range 4 {
		before := ts.turn(nil)
		during := ts.turn(begin)
		calls += during.Calls
		lost += during.Calls - during.Done
		wrong += during.BadContent
		for k, n := range during.Why {
			why[k] += n
		}
		change = min(change, time.Duration((during.PDD.P99-before.PDD.P99)*1000))
		if change <= within(maxChange, time.Second) {
			break
		}
	}
	ts.want(lost == 0 && wrong == 0, "%s: %d of %d lost, %d wrong %v", what, lost, calls, wrong, why)
	ts.want(change <= within(maxChange, time.Second), "p99 %+.2f ms", float64(change)/1e6)
}

// turn loads for a while, with a fault or, nil, without.
func (ts *tableSite) turn(begin func() (end func())) loadFigures {
	var end func()
	if begin != nil {
		end = begin()
	}
	f := ts.load(200, full(30*time.Second, within(3*time.Second, 2*time.Second)))
	if end != nil {
		end()
	}
	return f
}

// alarmed waits for sipid_table_error and notes how long it took.
func (ts *tableSite) alarmed(since time.Time) {
	ts.t.Helper()
	eventually(ts.t, 30*time.Second, "an alarm", func() bool { return ts.metric("sipid_table_error") == "1" })
	took := time.Since(since)
	ts.want(took <= within(5*time.Second, 20*time.Second), "alarm after %.1f s", took.Seconds())
}

func (ts *tableSite) well() {
	ts.t.Helper()
	eventually(ts.t, 30*time.Second, "the alarm is over", func() bool { return ts.metric("sipid_table_error") == "0" })
}

func (s *site) metric(name string) string {
	out, err := tryCommand(s.dir, "curl", "-s", "-m", "2", "http://"+s.nodes[0].http+"/metrics")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(out) {
		if v, ok := strings.CutPrefix(line, name+" "); ok {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

func TestFailureT17Locked(t *testing.T) {
	if !failure(t) {
		return
	}
	ts := newTableSite(t)
	ts.endures("locked", func() func() {
		since := time.Now()
		hold := exec.Command("sqlite3", filepath.Join(ts.dir, "sipid.db"))
		in, err := hold.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := hold.Start(); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(in, "BEGIN EXCLUSIVE;")
		ts.alarmed(since)
		return func() { in.Close(); _ = hold.Wait(); ts.well() }
	})
}

// slowLibrary makes every read of the database take two seconds while a file exists. It comes in by LD_PRELOAD: SQLite
// reads through the C library, and nothing else of sipid does.
const slowLibrary = `#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static void wait_if_slow(int fd) {
	char link[64], path[512];
	const char *flag = getenv("SLOW_WHILE");
	if (!flag || access(flag, F_OK)) return;
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, path, sizeof path - 1);
	if (n <= 0) return;
	path[n] = 0;
	if (strstr(path, "sipid.db")) sleep(2);
}
ssize_t pread64(int fd, void *b, size_t n, off64_t at) {
	wait_if_slow(fd);
	return ((ssize_t (*)(int, void *, size_t, off64_t))dlsym(RTLD_NEXT, "pread64"))(fd, b, n, at);
}
ssize_t read(int fd, void *b, size_t n) {
	wait_if_slow(fd);
	return ((ssize_t (*)(int, void *, size_t))dlsym(RTLD_NEXT, "read"))(fd, b, n);
}
`

func TestFailureT18Slow(t *testing.T) {
	if !failure(t) {
		return
	}
	dir := t.TempDir()
	source, library, flag := filepath.Join(dir, "slow.c"), filepath.Join(dir, "slow.so"), filepath.Join(dir, "slow")
	if err := os.WriteFile(source, []byte(slowLibrary), 0o600); err != nil {
		t.Fatal(err)
	}
	command(t, dir, "gcc", "-shared", "-fPIC", "-O", "-o", library, source, "-ldl")
	ts := newTableSite(t, func(n *node) { n.env = []string{"LD_PRELOAD=" + library, "SLOW_WHILE=" + flag} })
	ts.endures("2 s a read", func() func() {
		if err := os.WriteFile(flag, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		// A look at a file that did not change reads one page; a write makes it read all of it.
		command(t, ts.dir, ts.bin, "client", "set", "--db", "sipid.db", "0001", "--name", "Client 0001 Ltd")
		ts.alarmed(time.Now())
		return func() { os.Remove(flag); ts.well() }
	})
}

// T19: the file is damaged in every way; a good one is put back in between.
func TestFailureT19Damaged(t *testing.T) {
	if !failure(t) {
		return
	}
	ts := newTableSite(t)
	db, good, older := filepath.Join(ts.dir, "sipid.db"), filepath.Join(ts.dir, "good.db"), filepath.Join(ts.dir, "older.db")
	command(t, ts.dir, "cp", db, good)
	command(t, ts.dir, ts.bin, "client", "add", "--db", older, "--access-id", "0001", "--name", "x", "--endpoint", "https://a.example/")
	faults := []struct{ name, do string }{
		{"corrupt", `for i in $(seq 100); do dd if=/dev/urandom of=sipid.db bs=1 count=64 seek=$((RANDOM * 20)) conv=notrunc status=none; done`},
		{"truncated", `truncate -s 100000 sipid.db`},
		{"empty", `: >sipid.db`},
		{"deleted", `rm sipid.db`},
		{"older one in its place", `cp older.db x && mv x sipid.db`},
		{"another program's", `rm -f x && sqlite3 x 'create table a(b)' && mv x sipid.db`},
		{"text written over it", `yes text | head -c 200000 >sipid.db`},
	}
	for _, f := range faults {
		ts.endures(f.name, func() func() {
			since := time.Now()
			command(t, ts.dir, "bash", "-c", f.do)
			ts.alarmed(since)
			return func() { command(t, ts.dir, "bash", "-c", "cp good.db x && mv x sipid.db"); ts.well() }
		})
	}
	// The same once more, with a restart in the middle of it.
	command(t, ts.dir, "bash", "-c", "cp older.db x && mv x sipid.db")
	ts.nodes[0].kill()
	ts.nodes[0].start()
	after := ts.load(200, 3*time.Second)
	ts.want(after.Calls == after.Done && after.BadContent == 0, "restarted on the older one: %d of %d lost, %d wrong", after.Calls-after.Done, after.Calls, after.BadContent)
}

func TestFailureT20FullAndReadOnly(t *testing.T) {
	if !failure(t) {
		return
	}
	ts := newTableSite(t)
	ts.nodes[0].kill()
	// The namespace has mounts of its own.
	disk := filepath.Join(ts.dir, "disk")
	command(t, ts.dir, "bash", "-c", "mkdir disk && mount -t tmpfs -o size=6m none disk && cp sipid.db sipid.key disk/")
	t.Cleanup(func() { _, _ = tryCommand(ts.dir, "umount", "-l", disk) })
	n := ts.nodes[0]
	config, err := os.ReadFile(n.config)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(config), "sipid.db", "disk/sipid.db")
	ts.write(n.config, strings.ReplaceAll(text, "sipid.key", "disk/sipid.key"))
	n.start()
	ts.endures("disk full", func() func() {
		_, _ = tryCommand(ts.dir, "dd", "if=/dev/zero", "of=disk/filler", "bs=64k")
		return func() { os.Remove(filepath.Join(disk, "filler")) }
	})
	// A disk that is in use cannot be made read-only from outside; one that is read-only can be put in its place.
	command(t, ts.dir, "bash", "-c", "mkdir ro && mount -t tmpfs -o size=6m none ro && cp disk/sipid.db disk/sipid.key ro/ && mount -o remount,ro ro")
	t.Cleanup(func() { _, _ = tryCommand(ts.dir, "umount", "-l", filepath.Join(ts.dir, "ro")) })
	ts.endures("read-only", func() func() {
		command(t, ts.dir, "mount", "--bind", "ro", "disk")
		return func() { command(t, ts.dir, "umount", "-l", "disk") }
	})
	command(t, ts.dir, "mount", "--bind", "ro", "disk")
	n.kill()
	n.start()
	after := ts.load(200, 3*time.Second)
	ts.want(after.Calls == after.Done && after.BadContent == 0, "started on the read-only disk: %d of %d lost, %d wrong", after.Calls-after.Done, after.Calls, after.BadContent)
	command(t, ts.dir, "umount", "-l", "disk")
}

// T22: two tables change places while calls come; name and endpoint of a call must be of the same one.
func TestFailureT22Reload(t *testing.T) {
	if !failure(t) {
		return
	}
	dir := t.TempDir()
	rows := int(full(100_000, 10_000))
	bin := plainBinary.get(t)
	for _, g := range []string{"A", "B"} {
		var table strings.Builder
		table.WriteString("access_id,name,endpoint\n1001,Hangzhou gen-" + g + ",https://a.example/gen-" + g + "\n")
		for i := range rows {
			fmt.Fprintf(&table, "2%06d,Client gen-%s,https://a.example/gen-%s\n", i, g, g)
		}
		if err := os.WriteFile(filepath.Join(dir, g+".csv"), []byte(table.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		command(t, dir, bin, "client", "import", "--db", g+".db", g+".csv")
	}
	s := newSite(t, siteOptions{table: filepath.Join(dir, "A.csv")})
	s.nodes[0].start()
	c := hi(100, 200)
	s.pbx(0, "failure-pbx.xml", c)
	seconds := int(full(600*time.Second, 8*time.Second) / time.Second)
	trunk := s.trunk(c, 200, 200*seconds)
	swaps := 0
	for end := time.Now().Add(time.Duration(seconds) * time.Second); time.Now().Before(end); swaps++ {
		command(t, s.dir, "bash", "-c", fmt.Sprintf("cp %s/%c.db x && mv x sipid.db", dir, "AB"[swaps%2]))
		time.Sleep(100 * time.Millisecond)
	}
	s.settle(trunk, trunkTail)
	s.wire.close()
	taken := strings.Count(string(s.nodes[0].output()), "client table loaded")
	all := s.tally(0, s.wire.now())
	s.want(all.torn == 0, "%d tables of %d rows put in place, %d taken, %d torn", swaps, rows+1, taken, all.torn)
	s.want(all.lost == 0 && all.calls > 0, "%d of %d calls lost", all.lost, all.calls)
	s.want(taken > seconds/2, "at least one in two seconds")
}

// T28: nobody reads the log, nobody reads the metrics.
func TestFailureT28NobodyReads(t *testing.T) {
	if !failure(t) {
		return
	}
	ts := newTableSite(t)
	n := ts.nodes[0]
	n.kill()
	// sipid's standard error becomes a pipe whose reader is asleep, full from the start.
	ts.write(n.config, strings.Replace(string(must(os.ReadFile(n.config))), "http:", "log: {level: debug}\nhttp:", 1))
	n.prefix = []string{"bash", "-c", `mkfifo pipe; sleep 600 <pipe & exec 9>pipe; head -c 65536 /dev/zero >&9; exec "$@" 2>&9`, "bash"}
	n.start()
	stray := dialUDP(t, netip.AddrPortFrom(trunk2IP, 5099))
	dropped := func() float64 {
		f, err := strconv.ParseFloat(ts.metric("sipid_log_dropped_total"), 64)
		if err != nil {
			t.Errorf("lines dropped: %v", err)
		}
		return f
	}
	ts.endures("log full, 20 metrics readers stuck", func() func() {
		// Each of these is a line of a log at debug level; the queue takes 4,096. Then more of them beside the calls.
		for i := range 6000 {
			stray.send(n.addr, "this is no SIP\r\n\r\n")
			if i%100 == 0 {
				time.Sleep(5 * time.Millisecond)
			}
		}
		before := dropped()
		ts.want(before > 0, "%.0f log lines dropped before the calls", before)
		stop := make(chan struct{})
		go func() {
			for {
				select {
				case <-stop:
					return
				case <-time.After(5 * time.Millisecond):
					stray.send(n.addr, "this is no SIP\r\n\r\n")
				}
			}
		}()
		endReaders := ts.readers(true)
		return func() {
			close(stop)
			during := dropped() - before
			ts.want(during > 0, "%.0f beside them", during)
			endReaders()
		}
	})
	// What scrapes cost by themselves, and what the machine's other work does: neither is the fault of readers that are stuck.
	quiet, reading := time.Hour, time.Hour
	for range 4 {
		quiet = min(quiet, p99(ts.turn(nil)))
		reading = min(reading, p99(ts.turn(func() func() { return ts.readers(false) })))
	}
	ts.note("for comparison, at the best of four: p99 %s, with 20 readers that read as often %s", ms(quiet), ms(reading))
}

func p99(f loadFigures) time.Duration { return time.Duration(f.PDD.P99 * 1000) }

// readers are twenty that ask for the metrics two hundred times, all at once, and read the answers, or none of them.
func (ts *tableSite) readers(stuck bool) (end func()) {
	t := ts.t
	t.Helper()
	then := "exec cat <&3"
	if stuck {
		then = "exec sleep 300"
	}
	var all []*exec.Cmd
	for range 20 {
		r := exec.Command("bash", "-c", fmt.Sprintf("exec 3<>/dev/tcp/%s; for i in $(seq 200); do printf 'GET /metrics HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n' >&3; done; %s",
			strings.Replace(ts.nodes[0].http, ":", "/", 1), then))
		if err := r.Start(); err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return func() {
		for _, r := range all {
			_ = r.Process.Kill()
			_ = r.Wait()
		}
	}
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}
