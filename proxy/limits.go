package proxy

import (
	"math"
	"math/rand/v2"
	"strconv"

	"golang.org/x/time/rate"

	"sipid/router"
)

// limits keeps trunks to the rates they agreed to.
type limits map[*router.Trunk]*rate.Limiter

func newLimits(r *router.Router) limits {
	l := make(limits)
	for _, t := range r.Trunks() {
		if t.MaxCPS > 0 {
			// A second's worth may come at once: calls are not evenly spread.
			l[t] = rate.NewLimiter(rate.Limit(t.MaxCPS), max(1, int(math.Ceil(t.MaxCPS))))
		}
	}
	return l
}

// take tells whether a trunk may have one more call now.
func (l limits) take(t *router.Trunk) bool {
	limiter := l[t]
	return limiter == nil || limiter.Allow()
}

// retryAfter is how many seconds a peer should stay away after a refusal that
// will pass: not the same for all, or they would all be back at once.
func retryAfter() string { return strconv.Itoa(5 + rand.IntN(11)) }
