package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	compare "sipid/bench/compare"
)

func measure(t *testing.T, m compare.Measure, args ...string) (table string, rows []map[string]any, err error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "bench.json")
	var out bytes.Buffer
	err = compare.Run(append(args, "-json", file), m, &out)
	if b, readErr := os.ReadFile(file); readErr == nil {
		if err := json.Unmarshal(b, &rows); err != nil {
			t.Fatal(err)
		}
	}
	return out.String(), rows, err
}

// Peers are measured in turn, and the ratio is that within a round: a machine that
// gets slower and slower does not change it.
func TestRatioIsWithinTheRound(t *testing.T) {
	var order []string
	slow := 100.0
	m := func(peer string, cps int) (int, int, int, float64) {
		order = append(order, peer)
		if peer == "kam-job-2" {
			slow *= 2
			return 1000, 0, 0, slow
		}
		return 1000, 0, 0, slow // half of what the rival is about to need
	}
	table, rows, err := measure(t, m, "cpu", "-peers", "sipid,kam-job-2", "-cps", "1000", "-rounds", "3")
	if err != nil || len(rows) != 2 || rows[0]["cpu_ratio"] != 0.5 || rows[1]["cpu_ratio"] != 1.0 {
		t.Errorf("%v, %v\n%s", err, rows, table)
	}
	if !slices.Equal(order, []string{"sipid", "kam-job-2", "sipid", "kam-job-2", "sipid", "kam-job-2"}) {
		t.Errorf("measured %v", order)
	}
}

func TestWrongCallFails(t *testing.T) {
	for _, wrong := range []int{0, 1} {
		m := func(peer string, cps int) (int, int, int, float64) { return 1000, 1 - wrong, wrong, 100 }
		_, _, err := measure(t, m, "-short")
		if err == nil || !strings.Contains(err.Error(), "sipid at 1000 calls/s") {
			t.Errorf("%v", err)
		}
	}
}

func TestHighestRate(t *testing.T) {
	m := func(peer string, cps int) (int, int, int, float64) {
		limit := map[string]int{"sipid": 6000, "kam-job-2": 4000, "kam-job-1": 500}[peer]
		if cps > limit {
			return 10000, 2, 0, 100
		}
		return 10000, 0, 0, 100
	}
	table, rows, err := measure(t, m, "max")
	if err != nil || len(rows) != 3 {
		t.Fatal(err, rows)
	}
	for i, limit := range []float64{6000, 4000, 0} {
		if got := rows[i]["cps"].(float64); got > limit || got < 0.95*limit {
			t.Errorf("found %v, want %v\n%s", got, limit, table)
		}
	}
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{{"speed"}, {"-cps", "0"}, {"-cps", "x"}, {"-rounds", "0"}, {"cpu", "more"}, {"max", "-cps", "1000"}} {
		if _, _, err := measure(t, func(string, int) (int, int, int, float64) { return 0, 0, 0, 0 }, args...); err == nil {
			t.Errorf("%v was taken", args)
		}
	}
}

// A rate at which calls wait or are sent again is not carried, though none fails.
func TestCarried(t *testing.T) {
	for name, c := range map[string]struct {
		failed, again int
		made, p99     float64
		want          bool
	}{
		"OK": {0, 9, 1000, 99_000, true}, "Failed": {1, 0, 1000, 900, false}, "Again": {0, 10, 1000, 900, false},
		"Late": {0, 0, 1000, 101_000, false}, "Fewer": {0, 0, 969, 900, false},
	} {
		if got := compare.Carried(10_000, c.failed, c.again, c.made, c.p99); got != c.want {
			t.Errorf("%s: carried %v", name, got)
		}
	}
}

// A peer that made no calls, or lost sight of some, has not passed.
func TestCallsNotAccountedFor(t *testing.T) {
	for name, calls := range map[string]int{"none": 0, "one not through": 1000} {
		m := func(peer string, cps int) (int, int, int, float64) { return calls, 0, 0, 100 }
		done := func(s *compare.Sample) { s.Done = max(calls-1, 0) }
		if err := compare.RunSamples([]string{"-short", "-json", filepath.Join(t.TempDir(), "b.json")}, m, done); err == nil {
			t.Errorf("%s: passed", name)
		}
	}
}

func TestExitStatus(t *testing.T) {
	file := filepath.Join(t.TempDir(), "bench.json")
	for name, c := range map[string]struct {
		args   []string
		failed int
		exit   int
		says   string
	}{
		"good":         {[]string{"-short", "-json", file}, 0, 0, "round 2, 1000 calls/s, fwd-hard"},
		"a call fails": {[]string{"-short", "-json", file}, 1, 1, "2 failed"},
		"help":         {[]string{"-h"}, 0, 0, "-rounds"},
		"unknown flag": {[]string{"-shrt"}, 0, 2, "-shrt"},
		"one rate":     {[]string{"max", "-cps", "1000"}, 0, 2, "LOW,HIGH"},
	} {
		var stderr bytes.Buffer
		m := func(string, int) (int, int, int, float64) { return 1000, c.failed, 0, 100 }
		exit := compare.Main(c.args, m, &stderr)
		if exit != c.exit || strings.Count(stderr.String(), c.says) != 1 {
			t.Errorf("%s: exit %d, %s", name, exit, &stderr)
		}
	}
}

// Interrupted, a measurement leaves nothing running: neither the peer nor the generator.
func TestInterrupt(t *testing.T) {
	root := t.TempDir()
	pids := filepath.Join(root, "pids")
	text := "#!/bin/bash\ntrap 'kill $! 2>/dev/null; echo stopped >" + root + "/stopped' EXIT\nsleep 100 &\necho $! >" + pids + "\nbash -c 'echo >>" + pids + "; exec sleep 100'\n"
	if err := os.MkdirAll(filepath.Join(root, "bench"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "bench", "run.sh"), []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	ctx, interrupt := context.WithCancel(context.Background())
	defer interrupt()
	ended := make(chan error, 1)
	go func() { ended <- compare.MeasureScript(ctx, root) }()
	for b, _ := os.ReadFile(pids); !bytes.HasSuffix(b, []byte("\n\n")); b, _ = os.ReadFile(pids) {
		time.Sleep(5 * time.Millisecond)
	}
	interrupt()
	select {
	case err := <-ended: // not before all who hold its output have ended
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the peer goes on")
	}
	if err := compare.MeasureScript(ctx, root); !errors.Is(err, context.Canceled) {
		t.Errorf("begun when interrupted already: %v", err)
	}
	if _, err := os.Stat(filepath.Join(root, "stopped")); err != nil {
		t.Errorf("the script did not clean up: %v", err)
	}
}
