package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sipid/sqlite"
	"sipid/vas"
	"sipid/vas/vastest"
)

func TestVASConformance(t *testing.T) {
	vastest.TestStore(t, func(t *testing.T) vas.Store { return newVAS(t) })
}

func newVAS(t testing.TB) *sqlite.VASStore {
	t.Helper()
	return openVAS(t, filepath.Join(t.TempDir(), "vas.db"))
}

func openVAS(t testing.TB, path string) *sqlite.VASStore {
	t.Helper()
	s, err := sqlite.OpenVAS(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// A closed store leaves one file, which can be copied and moved.
func TestVASCloseLeavesOneFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vas.db")
	s, err := sqlite.OpenVAS(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Lease(context.Background(), 8, 1); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v, %v", files, err)
	}
	if info, err := files[0].Info(); err != nil || info.Mode() != 0o600 {
		t.Errorf("mode %v, %v: others could read users' data", info.Mode(), err)
	}
}

// What OpenVAS has to refuse, and it leaves the file as it is.
func TestVASOpenErr(t *testing.T) {
	ctx := context.Background()
	clients := filepath.Join(t.TempDir(), "sipid.db")
	openStore(t, clients)
	text := filepath.Join(t.TempDir(), "text")
	writeFile(t, text, []byte(strings.Repeat("no database\n", 1000)))
	newer := filepath.Join(t.TempDir(), "newer.db")
	if s, err := sqlite.OpenVAS(ctx, newer); err != nil || s.Close() != nil {
		t.Fatal(err)
	}
	mustExec(t, rawDB(t, newer), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, 1)`)
	for path, want := range map[string]error{
		clients: sqlite.ErrForeignVAS, text: sqlite.ErrCorrupt, newer: sqlite.ErrSchemaNew, t.TempDir(): sqlite.ErrNotRegular,
	} {
		if s, err := sqlite.OpenVAS(ctx, path); !errors.Is(err, want) {
			t.Errorf("OpenVAS(%s): %v, want %v", path, err, want)
			if err == nil {
				s.Close()
			}
		}
	}
	if _, err := sqlite.Open(ctx, newer); !errors.Is(err, sqlite.ErrForeign) {
		t.Errorf("a temporary table opened as a client table: %v", err)
	}
}

// A statement that the database refuses fails all of its commit, and the next
// commit works again: nothing is left half done on the connection.
func TestVASFaultThenWork(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vas.db")
	s := openVAS(t, path)
	ctx, now := context.Background(), time.Now()
	row := vas.Row{Serial: "00000001", Data: []byte(`{}`), ExpiresAt: now.Add(time.Hour)}
	raw := rawDB(t, path)
	mustExec(t, raw, `CREATE TRIGGER broken BEFORE INSERT ON serial BEGIN SELECT RAISE(ROLLBACK, 'broken'); END`)
	if err := s.Insert(ctx, row, now); err == nil {
		t.Fatal("Insert worked")
	}
	mustExec(t, raw, `DROP TRIGGER broken`)
	if err := s.Insert(ctx, row, now); err != nil {
		t.Fatalf("Insert after the fault: %v", err)
	}
}

// While commits go on without a pause the write-ahead log starts anew now and
// then; otherwise it would grow for ever.
func TestVASLogIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("writes for some seconds")
	}
	path := filepath.Join(t.TempDir(), "vas.db")
	s := openVAS(t, path)
	ctx, now := context.Background(), time.Now()
	data := []byte(`{"x":"` + strings.Repeat("x", 12_000) + `"}`)
	var n atomic.Uint64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			// Long enough for some checkpoints, and on a slow disk until the log
			// had to begin anew more than once.
			for time.Since(now) < 4*time.Second || n.Load() < 9000 {
				i := n.Add(1)
				row := vas.Row{Serial: fmt.Sprintf("%08d", i), Counter: i, Data: data, ExpiresAt: now.Add(time.Hour)}
				if err := s.Insert(ctx, row, now); err != nil {
					t.Error(err)
					return
				}
				time.Sleep(time.Millisecond)
			}
		})
	}
	wg.Wait()
	log, err := os.Stat(path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d rows, %d MB of data, a log of %d MB", n.Load(), n.Load()*12/1000, log.Size()>>20)
	if written := int64(n.Load()) * 12_000; log.Size() > written*2/3 {
		t.Errorf("the log has %d octets, after %d octets of data", log.Size(), written)
	}
}
