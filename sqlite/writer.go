package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"sipid/router"
)

// writer changes rows within one transaction, each with its history entry. Its
// statements are prepared once: an import runs them a hundred thousand times.
type writer struct {
	at       string
	by       string
	revision int64

	upsert, erase, record *sql.Stmt
}

// newWriter starts the one write of a transaction: it raises the revision. The
// statements are closed with the transaction.
func newWriter(ctx context.Context, tx *sql.Tx, at time.Time, by string) (*writer, error) {
	w := &writer{at: at.UTC().Format(timeFormat), by: by}
	var errs [4]error
	w.revision, errs[0] = raiseRevision(ctx, tx)
	w.upsert, errs[1] = tx.PrepareContext(ctx, `
		INSERT INTO client (`+columns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (access_id) DO UPDATE SET name = excluded.name, endpoint = excluded.endpoint,
			serial_digits = excluded.serial_digits, pbx = excluded.pbx, calling = excluded.calling,
			enabled = excluded.enabled, crc = excluded.crc, valid_from = excluded.valid_from, valid_to = excluded.valid_to,
			max_cps = excluded.max_cps, max_calls = excluded.max_calls, header_profile = excluded.header_profile, notes = excluded.notes`)
	w.erase, errs[2] = tx.PrepareContext(ctx, `DELETE FROM client WHERE access_id = ?`)
	w.record, errs[3] = tx.PrepareContext(ctx, `
		INSERT INTO change (revision, at, who, action, access_id, before, after) VALUES (?, ?, ?, ?, ?, ?, ?)`)
	return w, errors.Join(errs[:]...)
}

// put writes after in place of before, which is nil for a new row.
func (w *writer) put(ctx context.Context, action string, before, after *router.Client) error {
	if _, err := w.upsert.ExecContext(ctx, clientValues(after)...); err != nil {
		return err
	}
	return w.log(ctx, action, after.AccessID, before, after)
}

func (w *writer) remove(ctx context.Context, before *router.Client) error {
	if _, err := w.erase.ExecContext(ctx, before.AccessID); err != nil {
		return err
	}
	return w.log(ctx, router.ActionRemove, before.AccessID, before, nil)
}

func (w *writer) log(ctx context.Context, action, accessID string, before, after *router.Client) error {
	_, err := w.record.ExecContext(ctx, w.revision, w.at, w.by, action, accessID, encodeState(before), encodeState(after))
	return err
}
