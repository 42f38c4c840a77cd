package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"sipid/router"
	"sipid/router/routertest"
	"sipid/sqlite"
)

func TestStoreConformance(t *testing.T) {
	routertest.TestClientStore(t, func(t *testing.T) router.ClientStore { return newStore(t) })
}

// newStore opens a new database in a file of its own.
func newStore(t testing.TB) *sqlite.Store {
	t.Helper()
	return openStore(t, filepath.Join(t.TempDir(), "sipid.db"))
}

func openStore(t testing.TB, path string, options ...sqlite.Option) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(context.Background(), path, options...)
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

// client makes a valid client.
func client(accessID string) router.Client {
	return router.Client{
		AccessID: accessID, Name: "Client " + accessID, Endpoint: "https://a.example/" + accessID,
		SerialDigits: 8, PBX: "default", Enabled: true,
	}
}

// clients makes n valid clients, 1000000 and up.
func clients(n int) []router.Client {
	all := make([]router.Client, n)
	for i := range all {
		all[i] = client(fmt.Sprint(1_000_000 + i))
	}
	return all
}

func mustAdd(t testing.TB, s *sqlite.Store, all ...router.Client) {
	t.Helper()
	if _, err := s.ImportClients(context.Background(), all, router.ImportOptions{By: "test"}); err != nil {
		t.Fatal(err)
	}
}

// Every place an ID can stand beside the one it conflicts with, and IDs that
// only look alike.
func TestAddClientPrefix(t *testing.T) {
	tests := []struct {
		there   []string
		add     string
		shorter string // empty: no conflict
		longer  string
	}{
		{[]string{"1001"}, "100", "100", "1001"},
		{[]string{"1001"}, "10010", "1001", "10010"},
		{[]string{"1"}, "1999999", "1", "1999999"},
		{[]string{"1999999"}, "1", "1", "1999999"},
		{[]string{"00", "01", "020"}, "02", "02", "020"},
		{[]string{"1001", "1003"}, "1002", "", ""},
		{[]string{"1001", "1003"}, "1", "1", "1001"},
		{[]string{"9"}, "8", "", ""},
		{[]string{"01"}, "1", "", ""},
	}
	for _, test := range tests {
		t.Run(test.add, func(t *testing.T) {
			s := newStore(t)
			for _, id := range test.there {
				mustAdd(t, s, client(id))
			}
			err := s.AddClient(context.Background(), client(test.add), "test")
			var conflict *router.PrefixError
			if test.shorter == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if !errors.As(err, &conflict) || conflict.Shorter != test.shorter || conflict.Longer != test.longer {
				t.Fatalf("got %v, want %s begins %s", err, test.shorter, test.longer)
			}
			if all, _ := s.Clients(context.Background()); len(all) != len(test.there) {
				t.Errorf("refused client was written: %v", all)
			}
		})
	}
}

// Every write raises the revision, also one that changes no row; a refused one
// does not.
func TestRevision(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sipid.db")
	s := openStore(t, path)
	ctx := context.Background()
	revision := func() int64 {
		t.Helper()
		table, err := sqlite.LoadTable(ctx, path)
		if err != nil {
			t.Fatal(err)
		}
		return table.Revision()
	}
	steps := []struct {
		name  string
		write func() error
		raise int64
	}{
		{"add", func() error { return s.AddClient(ctx, client("1001"), "test") }, 1},
		{"add twice", func() error { return s.AddClient(ctx, client("1001"), "test") }, 0},
		{"set the same", func() error { return s.SetClient(ctx, client("1001"), "test") }, 1},
		{"enable what is enabled", func() error { return s.SetEnabled(ctx, "1001", true, "test") }, 1},
		{"disable", func() error { return s.SetEnabled(ctx, "1001", false, "test") }, 1},
		{"disable nobody", func() error { return s.SetEnabled(ctx, "1002", false, "test") }, 0},
		{"import", func() error {
			_, err := s.ImportClients(ctx, clients(10), router.ImportOptions{})
			return err
		}, 1},
		{"dry run", func() error {
			_, err := s.ImportClients(ctx, clients(20), router.ImportOptions{DryRun: true})
			return err
		}, 0},
		{"remove", func() error { return s.RemoveClient(ctx, "1001", "test") }, 1},
	}
	for _, step := range steps {
		before := revision()
		err := step.write()
		if raised := revision() - before; raised != step.raise {
			t.Errorf("%s: revision went up by %d, want %d (error: %v)", step.name, raised, step.raise, err)
		}
	}
}

func TestImportProgress(t *testing.T) {
	var reports []int
	s := openStore(t, filepath.Join(t.TempDir(), "sipid.db"), sqlite.WithImportProgress(func(done, total int) {
		if total != 2500 {
			t.Errorf("total is %d", total)
		}
		reports = append(reports, done)
	}))
	mustAdd(t, s, clients(2500)...)
	if fmt.Sprint(reports) != "[1000 2000 2500]" {
		t.Errorf("reports: %v", reports)
	}
}

func TestWriteEndsWithContext(t *testing.T) {
	s := newStore(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.AddClient(ctx, client("1001"), "test"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
