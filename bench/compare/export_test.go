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
