package proxy_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"sipid/proxy"
	"sipid/record"
	"sipid/router"
)

// TestExplainIsServe sends each message and compares: what Explain said of it,
// what left for the PBX or came back to the trunk, and what is on record. The
// messages are made of all decisions of the router's testdata, and are those of
// the torture tests that begin calls.
func TestExplainIsServe(t *testing.T) {
	files, err := filepath.Glob("../router/testdata/decisions/*.txt")
	if err != nil || len(files) < 80 {
		t.Fatalf("%d decisions found: %v", len(files), err)
	}
	ran := 0
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			g := readGolden(t, file)
			e := explainAndServe(t, g.change, g.Clients, g.invite())
			if e == nil {
				return // a message the gate refuses, as explainAndServe has seen
			}
			ran++
			if got := e.Decision.Status.String(); got != g.status {
				t.Errorf("status %s, want %s", got, g.status)
			}
		})
	}
	if ran < len(files)-1 {
		t.Errorf("%d decisions explained of %d; the gate refuses one", ran, len(files))
	}
}

func TestExplainIsServeOnTorture(t *testing.T) {
	var files []string
	for _, dir := range []string{"../router/testdata/torture", "../decode/testdata", "../sipi/testdata/torture"} {
		err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				files = append(files, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	explained := 0
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(raw), "INVITE ") {
			continue
		}
		t.Run(filepath.Base(file), func(t *testing.T) {
			if explainAndServe(t, nil, nil, string(raw)) != nil {
				explained++
			}
		})
	}
	if explained < 5 {
		t.Errorf("%d messages explained of %d files, want 5 at least", explained, len(files))
	}
}

// explainAndServe asks and then sends. It gives nil when the message is no call
// that is identified, which serve must see too.
func explainAndServe(t *testing.T, change func(*proxy.Options, *router.Config), clients []router.Client, raw string) (e *proxy.Explanation) {
	t.Helper()
	recorded(t, change, func(r *rig, log *record.Log) {
		if clients != nil {
			table, err := router.NewTable(clients, 1)
			if err != nil {
				t.Fatal(err)
			}
			r.proxy.Router().SetTable(table)
		}
		var err error
		e, err = r.proxy.Explain([]byte(raw), trunkAddr)
		r.trunk.send(raw)
		time.Sleep(100 * time.Millisecond)
		calls := log.Last(2, func(*record.Call) bool { return true })
		if err != nil {
			wantUnidentified(t, err, calls)
			return
		}
		wantServed(t, r, e, raw, calls)
	})
	return e
}

// wantUnidentified: serve identifies no such message either.
func wantUnidentified(t *testing.T, err error, calls []record.Call) {
	t.Helper()
	if len(calls) != 0 {
		t.Errorf("explain says %v, serve identified %+v", err, calls)
	}
	if errors.Is(err, proxy.ErrNobody) {
		t.Errorf("%v", err)
	}
}

func wantServed(t *testing.T, r *rig, e *proxy.Explanation, raw string, calls []record.Call) {
	t.Helper()
	d := e.Decision
	if len(calls) != 1 {
		t.Fatalf("%d calls on record", len(calls))
	}
	c := calls[0]
	accessID := ""
	if d.Client != nil {
		accessID = d.Client.AccessID
	}
	if c.Status != d.Status || c.Source != d.Source || c.AccessID != accessID || c.Serial != string(d.Serial()) || c.Trunk != e.Trunk.Name ||
		c.Group != d.Group.Name || c.Refused != d.RejectStatus {
		t.Errorf("on record %+v, explained %+v", c, d)
	}
	if d.RejectStatus != 0 {
		r.trunk.get(fmt.Sprintf("SIP/2.0 %d", d.RejectStatus))
		return
	}
	got := r.peer(e.Target.Addr).get("INVITE " + e.RequestURI + " ")
	if want := message(e.Out); pathless(got) != pathless(want) {
		t.Errorf("served\n%s\nexplained\n%s\nof\n%s", pathless(got), pathless(want), raw)
	}
	for _, h := range e.Added {
		if all := got.all(h.Name); len(all) != 1 || all[0] != h.Value {
			t.Errorf("%s: %q, explained %q", h.Name, all, h.Value)
		}
	}
}

// pathless is a request without our own Via and Record-Route, which are signed.
func pathless(m message) string {
	text := regexp.MustCompile(`(?m)^Record-Route: <sip:[^\n]*\n`).ReplaceAllString(string(m), "")
	first, rest, _ := strings.Cut(text, "\r\n")
	_, rest, _ = strings.Cut(rest, "\r\n")
	return first + "\r\n" + rest
}
