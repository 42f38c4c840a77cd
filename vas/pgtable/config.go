package pgtable

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"sipid/vas"
)

// Config says which table, and how to read it.
type Config struct {
	// Endpoint is postgres://HOST[:PORT]/DATABASE, with sslmode and sslrootcert
	// as parameters. Unless HOST is the machine itself, sslmode is verify-full.
	Endpoint string
	User     string        // a role that may SELECT from the table, and no more
	Password vas.SecretRef // empty: none is sent
	Table    string        // TABLE or SCHEMA.TABLE
	Serial   string        // the column of the serial, text or integer; empty: "serial"
	Expires  string        // a column of type timestamptz; empty: rows do not expire
	Fields   []Field       // what the agent sees, in that order
	Policy   vas.Policy
}

// Field is one column that an agent sees.
type Field struct {
	Column string
	Name   string // for the agent; empty: the column's
}

// maxConnections is what one client system's database is asked for.
const maxConnections = 4

// statement is the name of the one prepared statement.
const statement = "sipid_claim"

// query reads a row as text, cut off behind the limit: the server turns a value
// of any type into text, and a large one does not get here.
func (c *Config) query(limit int) (string, error) {
	if len(c.Fields) == 0 {
		return "", fmt.Errorf("pgtable: no fields")
	}
	var columns []string
	for _, f := range c.Fields {
		if f.Column == "" {
			return "", fmt.Errorf("pgtable: a field without a column")
		}
		columns = append(columns, fmt.Sprintf("left(%s::text, %d)", quote(f.Column), limit+1))
	}
	if c.Table == "" {
		return "", fmt.Errorf("pgtable: no table")
	}
	serial := c.Serial
	if serial == "" {
		serial = "serial"
	}
	text := "SELECT " + strings.Join(columns, ", ") + " FROM " + quote(strings.Split(c.Table, ".")...) + " WHERE " + quote(serial) + " = $1"
	if c.Expires != "" {
		text += " AND " + quote(c.Expires) + " > now()"
	}
	// Two would mean that the serial does not name one row.
	return text + " LIMIT 2", nil
}

func quote(parts ...string) string { return pgx.Identifier(parts).Sanitize() }

// pool makes the configuration of the connections. Nothing is taken from
// PGPASSWORD, .pgpass and the like: those belong to whoever started sipid.
func (c *Config) pool(query string, policy vas.Policy) (*pgxpool.Config, error) {
	endpoint, err := c.endpoint()
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.ParseConfig(endpoint)
	if err != nil {
		// Its text repeats the endpoint.
		return nil, &vas.ClaimError{Reason: vas.ReasonNotClaimable, Detail: "endpoint cannot be read"}
	}
	pool.MaxConns = maxConnections
	conn := pool.ConnConfig
	conn.User, conn.Password = c.User, ""
	conn.ConnectTimeout = policy.Timeout
	conn.RuntimeParams = map[string]string{
		"application_name":              "sipid",
		"client_encoding":               "UTF8",
		"default_transaction_read_only": "on",
		"statement_timeout":             fmt.Sprint(policy.Timeout.Milliseconds()),
	}
	pool.BeforeConnect = c.authenticate
	pool.AfterConnect = prepare(query)
	return pool, nil
}

// endpoint checks the endpoint and adds what it leaves to chance.
func (c *Config) endpoint() (string, error) {
	refused := func(detail string) error {
		return &vas.ClaimError{Reason: vas.ReasonNotClaimable, Detail: detail}
	}
	u, err := url.Parse(c.Endpoint)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" || u.Hostname() == "" || strings.Contains(u.Host, ",") || u.User != nil {
		return "", refused("endpoint is not postgres://HOST/DATABASE")
	}
	parameters := u.Query()
	for name := range parameters {
		if name != "sslmode" && name != "sslrootcert" {
			return "", refused("endpoint has a parameter other than sslmode and sslrootcert")
		}
	}
	mode, local := parameters.Get("sslmode"), loopback(u.Hostname())
	switch {
	case mode == "" && local:
		parameters.Set("sslmode", "disable")
	case mode == "":
		parameters.Set("sslmode", "verify-full")
	case mode != "verify-full" && !local:
		return "", refused("sslmode is not verify-full")
	}
	u.RawQuery = parameters.Encode()
	return u.String(), nil
}

func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.Unmap().IsLoopback()
}
