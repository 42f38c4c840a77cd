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
	return s, nil
}

// Run is the command with a measurer.
func Run(args []string, m Measure, out io.Writer) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	return run(context.Background(), o, m, out, io.Discard)
}

// Carried judges a rate of 1000 calls a second, in which that many failed, that
// many messages were sent again, and the delay had this p99.
func Carried(calls, failed, again int, made, p99 float64) bool {
	s := sample{Calls: calls, Failed: failed, Answers: again, Achieved: made}
	s.PDD.P99 = p99
	return s.carried(1000)
}
