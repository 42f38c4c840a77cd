package pgtable

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"sipid/vas"
)

// Table claims from one table. It implements vas.Connector.
type Table struct {
	config   Config
	pool     *pgxpool.Pool
	attempts *vas.Attempts
}

var _ vas.Connector = (*Table)(nil)

// New checks the configuration. It connects with the first claim.
func New(c Config) (*Table, error) {
	attempts := vas.NewAttempts(c.Policy)
	policy := attempts.Policy()
	query, err := c.query(policy.MaxData)
	if err != nil {
		return nil, err
	}
	if c.User == "" {
		return nil, fmt.Errorf("pgtable: no user")
	}
	if err := c.Password.Validate(); err != nil {
		return nil, err
	}
	config, err := c.pool(query, policy)
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		return nil, &vas.ClaimError{Reason: vas.ReasonNotClaimable, Detail: "endpoint cannot be used"}
	}
	return &Table{config: c, pool: pool, attempts: attempts}, nil
}

// Close closes the connections.
func (t *Table) Close() { t.pool.Close() }

// authenticate reads the password anew for each connection.
func (c *Config) authenticate(_ context.Context, conn *pgx.ConnConfig) error {
	password, err := c.Password.Read()
	if err != nil {
		return &vas.ClaimError{Reason: vas.ReasonCredentials, Detail: "password of " + string(c.Password)}
	}
	conn.Password = password
	return nil
}

// prepare prepares the one statement on a new connection.
func prepare(query string) func(context.Context, *pgx.Conn) error {
	return func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Prepare(ctx, statement, query)
		return err
	}
}

// Claim reads the row of a serial.
func (t *Table) Claim(ctx context.Context, q vas.Query) (json.RawMessage, error) {
	if q.Serial == "" || strings.Trim(q.Serial, "0123456789") != "" {
		return nil, &vas.ClaimError{Reason: vas.ReasonNotFound, Detail: "no decimal serial"}
	}
	return t.attempts.Do(ctx, func(ctx context.Context) (json.RawMessage, error) {
		data, err := t.try(ctx, q.Serial)
		if err != nil {
			return nil, claimError(err)
		}
		return data, nil
	})
}

func (t *Table) try(ctx context.Context, serial string) (json.RawMessage, error) {
	conn, err := t.pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Release()
	// In text format both ways: a serial fits a text and an integer column.
	answer := conn.Conn().PgConn().ExecPrepared(ctx, statement, [][]byte{[]byte(serial)}, nil, nil).Read()
	switch {
	case answer.Err != nil:
		return nil, answer.Err
	case len(answer.Rows) == 0:
		return nil, &vas.ClaimError{Reason: vas.ReasonNotFound}
	case len(answer.Rows) > 1:
		return nil, &vas.ClaimError{Reason: vas.ReasonMapping, Detail: "the serial is in more than one row"}
	}
	return t.object(answer.Rows[0])
}

// object makes the JSON object of the row, its members in the order of Fields.
func (t *Table) object(row [][]byte) (json.RawMessage, error) {
	object, size := []byte("{"), 0
	for i, value := range row {
		if size += len(value); size > t.attempts.Policy().MaxData {
			return nil, &vas.ClaimError{Reason: vas.ReasonTooLarge}
		}
		field := t.config.Fields[i]
		if field.Name == "" {
			field.Name = field.Column
		}
		if i > 0 {
			object = append(object, ',')
		}
		object = append(appendText(object, field.Name), ':')
		if value == nil {
			object = append(object, "null"...)
		} else {
			object = appendText(object, string(value))
		}
	}
	return append(object, '}'), nil
}

func appendText(dst []byte, s string) []byte {
	text, _ := json.Marshal(s) // of a string it cannot fail
	return append(dst, text...)
}
