package sqlite_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"sipid/sqlite"
	"sipid/vas"
)

// vasLive is how many rows live while the benchmarks run.
const vasLive = 1_000_000

// vasUser is the data of a user, as a switchboard keeps it.
func vasUser(n int) json.RawMessage {
	return fmt.Appendf(nil, `{"caller":"%s","enterprise":"%s","name":"王小明 %d","menu":"0 operator","language":"zh"}`, vasCaller(n), vasEnterprise(n), n)
}

// vasCaller and vasEnterprise are the long key of the method before: many
// callers of few enterprises.
func vasCaller(n int) string     { return fmt.Sprintf("139%08d", uint32(n)*2654435761%100_000_000) }
func vasEnterprise(n int) string { return fmt.Sprintf("0571888%05d", n%200) }

// BenchmarkVAS issues and claims with a million live rows, commits grouped, and
// measures beside how long the disk takes for an fsync alone.
//
//	go test -run '^$' -bench VAS -benchtime 20000x ./sqlite
func BenchmarkVAS(b *testing.B) {
	path, serials := vasFilled(b)
	store := openVAS(b, path)
	ctx := context.Background()
	service, err := vas.NewService(ctx, store, vas.Options{AccessID: "1001"})
	if err != nil {
		b.Fatal(err)
	}
	for _, workers := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("issue/workers=%d", workers), func(b *testing.B) {
			vasMeasure(b, workers, func(n int) error {
				_, err := service.Issue(ctx, vasUser(n), time.Hour)
				return err
			})
		})
		b.Run(fmt.Sprintf("claim/workers=%d", workers), func(b *testing.B) {
			vasMeasure(b, workers, func(int) error {
				n := rand.IntN(len(serials))
				_, err := service.Claim(ctx, serials[n%len(serials)], vas.Binding{Claimant: "callcentre-1", CallID: fmt.Sprint(n)})
				return err
			})
		})
	}
}

// BenchmarkVASPaced issues and claims so many times a second in all, each when
// its time has come whether others are done or not, and asks the disk for an
// fsync of its own fifty times a second beside. Both are timed from where they
// begin; late is how much later than planned that was, on a busy machine or by
// the timer's millisecond.
//
//	go test -run '^$' -bench VASPaced -benchtime 10000x ./sqlite
func BenchmarkVASPaced(b *testing.B) {
	for _, rate := range []int{200, 1000} {
		b.Run(fmt.Sprintf("rate=%d", rate), func(b *testing.B) { vasPaced(b, time.Second/time.Duration(rate)) })
	}
}

func vasPaced(b *testing.B, every time.Duration) {
	path, serials := vasFilled(b)
	ctx := context.Background()
	service, err := vas.NewService(ctx, openVAS(b, path), vas.Options{AccessID: "1001"})
	if err != nil {
		b.Fatal(err)
	}
	probe, stop := make(chan []time.Duration), make(chan struct{})
	go func() { probe <- vasProbe(b, stop) }()
	took, late := make([]time.Duration, b.N), make([]time.Duration, b.N)
	var wg sync.WaitGroup
	b.ResetTimer()
	first := time.Now()
	for n := range b.N {
		due := first.Add(time.Duration(n) * every)
		time.Sleep(time.Until(due))
		start := time.Now()
		late[n] = start.Sub(due)
		wg.Go(func() {
			var err error
			if n%2 == 0 {
				_, err = service.Issue(ctx, vasUser(n), time.Hour)
			} else {
				_, err = service.Claim(ctx, serials[n%len(serials)], vas.Binding{Claimant: "callcentre-1", CallID: fmt.Sprint(n)})
			}
			if err != nil {
				b.Error(err)
			}
			took[n] = time.Since(start)
		})
	}
	wg.Wait()
	b.StopTimer()
	close(stop)
	disk := <-probe
	var kinds [2][]time.Duration
	for n, d := range took {
		kinds[n%2] = append(kinds[n%2], d)
	}
	for i, name := range []string{"issue", "claim"} {
		if len(kinds[i]) > 0 && len(disk) > 0 {
			b.ReportMetric(vasQuantile(kinds[i], 0.5), name+"-p50-ms")
			b.ReportMetric(vasQuantile(kinds[i], 0.99), name+"-p99-ms")
			b.ReportMetric(vasQuantile(kinds[i], 0.99)-vasQuantile(disk, 0.99), name+"-p99-beyond-ms")
		}
	}
	b.ReportMetric(vasQuantile(late, 0.99), "late-p99-ms")
	if len(disk) > 0 {
		b.ReportMetric(vasQuantile(disk, 0.5), "fsync-p50-ms")
		b.ReportMetric(vasQuantile(disk, 0.99), "fsync-p99-ms")
	}
}

