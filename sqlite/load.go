package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"sipid/router"
)

// snapshot is the whole content of a file at one moment.
type snapshot struct {
	lineage  string
	revision int64
	table    *router.Table
}

// LoadTable reads the client table of a file once and checks all of it. It
// neither creates nor migrates the file.
func LoadTable(ctx context.Context, path string) (*router.Table, error) {
	s, err := load(ctx, path, busyTimeout)
	if err != nil {
		return nil, fmt.Errorf("load client table from %s: %w", path, err)
	}
	return s.table, nil
}

// load reads a file through a connection of its own, so that nothing a former
// connection had in its cache is taken for what is in the file.
func load(ctx context.Context, path string, wait time.Duration) (*snapshot, error) {
	file, err := statFile(path)
	if err != nil {
		return nil, err
	}
	if file.size == 0 {
		return nil, fmt.Errorf("%w: the file is empty", ErrCorrupt)
	}
	db, err := openPool(path, readerOptions, wait, 1)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	// One transaction: what is checked is what is read.
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return nil, storeError(ctx, err)
	}
	defer tx.Rollback()
	s, err := readSnapshot(ctx, tx)
	return s, storeError(ctx, err)
}

func readSnapshot(ctx context.Context, tx *sql.Tx) (*snapshot, error) {
	if todo, err := pending(ctx, tx); err != nil {
		return nil, err
	} else if todo {
		return nil, ErrSchemaOld
	}
	if err := quickCheck(ctx, tx); err != nil {
		return nil, err
	}
	var s snapshot
	var rows int
	err := tx.QueryRowContext(ctx, `SELECT lineage, revision, (SELECT count(*) FROM client) FROM table_state`).
		Scan(&s.lineage, &s.revision, &rows)
	if err != nil {
		return nil, err
	}
	clients, err := allClients(ctx, tx, rows)
	if err != nil {
		return nil, err
	}
	s.table, err = router.NewTable(clients, s.revision)
	return &s, err
}

func quickCheck(ctx context.Context, tx *sql.Tx) error {
	var finding string
	if err := tx.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&finding); err != nil {
		return err
	}
	if finding != "ok" {
		// A finding has several lines, an error one.
		return fmt.Errorf("%w: %s", ErrCorrupt, strings.Join(strings.Fields(finding), " "))
	}
	return nil
}
