package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/mattn/go-sqlite3"
)

// keepEvery bounds how often a table that changes all the time is copied.
const keepEvery = 10 * time.Second

// LastGood is where a Watcher keeps a copy of the table of a database.
func LastGood(path string) string { return path + ".last-good" }

// keeper copies the file of each table that serves beside it, so that a process
// that starts has a table although the file is broken meanwhile. It works
// beside the Watcher and holds up nothing; a disk that takes no copy costs the
// copy.
type keeper struct {
	path, copy string // copy "": none is kept

	mu      sync.Mutex
	running bool
	kept    int // which of the served tables was copied last
	again   time.Time
	failed  error
}

// keep copies the file if it holds a table that is not copied yet. serial counts
// the tables that served; report is told of each change of what hinders.
func (k *keeper) keep(ctx context.Context, serial int, want origin, report func(error)) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.copy == "" || k.running || k.kept == serial || time.Now().Before(k.again) {
		return
	}
	k.running, k.again = true, time.Now().Add(keepEvery)
	go func() {
		err := k.take(ctx, want)
		k.mu.Lock()
		defer k.mu.Unlock()
		k.running = false
		if err == nil {
			k.kept = serial
		}
		if ctx.Err() == nil && fmt.Sprint(err) != fmt.Sprint(k.failed) {
			report(err)
		}
		k.failed = err
	}()
}

// take writes the copy under another name, reads it back, and puts it in place
// only if it is the table that serves.
func (k *keeper) take(ctx context.Context, want origin) (err error) {
	fresh := k.copy + ".new"
	if err := os.Remove(fresh); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(fresh) // what is left over of it is of no use
		}
	}()
	if err := k.backup(ctx, fresh); err != nil {
		return storeError(ctx, err)
	}
	s, err := load(ctx, fresh, pollWait)
	if err != nil {
		return err
	}
	if s.origin() != want {
		return errors.New("the file changed while it was copied")
	}
	info, err := os.Stat(k.path)
	if err != nil {
		return err
	}
	if err := os.Chmod(fresh, info.Mode().Perm()); err != nil {
		return err
	}
	return os.Rename(fresh, k.copy)
}

// backup copies the pages in one step, under SQLite's own lock: opening the
// file otherwise would drop the locks of this process.
func (k *keeper) backup(ctx context.Context, to string) error {
	from, err := openPool(k.path, readerOptions, pollWait, 1)
	if err != nil {
		return err
	}
	defer from.Close()
	into, err := openPool(to, "mode=rwc&_journal_mode=OFF&_synchronous=FULL", pollWait, 1)
	if err != nil {
		return err
	}
	defer into.Close()
	source, err := from.Conn(ctx)
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := into.Conn(ctx)
	if err != nil {
		return err
	}
	defer target.Close()
	return target.Raw(func(t any) error {
		return source.Raw(func(s any) error {
			return copyPages(t.(*sqlite3.SQLiteConn), s.(*sqlite3.SQLiteConn))
		})
	})
}

func copyPages(to, from *sqlite3.SQLiteConn) error {
	b, err := to.Backup("main", from, "main")
	if err != nil {
		return err
	}
	done, err := b.Step(-1)
	if err == nil && !done {
		err = ErrLocked
	}
	return errors.Join(err, b.Finish())
}

// recall reads which table the copy holds, without reading its rows; the zero
// origin: there is none that can be read.
func (k *keeper) recall(ctx context.Context) (o origin) {
	if k.copy == "" {
		return origin{}
	}
	if _, err := statFile(k.copy); err != nil {
		return origin{}
	}
	db, err := openPool(k.copy, readerOptions, pollWait, 1)
	if err != nil {
		return origin{}
	}
	defer db.Close()
	err = db.QueryRowContext(ctx, stateQuery).Scan(&o.lineage, &o.revision, &o.rows)
	if err != nil {
		return origin{}
	}
	return o
}
