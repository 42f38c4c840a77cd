package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
)

// rival is whom the ratios are to.
const rival = "kam-job-2"

// options are the command line.
type options struct {
	root    string // of the repository
	what    string // cpu, max or memory
	peers   []string
	rates   []int // calls a second
	rounds  int
	seconds int // of each measurement
	warmup  int // seconds before it
	pinned  bool
	json    string // file for the results
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(command(ctx, os.Args[1:], func(o options) measurer { return script{o} }, os.Stdout, os.Stderr))
}

// command is main without the process: the exit status is 0, 1 for a call that failed or a peer that could not be
// measured, 2 for wrong usage.
func command(ctx context.Context, args []string, m func(options) measurer, stdout, stderr io.Writer) (exit int) {
	o, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintln(stderr, "bench:", err)
		return 2
	}
	if err := run(ctx, o, m(o), stdout, stderr); err != nil {
		fmt.Fprintln(stderr, "bench:", err)
		return 1
	}
	return 0
}

func parse(args []string, stderr io.Writer) (options, error) {
	o := options{what: "cpu"}
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		o.what, args = args[0], args[1:]
	}
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.SetOutput(io.Discard) // an error is said once, by main
	peers, rates := "", ""
	short := f.Bool("short", false, "sipid, "+rival+" and the floor, 2 rounds at 1000 calls/s: under a minute")
	f.StringVar(&o.root, "root", ".", "the repository")
	f.StringVar(&peers, "peers", "sipid,kam-job-2,kam-job-1,fwd-std,fwd-hard,chain", "who is measured, see bench/run.sh")
	f.StringVar(&rates, "cps", "", "calls a second, comma-separated (200,1000)")
	f.IntVar(&o.rounds, "rounds", 5, "how often each is measured, in turn")
	f.IntVar(&o.seconds, "seconds", 8, "of one measurement")
	f.IntVar(&o.warmup, "warmup", 7, "seconds before it; 35 shows sipid with all the finished transactions it holds")
	f.BoolVar(&o.pinned, "pinned", true, "peer and generator on processor 1")
	f.StringVar(&o.json, "json", "bench/out/bench.json", "file for the results")
	if err := f.Parse(args); errors.Is(err, flag.ErrHelp) {
		f.SetOutput(stderr)
		fmt.Fprintln(stderr, "Flags of cpu, which is what is measured if nothing is named. --short, max and memory have other defaults, flags win:")
		f.PrintDefaults()
		return o, err
	} else if err != nil {
		return o, fmt.Errorf("%w (-h lists the flags)", err)
	}
	given := map[string]bool{}
	f.Visit(func(one *flag.Flag) { given[one.Name] = true })
	if f.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q", f.Arg(0))
	}
	if err := o.defaults(*short, given, &peers, &rates); err != nil {
		return o, err
	}
	o.peers = strings.Split(peers, ",")
	for _, r := range strings.Split(rates, ",") {
		n, err := strconv.Atoi(r)
		if err != nil || n <= 0 {
			return o, fmt.Errorf("-cps: %q is no rate", r)
		}
		o.rates = append(o.rates, n)
	}
	if o.what == "max" && (len(o.rates) != 2 || o.rates[0] >= o.rates[1]) {
		return o, fmt.Errorf("max: -cps LOW,HIGH says where to search")
	}
	if o.rounds < 1 || o.seconds < 1 || o.warmup < 0 {
		return o, fmt.Errorf("-rounds, -seconds and -warmup are positive numbers")
	}
	return o, nil
}

// defaults fills in what depends on what is measured.
func (o *options) defaults(short bool, given map[string]bool, peers, rates *string) error {
	set := func(name string, f func()) {
		if !given[name] {
			f()
		}
	}
	switch o.what {
	case "cpu":
		set("cps", func() { *rates = "200,1000" })
	case "max":
		set("cps", func() { *rates = "1000,12000" }) // where to search
		set("peers", func() { *peers = "sipid,kam-job-2,kam-job-1" })
		set("rounds", func() { o.rounds = 1 })
		set("pinned", func() { o.pinned = false })
		set("warmup", func() { o.warmup = 3 })
		set("seconds", func() { o.seconds = 6 })
	case "memory":
		set("cps", func() { *rates = "1000" })
		set("peers", func() { *peers = "sipid,kam-job-2" })
		set("rounds", func() { o.rounds = 1 })
		set("warmup", func() { o.warmup = 35 })
		set("seconds", func() { o.seconds = 25 })
	default:
		return fmt.Errorf("%q is not measured here: cpu, max or memory", o.what)
	}
	if short {
		set("cps", func() { *rates = "1000" })
		set("peers", func() { *peers = "sipid,kam-job-2,fwd-hard" })
		set("rounds", func() { o.rounds = 2 })
		set("seconds", func() { o.seconds = 4 })
		set("warmup", func() { o.warmup = 3 })
	}
	return nil
}

// run measures, prints the table and writes the results. It fails when a call
// failed or was wrong.
func run(ctx context.Context, o options, m measurer, out, progress io.Writer) error {
	var rows []row
	var err error
	if o.what == "max" {
		rows, err = search(ctx, o, m, progress)
	} else {
		rows, err = rounds(ctx, o, m, progress)
	}
	if err != nil {
		return err
	}
	print(out, rows)
	if err := write(o.json, rows); err != nil {
		return err
	}
	for _, r := range rows {
		if o.what != "max" && (r.Failed+r.Wrong > 0 || r.Calls == 0 || r.Done != r.Calls) {
			return fmt.Errorf("%s at %d calls/s: of %d calls %d went through, %d failed, %d were wrong", r.Peer, r.CPS, r.Calls, r.Done, r.Failed, r.Wrong)
		}
	}
	return nil
}

func write(path string, rows []row) error {
	b, err := json.MarshalIndent(rows, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(b, '\n'), 0o644)
}
