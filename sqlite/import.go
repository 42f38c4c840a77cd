package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"sipid/router"
)

// progressStep is how many clients lie between two reports of progress.
const progressStep = 1000

// errDryRun ends the transaction of an import that is only tried.
var errDryRun = errors.New("dry run")

// ImportClients writes all clients or none.
func (s *Store) ImportClients(ctx context.Context, clients []router.Client, o router.ImportOptions) (router.ImportResult, error) {
	var result router.ImportResult
	listed, err := checkClients(clients)
	if err != nil {
		return result, err
	}
	err = s.write(ctx, func(tx *sql.Tx) error {
		w, err := newWriter(ctx, tx, s.now(), o.By)
		if err != nil {
			return err
		}
		if o.Mode == router.ImportReplace {
			if result.Removed, err = removeUnlisted(ctx, tx, w, listed, o.Force); err != nil {
				return err
			}
		}
		if err := s.putAll(ctx, tx, w, clients, &result); err != nil {
			return err
		}
		if err := checkAllPrefixes(ctx, tx); err != nil {
			return err
		}
		if o.DryRun {
			return errDryRun
		}
		return nil
	})
	if errors.Is(err, errDryRun) {
		err = nil
	}
	if err != nil {
		return router.ImportResult{}, err
	}
	return result, nil
}

// checkClients validates every client by itself and gives the set of their IDs.
func checkClients(clients []router.Client) (map[string]bool, error) {
	listed := make(map[string]bool, len(clients))
	for i := range clients {
		c := &clients[i]
		if err := c.Validate(); err != nil {
			return nil, &router.ClientError{Index: i, AccessID: c.AccessID, Err: err}
		}
		if listed[c.AccessID] {
			return nil, &router.PrefixError{Shorter: c.AccessID, Longer: c.AccessID}
		}
		listed[c.AccessID] = true
	}
	return listed, nil
}

// removeUnlisted removes the clients an import does not name.
func removeUnlisted(ctx context.Context, tx *sql.Tx, w *writer, listed map[string]bool, force bool) (int, error) {
	clients, err := allClients(ctx, tx)
	if err != nil {
		return 0, err
	}
	var gone []*router.Client
	for i := range clients {
		if !listed[clients[i].AccessID] {
			gone = append(gone, &clients[i])
		}
	}
	if len(gone)*5 > len(clients) && !force {
		return 0, &router.ShrinkError{Removed: len(gone), Of: len(clients)}
	}
	for _, c := range gone {
		if err := w.remove(ctx, c); err != nil {
			return 0, err
		}
	}
	return len(gone), nil
}

// putAll adds and changes clients, and counts what it did.
func (s *Store) putAll(ctx context.Context, tx *sql.Tx, w *writer, clients []router.Client, result *router.ImportResult) error {
	find, err := tx.PrepareContext(ctx, `SELECT `+columns+` FROM client WHERE access_id = ?`)
	if err != nil {
		return err
	}
	for i := range clients {
		c := &clients[i]
		before, err := scanClient(find.QueryRowContext(ctx, c.AccessID))
		switch {
		case errors.Is(err, sql.ErrNoRows):
			result.Added++
			err = w.put(ctx, router.ActionAdd, nil, c)
		case err == nil && before.Equal(c):
			result.Unchanged++
		case err == nil:
			result.Changed++
			err = w.put(ctx, router.ActionSet, &before, c)
		}
		if err != nil {
			return err
		}
		if (i+1)%progressStep == 0 || i+1 == len(clients) {
			s.progress(i+1, len(clients))
		}
	}
	return nil
}
