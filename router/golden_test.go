package router_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sipid/router"
	"sipid/router/routertest"
)

var update = flag.Bool("update", false, "rewrite the decisions in testdata/decisions")

// TestDecisions reads a file for each rule: pieces of a message and what is
// special about trunk and clients, a line of dashes, the decision. With -update
// the decisions are rewritten; look at the difference before it is committed.
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
	g := routertest.ReadDecision(t, string(raw))
	if g.Want == "" && !*update {
		t.Fatalf("%s has no line of dashes", file)
	}
	signals := goldenSignals(g)
	r := newRouter(t, goldenConfig(g), g.Clients...)
	d := &router.Decision{Trace: &router.Trace{}}
	r.Route(r.Trunks()[0], &signals, d)
	got := describe(t, d)
	if *update {
		out := strings.TrimRight(g.In, "\n") + "\n" + routertest.DecisionSeparator + got
		if err := os.WriteFile(file, []byte(out), 0o644); err != nil {
			t.Fatal(err)
		}
		return d
	}
	if got != g.Want {
		t.Errorf("got\n%s\nwant\n%s", got, g.Want)
	}
	untraced := router.Decision{}
	r.Route(r.Trunks()[0], &signals, &untraced)
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

// goldenConfig has the trunk of a decision's file.
func goldenConfig(g *routertest.Decision) router.Config {
	c := config()
	usual := c.Trunks[0]
	c.Trunks[0] = g.Trunk
	c.Trunks[0].Name, c.Trunks[0].Sources = usual.Name, usual.Sources
	c.Now = g.Now
	return c
}

// goldenSignals are the pieces of a decision's file as the router gets them.
func goldenSignals(g *routertest.Decision) router.Signals {
	s := router.Signals{
		ISUP: g.ISUP, ISUPLabel: octets(g.ISUPLabel), RequestURI: octets(g.RequestURI), From: octets(g.From), To: octets(g.To),
	}
	if g.BodyError != "" {
		s.BodyErr = errors.New(g.BodyError)
	}
	for _, h := range g.Headers {
		value := []byte(h.Value)
		switch h.Name {
		case "P-Asserted-Identity":
			s.Asserted = append(s.Asserted, value)
		case "Privacy":
			s.Privacy = value
		case "Diversion":
			s.Diversion = append(s.Diversion, value)
		case "History-Info":
			s.HistoryInfo = append(s.HistoryInfo, value)
		case "User-to-User":
			s.UserToUser = append(s.UserToUser, value)
		}
	}
	return s
}

// octets are nil for what is not there.
func octets(s string) []byte {
	if s == "" {
		return nil
	}
	return []byte(s)
}
