package sqlite_test

import (
	"context"
	"path/filepath"
	"runtime"
	"testing"

	"sipid/router"
	"sipid/sqlite"
)

// go test -run '^$' -bench Load -benchtime 3x ./sqlite
func BenchmarkLoadMillion(b *testing.B) {
	const n = 1_000_000
	path := filled(b, n)
	for b.Loop() {
		table, err := sqlite.LoadTable(context.Background(), path)
		if err != nil || table.Len() != n {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	table, _ := sqlite.LoadTable(context.Background(), path)
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.HeapAlloc)/1e6, "MB-held")
	runtime.KeepAlive(table)
}

func BenchmarkImport100000(b *testing.B) {
	ctx, all := context.Background(), clients(100_000)
	imports := func(b *testing.B, s *sqlite.Store, o router.ImportOptions) {
		b.Helper()
		if _, err := s.ImportClients(ctx, all, o); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("new", func(b *testing.B) {
		for b.Loop() {
			imports(b, newStore(b), router.ImportOptions{})
		}
	})
	b.Run("unchanged", func(b *testing.B) {
		s := newStore(b)
		imports(b, s, router.ImportOptions{})
		for b.Loop() {
			imports(b, s, router.ImportOptions{Mode: router.ImportReplace})
		}
	})
	b.Run("changed", func(b *testing.B) {
		s := newStore(b)
		for b.Loop() {
			for i := range all {
				all[i].SerialDigits = 1 + all[i].SerialDigits%32
			}
			imports(b, s, router.ImportOptions{Mode: router.ImportReplace})
		}
	})
}

// BenchmarkAdd is one write of the command line, from opening to closing, into
// a large table.
func BenchmarkAdd(b *testing.B) {
	path := filepath.Join(b.TempDir(), "sipid.db")
	s := openStore(b, path)
	mustAdd(b, s, clients(100_000)...)
	next := client("2000")
	for b.Loop() {
		t, err := sqlite.Open(context.Background(), path)
		if err == nil {
			err = t.AddClient(context.Background(), next, "bench")
		}
		if err == nil {
			err = t.RemoveClient(context.Background(), next.AccessID, "bench")
		}
		if err != nil {
			b.Fatal(err)
		}
		t.Close()
	}
}
