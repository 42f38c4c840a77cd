package main_test

import (
	"fmt"
	"os"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	main "sipid/bench/loadgen"
)

// The time of a thread that has ended is the process's still: a peer that works in
// threads of short life is not the cheaper for it.
func TestCPUOfEndedThreads(t *testing.T) {
	const burnt = 100 * time.Millisecond
	before := main.CPUSeconds(os.Getpid())
	thread := make(chan int, 1)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		for start := threadTime(); threadTime()-start < burnt; {
		}
		thread <- unix.Gettid()
	}()
	task := fmt.Sprintf("/proc/self/task/%d", <-thread)
	for _, err := os.Stat(task); err == nil; _, err = os.Stat(task) {
		time.Sleep(time.Millisecond)
	}
	if got := main.CPUSeconds(os.Getpid()) - before; got < burnt.Seconds() {
		t.Errorf("%.3f s are counted of %v and more", got, burnt)
	}
}

func threadTime() time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &ts); err != nil {
		panic(err) // no Linux has it not
	}
	return time.Duration(ts.Nano())
}
