package router_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"sipid/isupbody"
	"sipid/router"
)

var update = flag.Bool("update", false, "rewrite the decisions in testdata/decisions")

const separator = "----\n"

// TestDecisions reads a file for each rule: pieces of a message and what is
// special about trunk and clients, a line of dashes, the decision. With -update
// the decisions are rewritten; look at the difference before it is committed.
//
// Clients are 1001 and 1002, and 2001 in another PBX group, unless the file has
// "client" lines.
func TestDecisions(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "decisions", "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no decisions found: %v", err)
	}
	statuses, sources := map[router.Status]bool{}, map[router.Source]bool{}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			d := goldenFile(t, file)
			statuses[d.Status], sources[d.Source] = true, true
		})
	}
	for _, s := range router.Statuses() {
		if !statuses[s] {
			t.Errorf("no file ends with status %s", s)
		}
	}
	for _, s := range router.Sources() {
		if !sources[s] {
			t.Errorf("no file is resolved by %s", s)
		}
	}
}

func goldenFile(t *testing.T, file string) *router.Decision {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	in, want, ok := bytes.Cut(raw, []byte(separator))
	if !ok && !*update {
		t.Fatalf("%s has no line of dashes", file)
	}
	p := readPieces(t, string(in))
	r := newRouter(t, p.config, p.clients...)
	d := &router.Decision{Trace: &router.Trace{}}
	r.Route(r.Trunks()[0], &p.signals, d)
	got := describe(t, d)
	if *update {
		out := append(append(bytes.TrimRight(in, "\n"), '\n'), separator+got...)
		if err := os.WriteFile(file, out, 0o644); err != nil {
			t.Fatal(err)
		}
		return d
	}
	if got != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	untraced := router.Decision{}
	r.Route(r.Trunks()[0], &p.signals, &untraced)
	if untraced.Status != d.Status || untraced.Client != d.Client || !bytes.Equal(untraced.Serial(), d.Serial()) {
		t.Errorf("without a trace the decision is %s, with one %s", untraced.Status, d.Status)
	}
	return d
}

func describe(t *testing.T, d *router.Decision) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "group %s, refuse with %d\n", d.Group.Name, d.RejectStatus)
	if d.Err != nil {
		fmt.Fprintf(&b, "error: %v\n", d.Err)
	}
	headers, err := d.AppendHeaders(nil)
	if err != nil {
		t.Fatalf("AppendHeaders: %v", err)
	}
	b.WriteString(strings.ReplaceAll(string(headers), "\r\n", "\n"))
	for _, s := range d.Trace.Steps {
		fmt.Fprintf(&b, "  %s: %s\n", s.Step, s.Detail)
	}
	return b.String()
}

// pieces is what stands above the line of dashes.
type pieces struct {
	config  router.Config
	clients []router.Client
	signals router.Signals
}

func readPieces(t testing.TB, text string) *pieces {
	t.Helper()
	p := &pieces{config: config()}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		key, value, ok := strings.Cut(line, ": ")
		if !ok || !p.trunkPiece(t, key, value) && !p.signalPiece(t, key, value) {
			t.Fatalf("line %q is not understood", line)
		}
	}
	if p.clients == nil {
		p.clients = []router.Client{row("1001"), row("1002"), row("2001")}
		p.clients[2].PBX = "hangzhou"
	}
	return p
}

func (p *pieces) trunkPiece(t testing.TB, key, value string) bool {
	t.Helper()
	trunk := &p.config.Trunks[0]
	switch key {
	case "identify":
		for name := range strings.FieldsSeq(value) {
			s, err := router.ParseSource(name)
			if err != nil {
				t.Fatal(err)
			}
			trunk.Identify = append(trunk.Identify, s)
		}
	case "strip_prefix":
		trunk.StripPrefix = strings.Fields(value)
	case "access_ids":
		trunk.AccessIDs = strings.Fields(value)
	case "unidentified":
		trunk.Reject = value == "reject"
	case "first_source_wins":
		trunk.FirstWins = value == "true"
	case "methods":
		for name := range strings.FieldsSeq(value) {
			s, err := router.ParseSource(name)
			if err != nil {
				t.Fatal(err)
			}
			trunk.MayUse = append(trunk.MayUse, s)
		}
	case "access_numbers":
		trunk.AccessNumbers = strings.Fields(value)
	case "number_plan":
		trunk.NumberPlan = strings.Fields(value)
	case "direct_client":
		trunk.DirectClient = value
	case "numbers.calling":
		trunk.Calling = readRule(t, value)
	case "numbers.called":
		trunk.Called = readRule(t, value)
	case "numbers.original_called":
		trunk.OriginalCalled = readRule(t, value)
	case "now":
		now, err := time.Parse(time.RFC3339, value)
		if err != nil {
			t.Fatal(err)
		}
		p.config.Now = func() time.Time { return now }
	case "client":
		p.clients = append(p.clients, readClient(t, value))
	default:
		return false
	}
	return true
}

