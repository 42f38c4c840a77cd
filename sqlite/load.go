package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"io"
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

func (s *snapshot) origin() origin {
	return origin{lineage: s.lineage, revision: s.revision, rows: s.table.Len()}
}

// stateQuery asks for the origin of the table in a file.
const stateQuery = `SELECT lineage, revision, (SELECT count(*) FROM client) FROM table_state`

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
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, storeError(ctx, err)
	}
	defer conn.Close()
	s, err := readSnapshot(ctx, conn)
	return s, storeError(ctx, err)
}

// readSnapshot reads in one transaction, so that what is checked is what is
// read. The transaction ends with the connection.
func readSnapshot(ctx context.Context, conn *sql.Conn) (*snapshot, error) {
	if _, err := conn.ExecContext(ctx, `BEGIN`); err != nil {
		return nil, err
	}
	if todo, err := clientSchema().pending(ctx, conn); err != nil {
		return nil, err
	} else if todo {
		return nil, ErrSchemaOld
	}
	if err := quickCheck(ctx, conn); err != nil {
		return nil, err
	}
	var s snapshot
	var rows int
	err := conn.QueryRowContext(ctx, stateQuery).Scan(&s.lineage, &s.revision, &rows)
	if err != nil {
		return nil, err
	}
	clients, err := readClients(ctx, conn, rows)
	if err != nil {
		return nil, err
	}
	s.table, err = router.NewTable(clients, s.revision)
	return &s, err
}

func quickCheck(ctx context.Context, db querier) error {
	var finding string
	if err := db.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&finding); err != nil {
		return err
	}
	if finding != "ok" {
		// A finding has several lines, an error one.
		return fmt.Errorf("%w: %s", ErrCorrupt, strings.Join(strings.Fields(finding), " "))
	}
	return nil
}

// readClients reads the whole table as Store.Clients does, but past the layers
// of database/sql that convert values: for a million rows they take longer than
// all the rest. So would the columns that few rows fill: those are read for the
// rows that have some.
func readClients(ctx context.Context, conn *sql.Conn, expected int) (clients []router.Client, err error) {
	clients = make([]router.Client, 0, expected)
	var sums []driver.Value
	err = conn.Raw(func(driverConn any) error {
		db := driverConn.(driver.QueryerContext)
		err := eachRow(ctx, db, `SELECT `+firstColumns+` FROM client ORDER BY access_id`, func(values []driver.Value) error {
			clients, sums = append(clients, clientOf(values)), append(sums, values[7])
			return nil
		})
		if err != nil {
			return err
		}
		return readTerms(ctx, db, clients)
	})
	if err != nil {
		return nil, err
	}
	for i := range clients {
		if crc, ok := sums[i].(int64); ok && crc != checksum(&clients[i]) {
			return nil, errChecksum(clients[i].AccessID)
		}
	}
	return clients, nil
}

// eachRow calls f with the values of each row, which f must not keep.
func eachRow(ctx context.Context, db driver.QueryerContext, query string, f func(values []driver.Value) error) error {
	rows, err := db.QueryContext(ctx, query, nil)
	if err != nil {
		return err
	}
	defer rows.Close()
	values := make([]driver.Value, len(rows.Columns()))
	for {
		if err := rows.Next(values); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := f(values); err != nil {
			return err
		}
	}
}

// readTerms reads when, how often and how clients may call, into rows that are
// sorted as the query sorts them.
func readTerms(ctx context.Context, db driver.QueryerContext, clients []router.Client) error {
	at := 0
	return eachRow(ctx, db, `
		SELECT access_id, `+termColumns+` FROM client
		WHERE valid_from <> '' OR valid_to <> '' OR max_cps <> 0 OR max_calls <> 0 OR header_profile <> '' OR notes <> ''
		ORDER BY access_id`, func(values []driver.Value) error {
		for at < len(clients) && clients[at].AccessID != values[0] {
			at++
		}
		if at == len(clients) {
			return ErrCorrupt // the two queries differ within one transaction
		}
		return setTerms(&clients[at], values)
	})
}

// clientOf reads the first columns from the driver's own values. The schema is
// STRICT, so another type than expected means damage.
func clientOf(values []driver.Value) router.Client {
	text := func(i int) string { s, _ := values[i].(string); return s }
	number := func(i int) int64 { n, _ := values[i].(int64); return n }
	return router.Client{
		AccessID: text(0), Name: text(1), Endpoint: text(2), SerialDigits: int(number(3)),
		PBX: text(4), Calling: splitCalling(text(5)), Enabled: number(6) == 1,
	}
}

// setTerms reads the other columns, behind the access ID.
func setTerms(c *router.Client, values []driver.Value) error {
	text := func(i int) string { s, _ := values[i].(string); return s }
	calls, _ := values[4].(int64)
	c.MaxCPS, _ = values[3].(float64)
	c.MaxCalls, c.HeaderProfile, c.Notes = int(calls), text(5), text(6)
	if err := setDates(c, text(1), text(2)); err != nil {
		return &router.ClientError{AccessID: c.AccessID, Err: err}
	}
	return nil
}