// vasProbe times an fsync every 20 ms until it is stopped: of as much as a
// commit writes, over what is there already, as the write-ahead log is written.
func vasProbe(b *testing.B, stop chan struct{}) (took []time.Duration) {
	f, err := os.Create(filepath.Join(b.TempDir(), "fsync"))
	if err != nil {
		b.Error(err)
		return nil
	}
	defer f.Close()
	page := make([]byte, 5*4120)
	const room = 1000 // commits
	if _, err := f.Write(make([]byte, room*len(page))); err != nil || f.Sync() != nil {
		b.Error(err)
	}
	for tick := time.NewTicker(20 * time.Millisecond); ; {
		select {
		case <-stop:
			tick.Stop()
			return took
		case <-tick.C:
		}
		start := time.Now()
		if _, err := f.WriteAt(page, int64(len(took)%room*len(page))); err != nil {
			b.Error(err)
		}
		if err := f.Sync(); err != nil {
			b.Error(err)
		}
		took = append(took, time.Since(start))
	}
}

// vasMeasure runs b.N calls of do by so many workers, as fast as they go, and
// reports how long single calls took, beside an fsync by itself.
func vasMeasure(b *testing.B, workers int, do func(n int) error) {
	before := vasFsync(b)
	took := make([]time.Duration, b.N)
	var wg sync.WaitGroup
	b.ResetTimer()
	for w := range workers {
		wg.Go(func() {
			for n := w; n < b.N; n += workers {
				start := time.Now()
				if err := do(n); err != nil {
					b.Error(err)
					return
				}
				took[n] = time.Since(start)
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	b.ReportMetric(vasQuantile(took, 0.5), "p50-ms")
	b.ReportMetric(vasQuantile(took, 0.99), "p99-ms")
	disk := append(before, vasFsync(b)...)
	b.ReportMetric(vasQuantile(disk, 0.5), "fsync-p50-ms")
	b.ReportMetric(vasQuantile(disk, 0.99), "fsync-p99-ms")
	b.ReportMetric(vasQuantile(took, 0.99)-vasQuantile(disk, 0.99), "p99-beyond-ms")
}

// vasFsync writes as much as a commit does to a file beside the database and
// forces it out, again and again.
func vasFsync(b *testing.B) []time.Duration {
	f, err := os.Create(filepath.Join(b.TempDir(), "fsync"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	took, page := make([]time.Duration, 500), make([]byte, 5*4120)
	for i := range took {
		start := time.Now()
		if _, err := f.Write(page); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
		took[i] = time.Since(start)
	}
	return took
}

func vasQuantile(took []time.Duration, q float64) float64 {
	sorted := slices.Sorted(slices.Values(took))
	return float64(sorted[int(q*float64(len(sorted)-1))].Microseconds()) / 1000
}

// vasFilled makes a file with vasLive rows, once for all benchmarks of a run,
// and gives their serials.
func vasFilled(b *testing.B) (path string, serials []string) {
	b.Helper()
	path = filepath.Join(b.TempDir(), "vas.db")
	store, err := sqlite.OpenVAS(context.Background(), path)
	if err != nil {
		b.Fatal(err)
	}
	store.Close()
	db := vasRaw(b, path)
	vasFill(b, db, `INSERT INTO serial (id, expires_at, counter, data) VALUES (?, ?, ?, ?)`, func(n int) []any {
		serial := fmt.Sprintf("%08d", uint32(n)*2654435761%100_000_000)
		serials = append(serials, serial)
		id, _ := vas.SerialKey(serial)
		return []any{id, time.Now().Add(time.Hour).UnixMilli() + int64(n), n, string(vasUser(n))}
	})
	mustExec(b, db, `PRAGMA wal_checkpoint(TRUNCATE)`)
	// Otherwise the first fsync of what is measured would write all of it.
	f, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	if err := f.Sync(); err != nil {
		b.Fatal(err)
	}
	return path, serials
}

func vasRaw(b *testing.B, path string) *sql.DB {
	b.Helper()
	db, err := sql.Open("sqlite3", "file:"+path+"?_journal_mode=WAL&_synchronous=OFF&_cache_size=-65536")
	if err != nil {
		b.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	b.Cleanup(func() { db.Close() })
	return db
}

func vasFill(b *testing.B, db *sql.DB, insert string, values func(n int) []any) {
	b.Helper()
	tx, err := db.Begin()
	if err != nil {
		b.Fatal(err)
	}
	stmt, err := tx.Prepare(insert)
	if err != nil {
		b.Fatal(err)
	}
	for n := range vasLive {
		if _, err := stmt.Exec(values(n)...); err != nil {
			b.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkVASKey looks a million rows up by the serial, and the same rows by
// the long key of the method before, caller and enterprise number, and replaces
// rows in both. No fsync: it is the key that is compared. The two take turns of
// a thousand, and of the turns the median counts: others use the machine too.
//
//	go test -run '^$' -bench VASKey -benchtime 100000x ./sqlite
func BenchmarkVASKey(b *testing.B) {
	_, serials := vasFilled(b)
	dir := b.TempDir()
	short, long := vasRaw(b, filepath.Join(dir, "short.db")), vasRaw(b, filepath.Join(dir, "long.db"))
	mustExec(b, short, `CREATE TABLE serial (id INTEGER PRIMARY KEY, data TEXT NOT NULL) STRICT`)
	mustExec(b, long, `CREATE TABLE serial (caller TEXT NOT NULL, enterprise TEXT NOT NULL, data TEXT NOT NULL, PRIMARY KEY (caller, enterprise)) STRICT, WITHOUT ROWID`)
	shortKey := func(n int) []any { id, _ := vas.SerialKey(serials[n]); return []any{id} }
	longKey := func(n int) []any { return []any{vasCaller(n), vasEnterprise(n)} }
	vasFill(b, short, `INSERT INTO serial VALUES (?, ?)`, func(n int) []any { return append(shortKey(n), string(vasUser(n))) })
	vasFill(b, long, `INSERT INTO serial VALUES (?, ?, ?)`, func(n int) []any { return append(longKey(n), string(vasUser(n))) })

	b.Run("find", func(b *testing.B) {
		vasTurns(b, vasFind(b, short, `SELECT data FROM serial WHERE id = ?`, shortKey),
			vasFind(b, long, `SELECT data FROM serial WHERE caller = ? AND enterprise = ?`, longKey))
	})
	for _, c := range []struct {
		name string
		user func(n, turn int) json.RawMessage
	}{
		// SQLite does not write a page whose octets stay as they are, in a table
		// WITHOUT ROWID; in one by rowid it does.
		{"replace/same", func(n, _ int) json.RawMessage { return vasUser(n) }},
		{"replace/other", func(_, turn int) json.RawMessage { return vasUser(100_000 + turn%900_000) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			vasTurns(b, vasReplace(b, short, `INSERT OR REPLACE INTO serial VALUES (?, ?)`, shortKey, c.user),
				vasReplace(b, long, `INSERT OR REPLACE INTO serial VALUES (?, ?, ?)`, longKey, c.user))
		})
	}
	b.ReportMetric(vasSize(b, short), "serial-MB")
	b.ReportMetric(vasSize(b, long), "long-MB")
}

// vasTurns lets two take turns and reports the median of each.
func vasTurns(b *testing.B, short, long func(n, turn int)) {
	const turn = 1000
	var took [2][]time.Duration
	for n := 0; n < b.N; n += turn {
		for i, do := range []func(n, turn int){short, long} {
			start := time.Now()
			for k := range turn {
				do(rand.IntN(vasLive), n+k)
			}
			took[i] = append(took[i], time.Since(start))
		}
	}
	b.ReportMetric(1000*vasQuantile(took[0], 0.5)/turn, "serial-µs")
	b.ReportMetric(1000*vasQuantile(took[1], 0.5)/turn, "long-µs")
}

func vasFind(b *testing.B, db *sql.DB, query string, key func(n int) []any) func(n, turn int) {
	stmt := vasPrepare(b, db, query)
	return func(n, _ int) {
		var data string
		if err := stmt.QueryRow(key(n)...).Scan(&data); err != nil {
			b.Fatal(err)
		}
	}
}

func vasReplace(b *testing.B, db *sql.DB, query string, key func(n int) []any, user func(n, turn int) json.RawMessage) func(n, turn int) {
	stmt := vasPrepare(b, db, query)
	return func(n, turn int) {
		if _, err := stmt.Exec(append(key(n), string(user(n, turn)))...); err != nil {
			b.Fatal(err)
		}
	}
}

func vasPrepare(b *testing.B, db *sql.DB, query string) *sql.Stmt {
	b.Helper()
	stmt, err := db.Prepare(query)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { stmt.Close() })
	return stmt
}

// vasSize is the size of the file, in MB.
func vasSize(b *testing.B, db *sql.DB) float64 {
	var pages, size int64
	if err := db.QueryRow(`SELECT page_count, page_size FROM pragma_page_count, pragma_page_size`).Scan(&pages, &size); err != nil {
		b.Fatal(err)
	}
	return float64(pages*size) / 1e6
}
