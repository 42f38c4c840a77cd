package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"sipid/sqlite"
)

// childEnv makes the test binary open the database it names, and nothing else.
const childEnv = "SQLITE_TEST_OPEN"

func TestMain(m *testing.M) {
	if path := os.Getenv(childEnv); path != "" {
		os.Exit(openAndAdd(path, os.Args[1]))
	}
	os.Exit(m.Run())
}

func openAndAdd(path, accessID string) int {
	s, err := sqlite.Open(context.Background(), path)
	if err == nil {
		defer s.Close()
		err = s.AddClient(context.Background(), client(accessID), "child")
	}
	if err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		return 1
	}
	return 0
}

func TestOpenConcurrently(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sipid.db")
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			s, err := sqlite.Open(context.Background(), path)
			if err != nil {
				t.Error(err)
				return
			}
			defer s.Close()
			if err := s.AddClient(context.Background(), client("100"+string(rune('0'+i))), "test"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	checkOpened(t, path, 8)
}

func TestOpenFromProcesses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sipid.db")
	var all sync.WaitGroup
	for _, id := range []string{"1001", "1002", "1003", "1004"} {
		all.Go(func() {
			child := exec.Command(os.Args[0], id)
			child.Env = append(os.Environ(), childEnv+"="+path)
			if out, err := child.CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	all.Wait()
	checkOpened(t, path, 4)
}

// checkOpened finds every migration applied once and no client lost.
func checkOpened(t *testing.T, path string, want int) {
	t.Helper()
	table, err := sqlite.LoadTable(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	if table.Len() != want {
		t.Errorf("%d clients, want %d", table.Len(), want)
	}
	var applied, distinct int
	raw := rawDB(t, path)
	err = raw.QueryRow(`SELECT count(version_id), count(DISTINCT version_id) FROM goose_db_version`).Scan(&applied, &distinct)
	if err != nil || applied != distinct || applied < 2 {
		t.Errorf("%d migrations recorded, %d different (%v)", applied, distinct, err)
	}
}

// rawDB opens a file without package sqlite, as another program would.
func rawDB(t testing.TB, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	return db
}

func mustExec(t testing.TB, db *sql.DB, statement string, args ...any) {
	t.Helper()
	if _, err := db.Exec(statement, args...); err != nil {
		t.Fatal(err)
	}
}

func TestOpenRefuses(t *testing.T) {
	tests := []struct {
		name string
		make func(t *testing.T, path string)
		want error
	}{
		{"ErrForeign", func(t *testing.T, path string) {
			mustExec(t, rawDB(t, path), `CREATE TABLE other (x)`)
		}, sqlite.ErrForeign},
		{"ErrForeignMigrated", func(t *testing.T, path string) {
			mustExec(t, rawDB(t, path), `CREATE TABLE goose_db_version (version_id, is_applied)`)
		}, sqlite.ErrForeign},
		{"ErrSchemaNew", func(t *testing.T, path string) {
			openStore(t, path)
			mustExec(t, rawDB(t, path), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, 1)`)
		}, sqlite.ErrSchemaNew},
		{"ErrCorrupt", func(t *testing.T, path string) {
			writeFile(t, path, []byte(strings.Repeat("this is no database ", 500)))
		}, sqlite.ErrCorrupt},
		{"ErrNotRegular", func(t *testing.T, path string) {
			if err := os.Mkdir(path, 0o755); err != nil {
				t.Fatal(err)
			}
		}, sqlite.ErrNotRegular},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "sipid.db")
			test.make(t, path)
			s, err := sqlite.Open(context.Background(), path)
			if err == nil {
				s.Close()
			}
			if !errors.Is(err, test.want) {
				t.Fatalf("got %v, want %v", err, test.want)
			}
			if !strings.Contains(err.Error(), path) {
				t.Errorf("error does not name the file: %v", err)
			}
			if _, err := sqlite.LoadTable(context.Background(), path); !errors.Is(err, test.want) {
				t.Errorf("LoadTable: got %v, want %v", err, test.want)
			}
		})
	}
}

func TestOpenNoDirectory(t *testing.T) {
	_, err := sqlite.Open(context.Background(), filepath.Join(t.TempDir(), "none", "sipid.db"))
	if err == nil || !strings.Contains(err.Error(), "none/sipid.db") {
		t.Errorf("got %v", err)
	}
}

// A path is a path, whatever is in it.
func TestOpenOddPath(t *testing.T) {
	for _, name := range []string{"a b.db", "a?mode=memory", "100%.db", "a#b.db", "ä&_busy_timeout=x"} {
		path := filepath.Join(t.TempDir(), name)
		mustAdd(t, openStore(t, path), client("1001"))
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
}

func TestLoadTableCreatesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sipid.db")
	if _, err := sqlite.LoadTable(context.Background(), path); !errors.Is(err, sqlite.ErrMissing) {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("a file was created")
	}
}

func writeFile(t testing.TB, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
}

// What root opens in a folder of another user's belongs to that user, be it new or put in place by root; in a folder of
// root's everything stays as it is.
func TestRootGivesToFolder(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("as root only")
	}
	ctx := context.Background()
	open := func(folder string) {
		t.Helper()
		clients, err := sqlite.Open(ctx, filepath.Join(folder, "sipid.db"))
		if err != nil {
			t.Fatal(err)
		}
		clients.Close()
		targets, err := sqlite.OpenTargets(ctx, filepath.Join(folder, "sipid-targets.db"))
		if err != nil {
			t.Fatal(err)
		}
		targets.Close()
	}
	for _, c := range []struct{ folder, before, want int }{{4711, 0, 4711}, {0, 4712, 4712}} {
		folder := t.TempDir()
		open(folder)
		if err := os.Chown(folder, c.folder, c.folder); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"sipid.db", "sipid-targets.db"} {
			if err := os.Chown(filepath.Join(folder, name), c.before, c.before); err != nil {
				t.Fatal(err)
			}
		}
		open(folder)
		for _, name := range []string{"sipid.db", "sipid-targets.db"} {
			info, err := os.Stat(filepath.Join(folder, name))
			if err != nil {
				t.Fatal(err)
			}
			if owner := info.Sys().(*syscall.Stat_t); int(owner.Uid) != c.want || int(owner.Gid) != c.want {
				t.Errorf("folder of %d: %s of %d is of %d:%d then, want %d", c.folder, name, c.before, owner.Uid, owner.Gid, c.want)
			}
		}
	}
}
