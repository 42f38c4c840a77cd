package routertest

import (
	"encoding/hex"
	"strconv"
	"strings"
	"testing"
	"time"

	"sipid/isupbody"
	"sipid/router"
)

// Decision is a file of router/testdata/decisions: pieces of a call and what is
// special about trunk and clients, a line of dashes, the decision.
type Decision struct {
	Trunk   router.Trunk     // what is special about it; without a name and sources
	Now     func() time.Time // nil: any time
	Clients []router.Client  // 1001 and 1002, and 2001 in PBX group hangzhou, unless the file has others

	ISUP       [][]byte // the ISUP parts
	ISUPLabel  string   // their content type; empty: the usual one
	BodyError  string   // why the body cannot be split; empty: it can
	RequestURI string   // empty, as From and To: any
	From, To   string
	Headers    []Header // Diversion and others that may be there more than once, in order

	In, Want string // the file above the line of dashes, and below it
}

// Header is a header line in its two halves.
type Header struct{ Name, Value string }

// DecisionSeparator is the line of dashes.
const DecisionSeparator = "----\n"

// ReadDecision reads the text of a file. A line that begins with # is a comment.
func ReadDecision(t testing.TB, text string) *Decision {
	t.Helper()
	d := &Decision{}
	d.In, d.Want, _ = strings.Cut(text, DecisionSeparator)
	for line := range strings.Lines(d.In) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		key, value, ok := strings.Cut(line, ": ")
		if !ok || !d.trunkPiece(t, key, value) && !d.callPiece(t, key, value) {
			t.Fatalf("line %q is not understood", line)
		}
	}
	if d.Clients == nil {
		d.Clients = []router.Client{Client("1001"), Client("1002"), Client("2001")}
		d.Clients[2].PBX = "hangzhou"
	}
	return d
}

// Client is an enabled client as most tests want it.
func Client(accessID string) router.Client {
	return router.Client{
		AccessID: accessID, Name: "client " + accessID, Endpoint: "https://" + accessID + ".example/sipid",
		SerialDigits: router.DefaultSerialDigits, Enabled: true,
	}
}

// trunkPiece reads a line about trunk, time or clients; false: it is none.
func (d *Decision) trunkPiece(t testing.TB, key, value string) bool {
	t.Helper()
	trunk := &d.Trunk
	switch key {
	case "identify":
		trunk.Identify = readSources(t, value)
	case "methods":
		trunk.MayUse = readSources(t, value)
	case "first_source_wins":
		trunk.FirstWins = value == "true"
	case "strip_prefix":
		trunk.StripPrefix = strings.Fields(value)
	case "access_ids":
		trunk.AccessIDs = strings.Fields(value)
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
	case "unidentified":
		trunk.Reject = value == "reject"
	case "now":
		now, err := time.Parse(time.RFC3339, value)
		if err != nil {
			t.Fatal(err)
		}
		d.Now = func() time.Time { return now }
	case "client":
		d.Clients = append(d.Clients, readClient(t, value))
	default:
		return false
	}
	return true
}

func readSources(t testing.TB, names string) (list []router.Source) {
	t.Helper()
	for name := range strings.FieldsSeq(names) {
		s, err := router.ParseSource(name)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, s)
	}
	return list
}

// readRule reads "strip=PREFIX,PREFIX add=DIGITS form=FORM".
func readRule(t testing.TB, line string) (r router.NumberRule) {
	t.Helper()
	for word := range strings.FieldsSeq(line) {
		switch key, value, _ := strings.Cut(word, "="); key {
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

// readClient reads "ACCESS-ID [key=value]...", values in Go's quotes where they
// have spaces or escapes.
func readClient(t testing.TB, line string) router.Client {
	t.Helper()
	id, rest, _ := strings.Cut(line, " ")
	c := Client(id)
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

// callPiece reads a line about the call; false: it is none.
func (d *Decision) callPiece(t testing.TB, key, value string) bool {
	t.Helper()
	switch key {
	case "isup":
		octets, err := hex.DecodeString(strings.ReplaceAll(strings.Trim(value, `"`), " ", ""))
		if err != nil {
			t.Fatalf("%q: %v", value, err)
		}
		d.ISUP = append(d.ISUP, octets)
	case "ocn":
		d.ISUP = append(d.ISUP, readIAM(t, "ocn="+value))
	case "iam":
		d.ISUP = append(d.ISUP, readIAM(t, value))
	case "isup_label":
		d.ISUPLabel = value
	case "body_error":
		d.BodyError = value
	case "request_uri":
		d.RequestURI = value
	case "From":
		d.From = value
	case "To":
		d.To = value
	case "Diversion", "History-Info", "User-to-User", "P-Asserted-Identity", "Privacy":
		d.Headers = append(d.Headers, Header{key, value})
	default:
		return false
	}
	return true
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
			rest = append(rest, CallingParty(t, value, restricted))
		case "ocn":
			rest = append(rest, Number(t, isupbody.ParamOriginalCalledNumber, value))
		case "restricted":
		default:
			t.Fatalf("IAM: %q is not understood", word)
		}
	}
	return IAM(t, called, rest...)
}
