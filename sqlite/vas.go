package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"sipid/vas"
)

//go:embed vas_migrations/*.sql
var vasMigrations embed.FS

// ErrForeignVAS means that the file is an SQLite database of another program,
// or another one of ours.
var ErrForeignVAS = errors.New("not a temporary table of sipid")

func vasSchema() schema {
	return schema{files: vasMigrations, folder: "vas_migrations", applicationID: 0x73697076, foreign: ErrForeignVAS}
}

// How the temporary table is opened. Other than the client table it has a
// write-ahead log: a commit then costs one fsync instead of three, and readers
// do not wait for it. FULL is that fsync. What is deleted is overwritten where
// that costs nothing, since it is about people.
const (
	vasWriterOptions = "mode=rwc&_txlock=immediate&_journal_mode=WAL&_synchronous=FULL&_secure_delete=FAST&_cache_size=-65536"
	vasReaderOptions = "mode=rw&_txlock=deferred&_synchronous=FULL&_query_only=on&_cache_size=-16384"
	vasReaders       = 4
)

// VASStore is a temporary table in an SQLite file. It implements vas.Store.
//
// Writes that come at the same time share one commit, and so one fsync. Several
// processes may open the same file, each with commits of its own.
type VASStore struct {
	path   string
	writer *sql.DB // one connection, which belongs to the committer
	check  *sql.DB // one connection, which belongs to the checkpointer
	reader *sql.DB
	file   *flusher // of the checkpointer

	find, list *sql.Stmt // of reader

	jobs    chan *vasJob
	closing chan struct{}
	ended   chan struct{} // committer and checkpointer are through
}

var _ vas.Store = (*VASStore)(nil)

// OpenVAS opens the temporary table at path. It creates the file when there is
// none, readable by its owner alone, and brings its schema up to date; any
// number of processes may do so at once.
func OpenVAS(ctx context.Context, path string) (*VASStore, error) {
	s := &VASStore{path: path, jobs: make(chan *vasJob), closing: make(chan struct{}), ended: make(chan struct{})}
	if err := s.open(ctx); err != nil {
		s.closePools()
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return s, nil
}

func (s *VASStore) open(ctx context.Context) error {
	if err := makePrivate(s.path); err != nil {
		return err
	}
	var err error
	if s.file, err = openFlusher(s.path); err != nil {
		return err
	}
	if s.writer, err = openPool(s.path, vasWriterOptions, busyTimeout, 1); err != nil {
		return err
	}
	if err := migrateWAL(ctx, vasSchema(), s.writer); err != nil {
		return err
	}
	if s.check, err = openPool(s.path, vasWriterOptions, busyTimeout, 1); err != nil {
		return err
	}
	if s.reader, err = openPool(s.path, vasReaderOptions, busyTimeout, vasReaders); err != nil {
		return err
	}
	s.reader.SetMaxIdleConns(vasReaders)
	if s.find, err = s.reader.PrepareContext(ctx, vasFind); err != nil {
		return storeError(ctx, err)
	}
	if s.list, err = s.reader.PrepareContext(ctx, vasList); err != nil {
		return storeError(ctx, err)
	}
	committer, err := newVASCommitter(ctx, s.writer)
	if err != nil {
		return storeError(ctx, err)
	}
	go func() {
		defer close(s.ended)
		s.run(committer)
	}()
	return nil
}

// Close ends the store. What was committed stays; what waits is refused.
func (s *VASStore) Close() error {
	close(s.closing)
	<-s.ended
	return s.closePools()
}

func (s *VASStore) closePools() error {
	var errs []error
	for _, db := range []*sql.DB{s.reader, s.check, s.writer} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if s.file != nil {
		errs = append(errs, s.file.close())
	}
	return errors.Join(errs...)
}

// Lease implements vas.Store.
func (s *VASStore) Lease(ctx context.Context, digits int, n uint64) (uint64, error) {
	first := new(int64)
	err := s.submit(ctx, func(c *vasCommitter) error {
		if _, err := c.space.Exec(digits); err != nil {
			return err
		}
		return c.lease.QueryRow(n, digits).Scan(first)
	})
	if err != nil {
		return 0, err
	}
	return uint64(*first), nil
}

// Key implements vas.Store.
func (s *VASStore) Key(ctx context.Context, digits int) ([]byte, error) {
	key, err := s.readKey(ctx, digits)
	if !errors.Is(err, sql.ErrNoRows) {
		return key, err
	}
	err = s.submit(ctx, func(c *vasCommitter) error {
		_, err := c.space.Exec(digits)
		return err
	})
	if err != nil {
		return nil, err
	}
	return s.readKey(ctx, digits)
}

func (s *VASStore) readKey(ctx context.Context, digits int) (key []byte, err error) {
	err = s.reader.QueryRowContext(ctx, `SELECT key FROM space WHERE digits = ?`, digits).Scan(&key)
	return key, storeError(ctx, err)
}

// List implements vas.Store.
func (s *VASStore) List(ctx context.Context, after string, limit int, now time.Time) ([]vas.Row, error) {
	key, _ := vas.SerialKey(after)
	rows, err := s.list.QueryContext(ctx, key, now.UnixMilli(), limit)
	if err != nil {
		return nil, storeError(ctx, err)
	}
	defer rows.Close()
	var list []vas.Row
	for rows.Next() {
		row, err := scanVASRow(rows)
		if err != nil {
			return nil, storeError(ctx, err)
		}
		list = append(list, row)
	}
	return list, storeError(ctx, rows.Err())
}

func scanVASRow(rows *sql.Rows) (vas.Row, error) {
	var id, expires int64
	var claimedAt sql.NullInt64
	var claimant, callID sql.NullString
	var data string
	var row vas.Row
	err := rows.Scan(&id, &expires, &row.Counter, &claimedAt, &claimant, &callID, &data)
	row.Data, row.Serial, row.ExpiresAt = json.RawMessage(data), vas.SerialOf(id), time.UnixMilli(expires)
	row.Bound = vas.Binding{Claimant: claimant.String, CallID: callID.String}
	if claimedAt.Valid {
		row.ClaimedAt = time.UnixMilli(claimedAt.Int64)
	}
	return row, err
}
