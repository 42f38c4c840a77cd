package main

import (
	"slices"
	"sync"
	"sync/atomic"
)

// counters of a run.
type counters struct {
	started, done, failed, wrong, failedMeasured atomic.Int64

	resentInvite, resentOK, resentBye        atomic.Int64 // sent again by this side
	againInvite, againOK, againACK, againBye atomic.Int64 // received again
	stray, byeFirst, trying, isupAnswers     atomic.Int64
	sendFailed, packetsIn                    atomic.Int64

	wrongBy  [checkCount]atomic.Int64
	timedOut [stateCount]atomic.Int64
	status   [700]atomic.Int64
}

// The delays that are measured.
const (
	delayPostDial    = iota // INVITE sent to INVITE at the answering socket
	delayAnswer             // the same for the 200
	delayBye                // BYE sent to its 200
	delayRefused            // INVITE sent to a refusal of it
	delayRefusedCopy        // the same for the copy sent last
	delayLag                // a call due to its INVITE sent: the generator's own
	delayCount
)

// delays collects delays in ns.
type delays struct {
	mu sync.Mutex
	v  [delayCount][]int64
}

func (d *delays) reserve(n int) {
	for i := range d.v {
		d.v[i] = make([]int64, 0, n)
	}
}

func (d *delays) add(which int, ns int64) {
	d.mu.Lock()
	d.v[which] = append(d.v[which], max(ns, 0))
	d.mu.Unlock()
}

// distribution of a delay, in µs.
type distribution struct {
	N    int     `json:"n"`
	P50  float64 `json:"p50"`
	P90  float64 `json:"p90"`
	P99  float64 `json:"p99"`
	P999 float64 `json:"p999"`
	Max  float64 `json:"max"`
}

func (d *delays) distribution(which int) distribution {
	v := d.v[which]
	if len(v) == 0 {
		return distribution{}
	}
	slices.Sort(v)
	q := func(share float64) float64 {
		i := int(share*float64(len(v))+0.999999) - 1
		return round(float64(v[min(max(i, 0), len(v)-1)])/1e3, 1)
	}
	return distribution{len(v), q(.5), q(.9), q(.99), q(.999), q(1)}
}
