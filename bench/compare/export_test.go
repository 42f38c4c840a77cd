package main

import (
	"context"
	"io"
)

// Measure is a measurer of a test.
type Measure func(peer string, cps int) (calls, failed, wrong int, cpu float64)

func (f Measure) measure(_ context.Context, peer string, cps int) (sample, error) {
	s := sample{Achieved: float64(cps)}
	s.Calls, s.Failed, s.Wrong, s.CPU = f(peer, cps)
	s.Done = s.Calls - s.Failed
	return s, nil
}

// Run is the command with a measurer.
func Run(args []string, m Measure, out io.Writer) error {
	o, err := parse(args, io.Discard)
	if err != nil {
		return err
	}
	return run(context.Background(), o, m, out, io.Discard)
}

// Sample is what was measured.
type Sample = sample

type altered struct {
	Measure
	alter func(*Sample)
}

func (a altered) measure(ctx context.Context, peer string, cps int) (sample, error) {
	s, err := a.Measure.measure(ctx, peer, cps)
	a.alter(&s)
	return s, err
}

// RunSamples is Run with samples that are altered.
func RunSamples(args []string, m Measure, alter func(*Sample)) error {
	o, err := parse(args, io.Discard)
	if err != nil {
		return err
	}
	return run(context.Background(), o, altered{m, alter}, io.Discard, io.Discard)
}

// MeasureScript runs bench/run.sh below root.
func MeasureScript(ctx context.Context, root string) error {
	_, err := script{options{root: root}}.measure(ctx, "peer", 1)
	return err
}

// Main is the command, up to the process: with a measurer.
func Main(args []string, m Measure, stderr io.Writer) (exit int) {
	return command(context.Background(), args, func(options) measurer { return m }, io.Discard, stderr)
}

// Carried judges a rate of 1000 calls a second, in which that many failed, that
// many messages were sent again, and the delay had this p99.
func Carried(calls, failed, again int, made, p99 float64) bool {
	s := sample{Calls: calls, Failed: failed, Answers: again, Achieved: made}
	s.PDD.P99 = p99
	return s.carried(1000)
}
