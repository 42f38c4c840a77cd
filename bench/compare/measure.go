package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// sample is what one run of bench/run.sh says.
type sample struct {
	Calls  int `json:"calls"`
	Done   int `json:"done"` // through to the end
	Failed int `json:"failed"`
	Wrong  int `json:"bad_content"`
	ISUP   int `json:"isup_answers"`
	// Why counts the failed calls by what became of them.
	Why      map[string]int `json:"why"`
	Invites  int            `json:"retx_invite"` // sent again, as answers and BYEs are below
	Answers  int            `json:"retx_200"`
	Byes     int            `json:"retx_bye"`
	Achieved float64        `json:"achieved_cps"`
	CPU      float64        `json:"cpu_us_per_call"`
	PSS      float64        `json:"pss_kib"`
	Other    float64        `json:"other_cores"`
	Steal    float64        `json:"steal_cores"`
	PDD      struct {
		P50 float64 `json:"p50"`
		P99 float64 `json:"p99"`
	} `json:"pdd_us"`
}

// measurer measures a peer once.
type measurer interface {
	measure(ctx context.Context, peer string, cps int) (sample, error)
}

// script is bench/run.sh.
type script struct{ o options }

func (s script) measure(ctx context.Context, peer string, cps int) (sample, error) {
	cmd := exec.CommandContext(ctx, filepath.Join(s.o.root, "bench", "run.sh"), peer, fmt.Sprint(cps), fmt.Sprint(s.o.seconds))
	cmd.Env = append(os.Environ(), fmt.Sprintf("WARMUP=%ds", s.o.warmup), "IDLE=0.2s")
	if s.o.pinned {
		cmd.Env = append(cmd.Env, "PIN_PEER=1", "PIN_GEN=1")
	}
	cmd.Stderr = os.Stderr
	// A group of its own, ended as a whole: the script stops its peer, and the generator does not go on.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	var got sample
	out, err := cmd.Output()
	if ctx.Err() != nil {
		if cmd.Process != nil {
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // who began while the rest ended; mostly nobody
		}
		return got, fmt.Errorf("interrupted, nothing is written: %w", ctx.Err())
	}
	if err != nil {
		return got, fmt.Errorf("%s: %w", peer, err)
	}
	if err := json.Unmarshal(out, &got); err != nil {
		return got, fmt.Errorf("%s: the generator's result: %w", peer, err)
	}
	return got, nil
}

// rounds measures all peers in turn, again and again: what else the machine does
// then hits all of them alike.
func rounds(ctx context.Context, o options, m measurer, progress io.Writer) ([]row, error) {
	samples := map[int]map[string][]sample{}
	for _, cps := range o.rates {
		samples[cps] = map[string][]sample{}
	}
	for round := range o.rounds {
		for _, cps := range o.rates {
			for _, peer := range o.peers {
				s, err := m.measure(ctx, peer, cps)
				if err != nil {
					return nil, err
				}
				fmt.Fprintf(progress, "round %d, %d calls/s, %s: %.0f µs a call\n", round+1, cps, peer, s.CPU)
				samples[cps][peer] = append(samples[cps][peer], s)
			}
		}
	}
	var rows []row
	for _, cps := range o.rates {
		for _, peer := range o.peers {
			rows = append(rows, summary(peer, cps, samples[cps][peer], samples[cps][rival]))
		}
	}
	return rows, nil
}

// search finds the highest rate that is carried, to 5 %.
func search(ctx context.Context, o options, m measurer, progress io.Writer) ([]row, error) {
	found := map[string][]sample{}
	for range o.rounds {
		for _, peer := range o.peers {
			best, err := highest(ctx, o, m, peer, progress)
			if err != nil {
				return nil, err
			}
			found[peer] = append(found[peer], best)
		}
	}
	var rows []row
	for _, peer := range o.peers {
		r := summary(peer, 0, found[peer], found[rival])
		r.CPS = int(r.Rate)
		r.RateRatio = ratio(r.Rate, median(found[rival], func(s sample) float64 { return s.Achieved }))
		rows = append(rows, r)
	}
	return rows, nil
}

// highest is the measurement at the highest rate that a peer carries.
func highest(ctx context.Context, o options, m measurer, peer string, progress io.Writer) (best sample, err error) {
	low, high := o.rates[0], o.rates[1]
	for cps := low; ; cps = (low + high) / 2 {
		s, ok, err := carries(ctx, m, peer, cps, progress)
		if err != nil {
			return best, err
		}
		switch {
		case ok:
			low, best = cps, s
			best.Achieved = float64(cps)
		case cps == o.rates[0]:
			return sample{}, nil
		default:
			high = cps
		}
		if float64(high) < 1.05*float64(low) {
			return best, nil
		}
	}
}

// A rate is carried when less than 0.01 % of the calls failed and less than 0.1 %
// of their messages had to be sent again, as many were made as were asked for,
// and of a hundred calls 99 reached the PBX within a tenth of a second. The
// measure is the same for all.
const (
	mostFailed = 1e-4
	mostAgain  = 1e-3
	leastMade  = 0.97
	longestP99 = 100_000 // µs
)

func (s *sample) carried(cps int) bool {
	calls := float64(s.Calls)
	return float64(s.Failed) < mostFailed*calls && float64(s.Wrong) < mostFailed*calls && float64(s.again()) < mostAgain*calls &&
		s.Achieved > leastMade*float64(cps) && s.PDD.P99 <= longestP99
}

// again counts the messages that were sent again.
func (s *sample) again() int { return s.Invites + s.Answers + s.Byes }

// carries measures a rate, and once more when it was not carried: other work on
// the machine takes calls, too.
func carries(ctx context.Context, m measurer, peer string, cps int, progress io.Writer) (s sample, ok bool, err error) {
	for range 2 {
		if s, err = m.measure(ctx, peer, cps); err != nil {
			return s, false, err
		}
		ok = s.carried(cps)
		fmt.Fprintf(progress, "%s at %d calls/s: %d of %d failed %v, %d messages sent again, p99 %.0f µs, other cores %.2f: carried %v\n",
			peer, cps, s.Failed, s.Calls, s.Why, s.again(), s.PDD.P99, s.Other, ok)
		if ok {
			break
		}
	}
	return s, ok, nil
}
