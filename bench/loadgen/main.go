package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
)

func main() {
	// Each receiver finds a P at once; the kernel schedules. And no collection
	// while measuring: what a call leaves behind is small.
	runtime.GOMAXPROCS(6)
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(3 << 30)
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run is main without the process: the exit status is 0, 1 for an error or,
// with -strict, for a call that failed, 2 for wrong usage.
func run(args []string, stdout, stderr io.Writer) int {
	c, err := parseFlags(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintln(stderr, "loadgen:", err)
		return 2
	}
	r, err := generate(c)
	if err != nil {
		fmt.Fprintln(stderr, "loadgen:", err)
		return 1
	}
	if err := write(stdout, r, c.oneLine); err != nil {
		fmt.Fprintln(stderr, "loadgen:", err)
		return 1
	}
	if c.strict && !r.good() {
		fmt.Fprintf(stderr, "loadgen: %d calls, %d through, %d failed, %d of them with wrong content %v\n", r.Calls, r.Done, r.Failed, r.BadContent, r.Why)
		return 1
	}
	return 0
}

func write(w io.Writer, r *result, oneLine bool) error {
	e := json.NewEncoder(w)
	if !oneLine {
		e.SetIndent("", " ")
	}
	return e.Encode(r)
}
