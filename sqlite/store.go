package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"sipid/router"
)

// busyTimeout is how long a writer waits for others: a daemon that reads a
// million rows holds the file for about a second.
const busyTimeout = 10 * time.Second

// Store is a client table in an SQLite file. It implements router.ClientStore.
type Store struct {
	path     string
	writer   *sql.DB // one connection: a second would only wait for the first
	reader   *sql.DB
	now      func() time.Time
	progress func(done, total int)
}

var _ router.ClientStore = (*Store)(nil)

// Option changes how a Store works.
type Option func(*Store)

// WithImportProgress makes ImportClients call f now and then with the number of
// clients it has written and the number it was given.
func WithImportProgress(f func(done, total int)) Option {
	return func(s *Store) { s.progress = f }
}

// Open opens the database at path. It creates the file when there is none, and
// brings its schema up to date; any number of processes may do so at once.
func Open(ctx context.Context, path string, options ...Option) (*Store, error) {
	s := &Store{path: path, now: time.Now, progress: func(int, int) {}}
	for _, option := range options {
		option(s)
	}
	if err := s.open(ctx); err != nil {
		s.Close()
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return s, nil
}

func (s *Store) open(ctx context.Context) error {
	if err := checkFile(s.path); err != nil && !errors.Is(err, ErrMissing) {
		return err
	}
	var err error
	if s.writer, err = openPool(s.path, writerOptions, busyTimeout, 1); err != nil {
		return err
	}
	if err := clientSchema().migrate(ctx, s.writer); err != nil {
		return err
	}
	giveToFolder(s.path)
	s.reader, err = openPool(s.path, readerOptions, busyTimeout, 4)
	return err
}

// Close closes the database file.
func (s *Store) Close() error {
	var errs []error
	for _, db := range []*sql.DB{s.writer, s.reader} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// write runs f in a transaction that holds the write lock from its beginning.
// Whatever f did is kept only when it returns nil.
func (s *Store) write(ctx context.Context, f func(tx *sql.Tx) error) error {
	tx, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return storeError(ctx, err)
	}
	defer tx.Rollback() // after a Commit it does nothing
	if err := f(tx); err != nil {
		return storeError(ctx, err)
	}
	return storeError(ctx, tx.Commit())
}

// raiseRevision makes the state of the table a new one. Every write does it,
// one that changed no row too: it is how an operator confirms a table that a
// Watcher refused.
func raiseRevision(ctx context.Context, tx *sql.Tx) (int64, error) {
	var revision int64
	err := tx.QueryRowContext(ctx, `UPDATE table_state SET revision = revision + 1 RETURNING revision`).Scan(&revision)
	return revision, err
}
