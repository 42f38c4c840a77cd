package sipmsg_test

import (
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"sipid/sipmsg"
)

// verdictOf gives the word that testdata uses for the outcome of Parse.
func verdictOf(m *sipmsg.Message, err error) string {
	var e *sipmsg.Error
	switch {
	case err == nil:
		return "accept"
	case errors.Is(err, sipmsg.ErrKeepAlive):
		return "keep-alive"
	case !m.Answerable() || !errors.As(err, &e):
		return "drop"
	}
	return strconv.Itoa(e.Status)
}

// TestTorture runs the project's hostile messages, each as one datagram, against
// the verdicts written beside them.
func TestTorture(t *testing.T) {
	table, err := os.ReadFile(filepath.Join("testdata", "torture", "verdicts.txt"))
	if err != nil {
		t.Fatal(err)
	}
	rows := make(map[string][]string)
	for _, line := range strings.Split(string(table), "\n") {
		if line != "" && line[0] != '#' {
			cells := strings.Split(line, "|")
			for i := range cells {
				cells[i] = strings.TrimSpace(cells[i])
			}
			rows[cells[0]] = cells[1:]
		}
	}
	seeds := loadSeeds(t, "torture")
	if len(seeds) != len(rows) {
		t.Errorf("%d messages, %d verdicts", len(seeds), len(rows))
	}
	var m sipmsg.Message
	for _, s := range seeds {
		t.Run(s.name, func(t *testing.T) {
			row := rows[s.name]
			if len(row) < 3 {
				t.Fatal("no verdict")
			}
			err := m.Parse(s.raw)
			if got := verdictOf(&m, err); got != row[0] {
				t.Fatalf("%s (%v), want %s", got, err, row[0])
			}
			if err != nil {
				checkAnswer(t, &m)
				return
			}
			trusted, cut := 0, 0
			for _, h := range m.Headers {
				if h.ID.Trusted() {
					trusted++
				}
				if h.Cut {
					cut++
				}
			}
			if strconv.Itoa(trusted) != row[1] || strconv.Itoa(cut) != row[2] {
				t.Errorf("%d trusted, %d cut, want %s and %s", trusted, cut, row[1], row[2])
			}
			checkAccepted(t, &m, s.raw)
		})
	}
}

// checkAnswer says what must hold for the answer to a refused request: a strict
// reader can read it, it has each header once at most and nothing trusted.
func checkAnswer(t *testing.T, m *sipmsg.Message) {
	t.Helper()
	if !m.Answerable() {
		return
	}
	source := netip.MustParseAddrPort("[2001:db8::5]:5099")
	out := m.AppendAnswer(nil, sipmsg.Answer{Status: 400, Reason: "Bad", ToTag: "ours", Source: source})
	head, body, fields, err := strictHeaders(string(out))
	if err != nil || body != "" || head != "SIP/2.0 400 Bad" {
		t.Fatalf("answer %q: %v", out, err)
	}
	if seen := lenientTrusted(string(out)); len(seen) > 0 {
		t.Fatalf("trusted names in the answer: %v", seen)
	}
	if len(fields) == 0 || !strings.Contains(fields[0].value, "2001:db8::5") {
		t.Fatalf("the top Via is not stamped: %q", out)
	}
	count := make(map[string]int)
	for _, f := range fields {
		count[strings.ToLower(f.name)]++
	}
	for name, n := range count {
		if n > 1 && name != "via" && name != "v" {
			t.Errorf("%d times %s in the answer %q", n, name, out)
		}
	}
	checkNUL(t, out)
}
