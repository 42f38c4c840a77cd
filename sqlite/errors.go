package sqlite

import (
	"context"
	"errors"
	"fmt"

	"github.com/mattn/go-sqlite3"
)

// ErrMissing means that there is no database file.
var ErrMissing = errors.New("no database file")

// ErrNotRegular means that the path is a directory, a device or a pipe.
var ErrNotRegular = errors.New("not a regular file")

// ErrLocked means that another process kept the database locked for too long.
var ErrLocked = errors.New("database is locked by another process")

// ErrReadOnly means that the file or its directory cannot be written.
var ErrReadOnly = errors.New("database is read-only")

// ErrCorrupt means that the file is no SQLite database or a damaged one.
var ErrCorrupt = errors.New("database is corrupt")

// ErrForeign means that the file is an SQLite database of another program.
var ErrForeign = errors.New("not a sipid client database")

// ErrSchemaOld means that the file needs a migration that Open would do.
var ErrSchemaOld = errors.New("database schema is older than this program")

// ErrSchemaNew means that a newer program made or migrated the file.
var ErrSchemaNew = errors.New("database schema is newer than this program")

// ErrShrunk means that a Watcher met a table that lost too many rows unasked.
var ErrShrunk = errors.New("table lost more than 20 % of its rows unasked")

// ErrSlow means that reading the file takes suspiciously long.
var ErrSlow = errors.New("database is slow to read")

// storeError gives a driver's error the meaning it has here. It is the one
// place that looks at SQLite's result codes. What ctx ended fails in many ways
// (SQLite calls it interrupted), so that is asked first.
func storeError(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	var e sqlite3.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code {
	case sqlite3.ErrBusy, sqlite3.ErrLocked:
		return ErrLocked
	case sqlite3.ErrReadonly:
		return ErrReadOnly
	case sqlite3.ErrCorrupt, sqlite3.ErrNotADB:
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	default:
		return err
	}
}

// transient says whether reading may succeed later although nobody changes the
// file: the driver gave up for a reason that is not in the file's content.
func transient(err error) bool {
	var e sqlite3.Error
	return errors.As(err, &e) && !errors.Is(err, ErrCorrupt)
}
