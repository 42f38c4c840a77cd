package pgtable_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"sipid/vas"
	"sipid/vas/pgtable"
)

// userData must turn up in no error.
const userData = "王小明"

const schema = `
CREATE ROLE reader LOGIN PASSWORD '` + readerPassword + `';
CREATE SCHEMA vas;
GRANT USAGE ON SCHEMA vas TO reader;
CREATE TYPE vas.mood AS ENUM ('calm', 'angry');
CREATE TABLE vas.waiting (
	serial text PRIMARY KEY, "Full Name" text, vip boolean, at timestamptz, mood vas.mood, place point, ip inet, tags text[],
	octets bytea, more jsonb, price numeric, wait interval, nothing text, expires timestamptz NOT NULL DEFAULT now() + interval '1 hour');
INSERT INTO vas.waiting VALUES ('00000042', '` + userData + `', true, '2026-07-01 12:00:00+00', 'angry', '(1,2)', '10.0.0.1', '{a,"b c"}',
	'\xdead', '{"k": [1]}', 'NaN', '90 min', NULL);
INSERT INTO vas.waiting (serial, "Full Name", expires) VALUES ('00000043', 'gone', now() - interval '1 second');
INSERT INTO vas.waiting (serial, "Full Name") VALUES ('00000044', repeat('x', 1000000));
CREATE TABLE vas.numbers (serial integer PRIMARY KEY, name text);
INSERT INTO vas.numbers VALUES (42, 'a number');
CREATE VIEW vas.slow AS SELECT serial, pg_sleep(30)::text AS name FROM vas.waiting;
CREATE TABLE vas.twice (serial text, name text);
INSERT INTO vas.twice VALUES ('00000042', 'a'), ('00000042', 'b');
CREATE TABLE vas.secret (serial text, name text);
GRANT SELECT ON vas.waiting, vas.numbers, vas.slow, vas.twice TO reader;
GRANT INSERT ON vas.waiting TO reader;
CREATE FUNCTION vas.spy(text) RETURNS text LANGUAGE sql VOLATILE AS $$ INSERT INTO vas.waiting (serial) VALUES ('written') RETURNING 'written' $$;
CREATE VIEW vas.writing AS SELECT serial, vas.spy(serial) AS name FROM vas.waiting;
GRANT SELECT ON vas.writing TO reader;
`

func columns(names ...string) []pgtable.Field {
	var fields []pgtable.Field
	for _, name := range names {
		fields = append(fields, pgtable.Field{Column: name})
	}
	return fields
}

