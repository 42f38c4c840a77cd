package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"sipid/router"
	"sipid/sqlite"
)

// Each fault befalls the file of a watcher that serves 1000 clients: the table
// stays, the state and one log line say what happened; when the fault is over,
// the watcher notices by itself.
func TestWatcherFaults(t *testing.T) {
	tests := []struct {
		name string
		do   func(t *testing.T, path string)
		want error
	}{
		{"deleted", remove, sqlite.ErrMissing},
		{"zero octets", func(t *testing.T, path string) { truncate(t, path, 0) }, sqlite.ErrCorrupt},
		{"truncated", func(t *testing.T, path string) { truncate(t, path, 10_000) }, sqlite.ErrCorrupt},
		{"header overwritten", func(t *testing.T, path string) { overwrite(t, path, 0, 100) }, sqlite.ErrCorrupt},
		{"replaced by text", func(t *testing.T, path string) {
			moveOver(t, path, []byte(strings.Repeat("no database\n", 1000)))
		}, sqlite.ErrCorrupt},
		{"replaced by zero octets", func(t *testing.T, path string) { moveOver(t, path, nil) }, sqlite.ErrCorrupt},
		{"replaced by another program's database", func(t *testing.T, path string) {
			other := filepath.Join(t.TempDir(), "other.db")
			mustExec(t, rawDB(t, other), `CREATE TABLE client (access_id)`)
			moveOver(t, path, readFile(t, other))
		}, sqlite.ErrForeign},
		{"replaced by a database without a schema", func(t *testing.T, path string) {
			other := filepath.Join(t.TempDir(), "other.db")
			mustExec(t, rawDB(t, other), `PRAGMA user_version = 1`)
			moveOver(t, path, readFile(t, other))
		}, sqlite.ErrSchemaOld},
		{"migrated by a newer program", func(t *testing.T, path string) {
			mustExec(t, rawDB(t, path), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, 1)`)
		}, sqlite.ErrSchemaNew},
		{"replaced by a directory", func(t *testing.T, path string) {
			remove(t, path)
			if err := os.Mkdir(path, 0o755); err != nil {
				t.Fatal(err)
			}
		}, sqlite.ErrNotRegular},
		{"damage in the history alone", func(t *testing.T, path string) {
			var page int64
			err := rawDB(t, path).QueryRow(`SELECT rootpage FROM sqlite_master WHERE name = 'change_access_id'`).Scan(&page)
			if err != nil {
				t.Fatal(err)
			}
			overwrite(t, path, (page-1)*4096, 4096)
		}, sqlite.ErrCorrupt},
		{"replaced by a file of the same size and time", func(t *testing.T, path string) {
			before, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			writeFile(t, path+".new", make([]byte, before.Size()))
			if err := os.Chtimes(path+".new", time.Time{}, before.ModTime()); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(path+".new", path); err != nil {
				t.Fatal(err)
			}
		}, sqlite.ErrCorrupt},
		{"a client that breaks a rule", func(t *testing.T, path string) {
			mustExec(t, rawDB(t, path), `UPDATE client SET serial_digits = -1 WHERE access_id = '1000007'`)
		}, errInvalidClient},
		{"IDs that are not prefix-free", func(t *testing.T, path string) {
			mustExec(t, rawDB(t, path), `INSERT INTO client (access_id, name, endpoint) VALUES ('10000070', 'x', 'https://x.example/')`)
		}, errPrefix},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := filled(t, 1000)
			good := readFile(t, path)
			w := watch(t, path)
			test.do(t, path)
			w.wait(t, test.want.Error(), func(s sqlite.WatchState) bool { return matches(s.Err, test.want) })
			checkServing(t, w, 1000)
			os.Remove(path)
			moveOver(t, path, good)
			w.waitRows(t, 1000)
		})
	}
}

// A lock is an alarm only when it lasts, and it never reaches the caller.
func TestWatcherLocked(t *testing.T) {
	t.Parallel()
	path := filled(t, 1000)
	w := watch(t, path)
	raw := rawDB(t, path)
	mustExec(t, raw, `BEGIN EXCLUSIVE`)
	locked := time.Now()
	w.waitErr(t, sqlite.ErrLocked)
	if after := time.Since(locked); after < time.Second || after > 5*time.Second {
		t.Errorf("alarm after %v", after)
	}
	checkServing(t, w, 1000)
	for range 1000 {
		if start := time.Now(); w.State().Rows != 1000 || time.Since(start) > time.Second {
			t.Fatal("State waits for the file")
		}
	}
	mustExec(t, raw, `UPDATE client SET name = 'changed under the lock' WHERE access_id = '1000000'`)
	mustExec(t, raw, `COMMIT`)
	w.wait(t, "end of the lock", func(s sqlite.WatchState) bool { return s.Err == nil })
	for c := range w.table.Load().All() {
		if c.AccessID == "1000000" && c.Name != "changed under the lock" {
			t.Errorf("change not loaded: %q", c.Name)
		}
	}
}

// Random pages are overwritten while the watcher looks on. It may only ever
// keep the table it has: dd leaves no write to take over.
func TestWatcherOverwrittenPages(t *testing.T) {
	t.Parallel()
	path := filled(t, 2000)
	good := readFile(t, path)
	random := rand.New(rand.NewPCG(20, 26))
	w := watch(t, path)
	found := 0
	for range 10 {
		for range 5 {
			overwrite(t, path, random.Int64N(int64(len(good)/4096))*4096+random.Int64N(2048), 1+random.IntN(2048))
		}
		time.Sleep(300 * time.Millisecond)
		if w.State().Err != nil {
			found++
		}
		checkSame(t, w.table.Load(), 2000)
		moveOver(t, path, good)
		w.wait(t, "recovery", func(s sqlite.WatchState) bool { return s.Err == nil })
	}
	t.Logf("%d of 10 rounds of damage reported", found)
	if found < 9 {
		t.Errorf("only %d of 10 rounds of damage reported", found)
	}
}

// Any file that loads after octets were changed must hold what was written:
// an error, or exactly the good table.
func TestLoadMutations(t *testing.T) {
	path := filled(t, 300)
	good := readFile(t, path)
	random := rand.New(rand.NewPCG(8, 200))
	refused := 0
	for i := range 200 {
		bad := mutate(random, good)
		moveOver(t, path, bad)
		table, err := sqlite.LoadTable(context.Background(), path)
		if err != nil {
			refused++
			continue
		}
		checkSame(t, table, 300)
		if t.Failed() {
			t.Fatalf("mutation %d", i)
		}
	}
	t.Logf("%d of 200 mutations refused, the others changed nothing that counts", refused)
	if refused == 0 {
		t.Error("no mutation was refused: the test tests nothing")
	}
}

// mutate changes up to four places: a bit, an octet, a run of octets, or
// one stretch copied over another. One file in eight is cut short.
func mutate(random *rand.Rand, good []byte) []byte {
	bad := append([]byte(nil), good...)
	for range 1 + random.IntN(4) {
		at := random.IntN(len(bad))
		n := min(1+random.IntN(64), len(bad)-at)
		switch random.IntN(4) {
		case 0:
			bad[at] ^= 1 << random.IntN(8)
		case 1:
			bad[at] = byte(random.Uint32())
		case 2:
			for i := range n {
				bad[at+i] = byte(random.Uint32())
			}
		case 3:
			copy(bad[at:at+n], bad[random.IntN(len(bad)-n+1):])
		}
	}
	if random.IntN(8) == 0 {
		bad = bad[:random.IntN(len(bad))]
	}
	return bad
}

// checkSame finds the clients that clients(n) makes, and nothing else.
func checkSame(t *testing.T, table *router.Table, n int) {
	t.Helper()
	want := clients(n)
	if table.Len() != n {
		t.Errorf("%d clients, want %d", table.Len(), n)
		return
	}
	i := 0
	for c := range table.All() {
		if fmt.Sprint(*c) != fmt.Sprint(want[i]) {
			t.Errorf("client %d is %+v", i, *c)
		}
		i++
	}
}

// A process killed in the middle of a commit leaves a journal beside a file
// that is half written. The watcher must see the state before the commit.
func TestWatcherAfterKill(t *testing.T) {
	t.Parallel()
	path := filled(t, 2000)
	raw := rawDB(t, path)
	mustExec(t, raw, `PRAGMA cache_size = 1`) // pages are written before the commit
	mustExec(t, raw, `BEGIN IMMEDIATE`)
	mustExec(t, raw, `UPDATE client SET name = 'half'`)
	killed := filepath.Join(t.TempDir(), "sipid.db")
	writeFile(t, killed, readFile(t, path))
	writeFile(t, killed+"-journal", readFile(t, path+"-journal"))
	mustExec(t, raw, `ROLLBACK`)
	if string(readFile(t, killed)) == string(readFile(t, path)) {
		t.Fatal("nothing was half written: the test tests nothing")
	}
	w := watch(t, killed)
	w.waitRows(t, 2000)
	checkSame(t, w.table.Load(), 2000)
}

// A file that only reading is allowed on is no trouble for a reader, and a
// clear error for a writer.
func TestStoreReadOnly(t *testing.T) {
	path := filled(t, 3)
	for _, p := range []string{path, filepath.Dir(path), filepath.Dir(filepath.Dir(path))} {
		if err := os.Chmod(p, 0o555); err != nil {
			t.Fatal(err)
		}
	}
	asNobody(t)
	watch(t, path).waitRows(t, 3)
	s := openStore(t, path)
	if all, err := s.Clients(context.Background()); err != nil || len(all) != 3 {
		t.Errorf("read: %v", err)
	}
	if err := s.AddClient(context.Background(), client("2001"), "test"); !errors.Is(err, sqlite.ErrReadOnly) {
		t.Errorf("write: %v", err)
	}
}

// asNobody takes root's power over files away from the whole process, until the
// test ends. Others than root have none.
func asNobody(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		return
	}
	if err := syscall.Seteuid(65534); err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() {
		if err := syscall.Seteuid(0); err != nil {
			t.Fatal(err)
		}
	})
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

func truncate(t *testing.T, path string, size int64) {
	t.Helper()
	if err := os.Truncate(path, size); err != nil {
		t.Fatal(err)
	}
}

// overwrite writes random octets over part of the file, in place.
func overwrite(t *testing.T, path string, at int64, n int) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	random := rand.New(rand.NewPCG(uint64(at), uint64(n)))
	noise := make([]byte, n)
	for i := range noise {
		noise[i] = byte(random.Uint32())
	}
	if _, err := f.WriteAt(noise, at); err != nil {
		t.Fatal(err)
	}
}
