package sqlite_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"sipid/screenpop"
	"sipid/screenpop/screenpoptest"
	"sipid/sqlite"
)

func openEvents(t *testing.T, path string) *sqlite.EventStore {
	t.Helper()
	store, err := sqlite.OpenEvents(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

func TestEventStoreConforms(t *testing.T) {
	screenpoptest.AuditStore(t, func(t *testing.T) screenpop.AuditStore {
		return openEvents(t, filepath.Join(t.TempDir(), "events.db"))
	})
}

// TestEventStoreLasts: what was appended is there for the next process, and for
// nobody else on the machine.
func TestEventStoreLasts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.db")
	first, err := sqlite.OpenEvents(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	e := screenpop.Showing{At: time.Now(), Who: "8001", Agent: "8001", CallID: "c", AccessID: "1001", Serial: "*****042", Data: true}
	if err := errors.Join(first.AppendShowings(context.Background(), []screenpop.Showing{e}), first.Close()); err != nil {
		t.Fatal(err)
	}
	list, err := openEvents(t, path).Showings(context.Background(), "", 0)
	if err != nil || len(list) != 1 || list[0].CallID != "c" {
		t.Errorf("%+v, %v", list, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestOpenEventsErrForeign(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sipid.db")
	clients, err := sqlite.Open(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	clients.Close()
	if _, err := sqlite.OpenEvents(context.Background(), path); !errors.Is(err, sqlite.ErrForeignEvents) {
		t.Errorf("client table as events database: %v", err)
	}
}
