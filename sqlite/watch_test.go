package sqlite_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sipid/router"
	"sipid/sqlite"
)

// watched is a Watcher at work on a file.
type watched struct {
	*sqlite.Watcher
	path  string
	table atomic.Pointer[router.Table]
	log   lockedBuffer
}

// watch starts a watcher and waits for its first finding.
func watch(t *testing.T, path string) *watched {
	t.Helper()
	w := &watched{path: path}
	w.Watcher = sqlite.NewWatcher(sqlite.WatcherConfig{
		Path: path, Log: slog.New(slog.NewTextHandler(&w.log, nil)),
		OnTable: func(table *router.Table) { w.table.Store(table) },
	})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	w.wait(t, "a first finding", func(s sqlite.WatchState) bool { return s.Err != nil || !s.LoadedAt.IsZero() })
	return w
}

// wait polls the state until it is as wanted; the time is far beyond any alarm's.
func (w *watched) wait(t *testing.T, what string, ok func(sqlite.WatchState) bool) {
	t.Helper()
	for end := time.Now().Add(15 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if ok(w.State()) {
			return
		}
	}
	t.Fatalf("no %s: %+v\n%s", what, w.State(), w.log.String())
}

func (w *watched) waitErr(t *testing.T, want error) {
	t.Helper()
	w.wait(t, want.Error(), func(s sqlite.WatchState) bool { return errors.Is(s.Err, want) })
}

func (w *watched) waitRows(t *testing.T, rows int) {
	t.Helper()
	w.wait(t, "table of that size", func(s sqlite.WatchState) bool { return s.Err == nil && s.Rows == rows })
}

// lockedBuffer is a log that can be read while it is written.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// filled makes a database of n clients and closes it.
func filled(t testing.TB, n int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sipid.db")
	s, err := sqlite.Open(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	mustAdd(t, s, clients(n)...)
	return path
}

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// moveOver puts a file with that content in path's place, as mv does.
func moveOver(t testing.TB, path string, content []byte) {
	t.Helper()
	writeFile(t, path+".new", content)
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

// A write by another process is live within a second.
func TestWatcherSeesWrites(t *testing.T) {
	path := filled(t, 10_000)
	w := watch(t, path)
	var worst time.Duration
	for i, id := range []string{"2001", "2002", "2003", "2004", "2005", "2006"} {
		child := exec.Command(os.Args[0], id)
		child.Env = append(os.Environ(), childEnv+"="+path)
		if out, err := child.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		written, rows := time.Now(), 10_001+i
		w.waitRows(t, rows)
		worst = max(worst, time.Since(written))
		if table := w.table.Load(); table.Len() != rows || table.Revision() != w.State().Revision {
			t.Fatalf("%d clients at revision %d handed over", table.Len(), table.Revision())
		}
	}
	t.Logf("worst delay of 6 writes: %v", worst)
	if worst > time.Second {
		t.Errorf("a write was live only after %v", worst)
	}
}

// The state of a file that is well says so without a reload.
func TestWatcherQuietFile(t *testing.T) {
	w := watch(t, filled(t, 3))
	before := w.State()
	w.wait(t, "later check", func(s sqlite.WatchState) bool { return s.CheckedAt.After(before.CheckedAt) })
	if now := w.State(); now.LoadedAt != before.LoadedAt || now.Revision != 1 || now.Err != nil {
		t.Errorf("state changed: %+v, was %+v", now, before)
	}
	if n := strings.Count(w.log.String(), "\n"); n != 1 {
		t.Errorf("%d log lines:\n%s", n, w.log.String())
	}
}

func TestWatcherStartsBeforeFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sipid.db")
	w := watch(t, path)
	w.waitErr(t, sqlite.ErrMissing)
	if w.table.Load() != nil {
		t.Error("a table out of nothing")
	}
	mustAdd(t, openStore(t, path), clients(7)...)
	w.waitRows(t, 7)
}

func TestWatcherSlow(t *testing.T) {
	t.Parallel()
	w := &watched{}
	w.Watcher = sqlite.NewWatcher(sqlite.WatcherConfig{
		Path: filled(t, 50_000), SlowAfter: time.Millisecond, Log: slog.New(slog.NewTextHandler(&w.log, nil)),
		OnTable: func(table *router.Table) { w.table.Store(table) },
	})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan struct{})
	go func() { defer close(done); w.Run(ctx) }()
	w.waitErr(t, sqlite.ErrSlow)
	w.waitRows(t, 50_000)
	cancel()
	<-done
}

