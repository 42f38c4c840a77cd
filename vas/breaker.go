package vas

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"
)

// Policy is how often, how long and how stubbornly a claim is tried. Fields
// that are 0 take the value of DefaultPolicy; Retries below 0 is none.
type Policy struct {
	Timeout  time.Duration // of one try
	Retries  int           // after the first try, for failures that may pass
	MaxData  int           // octets of an answer
	Failures int           // one after the other, before the client system is left alone
	Cooldown time.Duration // for how long
	Now      func() time.Time
}

// DefaultPolicy is 800 ms and one retry; five failures open the breaker for ten
// seconds.
func DefaultPolicy() Policy {
	return Policy{
		Timeout: 800 * time.Millisecond, Retries: 1, MaxData: 64 << 10,
		Failures: 5, Cooldown: 10 * time.Second, Now: time.Now,
	}
}

func (p *Policy) complete() {
	d := DefaultPolicy()
	if p.Timeout <= 0 {
		p.Timeout = d.Timeout
	}
	if p.Retries == 0 {
		p.Retries = d.Retries
	}
	if p.MaxData <= 0 {
		p.MaxData = d.MaxData
	}
	if p.Failures <= 0 {
		p.Failures = d.Failures
	}
	if p.Cooldown <= 0 {
		p.Cooldown = d.Cooldown
	}
	if p.Now == nil {
		p.Now = time.Now
	}
}

// Attempts makes claims as a Policy says, behind a circuit breaker: a client
// system that is down costs a claim nothing but a look at the breaker. It is
// what connectors have in common.
type Attempts struct {
	policy Policy

	mu       sync.Mutex
	failures int       // one after the other
	open     time.Time // until then; zero: closed
	probing  bool      // one claim is finding out whether it works again
}

// NewAttempts completes the policy.
func NewAttempts(p Policy) *Attempts {
	p.complete()
	return &Attempts{policy: p}
}

// Policy gives the policy with all its defaults.
func (a *Attempts) Policy() Policy { return a.policy }

// Do makes one claim. try is called with a context that ends after the
// policy's timeout; its errors are *ClaimError.
func (a *Attempts) Do(ctx context.Context, try func(ctx context.Context) (json.RawMessage, error)) (json.RawMessage, error) {
	if !a.enter() {
		return nil, &ClaimError{Reason: ReasonBreakerOpen}
	}
	var data json.RawMessage
	var err error
	for n := 0; ; n++ {
		data, err = a.once(ctx, try)
		var claim *ClaimError
		if ctx.Err() != nil || n >= a.policy.Retries || !errors.As(err, &claim) || !claim.Passing() {
			break
		}
	}
	a.leave(ctx, err)
	return data, err
}

func (a *Attempts) once(ctx context.Context, try func(ctx context.Context) (json.RawMessage, error)) (json.RawMessage, error) {
	limited, cancel := context.WithTimeout(ctx, a.policy.Timeout)
	defer cancel()
	data, err := try(limited)
	switch {
	case err == nil:
		return data, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case limited.Err() != nil:
		return nil, &ClaimError{Reason: ReasonTimeout, Detail: a.policy.Timeout.String()}
	}
	return nil, err
}

// enter says whether a claim may be tried. Once the time is over, one may.
func (a *Attempts) enter() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.open.IsZero() {
		return true
	}
	if a.probing || a.policy.Now().Before(a.open) {
		return false
	}
	a.probing = true
	return true
}

// leave counts how a claim ended. One that its caller broke off says nothing.
func (a *Attempts) leave(ctx context.Context, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.probing = false
	var claim *ClaimError
	switch failed := errors.As(err, &claim) && claim.Faulty(); {
	case ctx.Err() != nil:
	case !failed:
		a.failures, a.open = 0, time.Time{}
	default:
		a.failures++
		if a.failures >= a.policy.Failures {
			a.open = a.policy.Now().Add(a.policy.Cooldown)
		}
	}
}
