package screenpop

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Options is what a Service needs; the zero value works, without data and
// without an audit log, for whoever can reach its Handler.
type Options struct {
	// Agents may see their own pops. With none of Agents, Supervisor and PBX the
	// service is open: anybody is who he says he is. Handler must then be
	// reached by this machine only.
	Agents []AgentAccess
	// Supervisor are the tokens that open the wall page.
	Supervisor []TokenHash
	// PBX are the tokens that may post events.
	PBX []TokenHash

	// AgentFrom is the order of headers that say which agent has a call; empty:
	// P-Asserted-Identity, Remote-Party-ID, Contact.
	AgentFrom []AgentSource
	// ClaimAt is when the user's data are fetched; zero: when an agent rings.
	ClaimAt ClaimMoment
	// Claimer fetches them; nil: nobody does.
	Claimer Claimer
	// Template makes the address of a call in a CRM; nil: none.
	Template *Template
	// Audit keeps what was shown to whom; nil: nobody does.
	Audit AuditStore

	// Log gets warnings; no personal data are in them.
	Log *slog.Logger
	// Metrics is where the service's metrics are registered.
	Metrics prometheus.Registerer
	// Limits bound memory and time.
	Limits Limits
}

// AgentAccess is an agent and what proves it. Several tokens may be valid while
// one is replaced by another.
type AgentAccess struct {
	Extension string
	Tokens    []TokenHash
}

// ClaimMoment is when the user's data are fetched.
type ClaimMoment uint8

// The moments. Later ones fetch less: a caller who gave up before is nobody's
// business.
const (
	ClaimAtRinging ClaimMoment = iota // when an agent rings
	ClaimAtInvite                     // when the call comes in
	ClaimAtAnswer                     // when an agent answers
)

// Limits bound what a Service keeps. Zero values are replaced by the defaults
// behind them.
type Limits struct {
	Queue   int           // events that may wait: 8192
	Calls   int           // calls that are followed: 20000
	History int           // pops kept for each agent: 50
	Desks   int           // agents, where none are configured: 1000
	Streams int           // open streams of one agent: 8
	Claims  int           // claims at once: 32; 32 times as many may wait
	Claim   time.Duration // a claim, whatever the Claimer does: 5 s
	WrapUp  time.Duration // the data after the end of the call: 2 min
	Call    time.Duration // a call whose end was never seen: 12 h
	Ping    time.Duration // between two signs of life on a stream: 15 s
	Write   time.Duration // a write to a stream: 5 s
	Session time.Duration // a sign-in: 12 h
}

func (l *Limits) fill() {
	number := func(n *int, byDefault int) {
		if *n <= 0 {
			*n = byDefault
		}
	}
	span := func(d *time.Duration, byDefault time.Duration) {
		if *d <= 0 {
			*d = byDefault
		}
	}
	number(&l.Queue, 8192)
	number(&l.Calls, 20000)
	number(&l.History, 50)
	number(&l.Desks, 1000)
	number(&l.Streams, 8)
	number(&l.Claims, 32)
	span(&l.Claim, 5*time.Second)
	span(&l.WrapUp, 2*time.Minute)
	span(&l.Call, 12*time.Hour)
	span(&l.Ping, 15*time.Second)
	span(&l.Write, 5*time.Second)
	span(&l.Session, 12*time.Hour)
}

// Errors of New.
var (
	// ErrExtension means an agent whose extension is missing, malformed or twice
	// in the list.
	ErrExtension = errors.New("screenpop: bad extension")
	// ErrToken means a token that is missing, or that two have.
	ErrToken = errors.New("screenpop: bad token")
)

func (o *Options) fill() error {
	if len(o.AgentFrom) == 0 {
		o.AgentFrom = []AgentSource{FromAssertedIdentity, FromRemoteParty, FromContact}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Metrics == nil {
		o.Metrics = prometheus.NewRegistry()
	}
	o.Limits.fill()
	seen := map[string]bool{}
	for _, a := range o.Agents {
		if !ValidExtension(a.Extension) || seen[a.Extension] {
			return fmt.Errorf("%w: %q", ErrExtension, a.Extension)
		}
		if len(a.Tokens) == 0 {
			return fmt.Errorf("%w: %s has none", ErrToken, a.Extension)
		}
		seen[a.Extension] = true
	}
	return nil
}
