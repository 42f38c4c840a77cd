package e2e_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// tortureEntry is one line of testdata/torture/expectations.jsonl: a message, what may become of it, and how it is played.
type tortureEntry struct {
	Name, Group, Section, Transport, Note string

	Expect string   // the right answer
	AlsoOK []string `json:"also_ok"` // others that are right, too

	Checks         []string // identified, not_identified, identified_or_not, or_none:ID/SERIAL
	SDP            [][2]int // offset and length of the SDP parts in the file
	FixedRe        string   `json:"fixed_re"`
	FixedNot       string   `json:"fixed_not"`
	Contains       []string // white space does not count
	MustNotRe      string   `json:"must_not_re"`
	MustNotCallID  []string `json:"must_not_callid"`
	MustProcess    []string `json:"must_process"`
	SameStatusLine bool     `json:"same_status_line"`

	UAS     *tortureUAS // the file is an answer the PBX gives in a live call
	Special string      // needs a client of its own
	Arg     tortureArg

	// ByDecision says why the body that leaves is not the bare SDP where only that was expected of body: sdp
	// (docs/decisions/0004).
	ByDecision string `json:"body_by_decision"`
}

// tortureUAS says how an answer of the PBX is completed: which headers it brings itself, which it lacks.
type tortureUAS struct {
	Own, Drop []string
	Via2      string
}

type tortureArg struct {
	From, Method, Who, Where, Unit  string
	Step, Limit, Times, Count, Same int
	Max                             int
	Answered                        *int
}

func (e *tortureEntry) wants() []string { return append([]string{e.Expect}, e.AlsoOK...) }

// plain tells whether the message is sent as it is and judged by what becomes of it.
func (e *tortureEntry) plain() bool { return e.UAS == nil && e.Special == "" }

// standard messages are an RFC's own: they carry the addresses of its examples.
func (e *tortureEntry) standard() bool { return strings.HasPrefix(e.Group, "rfc") }

func loadTorture(t *testing.T) []*tortureEntry {
	t.Helper()
	table, err := os.ReadFile(filepath.Join("testdata", "torture", "expectations.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	var entries []*tortureEntry
	count := make(map[string]int)
	for line := range bytes.Lines(table) {
		e := new(tortureEntry)
		d := json.NewDecoder(bytes.NewReader(line))
		d.DisallowUnknownFields()
		if err := d.Decode(e); err != nil {
			t.Fatalf("expectations.jsonl: %v in %s", err, line)
		}
		entries = append(entries, e)
		count[e.Group]++
	}
	if count["rfc4475"] != 49 || count["rfc5118"] != 12 || len(entries) != 390 {
		t.Fatalf("%d entries, %v: want 390, with 49 of RFC 4475 and 12 of RFC 5118", len(entries), count)
	}
	return entries
}

// messages finds the octets of the entries. Package sipmsg has some of them as they look on the way, with an address
// and a tag filled in; here these are placeholders again. RFC 4475's come with the sipgo module.
type messages struct{ dirs []string }

func findMessages(t *testing.T) messages {
	t.Helper()
	sipgo := strings.TrimSpace(command(t, ".", "go", "list", "-m", "-f", "{{.Dir}}", "github.com/emiago/sipgo"))
	rfc := filepath.Join(sipgo, "sip", "testdata", "torture")
	return messages{[]string{filepath.Join("testdata", "torture"), filepath.Join("..", "sipmsg", "testdata", "torture"),
		filepath.Join(rfc, "valid"), filepath.Join(rfc, "invalid")}}
}

var placeholders = strings.NewReplacer("192.0.2.7:5062", "@ME@", "a1b2c3d4", "@TAGTAG@")

func (m messages) load(t *testing.T, e *tortureEntry) string {
	t.Helper()
	for i, dir := range m.dirs {
		for _, ext := range []string{".sip", ".dat"} {
			b, err := os.ReadFile(filepath.Join(dir, e.Name+ext))
			switch {
			case err != nil || len(b) == 0:
			case i == 1:
				return placeholders.Replace(string(b))
			default:
				return string(b)
			}
		}
	}
	t.Fatalf("%s: no message", e.Name)
	return ""
}
