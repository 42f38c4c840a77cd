package sqlite_test

import (
	"context"
	"path/filepath"
	"testing"

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
