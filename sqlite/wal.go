package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"time"
)

// makePrivate makes an empty file that others cannot read. SQLite gives the
// files beside it the same mode.
func makePrivate(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, os.ErrExist) {
		return checkFile(path)
	}
	if err != nil {
		return err
	}
	return file.Close()
}

// migrateWAL tries again when the file is locked: going over to a write-ahead
// log takes a lock that SQLite does not wait for.
func migrateWAL(ctx context.Context, s schema, db *sql.DB) error {
	for end := time.Now().Add(busyTimeout); ; {
		err := storeError(ctx, s.migrate(ctx, db))
		if !errors.Is(err, ErrLocked) || time.Now().After(end) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}
