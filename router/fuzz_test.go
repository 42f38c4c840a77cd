package router_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sipid/router"
	"sipid/router/routertest"
)

// FuzzRoute feeds the sources with anything. What resolves must be a client
// that may be claimed, with a serial of its length; the trace changes nothing;
// headers are lines; the error for the log shows no number.
func FuzzRoute(f *testing.F) {
	seedFuzz(f)
	c := config()
	c.Trunks[0].Identify = router.Sources()
	c.Trunks[0].AccessNumbers = []string{"95165"}
	c.Trunks[0].StripPrefix = []string{"+86", "86", "0"}
	c.Trunks[0].AccessIDs = []string{"10*", "2001"}
	disabled := row("1003")
	disabled.Enabled = false
	r := newRouter(f, c, row("1001"), row("1002"), disabled, row("2001"), row("3001"))
	f.Fuzz(func(t *testing.T, isup, to, diversion, history, uui []byte) {
		s := &router.Signals{
			From: to, Asserted: [][]byte{diversion}, Privacy: uui,
			ISUP: [][]byte{isup}, To: to, RequestURI: []byte("sip:95165@10.0.0.5"),
			Diversion: [][]byte{diversion}, HistoryInfo: bytes.Split(history, []byte("\n")), UserToUser: [][]byte{uui},
		}
		if len(isup) == 0 {
			s.ISUP = nil
		}
		var d router.Decision
		traced := router.Decision{Trace: &router.Trace{}}
		r.Route(r.Trunks()[0], s, &d)
		r.Route(r.Trunks()[0], s, &traced)
		if d.Status != traced.Status || d.Client != traced.Client || !bytes.Equal(d.Serial(), traced.Serial()) {
			t.Errorf("%s, with a trace %s", d.Status, traced.Status)
		}
		headers, err := d.AppendHeaders(nil)
		if err != nil {
			t.Errorf("AppendHeaders: %v", err)
		}
		if d.Status == router.StatusResolved {
			checkHeaderLines(t, "resolved", string(headers))
			checkResolved(t, &d)
		} else if len(d.Serial()) != 0 || d.Client != nil || d.Source != router.SourceNone {
			t.Errorf("%s with the identity of somebody", d.Status)
		}
	})
}

func checkResolved(t *testing.T, d *router.Decision) {
	t.Helper()
	if !slices.Contains([]string{"1001", "1002", "2001"}, d.Client.AccessID) {
		t.Errorf("%s may not be claimed", d.Client.AccessID)
	}
	if serial := string(d.Serial()); len(serial) != 8 || strings.Trim(serial, "0123456789") != "" {
		t.Errorf("serial %q", serial)
	}
}

// seedFuzz takes the messages of testdata/decisions.
func seedFuzz(f *testing.F) {
	f.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "decisions", "*.txt"))
	if err != nil || len(files) == 0 {
		f.Fatalf("no seeds found: %v", err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		s := goldenSignals(routertest.ReadDecision(f, string(b)))
		f.Add(first(s.ISUP), s.To, first(s.Diversion), bytes.Join(s.HistoryInfo, []byte("\n")), first(s.UserToUser))
	}
}

func first(list [][]byte) []byte {
	if len(list) == 0 {
		return nil
	}
	return list[0]
}
