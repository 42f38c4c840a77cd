package vas

import (
	"sync"
	"time"
)

// Limits bound what one claimant may do. The zero value has no limits.
type Limits struct {
	Rate    float64       // claims a second; 0: any
	Burst   int           // claims at once
	Misses  int           // claims of serials that are not there, in LockOut, before it is locked out; 0: any
	LockOut time.Duration // how long
}

// DefaultLimits leave room for a large call centre. 60 guesses in five minutes
// are what a claimant who tries serials gets.
func DefaultLimits() Limits {
	return Limits{Rate: 200, Burst: 400, Misses: 60, LockOut: 5 * time.Minute}
}

// limiter counts claims and misses for each claimant. Claimants come from the
// token file or from a certificate authority, so their number is bounded.
type limiter struct {
	Limits
	now func() time.Time

	mu   sync.Mutex
	seen map[string]*allowance
}

type allowance struct {
	claims bucket
	misses bucket
	locked time.Time // until then
}

func newLimiter(l Limits, now func() time.Time) *limiter {
	return &limiter{Limits: l, now: now, seen: make(map[string]*allowance)}
}

func (l *limiter) of(who string, now time.Time) *allowance {
	a := l.seen[who]
	if a == nil {
		a = &allowance{claims: bucket{level: float64(l.Burst), at: now}, misses: bucket{level: float64(l.Misses), at: now}}
		l.seen[who] = a
	}
	return a
}

// claim says how long the claimant has to wait before it may claim; 0: it may.
func (l *limiter) claim(who string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	a := l.of(who, now)
	if wait := a.locked.Sub(now); wait > 0 {
		return wait
	}
	if l.Rate <= 0 {
		return 0
	}
	return a.claims.take(now, l.Rate, float64(max(l.Burst, 1)))
}

// miss counts a serial that was not found. With the last that is allowed the
// lock-out begins.
func (l *limiter) miss(who string) {
	if l.Misses <= 0 || l.LockOut <= 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	a := l.of(who, now)
	rate := float64(l.Misses) / l.LockOut.Seconds()
	a.misses.take(now, rate, float64(l.Misses))
	if a.misses.level < 1 {
		a.locked = now.Add(l.LockOut)
	}
}

// bucket is a token bucket: level tokens at the time at.
type bucket struct {
	level float64
	at    time.Time
}

// take takes one token, or says how long it takes until there is one.
func (b *bucket) take(now time.Time, rate, size float64) time.Duration {
	if past := now.Sub(b.at).Seconds(); past > 0 {
		b.level = min(size, b.level+past*rate)
		b.at = now
	}
	if b.level < 1 {
		return time.Duration((1 - b.level) / rate * float64(time.Second))
	}
	b.level--
	return 0
}
