package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

// The migrations are numbered and never edited after a release.
//
//go:embed migrations/*.sql
var migrations embed.FS

// schema is what one kind of database file holds.
type schema struct {
	files         fs.FS
	folder        string // of the migrations, in files
	applicationID int64  // stands in the header of every file the first migration made
	foreign       error  // what a database of another kind is
}

// clientSchema is that of the client table, "sipd" in its header.
func clientSchema() schema {
	return schema{files: migrations, folder: "migrations", applicationID: 0x73697064, foreign: ErrForeign}
}

// querier is what a connection, a pool and a transaction have in common.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// latest is the schema version this program was built for.
func (s schema) latest() (int64, error) {
	files, err := fs.Glob(s.files, s.folder+"/*.sql")
	if err != nil || len(files) == 0 {
		return 0, errors.New("sqlite: no migrations embedded")
	}
	return goose.NumericComponent(files[len(files)-1])
}

// version reads which migrations a database has had, 0 for an empty one. A
// database that holds something else is s.foreign.
func (s schema) version(ctx context.Context, db querier) (int64, error) {
	var tables, versioned, id int64
	err := db.QueryRowContext(ctx, `
		SELECT (SELECT count(*) FROM sqlite_master),
		       (SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'goose_db_version'),
		       (SELECT application_id FROM pragma_application_id)`).Scan(&tables, &versioned, &id)
	if err != nil {
		return 0, storeError(ctx, err)
	}
	switch {
	case tables == 0 && id == 0:
		return 0, nil
	case versioned == 0 || id != s.applicationID:
		return 0, s.foreign
	}
	var version int64
	err = db.QueryRowContext(ctx, `SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied`).Scan(&version)
	if err != nil {
		return 0, storeError(ctx, err)
	}
	return version, nil
}

// pending says whether migrations are missing; a schema from a later release
// is ErrSchemaNew.
func (s schema) pending(ctx context.Context, db querier) (bool, error) {
	latest, err := s.latest()
	if err != nil {
		return false, err
	}
	version, err := s.version(ctx, db)
	if err != nil {
		return false, err
	}
	if version > latest {
		return false, fmt.Errorf("%w: version %d, this program knows %d", ErrSchemaNew, version, latest)
	}
	return version < latest, nil
}

// migrate brings the schema up to date. goose itself looks first and writes
// later, so two processes that start together would both apply a migration.
// Here all of it happens under one BEGIN IMMEDIATE, which lets one process in
// at a time and leaves no half of a migration behind. For that, db must be a
// pool of exactly one connection, and goose must open no transactions itself
// (WithIsolateDDL).
func (s schema) migrate(ctx context.Context, db *sql.DB) (err error) {
	if todo, err := s.pending(ctx, db); err != nil || !todo {
		return err
	}
	if _, err := db.ExecContext(ctx, `BEGIN IMMEDIATE`); err != nil {
		return storeError(ctx, err)
	}
	defer func() {
		if err != nil {
			// Not with ctx: it may be what ended the migration.
			_, rollback := db.ExecContext(context.WithoutCancel(ctx), `ROLLBACK`)
			err = errors.Join(err, rollback)
		}
	}()
	// Another process may have been faster.
	if todo, err := s.pending(ctx, db); err != nil {
		return err
	} else if todo {
		if err := s.runGoose(ctx, db); err != nil {
			return err
		}
	}
	_, err = db.ExecContext(ctx, `COMMIT`)
	return storeError(ctx, err)
}

func (s schema) runGoose(ctx context.Context, db *sql.DB) error {
	files, err := fs.Sub(s.files, s.folder)
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, files,
		goose.WithIsolateDDL(true), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", storeError(ctx, err))
	}
	return nil
}
