// Occupy takes a part of one processor before everything else there, a little in
// each millisecond, so that what else runs on it has a slow processor. A quota of
// the kernel's would give it a fast one now and then: quotas are billed by the tick,
// some milliseconds of all and then long of nothing.
//
//	occupy -cpu 0 -share 0.9
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const period = time.Millisecond

func main() {
	cpu := flag.Int("cpu", 0, "which processor")
	share := flag.Float64("share", 0.9, "how much of it is taken, 0 to 0.94: the kernel keeps real-time threads from more")
	flag.Parse()
	if flag.NArg() > 0 || *cpu < 0 || !(*share >= 0 && *share <= 0.94) {
		flag.Usage()
		os.Exit(2)
	}
	if err := first(*cpu); err != nil {
		fmt.Fprintln(os.Stderr, "occupy:", err)
		os.Exit(1)
	}
	fmt.Println("occupied")
	take(time.Duration(*share * float64(period)))
}

// first has this thread run on that processor alone, before all threads that are
// not real-time ones.
func first(cpu int) error {
	runtime.LockOSThread()
	var set unix.CPUSet
	set.Set(cpu)
	if err := unix.SchedSetaffinity(0, &set); err != nil {
		return fmt.Errorf("processor %d: %w", cpu, err)
	}
	if err := unix.SchedSetAttr(0, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_FIFO, Priority: 1}, 0); err != nil {
		return fmt.Errorf("real-time priority: %w", err)
	}
	return nil
}

// take works for that long in each period, for ever.
func take(busy time.Duration) {
	for begin := clock(); ; begin += period {
		for clock() < begin+busy {
		}
		wake := unix.NsecToTimespec(int64(begin + period))
		// The runtime is not told of this wait, and takes nothing away meanwhile.
		unix.RawSyscall6(unix.SYS_CLOCK_NANOSLEEP, unix.CLOCK_MONOTONIC, unix.TIMER_ABSTIME, uintptr(unsafe.Pointer(&wake)), 0, 0, 0)
	}
}

// clock is the time that the kernel wakes by.
func clock() time.Duration {
	var t unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &t) // clock and address are right
	return time.Duration(t.Nano())
}
