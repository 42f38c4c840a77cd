package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
)

// row is a peer at a rate: medians of all its rounds.
type row struct {
	Peer   string  `json:"peer"`
	CPS    int     `json:"cps"`
	Rounds int     `json:"rounds"`
	CPU    float64 `json:"cpu_us_per_call"`
	CPULow float64 `json:"cpu_us_per_call_lowest"`
	P50    float64 `json:"pdd_p50_us"`
	P99    float64 `json:"pdd_p99_us"`
	PSS    float64 `json:"pss_mib"`
	Rate   float64 `json:"rate"` // carried; of the search for the highest one
	Other  float64 `json:"other_cores"`
	Steal  float64 `json:"steal_cores"` // the worst
	Calls  int     `json:"calls"`
	Done   int     `json:"done"`       // through to the end
	Again  int     `json:"sent_again"` // messages that the generator had to send again: lost, or answered late
	Failed int     `json:"failed"`     // with those that were wrong
	Wrong  int     `json:"wrong"`
	ISUP   int     `json:"isup_answers"` // 200s in which the trunk got ISUP
	// The ratios to the rival at the same rate; of CPU the median of those within
	// each round. 0: it was not measured.
	CPURatio  float64 `json:"cpu_ratio"`
	P50Ratio  float64 `json:"pdd_p50_ratio"`
	P99Ratio  float64 `json:"pdd_p99_ratio"`
	PSSRatio  float64 `json:"pss_ratio"`
	RateRatio float64 `json:"rate_ratio"`
}

func summary(peer string, cps int, own, rival []sample) row {
	r := row{Peer: peer, CPS: cps, Rounds: len(own)}
	cpu := func(s sample) float64 { return s.CPU }
	p50 := func(s sample) float64 { return s.PDD.P50 }
	p99 := func(s sample) float64 { return s.PDD.P99 }
	pss := func(s sample) float64 { return s.PSS / 1024 }
	rate := func(s sample) float64 { return s.Achieved }
	r.CPU, r.P50, r.P99, r.PSS, r.Rate = median(own, cpu), median(own, p50), median(own, p99), median(own, pss), median(own, rate)
	r.Other = median(own, func(s sample) float64 { return s.Other })
	for i, s := range own {
		if i == 0 || s.CPU < r.CPULow {
			r.CPULow = s.CPU
		}
		r.Steal = max(r.Steal, s.Steal)
		r.Calls += s.Calls
		r.Done += s.Done
		r.Again += s.again()
		r.Failed += s.Failed
		r.Wrong += s.Wrong
		r.ISUP += s.ISUP
	}
	var within []float64
	for i := range min(len(own), len(rival)) {
		within = append(within, ratio(own[i].CPU, rival[i].CPU))
	}
	r.CPURatio = middle(within)
	r.P50Ratio, r.P99Ratio = ratio(r.P50, median(rival, p50)), ratio(r.P99, median(rival, p99))
	r.PSSRatio = ratio(r.PSS, median(rival, pss))
	return r
}

func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

func median(list []sample, f func(sample) float64) float64 {
	var values []float64
	for _, s := range list {
		values = append(values, f(s))
	}
	return middle(values)
}

// middle is the median; of none 0.
func middle(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}

// known is a ratio as it is printed; without a rival there is none.
func known(ratio float64) string {
	if ratio == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f", ratio)
}

// print prints the table.
func print(out io.Writer, rows []row) {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "peer\tcalls/s\tCPU µs/call\tlowest\tratio\tdelay p50 µs\tratio\tp99 µs\tratio\tPSS MiB\tratio\tcalls\tsent again\tfailed\twrong\tother cores\tstolen\t")
	for _, r := range rows {
		rate := fmt.Sprint(r.CPS)
		if r.RateRatio > 0 {
			rate = fmt.Sprintf("%d (%.2f)", r.CPS, r.RateRatio)
		}
		fmt.Fprintf(t, "%s\t%s\t%.0f\t%.0f\t%s\t%.0f\t%s\t%.0f\t%s\t%.0f\t%s\t%d\t%d\t%d\t%d\t%.2f\t%.3f\t\n",
			r.Peer, rate, r.CPU, r.CPULow, known(r.CPURatio), r.P50, known(r.P50Ratio), r.P99, known(r.P99Ratio), r.PSS, known(r.PSSRatio), r.Calls, r.Again, r.Failed, r.Wrong, r.Other, r.Steal)
	}
	t.Flush()
}
