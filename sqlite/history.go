package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"sipid/router"
)

// timeFormat sorts as text and is readable in the sqlite3 tool.
const timeFormat = "2006-01-02T15:04:05.000000Z"

// state is a client in the history, named as in the CSV file.
type state struct {
	AccessID     string   `json:"access_id"`
	Name         string   `json:"name"`
	Endpoint     string   `json:"endpoint"`
	SerialDigits int      `json:"serial_digits"`
	PBX          string   `json:"pbx"`
	Calling      []string `json:"calling,omitempty"`
	Enabled      bool     `json:"enabled"`

	ValidFrom     router.Moment `json:"valid_from,omitzero"`
	ValidTo       router.Moment `json:"valid_to,omitzero"`
	MaxCPS        float64       `json:"max_cps,omitempty"`
	MaxCalls      int           `json:"max_calls,omitempty"`
	HeaderProfile string        `json:"header_profile,omitempty"`
	Notes         string        `json:"notes,omitempty"`
}

// encodeState gives the value of a before or after column; nil is NULL.
func encodeState(c *router.Client) any {
	if c == nil {
		return nil
	}
	text, err := json.Marshal(state(*c))
	if err != nil {
		// No field of state can fail to encode.
		return err.Error()
	}
	return string(text)
}

func decodeState(text sql.NullString) (*router.Client, error) {
	if !text.Valid {
		return nil, nil
	}
	var s state
	if err := json.Unmarshal([]byte(text.String), &s); err != nil {
		return nil, err
	}
	c := router.Client(s)
	return &c, nil
}

// History gives the changes of one client, or of all when accessID is empty,
// newest first, at most limit of them (0: all).
func (s *Store) History(ctx context.Context, accessID string, limit int) ([]router.Change, error) {
	if limit <= 0 {
		limit = -1 // no limit, to SQLite
	}
	rows, err := s.reader.QueryContext(ctx, `
		SELECT at, who, action, access_id, before, after FROM change
		WHERE ?1 = '' OR access_id = ?1 ORDER BY id DESC LIMIT ?2`, accessID, limit)
	if err != nil {
		return nil, storeError(ctx, err)
	}
	defer rows.Close()
	var changes []router.Change
	for rows.Next() {
		c, err := scanChange(rows)
		if err != nil {
			return nil, storeError(ctx, fmt.Errorf("read history: %w", err))
		}
		changes = append(changes, c)
	}
	return changes, storeError(ctx, rows.Err())
}

func scanChange(row scanner) (router.Change, error) {
	var c router.Change
	var at string
	var before, after sql.NullString
	err := row.Scan(&at, &c.By, &c.Action, &c.AccessID, &before, &after)
	if err != nil {
		return c, err
	}
	if c.At, err = time.Parse(timeFormat, at); err != nil {
		return c, err
	}
	if c.Before, err = decodeState(before); err != nil {
		return c, err
	}
	c.After, err = decodeState(after)
	return c, err
}