func TestTable(t *testing.T) {
	s := startServer(t)
	s.exec(t, schema)
	t.Setenv("PGTABLE_TEST_PASSWORD", readerPassword)
	// These are whoever's who started sipid: never used.
	t.Setenv("PGPASSWORD", adminPassword)
	t.Setenv("PGUSER", "admin")
	open := func(t *testing.T, change func(*pgtable.Config)) *pgtable.Table {
		t.Helper()
		o := pgtable.Config{
			Endpoint: s.endpoint(), User: "reader", Password: "env:PGTABLE_TEST_PASSWORD",
			Table: "vas.waiting", Expires: "expires", Fields: columns("Full Name"), Policy: vas.Policy{Timeout: 5 * time.Second},
		}
		if change != nil {
			change(&o)
		}
		table, err := pgtable.New(o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(table.Close)
		return table
	}

	t.Run("FoundOddTypes", func(t *testing.T) {
		table := open(t, func(o *pgtable.Config) {
			o.Fields = append([]pgtable.Field{{Column: "Full Name", Name: `姓名 "x"`}},
				columns("vip", "at", "mood", "place", "ip", "tags", "octets", "more", "price", "wait", "nothing")...)
		})
		got, err := claim(table, "00000042")
		want := `{"姓名 \"x\"":"王小明","vip":"true","at":"2026-07-01 12:00:00+00","mood":"angry","place":"(1,2)","ip":"10.0.0.1/32","tags":"{a,\"b c\"}",` +
			`"octets":"\\xdead","more":"{\"k\": [1]}","price":"NaN","wait":"01:30:00","nothing":null}`
		if err != nil || got != want {
			t.Errorf("%s, %v, want %s", got, err, want)
		}
	})
	t.Run("FoundByInteger", func(t *testing.T) {
		table := open(t, func(o *pgtable.Config) { o.Table, o.Expires, o.Fields = "vas.numbers", "", columns("name") })
		if got, err := claim(table, "00000042"); err != nil || got != `{"name":"a number"}` {
			t.Errorf("%s, %v", got, err)
		}
		wantReason(t, table, "99999999", vas.ReasonNotFound)
		wantReason(t, table, "999999999999", vas.ReasonNotFound) // no integer
	})
	t.Run("Absent", func(t *testing.T) {
		table := open(t, nil)
		for _, serial := range []string{"00000041", "00000043", "42", "", "' OR true --", "\x00"} {
			wantReason(t, table, serial, vas.ReasonNotFound)
		}
	})
	t.Run("TooLarge", func(t *testing.T) { wantReason(t, open(t, nil), "00000044", vas.ReasonTooLarge) })
	t.Run("Slow", func(t *testing.T) {
		start := time.Now()
		table := open(t, func(o *pgtable.Config) {
			o.Table, o.Expires, o.Fields, o.Policy.Timeout = "vas.slow", "", columns("name"), 300*time.Millisecond
		})
		wantReason(t, table, "00000042", vas.ReasonTimeout)
		if took := time.Since(start); took > 3*time.Second {
			t.Errorf("took %v", took)
		}
	})
	t.Run("WrongPassword", func(t *testing.T) {
		t.Setenv("PGTABLE_TEST_WRONG", "reader-s3cret-not")
		wantReason(t, open(t, func(o *pgtable.Config) { o.Password = "env:PGTABLE_TEST_WRONG" }), "00000042", vas.ReasonUnauthorized)
		wantReason(t, open(t, func(o *pgtable.Config) { o.User = "nobody" }), "00000042", vas.ReasonUnauthorized)
		wantReason(t, open(t, func(o *pgtable.Config) { o.Password = "" }), "00000042", vas.ReasonUnauthorized)
		wantReason(t, open(t, func(o *pgtable.Config) { o.Password = "env:PGTABLE_NOT_SET" }), "00000042", vas.ReasonCredentials)
	})
	t.Run("NotAllowed", func(t *testing.T) {
		table := open(t, func(o *pgtable.Config) { o.Table, o.Expires, o.Fields = "vas.secret", "", columns("name") })
		wantReason(t, table, "00000042", vas.ReasonUnauthorized)
	})
	t.Run("Mapping", func(t *testing.T) {
		for _, change := range []func(*pgtable.Config){
			func(o *pgtable.Config) { o.Table = "vas.nowhere" },
			func(o *pgtable.Config) { o.Table = "nowhere.waiting" },
			func(o *pgtable.Config) { o.Fields = columns("name") },
			func(o *pgtable.Config) { o.Serial = "id" },
			func(o *pgtable.Config) { o.Expires = "mood" },
			func(o *pgtable.Config) { o.Fields = columns(`x" FROM vas.waiting; DROP TABLE vas.waiting; --`) },
			func(o *pgtable.Config) { o.Endpoint = strings.Replace(o.Endpoint, "/postgres", "/nowhere", 2) },
			func(o *pgtable.Config) { o.Table, o.Expires, o.Fields = "vas.twice", "", columns("name") },
		} {
			wantReason(t, open(t, change), "00000042", vas.ReasonMapping)
		}
	})
	t.Run("ReadOnly", func(t *testing.T) {
		table := open(t, func(o *pgtable.Config) { o.Table, o.Expires, o.Fields = "vas.writing", "", columns("name") })
		wantReason(t, table, "00000042", vas.ReasonFault) // 25006, read only transaction
		wantReason(t, open(t, nil), "written", vas.ReasonNotFound)
	})
	t.Run("OnePreparedStatement", func(t *testing.T) { onePreparedStatement(t, s, open) })
	t.Run("Down", func(t *testing.T) {
		table := open(t, func(o *pgtable.Config) { o.Policy.Failures = 100 })
		if _, err := claim(table, "00000042"); err != nil {
			t.Fatal(err)
		}
		s.stop()
		wantReason(t, table, "00000042", vas.ReasonUnreachable)
		s.start(t)
		if got, err := claim(table, "00000042"); err != nil { // with no need to be told
			t.Errorf("after it came back: %s, %v", got, err)
		}
	})
}

// onePreparedStatement claims a hundred times at once and looks at what the
// server was asked for: at most one preparation for each of four connections.
func onePreparedStatement(t *testing.T, s *server, open func(*testing.T, func(*pgtable.Config)) *pgtable.Table) {
	table := open(t, func(o *pgtable.Config) { o.Table, o.Expires, o.Fields = "vas.numbers", "", columns("name", "serial") })
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			if got, err := claim(table, "42"); err != nil {
				t.Errorf("%s, %v", got, err)
			}
		})
	}
	wg.Wait()
	const mark = `left("name"::text, 65537), left("serial"::text, 65537) FROM "vas"."numbers" WHERE "serial" = $1 LIMIT 2`
	var runs []string
	for end := time.Now().Add(5 * time.Second); len(runs) < 100 && time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		runs = s.log(t, mark)
	}
	for _, line := range runs {
		if !strings.Contains(line, "execute sipid_claim: SELECT ") {
			t.Errorf("not the prepared statement: %s", line)
		}
	}
	if len(runs) != 100 {
		t.Errorf("%d executions in the log, want 100", len(runs))
	}
}