// A table is refused only when rows are gone that nobody removed with a Store.
func TestWatcherShrink(t *testing.T) {
	ctx := context.Background()
	t.Run("OK asked for", func(t *testing.T) {
		t.Parallel()
		path := filled(t, 100)
		w := watch(t, path)
		_, err := openStore(t, path).ImportClients(ctx, clients(5), router.ImportOptions{Mode: router.ImportReplace, Force: true})
		if err != nil {
			t.Fatal(err)
		}
		w.waitRows(t, 5)
	})
	t.Run("OK older copy that lost little", func(t *testing.T) {
		t.Parallel()
		path := filled(t, 100)
		older := readFile(t, path)
		mustAdd(t, openStore(t, path), clients(110)...)
		w := watch(t, path)
		moveOver(t, path, older)
		w.waitRows(t, 100)
	})
	t.Run("ErrShrunk older copy", func(t *testing.T) {
		t.Parallel()
		path := filled(t, 5)
		older := readFile(t, path)
		mustAdd(t, openStore(t, path), clients(100)...)
		w := watch(t, path)
		moveOver(t, path, older)
		w.waitErr(t, sqlite.ErrShrunk)
		checkServing(t, w, 100)
		confirm(t, w, 5)
	})
	t.Run("ErrShrunk other database", func(t *testing.T) {
		t.Parallel()
		path, other := filled(t, 100), filled(t, 3)
		for range 5 {
			mustAdd(t, openStore(t, other), clients(3)...)
		}
		w := watch(t, path)
		moveOver(t, path, readFile(t, other))
		w.waitErr(t, sqlite.ErrShrunk)
		checkServing(t, w, 100)
		confirm(t, w, 3)
	})
	t.Run("ErrShrunk rows deleted by hand", func(t *testing.T) {
		t.Parallel()
		path := filled(t, 100)
		w := watch(t, path)
		mustExec(t, rawDB(t, path), `DELETE FROM client WHERE access_id >= '1000050'`)
		w.waitErr(t, sqlite.ErrShrunk)
		checkServing(t, w, 100)
		confirm(t, w, 50)
	})
}

// confirm writes to the refused file, which makes the watcher take it.
func confirm(t *testing.T, w *watched, rows int) {
	t.Helper()
	if err := openStore(t, w.path).SetEnabled(context.Background(), "1000000", true, "test"); err != nil {
		t.Fatal(err)
	}
	w.waitRows(t, rows)
}

// checkServing finds the last good table in place, and one warning about it.
func checkServing(t *testing.T, w *watched, rows int) {
	t.Helper()
	// Some looks later it must still be so.
	time.Sleep(3 * 250 * time.Millisecond)
	s := w.State()
	if s.Err == nil || s.Rows != rows || w.table.Load().Len() != rows {
		t.Errorf("want %d clients and an error, have %d: %+v", rows, w.table.Load().Len(), s)
	}
	if n := strings.Count(w.log.String(), "level=WARN"); n != 1 {
		t.Errorf("%d warnings, want 1:\n%s", n, w.log.String())
	}
}

// Rows edited with another tool are taken as they stand.
func TestWatcherTakesEditsByHand(t *testing.T) {
	path := filled(t, 3)
	w := watch(t, path)
	raw := rawDB(t, path)
	mustExec(t, raw, `UPDATE client SET name = 'By hand' WHERE access_id = '1000001'`)
	mustExec(t, raw, `INSERT INTO client (access_id, name, endpoint) VALUES ('2000', 'New', 'https://b.example/')`)
	w.waitRows(t, 4)
	var names []string
	for c := range w.table.Load().All() {
		names = append(names, c.Name)
	}
	if got := strings.Join(names, ","); got != "Client 1000000,By hand,Client 1000002,New" {
		t.Errorf("got %s", got)
	}
}

// A new file has no write-ahead log: nothing lies beside it that could be
// applied to another file put in its place (see doc.go).
func TestNoWriteAheadLog(t *testing.T) {
	path := filled(t, 3)
	w := watch(t, path)
	mustAdd(t, openStore(t, path), clients(4)...)
	w.waitRows(t, 4)
	beside, err := filepath.Glob(path + "?*")
	if err != nil || len(beside) > 0 {
		t.Errorf("beside the database: %v (%v)", beside, err)
	}
}

// A file that somebody switched to a write-ahead log is followed as well.
func TestWatcherFollowsWriteAheadLog(t *testing.T) {
	path := filled(t, 3)
	mustExec(t, rawDB(t, path), `PRAGMA journal_mode = WAL`)
	w := watch(t, path)
	for n := 4; n < 7; n++ {
		mustAdd(t, openStore(t, path), clients(n)...)
		w.waitRows(t, n)
	}
}
