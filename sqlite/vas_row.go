package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"sipid/vas"
)

// The statements on the temporary table. vasFind reads no column behind
// expires_at of a row that has expired, so that it costs what no row costs.
const (
	vasFind = `SELECT claimant, call_id, data FROM serial WHERE id = ? AND expires_at > ?`
	vasList = `SELECT id, expires_at, counter, claimed_at, claimant, call_id, data
		FROM serial WHERE id > ? AND expires_at > ? ORDER BY id LIMIT ?`
	// Where another process was faster, its key stays.
	vasSpace  = `INSERT INTO space (digits, key) VALUES (?, randomblob(32)) ON CONFLICT DO NOTHING`
	vasLease  = `UPDATE space SET next = next + ? WHERE digits = ? RETURNING next - ?1`
	vasNext   = `SELECT next FROM space WHERE digits = ?`
	vasInsert = `INSERT INTO serial (id, expires_at, counter, data) VALUES (?1, ?2, ?3, ?4)
		ON CONFLICT (id) DO UPDATE SET expires_at = ?2, counter = ?3, data = ?4, claimed_at = NULL, claimant = NULL, call_id = NULL
		WHERE expires_at <= ?5`
	vasBind = `UPDATE serial SET claimed_at = ?2, claimant = ?3, call_id = ?4
		WHERE id = ?1 AND expires_at > ?2 AND claimant IS NULL RETURNING data`
	vasDelete = `DELETE FROM serial WHERE id = ?`
	vasExpire = `DELETE FROM serial WHERE id IN (SELECT id FROM serial WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)`
)

// Insert implements vas.Store.
func (s *VASStore) Insert(ctx context.Context, r vas.Row, now time.Time) error {
	id, ok := vas.SerialKey(r.Serial)
	if !ok {
		return fmt.Errorf("%w: serial of %d octets", vas.ErrInvalid, len(r.Serial))
	}
	return s.submit(ctx, func(c *vasCommitter) error {
		// Within the transaction: nobody leases meanwhile.
		next, err := c.nextCounter(len(r.Serial))
		if err != nil {
			return err
		}
		if next > r.Counter+vas.MaxLag(len(r.Serial)) {
			return vas.ErrStale
		}
		result, err := c.insert.Exec(id, r.ExpiresAt.UnixMilli(), r.Counter, string(r.Data), now.UnixMilli())
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(vas.ErrTaken, err)
		}
		return nil
	})
}

// Claim implements vas.Store. Only the first claim of a row writes.
func (s *VASStore) Claim(ctx context.Context, serial string, b vas.Binding, now time.Time) (json.RawMessage, error) {
	id, ok := vas.SerialKey(serial)
	if !ok {
		return nil, vas.ErrNotFound
	}
	bound, data, err := findVAS(s.find.QueryRowContext(ctx, id, now.UnixMilli()))
	if err != nil {
		return nil, storeError(ctx, err)
	}
	if bound != (vas.Binding{}) {
		return ifBound(bound, b, data)
	}
	claimed := new(json.RawMessage)
	err = s.submit(ctx, func(c *vasCommitter) (err error) {
		*claimed, err = c.claim(id, b, now)
		return err
	})
	if err != nil {
		return nil, err
	}
	return *claimed, nil
}

// claim binds the row within a transaction. Another claim may have been faster.
func (c *vasCommitter) claim(id int64, b vas.Binding, now time.Time) (json.RawMessage, error) {
	var data string
	err := c.bind.QueryRow(id, now.UnixMilli(), b.Claimant, b.CallID).Scan(&data)
	if !errors.Is(err, sql.ErrNoRows) {
		return json.RawMessage(data), err
	}
	bound, kept, err := findVAS(c.find.QueryRow(id, now.UnixMilli()))
	if err != nil {
		return nil, err
	}
	return ifBound(bound, b, kept)
}

// ifBound gives the data to the one a row is bound to.
func ifBound(bound, asks vas.Binding, data json.RawMessage) (json.RawMessage, error) {
	if bound != asks {
		return nil, vas.ErrClaimed
	}
	return data, nil
}

func findVAS(row *sql.Row) (vas.Binding, json.RawMessage, error) {
	var claimant, callID sql.NullString
	var data string
	err := row.Scan(&claimant, &callID, &data)
	if errors.Is(err, sql.ErrNoRows) {
		err = vas.ErrNotFound
	}
	return vas.Binding{Claimant: claimant.String, CallID: callID.String}, json.RawMessage(data), err
}

// Delete implements vas.Store.
func (s *VASStore) Delete(ctx context.Context, serial string) error {
	id, ok := vas.SerialKey(serial)
	if !ok {
		return nil
	}
	return s.submit(ctx, func(c *vasCommitter) error {
		_, err := c.delete.Exec(id)
		return err
	})
}

// DeleteExpired implements vas.Store.
func (s *VASStore) DeleteExpired(ctx context.Context, limit int, now time.Time) (int, error) {
	// Most of the time there is nothing to write.
	var any bool
	err := s.reader.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM serial WHERE expires_at <= ?)`, now.UnixMilli()).Scan(&any)
	if err != nil || !any {
		return 0, storeError(ctx, err)
	}
	removed := new(int64)
	err = s.submit(ctx, func(c *vasCommitter) error {
		result, err := c.expire.Exec(now.UnixMilli(), limit)
		if err != nil {
			return err
		}
		*removed, err = result.RowsAffected()
		return err
	})
	if err != nil {
		return 0, err
	}
	return int(*removed), nil
}