func claim(table *pgtable.Table, serial string) (string, error) {
	data, err := table.Claim(context.Background(), vas.Query{Serial: serial, CallID: "a@b"})
	return string(data), err
}

func wantReason(t *testing.T, table *pgtable.Table, serial string, want vas.Reason) {
	t.Helper()
	data, err := claim(table, serial)
	var fault *vas.ClaimError
	if !errors.As(err, &fault) || fault.Reason != want || data != "" {
		t.Errorf("%s: %q, %v, want %s", serial, data, err, want)
		return
	}
	for _, hidden := range []string{readerPassword, adminPassword, userData, "00000042"} {
		if strings.Contains(err.Error(), hidden) {
			t.Errorf("the error says %q: %v", hidden, err)
		}
	}
}

func TestNewErr(t *testing.T) {
	good := pgtable.Config{Endpoint: "postgres://db.example/vas", User: "reader", Table: "waiting", Fields: columns("name")}
	for name, change := range map[string]func(*pgtable.Config){
		"no endpoint":          func(o *pgtable.Config) { o.Endpoint = "" },
		"https":                func(o *pgtable.Config) { o.Endpoint = "https://db.example/vas" },
		"user in it":           func(o *pgtable.Config) { o.Endpoint = "postgres://u:p@db.example/vas" },
		"no TLS":               func(o *pgtable.Config) { o.Endpoint += "?sslmode=disable" },
		"unverified TLS":       func(o *pgtable.Config) { o.Endpoint += "?sslmode=require" },
		"other parameters":     func(o *pgtable.Config) { o.Endpoint += "?options=-cdefault_transaction_read_only=off" },
		"several hosts":        func(o *pgtable.Config) { o.Endpoint = "postgres://a.example:1,b.example:2/vas" },
		"no user":              func(o *pgtable.Config) { o.User = "" },
		"no table":             func(o *pgtable.Config) { o.Table = "" },
		"no fields":            func(o *pgtable.Config) { o.Fields = nil },
		"a field of no column": func(o *pgtable.Config) { o.Fields = columns("") },
		"password in clear":    func(o *pgtable.Config) { o.Password = "in-clear" },
		"no root certificate":  func(o *pgtable.Config) { o.Endpoint += "?sslrootcert=/nowhere" },
	} {
		o := good
		change(&o)
		if table, err := pgtable.New(o); err == nil || strings.Contains(fmt.Sprint(err), "in-clear") {
			t.Errorf("%s: %v", name, err)
			if err == nil {
				table.Close()
			}
		}
	}
	table, err := pgtable.New(good)
	if err != nil {
		t.Fatal(err)
	}
	table.Close()
}
