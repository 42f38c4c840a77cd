package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// processes is a set of processes: those named, and all their descendants.
type processes []int

func findProcesses(roots []int) (processes, error) {
	children := childrenByParent()
	var out processes
	seen := map[int]bool{}
	var walk func(int)
	walk = func(p int) {
		if seen[p] {
			return
		}
		seen[p] = true
		if _, err := os.Stat("/proc/" + strconv.Itoa(p)); err != nil {
			return
		}
		out = append(out, p)
		for _, c := range children[p] {
			walk(c)
		}
	}
	for _, r := range roots {
		walk(r)
	}
	if len(roots) > 0 && len(out) == 0 {
		return nil, fmt.Errorf("-pids %v: no such process", roots)
	}
	return out, nil
}

func childrenByParent() map[int][]int {
	children := map[int][]int{}
	all, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range all {
		f := statFields(file)
		if len(f) < 2 {
			continue
		}
		pid, _ := strconv.Atoi(strings.Split(file, "/")[2])
		parent, _ := strconv.Atoi(f[1])
		children[parent] = append(children[parent], pid)
	}
	return children
}

// statFields returns the fields of a /proc/PID/stat behind the name, which may
// hold spaces; none: the process is gone.
func statFields(file string) []string {
	b, err := os.ReadFile(file)
	i := bytes.LastIndexByte(b, ')')
	if err != nil || i < 0 {
		return nil
	}
	return strings.Fields(string(b[i+1:]))
}

// usage is processor time in seconds.
type usage struct {
	user, system float64 // from /proc/PID/stat: 10 ms ticks, the sum is exact to a tick
	sched        float64 // the process's own clock: all threads, those that ended too, ns
	switches     int64   // context switches
}

func (a usage) sub(b usage) usage {
	return usage{a.user - b.user, a.system - b.system, a.sched - b.sched, a.switches - b.switches}
}

func (ps processes) usage() (u usage) {
	for _, p := range ps {
		dir := "/proc/" + strconv.Itoa(p)
		f := statFields(dir + "/stat")
		if len(f) < 13 {
			continue
		}
		user, _ := strconv.ParseFloat(f[11], 64)
		system, _ := strconv.ParseFloat(f[12], 64)
		u.user += user / 100
		u.system += system / 100
		u.sched += processTime(p)
		tasks, _ := os.ReadDir(dir + "/task")
		for _, t := range tasks {
			b, _ := os.ReadFile(dir + "/task/" + t.Name() + "/status")
			u.switches += number(b, "\nvoluntary_ctxt_switches:") + number(b, "\nnonvoluntary_ctxt_switches:")
		}
	}
	return u
}

// processTime reads the clock of another process, as clock_getcpuclockid(3) names it; 0: the process is gone.
func processTime(pid int) float64 {
	const sched = 2 // CPUCLOCK_SCHED
	var ts unix.Timespec
	if unix.ClockGettime(int32(^pid<<3|sched), &ts) != nil {
		return 0
	}
	return float64(ts.Nano()) / 1e9
}

// memory gives RSS summed (shared pages once per process), PSS summed (once in
// all) and the peak RSS summed, in KiB.
func (ps processes) memory() (rss, pss, peak int64) {
	for _, p := range ps {
		dir := "/proc/" + strconv.Itoa(p)
		b, _ := os.ReadFile(dir + "/smaps_rollup")
		rss += number(b, "\nRss:")
		pss += number(b, "\nPss:")
		b, _ = os.ReadFile(dir + "/status")
		peak += number(b, "\nVmHWM:")
	}
	return rss, pss, peak
}

// number returns the number behind a name in a /proc file; 0: it is not there.
func number(b []byte, name string) int64 {
	_, rest, ok := bytes.Cut(b, []byte(name))
	f := strings.Fields(string(rest[:min(len(rest), 40)]))
	if !ok || len(f) == 0 {
		return 0
	}
	n, _ := strconv.ParseInt(f[0], 10, 64)
	return n
}

// machine gives busy and stolen seconds of all the cores.
func machine() (busy, steal float64) {
	b, _ := os.ReadFile("/proc/stat")
	line, _, _ := bytes.Cut(b, []byte("\n"))
	f := strings.Fields(string(line)) // cpu user nice system idle iowait irq softirq steal
	if len(f) < 9 {
		return 0, 0
	}
	v := func(i int) float64 { x, _ := strconv.ParseFloat(f[i], 64); return x / 100 }
	return v(1) + v(2) + v(3) + v(6) + v(7), v(8)
}

// socketDrops gives the packets that the kernel dropped at sockets bound to the
// port (full receive buffer): the last column of /proc/net/udp.
func socketDrops(port uint16) int64 {
	b, _ := os.ReadFile("/proc/net/udp")
	want := fmt.Sprintf(":%04X", port)
	var n int64
	for line := range strings.Lines(string(b)) {
		f := strings.Fields(line)
		if len(f) >= 13 && strings.HasSuffix(f[1], want) {
			d, _ := strconv.ParseInt(f[12], 10, 64)
			n += d
		}
	}
	return n
}
