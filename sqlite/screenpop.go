package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"time"

	"sipid/screenpop"
)

//go:embed event_migrations/*.sql
var eventMigrations embed.FS

// ErrForeignEvents means that the file is an SQLite database of another program,
// or another one of ours.
var ErrForeignEvents = errors.New("not an events database of sipid")

func eventSchema() schema {
	return schema{files: eventMigrations, folder: "event_migrations", applicationID: 0x73697065, foreign: ErrForeignEvents}
}

// How the events database is opened: written all day, a batch at a time, and
// read while that goes on, so it has a write-ahead log.
const (
	eventWriterOptions = "mode=rwc&_txlock=immediate&_journal_mode=WAL&_synchronous=FULL"
	eventReaderOptions = "mode=rw&_txlock=deferred&_query_only=on"
)

// EventStore keeps what happened, beside the client table in a file of its own:
// nothing that is written all day may lock the table that calls are identified
// by. It implements screenpop.AuditStore.
type EventStore struct {
	writer *sql.DB
	reader *sql.DB
}

var _ screenpop.AuditStore = (*EventStore)(nil)

// OpenEvents opens the events database at path. It creates the file when there
// is none, readable by its owner alone, and brings its schema up to date; any
// number of processes may do so at once.
func OpenEvents(ctx context.Context, path string) (*EventStore, error) {
	s := new(EventStore)
	if err := s.open(ctx, path); err != nil {
		s.Close()
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return s, nil
}

func (s *EventStore) open(ctx context.Context, path string) error {
	if err := makePrivate(path); err != nil {
		return err
	}
	var err error
	if s.writer, err = openPool(path, eventWriterOptions, busyTimeout, 1); err != nil {
		return err
	}
	if err := migrateWAL(ctx, eventSchema(), s.writer); err != nil {
		return err
	}
	s.reader, err = openPool(path, eventReaderOptions, busyTimeout, 2)
	return err
}

// Close closes the database file.
func (s *EventStore) Close() error {
	var errs []error
	for _, db := range []*sql.DB{s.reader, s.writer} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// AppendShowings implements screenpop.AuditStore: one commit for all of them.
func (s *EventStore) AppendShowings(ctx context.Context, list []screenpop.Showing) error {
	tx, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return storeError(ctx, err)
	}
	defer tx.Rollback() // after a Commit it does nothing
	insert, err := tx.PrepareContext(ctx, `
		INSERT INTO showing (at, who, agent, call_id, access_id, serial, data) VALUES (?, ?, ?, ?, ?, ?, ?)`)
	if err != nil {
		return storeError(ctx, err)
	}
	defer insert.Close()
	for i := range list {
		e := &list[i]
		_, err := insert.ExecContext(ctx, e.At.UTC().Format(timeFormat), e.Who, e.Agent, e.CallID, e.AccessID, e.Serial, e.Data)
		if err != nil {
			return storeError(ctx, err)
		}
	}
	return storeError(ctx, tx.Commit())
}

// Showings implements screenpop.AuditStore.
func (s *EventStore) Showings(ctx context.Context, agent string, limit int) ([]screenpop.Showing, error) {
	if limit <= 0 {
		limit = -1 // no limit, to SQLite
	}
	query, args := `SELECT at, who, agent, call_id, access_id, serial, data FROM showing `, []any{limit}
	if agent != "" {
		query, args = query+`WHERE agent = ?2 `, append(args, agent)
	}
	rows, err := s.reader.QueryContext(ctx, query+`ORDER BY at DESC, id DESC LIMIT ?1`, args...)
	if err != nil {
		return nil, storeError(ctx, err)
	}
	defer rows.Close()
	var list []screenpop.Showing
	for rows.Next() {
		var e screenpop.Showing
		var at string
		if err := rows.Scan(&at, &e.Who, &e.Agent, &e.CallID, &e.AccessID, &e.Serial, &e.Data); err != nil {
			return nil, storeError(ctx, err)
		}
		if e.At, err = time.Parse(timeFormat, at); err != nil {
			return nil, fmt.Errorf("read showings: %w", err)
		}
		list = append(list, e)
	}
	return list, storeError(ctx, rows.Err())
}
