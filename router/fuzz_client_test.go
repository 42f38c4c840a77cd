package router_test

import (
	"net/url"
	"strings"
	"testing"

	"sipid/router"
)

// clientValues are texts that somebody might put into a column of the client table.
var clientValues = []string{
	"", "Hangzhou switchboard", "杭州总机", "100 %", "evil\x00x", "a\u0085b", ";param=1", ",second", "trailing ", " leading",
	"a\r\nX-Access-ID: 9999", "a\nX-Access-ID: 9999", "a\rX-Access-ID: 9999", "a\r\n\r\nv=0", "a\r\n folded", "a\u2028b", "\xff\xfe", "\x1b[31m",
	"https://a.example/sipid", "https://a.example/%0d%0aX-Evil:1", "sip:pbx@a.example;x=1", "https://u:p@a.example/", "\"quoted\"", "<sip:x@y>",
	strings.Repeat("x", 70000),
}

// FuzzClientHeaders: whatever stands in the client table, either the row is
// refused or each header is one line that a reader turns back into the column.
func FuzzClientHeaders(f *testing.F) {
	for _, v := range clientValues {
		f.Add(v, "https://a.example/sipid")
		f.Add("A", v)
		f.Add(v, v)
	}
	c := config()
	c.Trunks[0].Identify = []router.Source{router.SourceTo}
	r, err := router.New(c)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, name, endpoint string) {
		row := router.Client{AccessID: "1001", Name: name, Endpoint: endpoint, SerialDigits: 8, Enabled: true}
		table, err := router.NewTable([]router.Client{row}, 1)
		if (err != nil) != (row.Validate() != nil) {
			t.Fatalf("the table says %v, the row %v", err, row.Validate())
		}
		if err != nil {
			return
		}
		r.SetTable(table)
		var d router.Decision
		r.Route(r.Trunks()[0], &router.Signals{To: []byte("<sip:100100000042@a>"), RequestURI: []byte("sip:95165@a")}, &d)
		if d.Status != router.StatusResolved {
			t.Fatalf("%s: %v", d.Status, d.Err)
		}
		headers, err := d.AppendHeaders(nil)
		if err != nil {
			t.Fatalf("a row that was taken cannot be written: %v", err)
		}
		checkClientLines(t, string(headers), name, endpoint)
	})
}

func checkClientLines(t *testing.T, headers, name, endpoint string) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(headers, "\r\n"), "\r\n")
	if len(lines) != 6 || len(headers) > 8192 {
		t.Fatalf("%d lines, %d octets", len(lines), len(headers))
	}
	got := make(map[string]string)
	for _, line := range lines {
		if strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r >= 0x7f && r <= 0x9f }) {
			t.Fatalf("a control character in %q", line)
		}
		n, v, _ := strings.Cut(line, ": ")
		got[n] = v
	}
	if back, err := url.PathUnescape(got["X-Client-Name"]); err != nil || back != name {
		t.Errorf("name %q is read back as %q, %v", name, back, err)
	}
	if got["X-Client-Endpoint"] != endpoint {
		t.Errorf("endpoint %q is read back as %q", endpoint, got["X-Client-Endpoint"])
	}
	if got["X-Access-ID"] != "1001" || got["X-Serial"] != "00000042" {
		t.Errorf("%q", headers)
	}
}
