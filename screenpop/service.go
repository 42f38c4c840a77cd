package screenpop

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"sync"
	"time"
)

// Service follows calls and shows them.
type Service struct {
	o        Options
	access   *access
	metrics  *metrics
	files    *pages
	epoch    string // tells the event IDs of this process from those before it
	intake   chan intake
	claims   chan *call
	showings chan Showing
	stopped  chan struct{} // closed when streams have to end
	stop     func()

	mu    sync.Mutex
	calls map[string]*call
	over  []*call // that ended, in this order
	desks map[string]*desk
	told  map[string]time.Time // when the log was told of a client's failure, by access ID and reason
	seq   uint64               // of the last change to any pop
	made  uint64               // pops made
	wall  wall
}

// intake is an event on its way in; done, when not nil, is told what came of it.
type intake struct {
	Event
	done chan error
}

// New makes a service. It does nothing until Run.
func New(o Options) (*Service, error) {
	if err := o.fill(); err != nil {
		return nil, err
	}
	access, err := newAccess(&o)
	if err != nil {
		return nil, err
	}
	files, err := loadPages()
	if err != nil {
		return nil, err
	}
	random := make([]byte, 6)
	rand.Read(random) // never fails, crypto/rand
	s := &Service{
		o: o, access: access, files: files, epoch: hex.EncodeToString(random),
		intake:   make(chan intake, o.Limits.Queue),
		claims:   make(chan *call, 32*o.Limits.Claims),
		showings: make(chan Showing, auditQueue),
		stopped:  make(chan struct{}),
		calls:    map[string]*call{}, desks: map[string]*desk{}, told: map[string]time.Time{},
	}
	s.stop = sync.OnceFunc(func() { close(s.stopped) })
	s.wall.since = time.Now()
	s.metrics = newMetrics(o.Metrics, s)
	return s, nil
}

// Observe tells of a call, in the order things happen to it. It never blocks:
// what comes while the queue is full is dropped and counted.
func (s *Service) Observe(e Event) {
	select {
	case s.intake <- intake{Event: e}:
	default:
		s.metrics.dropped.Inc()
	}
}

// post tells of a call and waits for what comes of it.
func (s *Service) post(ctx context.Context, e Event) error {
	done := make(chan error, 1)
	select {
	case s.intake <- intake{e, done}:
	case <-ctx.Done():
		return ctx.Err()
	case <-s.stopped:
		return errStopped
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-s.stopped:
		return errStopped
	}
}

// Run works until ctx is done. What was shown by then is in the audit log when
// it returns.
func (s *Service) Run(ctx context.Context) {
	var workers, audit sync.WaitGroup
	for range s.o.Limits.Claims {
		workers.Go(func() { s.claimLoop(ctx) })
	}
	if s.o.Audit != nil {
		audit.Go(func() { s.writeShowings(ctx) })
	}
	s.follow(ctx)
	s.EndStreams()
	workers.Wait()
	audit.Wait()
}

func (s *Service) take(e intake) {
	err := s.handle(&e.Event)
	if e.done != nil {
		e.done <- err
	}
}

// EndStreams ends all streams and takes no new ones. An HTTP server that is to
// shut down would wait for them.
func (s *Service) EndStreams() { s.stop() }

// breath is how long follow rests after it has handled what was there. Whoever
// observes a call then wakes nobody: on a busy call path that costs more than
// all the rest of an event. An agent does not notice.
const breath = 20 * time.Millisecond

// follow handles events one after the other, and forgets what is old.
func (s *Service) follow(ctx context.Context) {
	clean := time.NewTicker(time.Second)
	defer clean.Stop()
	for {
		select {
		case e := <-s.intake:
			s.take(e)
			for len(s.intake) > 0 {
				s.take(<-s.intake)
			}
			time.Sleep(breath)
		case now := <-clean.C:
			s.forget(now)
		case <-ctx.Done():
			return
		}
	}
}
