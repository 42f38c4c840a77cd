package proxy_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"sipid/isupbody"
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
		g, unknown := readGolden(t, file)
		if unknown != "" {
			t.Logf("%s: %q is not understood here", file, unknown)
			continue
		}
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			e := explainAndServe(t, g.change, g.clients, g.invite())
			if e == nil {
				return // a message the gate refuses, as explainAndServe has seen
			}
			ran++
			if got := e.Decision.Status.String(); got != g.status {
				t.Errorf("status %s, want %s", got, g.status)
			}
		})
	}
	if ran < 80 {
		t.Errorf("%d decisions explained, want 80 at least", ran)
	}
}

func TestExplainIsServeOnTorture(t *testing.T) {
	var files []string
	for _, dir := range []string{"../router/testdata/torture", "../cmd/sipid/testdata/decode", "../sipi/testdata/torture"} {
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

// golden is a decision of the router's testdata as a message.
type golden struct {
	trunk   router.Trunk
	clients []router.Client
	isup    [][]byte
	label   string
	uri, to string
	lines   string
	broken  bool
	status  string
}

func readGolden(t *testing.T, file string) (g *golden, unknown string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	in, out, _ := strings.Cut(string(text), "----\n")
	_, g = "", &golden{uri: "sip:95165@10.0.0.5", to: "<sip:95165@10.0.0.5>", label: "application/isup;version=itu-t92+"}
	g.status = strings.TrimSpace(regexp.MustCompile(`X-Identify-Status: (\S+)`).FindStringSubmatch(out)[1])
	for line := range strings.Lines(in) {
		line = strings.TrimSpace(line)
		if key, value, ok := strings.Cut(line, ": "); ok && line[0] != '#' && !g.piece(t, key, value) {
			return nil, line
		}
	}
	if g.clients == nil {
		g.clients = []router.Client{goldenClient("1001"), goldenClient("1002"), goldenClient("2001")}
		g.clients[2].PBX = "hangzhou"
	}
	return g, ""
}

func goldenClient(id string) router.Client {
	return router.Client{AccessID: id, Name: "client " + id, Endpoint: "https://" + id + ".example/sipid", SerialDigits: 8, Enabled: true}
}

func (g *golden) piece(t *testing.T, key, value string) bool {
	t.Helper()
	switch key {
	case "identify":
		for name := range strings.FieldsSeq(value) {
			s, err := router.ParseSource(name)
			if err != nil {
				t.Fatal(err)
			}
			g.trunk.Identify = append(g.trunk.Identify, s)
		}
	case "strip_prefix":
		g.trunk.StripPrefix = strings.Fields(value)
	case "access_ids":
		g.trunk.AccessIDs = strings.Fields(value)
	case "unidentified":
		g.trunk.Reject = value == "reject"
	case "client":
		return g.client(value)
	case "isup":
		octets, err := hex.DecodeString(strings.ReplaceAll(strings.Trim(value, `"`), " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		g.isup = append(g.isup, octets)
	case "ocn":
		g.isup = append(g.isup, goldenIAM(t, value))
	case "isup_label":
		g.label = value
	case "body_error":
		g.broken = true
	case "request_uri":
		g.uri = value
	case "To":
		g.to = regexp.MustCompile(`;tag=\S*`).ReplaceAllString(value, "") // a call that begins has none
	case "Diversion", "History-Info", "User-to-User":
		g.lines += key + ": " + value + "\r\n"
	default:
		return false
	}
	return true
}

// client reads ACCESS-ID and its key=value pairs; false: one is not understood.
func (g *golden) client(line string) bool {
	id, rest, _ := strings.Cut(line, " ")
	c := goldenClient(id)
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
		default:
			return false
		}
	}
	g.clients = append(g.clients, c)
	return true
}

func goldenIAM(t *testing.T, ocn string) []byte {
	t.Helper()
	to, err := isupbody.NewNumber("95165")
	if err != nil {
		t.Fatal(err)
	}
	original, err := isupbody.NewNumber(ocn)
	if err != nil {
		t.Fatal(err)
	}
	m := isupbody.NewIAM(to)
	if err := m.AddNumber(isupbody.ParamOriginalCalledNumber, original); err != nil {
		t.Fatal(err)
	}
	octets, err := m.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	return octets
}

func (g *golden) change(_ *proxy.Options, c *router.Config) {
	g.trunk.Name, g.trunk.Sources = "default", []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}
	c.Trunks = []router.Trunk{g.trunk}
	c.Groups = append(c.Groups, router.Group{Name: "hangzhou", Targets: []router.Target{{
		URI: "sip:10.2.0.11:5060", Host: "10.2.0.11:5060", Addr: secondAddr, Weight: 1, Priority: 1,
	}}})
}

func (g *golden) invite() string {
	contentType, body := "multipart/mixed;boundary=b1", ""
	for _, octets := range g.isup {
		body += "--b1\r\nContent-Type: " + g.label + "\r\n\r\n" + string(octets) + "\r\n"
	}
	body = "--b1\r\nContent-Type: application/sdp\r\n\r\n" + sdp + "\r\n" + body + "--b1--\r\n"
	if g.broken {
		contentType = "multipart/mixed"
	}
	return fmt.Sprintf("INVITE %s SIP/2.0\r\nVia: SIP/2.0/UDP 10.1.0.7:5060;branch=z9hG4bKgolden;rport\r\n"+
		"From: <sip:057188888888@10.1.0.7>;tag=caller\r\nTo: %s\r\nCall-ID: golden\r\nCSeq: 1 INVITE\r\nX-Serial: forged\r\n"+
		"Contact: <sip:10.1.0.7:5060>\r\nMax-Forwards: 70\r\n%sContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s",
		g.uri, g.to, g.lines, contentType, len(body), body)
}
