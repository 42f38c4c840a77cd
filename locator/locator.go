package locator

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"sipid/router"
)

// How old an answer may become, whatever its time to live says, and when a name
// that was not found is asked for again.
const (
	shortest = 5 * time.Second
	longest  = 5 * time.Minute
	// After a failure the wait is the shortest, and doubles up to failedMost.
	failedMost = time.Minute
	// patience bounds all questions about one name together.
	patience = 20 * time.Second
)

// Errors that a name's State may have.
var (
	// ErrNotFound means that DNS knows no such name, or no address for it.
	ErrNotFound = errors.New("no such name")
	// ErrNoAnswer means that no DNS server gave an answer.
	ErrNoAnswer = errors.New("no answer from DNS")
	// ErrRefused means that the domain says it takes no calls (SRV ".", RFC 2782).
	ErrRefused = errors.New("the domain says that it takes no calls")
	// ErrUnusable means that all its places were refused by Options.Usable.
	ErrUnusable = errors.New("no place of it can be used")
)

// Name is a name to be found.
type Name struct {
	URI       string // of the target; what Options.Found says where it is by
	Host      string
	Port      uint16 // 0: not named, DNS says it
	Transport string // "udp", "tcp" or "tls"; empty: not named, DNS says it
}

// Options is what a Locator needs.
type Options struct {
	Names []Name
	// Servers are DNS servers, as host:port; none: those of /etc/resolv.conf.
	Servers []string
	// Transports are those that we can send by, in the order of preference.
	Transports []string
	// Usable tells whether we can send to a place; nil: to all.
	Usable func(router.Endpoint) error
	// Found is told of all places of a name when they changed. It is called from
	// Run, one call at a time.
	Found func(uri string, at []router.Endpoint)
	// Log gets a line when a name cannot be found any more, when it is found
	// again, and when its places change.
	Log *slog.Logger
}

// State is what is known of a name.
type State struct {
	Name
	At    []router.Endpoint // the last good answer
	Found time.Time         // when that was; zero: never
	Err   error             // why there is no newer one; nil: there is
}

// Locator finds names. Make one with New.
type Locator struct {
	o     Options
	asker asker

	shortest time.Duration

	mu     sync.Mutex
	states []State // in the order of Options.Names
}

// New makes a Locator. It asks nothing yet.
func New(o Options) (*Locator, error) {
	l := &Locator{o: o, shortest: shortest}
	if o.Log == nil {
		l.o.Log = slog.New(slog.DiscardHandler)
	}
	if l.o.Usable == nil {
		l.o.Usable = func(router.Endpoint) error { return nil }
	}
	for _, n := range o.Names {
		l.states = append(l.states, State{Name: n})
	}
	var err error
	l.asker, err = newAsker(o.Servers)
	return l, err
}

// States tells of all names, in the order of the options.
func (l *Locator) States() []State {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.states)
}

// Locate asks for all names once, at the same time, and returns when all are
// found or not, or ctx is done. Options.Found is not called.
func (l *Locator) Locate(ctx context.Context) []State {
	var all sync.WaitGroup
	for i := range l.o.Names {
		all.Go(func() { l.renew(ctx, i) })
	}
	all.Wait()
	return l.States()
}

// Run asks for each name again when its answer is old, until ctx is done. It
// asks at once for those that were never found.
func (l *Locator) Run(ctx context.Context) {
	var all sync.WaitGroup
	for i := range l.o.Names {
		all.Go(func() { l.follow(ctx, i) })
	}
	all.Wait()
}

// follow keeps one name up to date.
func (l *Locator) follow(ctx context.Context, i int) {
	failures := 0
	wait := l.shortest
	if l.States()[i].Found.IsZero() {
		wait = 0
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		age, changed, err := l.renew(ctx, i)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			wait = min(l.shortest<<min(failures, 4), failedMost)
			failures++
		default:
			wait, failures = l.spread(age), 0
		}
		if changed && l.o.Found != nil {
			l.tell(i)
		}
	}
}

// tell passes on where a name is.
func (l *Locator) tell(i int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.o.Found(l.states[i].URI, l.states[i].At)
}

// spread keeps all nodes from asking in the same moment: up to a tenth earlier.
func (l *Locator) spread(d time.Duration) time.Duration {
	return max(l.shortest, d-time.Duration(rand.Int64N(int64(d)/10+1)))
}

// renew asks for a name and keeps what comes of it. It gives how long the answer
// is good for and whether it differs from the one before.
func (l *Locator) renew(ctx context.Context, i int) (good time.Duration, changed bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	a, err := l.find(ctx, l.o.Names[i])
	at := a.at
	if err == nil {
		if at, err = l.usable(at); err == nil && len(at) == 0 {
			err = ErrNotFound
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	s := &l.states[i]
	if a.missing != nil && len(s.At) > 0 {
		err = a.missing // a server that DNS is silent about is not gone
	}
	if err != nil {
		if s.Err == nil {
			l.o.Log.Warn("name of a PBX target cannot be looked up", "name", s.Host, "error", err, "places", len(s.At))
		}
		s.Err = err
		return 0, false, err
	}
	changed = !slices.Equal(s.At, at)
	if changed || s.Err != nil {
		l.o.Log.Info("PBX target found", "name", s.Host, "at", places(at))
	}
	s.At, s.Found, s.Err = at, time.Now(), nil
	return min(max(a.ttl, l.shortest), longest), changed, nil
}

// usable leaves out where we cannot send to. Without any left, it says why.
func (l *Locator) usable(at []router.Endpoint) (list []router.Endpoint, err error) {
	for _, e := range at {
		if fault := l.o.Usable(e); fault != nil {
			err = fmt.Errorf("%w: %w", ErrUnusable, fault)
			continue
		}
		list = append(list, e)
	}
	if len(list) > 0 {
		return list, nil
	}
	return nil, err
}

// places are endpoints as text.
func places(at []router.Endpoint) []string {
	list := make([]string, len(at))
	for i, e := range at {
		list[i] = e.Transport + ":" + e.Addr.String()
	}
	return list
}
