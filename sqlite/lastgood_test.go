package sqlite_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"sipid/router"
	"sipid/sqlite"
)

// watchCopied runs a watcher that keeps a copy, until stop.
func watchCopied(t *testing.T, path string) (w *watched, stop func()) {
	t.Helper()
	w = &watched{path: path}
	w.Watcher = sqlite.NewWatcher(sqlite.WatcherConfig{
		Path: path, Copy: sqlite.LastGood(path), Log: slog.New(slog.NewTextHandler(&w.log, nil)),
		OnTable: func(table *router.Table) { w.table.Store(table) },
	})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.Run(ctx)
	}()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return w, stop
}

// copied serves a file of so many clients until there is a copy of it.
func copied(t *testing.T, n int) string {
	t.Helper()
	path := filled(t, n)
	w, stop := watchCopied(t, path)
	w.waitRows(t, n)
	w.wait(t, "copy", func(sqlite.WatchState) bool {
		table, err := sqlite.LoadTable(context.Background(), sqlite.LastGood(path))
		return err == nil && table.Len() == n
	})
	stop()
	return path
}

func TestLastGoodServes(t *testing.T) {
	path := copied(t, 100)
	good := readFile(t, path)
	overwrite(t, path, 0, 100)
	w, _ := watchCopied(t, path)
	w.wait(t, "table of the copy", func(s sqlite.WatchState) bool {
		return errors.Is(s.Err, sqlite.ErrCorrupt) && s.FromCopy && s.Rows == 100
	})
	if n := w.table.Load().Len(); n != 100 {
		t.Errorf("%d rows serve", n)
	}
	moveOver(t, path, good)
	w.wait(t, "table of the file", func(s sqlite.WatchState) bool { return s.Err == nil && !s.FromCopy && s.Rows == 100 })
}

// After a restart too, a file that lost its rows is not what serves.
func TestLastGoodGuards(t *testing.T) {
	path := copied(t, 100)
	moveOver(t, path, readFile(t, filled(t, 3)))
	w, stop := watchCopied(t, path)
	w.waitErr(t, sqlite.ErrShrunk)
	w.wait(t, "table of the copy", func(s sqlite.WatchState) bool { return s.Rows == 100 })
	stop()
	if table, err := sqlite.LoadTable(context.Background(), sqlite.LastGood(path)); err != nil || table.Len() != 100 {
		t.Errorf("the copy was written over: %v, %d rows", err, table.Len())
	}
	w, _ = watchCopied(t, path)
	w.waitErr(t, sqlite.ErrShrunk)
	confirm(t, w, 3)
}

// A copy that is broken itself is as good as none; one that cannot be written
// changes nothing but the log.
func TestLastGoodBroken(t *testing.T) {
	path := copied(t, 100)
	overwrite(t, sqlite.LastGood(path), 0, 100)
	w, stop := watchCopied(t, path)
	w.waitRows(t, 100)
	stop()

	path = filled(t, 10)
	if err := os.Mkdir(sqlite.LastGood(path), 0o700); err != nil {
		t.Fatal(err)
	}
	w, _ = watchCopied(t, path)
	w.waitRows(t, 10)
	w.wait(t, "log line", func(sqlite.WatchState) bool { return strings.Contains(w.log.String(), "cannot be copied") })
	time.Sleep(300 * time.Millisecond)
	if s := w.State(); s.Err != nil || s.Rows != 10 {
		t.Errorf("state %+v", s)
	}
}
