package proxy_test

import (
	"bytes"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"sipid/proxy"
	"sipid/router"
)

// seeds gives the messages of the packages below to a fuzz target. None found
// is a failure: a target without seeds tests nothing.
func seeds(f *testing.F) {
	f.Helper()
	n := 0
	for _, glob := range []string{"../sipmsg/testdata/torture/*.sip", "../sipi/testdata/*/*.sip"} {
		files, err := filepath.Glob(glob)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			b, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(b)
			n++
		}
	}
	if n == 0 {
		f.Fatal("no seeds found")
	}
}

// FuzzRewrite: whatever message is accepted, what leaves carries our word once
// and the sender's never, to a reader that is neither ours nor lenient, and
// otherwise all that came, in its order.
func FuzzRewrite(f *testing.F) {
	seeds(f)
	explain := proxy.Explainer(fuzzRouter(f))
	source := netip.MustParseAddrPort("127.0.0.1:5062")
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, err := explain(raw, source)
		if err != nil || e.Out == nil {
			return
		}
		head, body, ok := bytes.Cut(e.Out, []byte("\r\n\r\n"))
		if !ok {
			t.Fatal("no end of head")
		}
		checkTrusted(t, head, e)
		checkLength(t, head, body)
		serial := string(e.Decision.Serial()) // the explanation shares its decision with the next one
		again, err := explain(e.Out, source)
		if errors.Is(err, proxy.ErrRefused) {
			return // Max-Forwards came down to 0
		}
		if err != nil {
			t.Fatalf("what left is refused when it comes back: %v\n%q", err, e.Out)
		}
		if now := string(again.Decision.Serial()); now != serial && again.Decision.Status == router.StatusResolved {
			t.Errorf("identified as %s, then as %s", serial, now)
		}
	})
}

func fuzzRouter(f *testing.F) *router.Router {
	f.Helper()
	routes, err := router.New(router.Config{
		Trunks: []router.Trunk{{Name: "default", Sources: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}},
		Groups: []router.Group{{Name: "default", Targets: []router.Target{{
			URI: "sip:127.0.0.1:5080", Host: "127.0.0.1:5080", Addr: netip.MustParseAddrPort("127.0.0.1:5080"), Weight: 1, Priority: 1,
		}}}},
	})
	if err != nil {
		f.Fatal(err)
	}
	table, err := router.NewTable([]router.Client{{AccessID: "1001", Name: "A", Endpoint: "https://a.example/", SerialDigits: 8, Enabled: true}}, 1)
	if err != nil {
		f.Fatal(err)
	}
	routes.SetTable(table)
	return routes
}

// checkTrusted reads the head as the most lenient next hop would: octets up to
// 20h and from 7Fh on in a name count for nothing, '_' is '-'.
func checkTrusted(t *testing.T, head []byte, e *proxy.Explanation) {
	t.Helper()
	ours := make(map[string]string)
	for _, a := range e.Added {
		ours[lenientName(a.Name)] = a.Value
	}
	seen := make(map[string]int)
	unfolded := strings.NewReplacer("\r\n ", " ", "\r\n\t", " ").Replace(string(head))
	lines := strings.FieldsFunc(unfolded, func(r rune) bool { return r == '\r' || r == '\n' })
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ":")
		name = lenientName(name)
		if !trustedNames[name] {
			continue
		}
		seen[name]++
		if want, ok := ours[name]; !ok || strings.TrimSpace(value) != want {
			t.Errorf("%s says %q, not our word", name, value)
		}
	}
	for name := range ours {
		if seen[name] != 1 {
			t.Errorf("%s stands %d times", name, seen[name])
		}
	}
	if bytes.Contains(head, []byte{0}) || bytes.Count(head, []byte("\n")) != bytes.Count(head, []byte("\r\n")) ||
		bytes.Count(head, []byte("\r")) != bytes.Count(head, []byte("\r\n")) {
		t.Error("NUL, bare CR or bare LF in the head")
	}
}

var trustedNames = map[string]bool{
	"x-access-id": true, "x-serial": true, "x-client-name": true, "x-client-endpoint": true,
	"x-identify-status": true, "x-identify-source": true, "x-calling-number": true, "x-edge-source": true,
}

func lenientName(name string) string {
	var b strings.Builder
	for _, c := range []byte(name) {
		switch {
		case c <= ' ' || c >= 0x7f:
		case c == '_':
			b.WriteByte('-')
		default:
			b.WriteByte(c)
		}
	}
	return strings.ToLower(b.String())
}

// checkLength wants one Content-Length, and that it is right.
func checkLength(t *testing.T, head, body []byte) {
	t.Helper()
	n := 0
	unfolded := strings.NewReplacer("\r\n ", " ", "\r\n\t", " ").Replace(string(head))
	for _, line := range strings.Split(unfolded, "\r\n")[1:] {
		name, value, _ := strings.Cut(line, ":")
		switch lenientName(name) {
		case "content-length", "l":
			n++
			if got, err := strconv.Atoi(strings.TrimSpace(value)); err != nil || got != len(body) {
				t.Errorf("Content-Length %q, body of %d octets", value, len(body))
			}
		}
	}
	if n > 1 {
		t.Errorf("%d Content-Lengths", n)
	}
}
