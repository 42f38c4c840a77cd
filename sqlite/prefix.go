package sqlite

import (
	"context"
	"database/sql"
	"strings"

	"sipid/router"
)

// checkPrefixesOf checks one access ID against all others: in a table that was
// prefix-free before the ID came, that is enough.
func checkPrefixesOf(ctx context.Context, tx *sql.Tx, accessID string) error {
	for end := 1; end < len(accessID); end++ {
		var shorter string
		err := tx.QueryRowContext(ctx, `SELECT access_id FROM client WHERE access_id = ?`, accessID[:end]).Scan(&shorter)
		if err == nil {
			return &router.PrefixError{Shorter: shorter, Longer: accessID}
		}
		if err != sql.ErrNoRows {
			return err
		}
	}
	var longer string
	// ':' is the octet after '9'.
	err := tx.QueryRowContext(ctx, `SELECT access_id FROM client WHERE access_id > ? AND access_id < ? LIMIT 1`,
		accessID, accessID+":").Scan(&longer)
	if err == sql.ErrNoRows {
		return nil
	}
	if err != nil {
		return err
	}
	return &router.PrefixError{Shorter: accessID, Longer: longer}
}

// checkAllPrefixes checks every access ID. In sorted order, all IDs that one
// begins follow it without a gap, so comparing neighbours finds every conflict.
func checkAllPrefixes(ctx context.Context, tx *sql.Tx) error {
	rows, err := tx.QueryContext(ctx, `SELECT access_id FROM client ORDER BY access_id`)
	if err != nil {
		return err
	}
	defer rows.Close()
	last, accessID := "", ""
	for rows.Next() {
		if err := rows.Scan(&accessID); err != nil {
			return err
		}
		if last != "" && strings.HasPrefix(accessID, last) {
			return &router.PrefixError{Shorter: last, Longer: accessID}
		}
		last = accessID
	}
	return rows.Err()
}
