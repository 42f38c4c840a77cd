package sqlite

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	// Short, so that one look is short: the next one asks again.
	pollWait = 250 * time.Millisecond
	// How soon a load is tried again that failed for no lasting reason.
	retryAfter = 2 * time.Second
)

// follower decides when the file is loaded, and whether what was loaded may
// replace what is served.
type follower struct {
	poll poller
	swap func(*snapshot)

	tried   version   // what the last load was made from; zero: load again
	failed  error     // how that load ended
	retryAt time.Time // when to load again although nothing changed; zero: never
	served  origin
	refused origin
}

// origin says which state of which database a table came from.
type origin struct {
	lineage  string
	revision int64
	rows     int
}

// follow brings the served table up to the file; its error says why it could not.
func (f *follower) follow(ctx context.Context) error {
	now, err := f.poll.version(ctx)
	if err != nil {
		f.tried = version{} // whatever comes next is looked at in full
		return err
	}
	if now == f.tried && (f.retryAt.IsZero() || time.Now().Before(f.retryAt)) {
		return f.failed
	}
	f.tried, f.retryAt = now, time.Time{}
	f.failed = f.load(ctx)
	switch {
	case f.failed == nil:
	case errors.Is(f.failed, ErrLocked):
		f.tried = version{}
	case transient(f.failed):
		f.retryAt = time.Now().Add(retryAfter)
	}
	return f.failed
}

func (f *follower) load(ctx context.Context) error {
	s, err := load(ctx, f.poll.path, pollWait)
	if err != nil {
		return err
	}
	from := s.origin()
	if err := f.admit(from); err != nil {
		return err
	}
	f.served, f.refused = from, origin{}
	f.swap(s)
	return nil
}

// admit refuses a table that lost too many rows unasked. A Store's write raises
// the revision, so a shrunk table with a higher one is what somebody asked for;
// so is one that was refused and has been written to since. A copy from before,
// a database made anew and rows deleted by other tools have no such sign.
func (f *follower) admit(from origin) error {
	asked := from.lineage == f.served.lineage && from.revision > f.served.revision
	confirmed := from.lineage == f.refused.lineage && from.revision > f.refused.revision
	if from.rows*5 >= f.served.rows*4 || asked || confirmed {
		return nil
	}
	f.refused = from
	return fmt.Errorf("%w: %d rows at revision %d, serving %d at revision %d; to take it, write to it with sipid client",
		ErrShrunk, from.rows, from.revision, f.served.rows, f.served.revision)
}
