package sqlite

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"sipid/router"
)

// The Watcher's times.
const (
	// maxInterval keeps the promise that a write is live within a second.
	maxInterval     = 250 * time.Millisecond
	defaultInterval = 200 * time.Millisecond

	// A lock is normal while somebody commits; held longer, it is an alarm.
	lockGrace = 2 * time.Second
	// A million rows load in less.
	defaultSlowAfter = 4 * time.Second
)

// WatcherConfig says what a Watcher watches. Path and OnTable are needed.
type WatcherConfig struct {
	Path     string
	Interval time.Duration // between two looks, at most 250 ms; 0: 200 ms
	Log      *slog.Logger  // nil: no log

	// OnTable takes each new table, on the goroutine of Run. It is
	// router.Router.SetTable in the daemon.
	OnTable func(*router.Table)

	// Copy is where a copy of the last good table is kept; LastGood gives the
	// usual place, "" keeps none. When the database cannot be read at the
	// start, the table of the copy serves until it can be; and a database that
	// lost many rows against the copy is refused as if the copy had served.
	Copy string

	// SlowAfter is how long one look may take before State reports ErrSlow;
	// 0: 4 s.
	SlowAfter time.Duration
}

// WatchState is how a Watcher stands. Revision, Rows and LoadedAt describe the
// table that serves calls and stay as they are while Err tells what is wrong
// with the file.
type WatchState struct {
	Revision  int64
	Rows      int
	LoadedAt  time.Time // zero: no table yet
	CheckedAt time.Time // when the file was last found to hold this table
	FromCopy  bool      // the table is that of the copy: the file has not been read yet
	Err       error     // nil: the file is well and its content is what serves
}

// Watcher follows a database file and hands over its table after every change.
// A file that is locked, gone, replaced by a wrong one, damaged or slow changes
// nothing but State: the last good table stays.
type Watcher struct {
	c WatcherConfig

	mu    sync.Mutex // guards state, which others read
	state WatchState

	follower follower // belongs to the goroutine of Run, as what follows
	keeper   keeper
	served   int  // tables handed over from the file
	recalled bool // the copy was tried
}

// NewWatcher prepares a watcher; Run makes it work.
func NewWatcher(c WatcherConfig) *Watcher {
	if c.Interval <= 0 {
		c.Interval = defaultInterval
	}
	c.Interval = min(c.Interval, maxInterval)
	if c.SlowAfter <= 0 {
		c.SlowAfter = defaultSlowAfter
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	w := &Watcher{c: c, keeper: keeper{path: c.Path, copy: c.Copy}}
	w.follower = follower{poll: poller{path: c.Path}, swap: w.swap}
	return w
}

// State tells how the watcher stands. It never waits for the file.
func (w *Watcher) State() WatchState {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.state
}

// Run watches until ctx is done. The first look is at once. Where the kernel
// does not answer (a dead disk), Run does not return either: nothing should
// wait for it.
func (w *Watcher) Run(ctx context.Context) {
	defer w.follower.poll.close()
	ticker := time.NewTicker(w.c.Interval)
	defer ticker.Stop()
	w.follower.served = w.keeper.recall(ctx)
	for {
		w.look(ctx)
		w.recall(ctx)
		w.keeper.keep(ctx, w.served, w.follower.served, w.reportCopy)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// look is one look at the file, and a load when it changed.
func (w *Watcher) look(ctx context.Context) {
	slow := time.AfterFunc(w.c.SlowAfter, func() { w.report(ErrSlow) })
	defer slow.Stop()
	err := w.follower.follow(ctx)
	switch {
	case ctx.Err() != nil: // being stopped is no finding
	case errors.Is(err, ErrLocked) && w.recentlyWell():
	default:
		slow.Stop()
		w.report(err)
	}
}

// report puts the outcome of a look into State. It logs a change, not a look.
func (w *Watcher) report(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	before := w.state.Err
	w.state.Err = err
	if err == nil {
		w.state.CheckedAt = time.Now()
	}
	switch {
	case err != nil && (before == nil || before.Error() != err.Error()):
		w.c.Log.Warn("client table cannot be read, the last good one stays", "db", w.c.Path, "err", err,
			"revision", w.state.Revision, "rows", w.state.Rows, "loaded_at", w.state.LoadedAt)
	case err == nil && before != nil:
		w.c.Log.Info("client table can be read again", "db", w.c.Path, "revision", w.state.Revision)
	}
}

// recall puts the table of the copy live when the first look at the file found
// none to serve.
func (w *Watcher) recall(ctx context.Context) {
	if w.recalled || w.served > 0 || w.follower.served == (origin{}) {
		return
	}
	w.recalled = true
	s, err := load(ctx, w.c.Copy, pollWait)
	if err != nil {
		w.follower.served = origin{}
		w.c.Log.Warn("copy of the client table cannot be read", "copy", w.c.Copy, "err", err)
		return
	}
	w.follower.served = s.origin()
	w.c.OnTable(s.table)
	w.serving(s, true)
	w.c.Log.Warn("client table of the last good copy serves", "copy", w.c.Copy, "revision", s.revision, "rows", s.table.Len())
}

// reportCopy logs what hinders the copy, and that nothing does any more.
func (w *Watcher) reportCopy(err error) {
	if err != nil {
		w.c.Log.Warn("client table cannot be copied, a start with a broken database would have an older copy or none", "copy", w.c.Copy, "err", err)
		return
	}
	w.c.Log.Info("client table copied", "copy", w.c.Copy)
}

// serving puts into State which table serves.
func (w *Watcher) serving(s *snapshot, fromCopy bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.state.Revision, w.state.Rows, w.state.LoadedAt, w.state.FromCopy = s.revision, s.table.Len(), time.Now(), fromCopy
}

// swap hands a new table over.
func (w *Watcher) swap(s *snapshot) {
	w.served++
	w.c.OnTable(s.table)
	w.serving(s, false)
	w.c.Log.Info("client table loaded", "db", w.c.Path, "revision", s.revision, "rows", s.table.Len())
}

// recentlyWell says whether the file was in order a moment ago.
func (w *Watcher) recentlyWell() bool {
	return time.Since(w.State().CheckedAt) < lockGrace
}
