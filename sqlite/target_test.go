package sqlite_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"sipid/sqlite"
)

func TestTargets(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "targets.db")
	open := func() *sqlite.TargetStore {
		s, err := sqlite.OpenTargets(ctx, path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	a, b := sqlite.TargetKey{Group: "default", URI: "sip:a"}, sqlite.TargetKey{Group: "night", URI: "sip:a"}
	s := open()
	for _, k := range []sqlite.TargetKey{a, a, b} {
		if err := s.SetDrained(ctx, k, true); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.SetDrained(ctx, a, false); err != nil {
		t.Fatal(err)
	}
	got, err := open().Drained(ctx) // another process
	if err != nil || len(got) != 1 || !got[b] {
		t.Errorf("%v, %v; want %v alone", got, err, b)
	}
}

func TestTargetsForeign(t *testing.T) {
	path := filepath.Join(t.TempDir(), "clients.db")
	s, err := sqlite.Open(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	if _, err := sqlite.OpenTargets(context.Background(), path); !errors.Is(err, sqlite.ErrForeignTargets) {
		t.Errorf("%v, want ErrForeignTargets", err)
	}
}
