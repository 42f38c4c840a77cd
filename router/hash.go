package router

import (
	"cmp"
	"math"
	"slices"
)

// First chooses the target of a call: a weighted rendezvous hash of the Call-ID
// over the targets of the best priority. It depends on the configuration alone,
// not on health, order or time, so that a retransmission, another node and a
// process started later choose the same. It gives 0 for a group without targets.
//
// Of each target the hash makes a number u in (0, 1); the target with the
// largest weight / -ln(u) takes the call. That gives each its share, and a
// target that comes or goes moves no call between the others.
func (g *Group) First(callID []byte) int {
	best, bestScore := 0, -1.0
	call, priority := fnv1a(fnvOffset, callID), g.bestPriority()
	for i := range g.Targets {
		t := &g.Targets[i]
		if atLeastOne(t.Priority) != priority {
			continue
		}
		if score := t.score(call); score > bestScore {
			best, bestScore = i, score
		}
	}
	return best
}

// Order appends the targets' indexes to dst in the order in which a call is
// offered to them: by priority, and among equals as First chooses, with the
// chosen one taken out each time.
func (g *Group) Order(callID []byte, dst []int) []int {
	start := len(dst)
	for i := range g.Targets {
		dst = append(dst, i)
	}
	list := dst[start:]
	call := fnv1a(fnvOffset, callID)
	slices.SortFunc(list, func(a, b int) int {
		ta, tb := &g.Targets[a], &g.Targets[b]
		if c := cmp.Compare(atLeastOne(ta.Priority), atLeastOne(tb.Priority)); c != 0 {
			return c
		}
		if c := cmp.Compare(ta.score(call), tb.score(call)); c != 0 {
			return -c
		}
		return a - b
	})
	return dst
}

// score is what a target bids for a call.
func (t *Target) score(call uint64) float64 {
	u := (float64(mix(fnv1a(call, t.URI))>>11) + 0.5) / (1 << 53)
	return float64(atLeastOne(t.Weight)) / -math.Log(u)
}

func (g *Group) bestPriority() int {
	best := math.MaxInt
	for i := range g.Targets {
		best = min(best, atLeastOne(g.Targets[i].Priority))
	}
	return best
}

// atLeastOne reads a weight or a priority: not given means 1.
func atLeastOne(n int) int { return max(n, 1) }

// The hash is written out because its values must never change: two versions
// that run side by side have to choose the same target. FNV-1a, 64 bits.
const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

func fnv1a[T string | []byte](h uint64, octets T) uint64 {
	for i := range len(octets) {
		h = (h ^ uint64(octets[i])) * fnvPrime
	}
	return h
}

// mix makes every bit of x matter for every bit of the result; FNV alone leaves
// the high bits of short inputs alike. The steps are MurmurHash3's finalizer.
func mix(x uint64) uint64 {
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	x *= 0xc4ceb9fe1a85ec53
	x ^= x >> 33
	return x
}