// readRule reads "strip=PREFIX,PREFIX add=DIGITS form=FORM".
func readRule(t testing.TB, line string) (r router.NumberRule) {
	t.Helper()
	for word := range strings.FieldsSeq(line) {
		key, value, _ := strings.Cut(word, "=")
		switch key {
		case "strip":
			r.Strip = strings.Split(value, ",")
		case "add":
			r.Add = value
		case "form":
			r.Form = value
		default:
			t.Fatalf("number rule: %q is not understood", word)
		}
	}
	return r
}

// readIAM reads "called=DIGITS calling=DIGITS ocn=DIGITS restricted", digits with
// + in front for an international number.
func readIAM(t testing.TB, line string) []byte {
	t.Helper()
	called, restricted := "95165F", strings.Contains(line, "restricted")
	var rest []isupbody.Parameter
	for word := range strings.FieldsSeq(line) {
		switch key, value, _ := strings.Cut(word, "="); key {
		case "called":
			called = value
		case "calling":
			rest = append(rest, callingParty(t, value, restricted))
		case "ocn":
			rest = append(rest, number(t, isupbody.ParamOriginalCalledNumber, value))
		case "restricted":
		default:
			t.Fatalf("IAM: %q is not understood", word)
		}
	}
	return iamTo(t, called, rest...)
}

// readClient reads "ACCESS-ID [key=value]...", values in Go's quotes where they
// have spaces or escapes.
func readClient(t testing.TB, line string) router.Client {
	t.Helper()
	id, rest, _ := strings.Cut(line, " ")
	c := row(id)
	for rest != "" {
		key, value, _ := strings.Cut(rest, "=")
		if quoted, err := strconv.QuotedPrefix(value); err == nil {
			rest = strings.TrimSpace(value[len(quoted):])
			value, _ = strconv.Unquote(quoted)
		} else {
			value, rest, _ = strings.Cut(value, " ")
		}
		switch key {
		case "name":
			c.Name = value
		case "pbx":
			c.PBX = value
		case "serial_digits":
			c.SerialDigits, _ = strconv.Atoi(value)
		case "enabled":
			c.Enabled = value == "true"
		case "calling":
			c.Calling = strings.Fields(value)
		case "valid_from":
			c.ValidFrom, _ = router.ParseMoment(value)
		case "valid_to":
			c.ValidTo, _ = router.ParseMoment(value)
		default:
			t.Fatalf("client %s: %q is not understood", id, key)
		}
	}
	return c
}

func (p *pieces) signalPiece(t testing.TB, key, value string) bool {
	t.Helper()
	s := &p.signals
	switch key {
	case "isup":
		s.ISUP = append(s.ISUP, unhex(t, strings.ReplaceAll(strings.Trim(value, `"`), " ", "")))
	case "ocn":
		s.ISUP = append(s.ISUP, original(t, value))
	case "iam":
		s.ISUP = append(s.ISUP, readIAM(t, value))
	case "From":
		s.From = []byte(value)
	case "P-Asserted-Identity":
		s.Asserted = append(s.Asserted, []byte(value))
	case "Privacy":
		s.Privacy = []byte(value)
	case "isup_label":
		s.ISUPLabel = []byte(value)
	case "body_error":
		s.BodyErr = errors.New(value)
	case "request_uri":
		s.RequestURI = []byte(value)
	case "To":
		s.To = []byte(value)
	case "Diversion":
		s.Diversion = append(s.Diversion, []byte(value))
	case "History-Info":
		s.HistoryInfo = append(s.HistoryInfo, []byte(value))
	case "User-to-User":
		s.UserToUser = append(s.UserToUser, []byte(value))
	default:
		return false
	}
	return true
}
