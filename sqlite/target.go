package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"time"
)

//go:embed target_migrations/*.sql
var targetMigrations embed.FS

// ErrForeignTargets means that the file is an SQLite database of another program,
// or another one of ours.
var ErrForeignTargets = errors.New("not a targets database of sipid")

func targetSchema() schema {
	return schema{files: targetMigrations, folder: "target_migrations", applicationID: 0x73697074, foreign: ErrForeignTargets}
}

// TargetKey names a PBX target: its group and its URI as in the configuration.
type TargetKey struct{ Group, URI string }

// TargetStore keeps which PBX targets an operator took out. It has a file of its
// own: a client table that is replaced by an older copy, or broken, changes
// nothing of it, and a drain makes nobody load a million clients anew.
type TargetStore struct{ db *sql.DB }

// OpenTargets opens the database at path. It creates the file when there is none
// and brings its schema up to date; any number of processes may do so at once.
func OpenTargets(ctx context.Context, path string) (*TargetStore, error) {
	db, err := openPool(path, writerOptions, busyTimeout, 1)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	if err := targetSchema().migrate(ctx, db); err != nil {
		db.Close()
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	giveToFolder(path)
	return &TargetStore{db: db}, nil
}

// Close closes the file.
func (s *TargetStore) Close() error { return s.db.Close() }

// SetDrained notes that a target is out, or takes calls again. When it returns
// nil, that is on disk.
func (s *TargetStore) SetDrained(ctx context.Context, t TargetKey, out bool) error {
	query, args := `DELETE FROM drained WHERE pbx_group = ? AND uri = ?`, []any{t.Group, t.URI}
	if out {
		query = `INSERT INTO drained (pbx_group, uri, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`
		args = append(args, time.Now().UTC().Format(timeFormat))
	}
	_, err := s.db.ExecContext(ctx, query, args...)
	return storeError(ctx, err)
}

// Drained lists the targets that are out.
func (s *TargetStore) Drained(ctx context.Context) (map[TargetKey]bool, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT pbx_group, uri FROM drained`)
	if err != nil {
		return nil, storeError(ctx, err)
	}
	defer rows.Close()
	all := make(map[TargetKey]bool)
	for rows.Next() {
		var t TargetKey
		if err := rows.Scan(&t.Group, &t.URI); err != nil {
			return nil, storeError(ctx, err)
		}
		all[t] = true
	}
	return all, storeError(ctx, rows.Err())
}
