package daemon

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"sipid/router"
	"sipid/sqlite"
)

const (
	// loadPatience bounds the wait for the first client table, as when an
	// import holds the database at start. Calls wait for it, so it is short;
	// a million rows load in three seconds.
	loadPatience = 10 * time.Second
	// copyPatience is for loading the copy once the database itself is given up.
	copyPatience = 5 * time.Second
)

// prepareDatabase makes the file at the first start and brings an older one up
// to date. Serving only reads, so a file that cannot be prepared is only
// logged: the watcher says what is wrong with it, and goes on looking. A file
// that is gone is not made anew while there is a copy of its last table.
func prepareDatabase(ctx context.Context, path string, log *slog.Logger) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(sqlite.LastGood(path)); err == nil {
			return
		}
	}
	store, err := sqlite.Open(ctx, path)
	if err == nil {
		err = store.Close()
	}
	if err != nil {
		log.Error("client table cannot be opened", "db", path, "err", err)
	}
}

// tableFeed brings the client table, and each new one, to the router.
type tableFeed struct {
	watcher *sqlite.Watcher
	first   chan struct{}
}

func newTableFeed(path string, routes *router.Router, log *slog.Logger) *tableFeed {
	feed := &tableFeed{first: make(chan struct{})}
	loaded := false
	feed.watcher = sqlite.NewWatcher(sqlite.WatcherConfig{
		Path: path,
		Copy: sqlite.LastGood(path),
		Log:  log.With("component", "table"),
		OnTable: func(t *router.Table) {
			routes.SetTable(t)
			if !loaded {
				loaded = true
				close(feed.first)
			}
		},
	})
	return feed
}

// waitFirst waits for the first table. A database that is only busy is given
// time. One that is wrong is not going to be right in a moment, and refusing all
// calls for that would be worse than calls without a name: it is served without
// a table, and the watcher goes on looking. The error is that ctx ended.
func (f *tableFeed) waitFirst(ctx context.Context, log *slog.Logger) error {
	patience := time.NewTimer(loadPatience)
	defer patience.Stop()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case <-f.first:
			return nil
		case <-ctx.Done():
			return fmt.Errorf("client table: %w", errors.Join(f.watcher.State().Err, ctx.Err()))
		case <-patience.C:
			f.without(log)
			return nil
		case <-look.C:
			err := f.watcher.State().Err
			if err == nil || errors.Is(err, sqlite.ErrLocked) || errors.Is(err, sqlite.ErrSlow) {
				continue
			}
			select {
			case <-f.first: // the copy came a moment after the finding
			case <-time.After(copyPatience):
				f.without(log)
			}
			return nil
		}
	}
}

// without tells that calls are served without names.
func (f *tableFeed) without(log *slog.Logger) {
	log.Error("serving without a client table: no call is identified", "err", f.watcher.State().Err)
}
