package router_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sipid/router"
	"sipid/sipi"
	"sipid/sipmsg"
)

// TestTorture sends whole hostile and odd INVITEs through identification.
// testdata/torture/table.txt says of each what any identifier may make of it
// (the check) and what this one does (the status).
//
// The client table is that of the messages: access IDs 1001 and 1002; unless the
// message is about that, its original called number is 1001 00000042.
func TestTorture(t *testing.T) {
	c := config()
	c.Trunks[0].Identify = []router.Source{router.SourceISUPOriginalCalled}
	r := newRouter(t, c, row("1001"), row("1002"))
	entries := tortureTable(t)
	if len(entries) < 102 {
		t.Fatalf("only %d messages found", len(entries))
	}
	for _, e := range entries {
		t.Run(e.name, func(t *testing.T) {
			var d router.Decision
			r.Route(r.Trunks()[0], readSignals(t, e.octets), &d)
			if d.Status.String() != e.status {
				t.Errorf("status %s, want %s (error: %v)", d.Status, e.status, d.Err)
			}
			checkIdentity(t, e.check, &d)
		})
	}
}

func checkIdentity(t *testing.T, check string, d *router.Decision) {
	t.Helper()
	got := "nobody"
	if d.Status == router.StatusResolved {
		got = d.Client.AccessID + "/" + string(d.Serial())
	}
	const ours = "1001/00000042"
	ok := false
	switch want, orNone := strings.CutPrefix(check, "or_none:"); {
	case check == "identified":
		ok = got == ours
	case check == "not_identified":
		ok = got == "nobody"
	case check == "identified_or_not":
		ok = got == ours || got == "nobody"
	case orNone:
		ok = got == want || got == "nobody"
	}
	if !ok {
		t.Errorf("identified as %s, check is %s", got, check)
	}
	headers, err := d.AppendHeaders(nil)
	if err != nil {
		t.Errorf("AppendHeaders: %v", err)
	}
	if bytes.Contains(headers, []byte("X-Access-ID")) != (got != "nobody") {
		t.Errorf("headers do not fit the status:\n%s", headers)
	}
}

// placeholders are what a sender fills in: a fresh tag, and its address.
var placeholders = replacer{{"@TAGTAG@", "a1b2c3d4"}, {"@ME@", "127.0.0.1:5062"}}

type replacer [][2]string

func (r replacer) Replace(b []byte) []byte {
	for _, p := range r {
		b = bytes.ReplaceAll(b, []byte(p[0]), []byte(p[1]))
	}
	return b
}

type tortureEntry struct {
	name, check, status string
	octets              []byte
}

func tortureTable(t *testing.T) []tortureEntry {
	t.Helper()
	dir := filepath.Join("testdata", "torture")
	table, err := os.ReadFile(filepath.Join(dir, "table.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var entries []tortureEntry
	for line := range strings.Lines(string(table)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Split(line, "|")
		if len(fields) != 4 {
			t.Fatalf("table.txt: %q has not four fields", line)
		}
		e := tortureEntry{
			name:   strings.TrimSpace(fields[0]),
			check:  strings.TrimSpace(fields[1]),
			status: strings.TrimSpace(fields[2]),
		}
		octets, err := os.ReadFile(filepath.Join(dir, e.name+".sip"))
		if err != nil {
			t.Fatal(err)
		}
		e.octets = placeholders.Replace(octets)
		entries = append(entries, e)
	}
	return entries
}

// readSignals does what the proxy does before it asks the router.
func readSignals(t *testing.T, raw []byte) *router.Signals {
	t.Helper()
	m := new(sipmsg.Message)
	if err := m.Parse(raw); err != nil {
		t.Fatalf("Parse: %v", err)
	}
	value := func(id sipmsg.HeaderID) []byte {
		h, ok := m.First(id)
		if !ok {
			return nil
		}
		return m.Bytes(h.Value)
	}
	body := new(sipi.Body)
	s := &router.Signals{RequestURI: m.Bytes(m.URI), To: value(sipmsg.IDTo)}
	s.BodyErr = body.Split(sipi.Headers{
		ContentType:      value(sipmsg.IDContentType),
		TransferEncoding: value(sipmsg.IDContentTransferEncoding),
		Encoding:         value(sipmsg.IDContentEncoding),
	}, m.Bytes(m.Body))
	s.ISUP = body.ISUP(nil)
	if part := body.First(sipi.ISUP); part != nil {
		s.ISUPLabel = part.ContentType
	}
	return s
}
