package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"sipid/router"
)

// Clients gives all clients, sorted by access ID.
func (s *Store) Clients(ctx context.Context) ([]router.Client, error) {
	clients, err := allClients(ctx, s.reader)
	return clients, storeError(ctx, err)
}

func allClients(ctx context.Context, db querier) ([]router.Client, error) {
	rows, err := db.QueryContext(ctx, `SELECT `+columns+` FROM client ORDER BY access_id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var clients []router.Client
	for rows.Next() {
		c, err := scanClient(rows)
		if err != nil {
			return nil, err
		}
		clients = append(clients, c)
	}
	return clients, rows.Err()
}

// Client gives one client, or router.ErrNoClient.
func (s *Store) Client(ctx context.Context, accessID string) (router.Client, error) {
	c, err := findClient(ctx, s.reader, accessID)
	return c, storeError(ctx, err)
}

func findClient(ctx context.Context, db querier, accessID string) (router.Client, error) {
	c, err := scanClient(db.QueryRowContext(ctx, `SELECT `+columns+` FROM client WHERE access_id = ?`, accessID))
	if errors.Is(err, sql.ErrNoRows) {
		return c, fmt.Errorf("client %q: %w", accessID, router.ErrNoClient)
	}
	return c, err
}

// AddClient adds a client; router.ErrClientExists when the access ID is there.
func (s *Store) AddClient(ctx context.Context, c router.Client, by string) error {
	if err := c.Validate(); err != nil {
		return err
	}
	return s.write(ctx, func(tx *sql.Tx) error {
		w, err := newWriter(ctx, tx, s.now(), by)
		if err != nil {
			return err
		}
		_, err = findClient(ctx, tx, c.AccessID)
		if err == nil {
			return fmt.Errorf("client %q: %w", c.AccessID, router.ErrClientExists)
		}
		if !errors.Is(err, router.ErrNoClient) {
			return err
		}
		if err := w.put(ctx, router.ActionAdd, nil, &c); err != nil {
			return err
		}
		return checkPrefixesOf(ctx, tx, c.AccessID)
	})
}

// SetClient replaces the client with c's access ID, or router.ErrNoClient.
func (s *Store) SetClient(ctx context.Context, c router.Client, by string) error {
	if err := c.Validate(); err != nil {
		return err
	}
	return s.edit(ctx, c.AccessID, by, router.ActionSet, func(old *router.Client) { *old = c })
}

// SetEnabled enables or disables a client, or router.ErrNoClient.
func (s *Store) SetEnabled(ctx context.Context, accessID string, enabled bool, by string) error {
	action := router.ActionDisable
	if enabled {
		action = router.ActionEnable
	}
	return s.edit(ctx, accessID, by, action, func(c *router.Client) { c.Enabled = enabled })
}

func (s *Store) edit(ctx context.Context, accessID, by, action string, change func(*router.Client)) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		w, err := newWriter(ctx, tx, s.now(), by)
		if err != nil {
			return err
		}
		before, err := findClient(ctx, tx, accessID)
		if err != nil {
			return err
		}
		after := before
		change(&after)
		if before.Equal(&after) {
			return nil
		}
		return w.put(ctx, action, &before, &after)
	})
}

// RemoveClient removes a client, or router.ErrNoClient.
func (s *Store) RemoveClient(ctx context.Context, accessID, by string) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		w, err := newWriter(ctx, tx, s.now(), by)
		if err != nil {
			return err
		}
		before, err := findClient(ctx, tx, accessID)
		if err != nil {
			return err
		}
		return w.remove(ctx, &before)
	})
}
