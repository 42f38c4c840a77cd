package proxy_test

import (
	"flag"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"sipid/router"
)

var wireCalls = flag.Int("wirecalls", 3000, "calls over the wire; scripts/wire-decisions makes 10^6")

// bothSchemes is a trunk whose platform moves from called suffix to access ID.
func bothSchemes() router.Trunk {
	return router.Trunk{
		Identify:      []router.Source{router.SourceISUPOriginalCalled, router.SourceCalledSuffix},
		AccessNumbers: []string{"95165"},
	}
}

// A platform moves from called suffix to access ID under load: its share of new
// calls grows from none to all, some carry both forms, and every call is
// identified by its own. docs/migration.md tells operators how.
func TestMigrationUnderLoad(t *testing.T) {
	n := *wireCalls
	r := onSockets(t, bothSchemes())
	c := router.Client{
		AccessID: "1001", Name: "Hangzhou", Endpoint: "https://a.example/", SerialDigits: 8, Enabled: true,
		Calling: []string{"057188888888"},
	}
	table, err := router.NewTable([]router.Client{c}, 1)
	if err != nil {
		t.Fatal(err)
	}
	r.router.SetTable(table)
	// isNew spreads the new calls so that at any time both forms come.
	isNew := func(i int) bool { return i*7919%n < i }
	r.judge = func(i int, m message) string {
		want := fmt.Sprintf("resolved|called-suffix|||138%08d|Hangzhou|https://a.example/|", i)
		if isNew(i) {
			want = fmt.Sprintf("resolved|isup-original-called|1001|%08d||Hangzhou|https://a.example/|", i)
		}
		if got := m.identity(); got != want {
			return got + " instead of " + want
		}
		return ""
	}
	r.drive(n, func(i int) string {
		suffixed := fmt.Sprintf("95165138%08d", i)
		switch {
		case !isNew(i):
			return r.sipI(i, suffixed, "57188888888", "")
		case i%5 == 0: // the new number already, and the suffix still
			return r.sipI(i, suffixed, "57188888888", fmt.Sprintf("1001%08d", i))
		}
		return r.sipI(i, "95165", "57188888888", fmt.Sprintf("1001%08d", i))
	})
}

// generation is the client table at one moment. In even ones access ID 10 has
// all numbers, in odd ones 1001 and 1002 share them; every row tells which.
func generation(t *testing.T, g int64) *router.Table {
	t.Helper()
	client := func(id string, digits int, calling ...string) router.Client {
		return router.Client{
			AccessID: id, Name: fmt.Sprintf("%s of %d", id, g), Endpoint: fmt.Sprintf("https://g%d.example/", g),
			SerialDigits: digits, Calling: calling, Enabled: true,
		}
	}
	clients := []router.Client{client("10", 10, "057188888888"), client("20", 8)}
	if g%2 == 1 {
		clients = []router.Client{client("1001", 8), client("1002", 8), client("20", 8, "057188888888")}
	}
	table, err := router.NewTable(clients, g)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// The table changes ten times a second while calls come by both schemes. Each
// call must be what one generation says, whole, and one that was live between
// its INVITE's leaving the trunk and its coming to the PBX.
func TestTableChangesUnderLoad(t *testing.T) {
	n := *wireCalls
	r := onSockets(t, bothSchemes())
	var begun, live atomic.Int64 // the newest that may be, the newest that must be
	r.router.SetTable(generation(t, 0))
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for tick := time.NewTicker(100 * time.Millisecond); ; {
			select {
			case <-stop:
				tick.Stop()
				return
			case <-tick.C:
			}
			g := begun.Load() + 1
			next := generation(t, g)
			begun.Store(g)
			r.router.SetTable(next)
			live.Store(g)
		}
	}()
	sent := make([]atomic.Int64, n)
	r.judge = func(i int, m message) string {
		got, latest := m.identity(), begun.Load()
		for g := sent[i].Load(); g <= latest; g++ {
			if got == identityOf(i, g) {
				return ""
			}
		}
		return fmt.Sprintf("%s, no generation from %d to %d", got, sent[i].Load(), latest)
	}
	r.drive(n, func(i int) string {
		sent[i].Store(live.Load())
		if i%3 == 0 {
			return r.sipI(i, fmt.Sprintf("95165138%08d", i), "57188888888", "")
		}
		return r.sipI(i, "95165", "57188888888", fmt.Sprintf("100%d%08d", 1+i%2, i))
	})
	close(stop)
	<-stopped
	t.Logf("%d tables", live.Load())
}

// identityOf is what generation g says of call i.
func identityOf(i int, g int64) string {
	id, serial := fmt.Sprintf("100%d", 1+i%2), fmt.Sprintf("%08d", i)
	if g%2 == 0 {
		id, serial = "10", fmt.Sprintf("0%d%08d", 1+i%2, i)
	}
	if i%3 != 0 {
		return fmt.Sprintf("resolved|isup-original-called|%s|%s||%s of %d|https://g%d.example/|", id, serial, id, g, g)
	}
	if g%2 == 1 {
		id = "20"
	} else {
		id = "10"
	}
	return fmt.Sprintf("resolved|called-suffix|||138%08d|%s of %d|https://g%d.example/|", i, id, g, g)
}
