package proxy

import (
	"math"
	"math/rand/v2"
	"strconv"
	"time"

	"golang.org/x/time/rate"

	"sipid/router"
)

// How long a new call may have waited in the socket before it is refused. An
// edge gives up on us after 1.5 to 2 s and tries another node: a call that we
// take later than that is answered twice. A pause of the machine that is shorter
// loses nobody a call.
const overloadAge = time.Second

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
