package sipmsg_test

import (
	"fmt"
	"strings"
	"testing"

	"sipid/sipmsg"
)

const sweepHead = "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nFrom: <sip:a@b>\r\nTo: <sip:a@b>\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\n"

// TestSweepTrusted puts all octets, and all pairs of two, before and behind
// each trusted name, and all single ones inside: 65 792 spellings a place. What
// the most lenient reader takes for the trusted name must be refused or
// recognised. Whatever else is a legal token is another header and passes.
func TestSweepTrusted(t *testing.T) {
	var m sipmsg.Message
	raw := make([]byte, 0, 512)
	for _, name := range trustedNames {
		t.Run(name, func(t *testing.T) {
			accepted, refused := 0, 0
			try := func(before, inside, behind string) {
				k := len(name) / 2
				raw = append(raw[:0], sweepHead...)
				from := len(raw)
				raw = append(append(append(append(append(raw, before...), name[:k]...), inside...), name[k:]...), behind...)
				spelling := raw[from:len(raw):len(raw)]
				raw = append(raw, ": evil\r\nX-Z: z\r\n\r\n"...)
				if m.Parse(raw) != nil {
					refused++
					return
				}
				accepted++
				if seen := lenientTrusted(string(cleaned(&m))); len(seen) > 0 {
					t.Fatalf("%q passes as a harmless name", spelling)
				}
			}
			step := 1
			if raceEnabled || testing.Short() {
				step = 7 // still every class of octets; the full set runs without -race
			}
			for i := range 256 {
				one := string([]byte{byte(i)})
				try(one, "", "")
				try("", one, "")
				try("", "", one)
				for j := 0; j < 256; j += step {
					two := string([]byte{byte(i), byte(j)})
					try(two, "", "")
					try("", "", two)
				}
			}
			if accepted == 0 || refused == 0 {
				t.Errorf("%d accepted, %d refused: the sweep tests nothing", accepted, refused)
			}
		})
	}
}

// TestLegalSpellings: 200 ways to write harmless headers, all of which pass
// with name and value as they are.
func TestLegalSpellings(t *testing.T) {
	names := []string{
		"Subject", "subject", "SUBJECT", "sUbJeCt", "s", "S", "X-Foo", "x.foo", "X!%*_+`'~-9", "P-Charging-Vector",
		"X-Access-I", "X-Access-IDs", "Access-ID", "X-Serial2", "XX-Serial", "X-Identify", "X.Access.ID", "X-Client-Endpoints", "5", "-",
	}
	spellings := []string{
		"%s: value", "%s:value", "%s : value", "%s\t:\t value \t", "%s:\r\n value", "%s:  a\r\n\tb\r\n  c", "%s:",
		"%s: \r\n ", "%s: \"a, \\\" b\" <sip:x@y>;q=1", "%s: 杭州 \xff\xfe \x7f",
	}
	var m sipmsg.Message
	n := 0
	for _, name := range names {
		for _, spelling := range spellings {
			n++
			line := strings.Replace(spelling, "%s", name, 1)
			raw := []byte(sweepHead + line + "\r\nX-Z: z\r\n\r\n")
			if err := m.Parse(raw); err != nil {
				t.Errorf("%q is refused: %v", line, err)
				continue
			}
			h := m.Headers[len(m.Headers)-2]
			_, value, _ := strings.Cut(line, ":")
			got := fmt.Sprintf("%v %q %q", h.ID, m.Bytes(h.Name), m.Bytes(h.Value))
			if want := fmt.Sprintf("other %q %q", name, strings.Trim(value, " \t\r\n")); got != want {
				t.Errorf("%q: %s, want %s", line, got, want)
			}
			checkAccepted(t, &m, raw)
		}
	}
	equal(t, "spellings", n, 200)
}
