package sipmsg_test

import (
	"fmt"
	"strings"
	"testing"

	"sipid/sipmsg"
)

// sweepHead and sweepAnswer are what a spelling is put behind. In a stream a
// message has its length besides.
const (
	sweepHead = "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nFrom: <sip:a@b>\r\nTo: <sip:a@b>\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\n"

	sweepAnswer = "SIP/2.0 180 Ringing\r\nVia: SIP/2.0/UDP us\r\nVia: SIP/2.0/UDP h\r\nFrom: <sip:a@b>\r\nTo: <sip:a@b>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n"

	sweepLength = "Content-Length: 0\r\n"
)

// sweepWays are the ways a message comes: both directions, by datagrams and by
// streams (TCP and TLS, which differ in nothing from here on).
var sweepWays = []struct {
	name, head string
	stream     bool
}{
	{"RequestDatagram", sweepHead, false}, {"RequestStream", sweepHead + sweepLength, true},
	{"ResponseDatagram", sweepAnswer, false}, {"ResponseStream", sweepAnswer + sweepLength, true},
}

// TestSweepTrusted puts all octets, and all pairs of two, before and behind
// each trusted name, and all single ones inside: 65 792 spellings a place. What
// the most lenient reader takes for the trusted name must be refused, cut or
// recognised. Whatever else is a legal token is another header and passes.
func TestSweepTrusted(t *testing.T) {
	for _, way := range sweepWays {
		for _, name := range trustedNames {
			t.Run(way.name+"/"+name, func(t *testing.T) { sweepName(t, way.head, name, way.stream) })
		}
	}
}

func sweepName(t *testing.T, headOf, name string, stream bool) {
	raw := make([]byte, 0, 512)
	passed, stopped := 0, 0
	try := func(before, inside, behind string) {
		k := len(name) / 2
		raw = append(raw[:0], headOf...)
		from := len(raw)
		raw = append(append(append(append(append(raw, before...), name[:k]...), inside...), name[k:]...), behind...)
		spelling := raw[from:len(raw):len(raw)]
		raw = append(raw, ": evil\r\nX-Z: z\r\n\r\n"...)
		out, whole := goesOn(raw, stream)
		for _, one := range out {
			if seen := lenientTrusted(one); len(seen) > 0 {
				t.Fatalf("%q passes as a harmless name", spelling)
			}
		}
		other := string(spelling)
		switch {
		case strings.Trim(other, tokenOctets) == "" && !isTrusted(lenientName(other)) && (len(out) != 1 || !strings.Contains(out[0], other+": evil\r\n")):
			t.Fatalf("%q is another header, and does not pass: %q", other, out)
		case whole:
			passed++
		default:
			stopped++
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
	if passed == 0 || stopped == 0 {
		t.Errorf("%d passed, %d stopped: the sweep tests nothing", passed, stopped)
	}
}

// goesOn is what the proxy lets through of what came by one datagram or one
// stream, which ends at the first message that is refused. whole: nothing was
// refused or cut.
func goesOn(raw []byte, stream bool) (out []string, whole bool) {
	var framer sipmsg.Framer
	var m sipmsg.Message
	for len(raw) > 0 {
		n, state := len(raw), sipmsg.FrameMessage
		if stream {
			n, state = framer.Next(raw)
		}
		switch {
		case state == sipmsg.FrameSkip || state == sipmsg.FramePing:
			raw = raw[n:]
			continue
		case state != sipmsg.FrameMessage || m.Parse(raw[:n]) != nil:
			return out, false
		}
		for _, h := range m.Headers {
			if h.Cut {
				return append(out, string(cleaned(&m))), false
			}
		}
		out, raw = append(out, string(cleaned(&m))), raw[n:]
	}
	return out, true
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
	for _, way := range sweepWays {
		n := 0
		for _, name := range names {
			for _, spelling := range spellings {
				n++
				line := strings.Replace(spelling, "%s", name, 1)
				raw := []byte(way.head + line + "\r\nX-Z: z\r\n\r\n")
				if out, whole := goesOn(raw, way.stream); !whole || len(out) != 1 || out[0] != string(raw) {
					t.Errorf("%s: %q does not pass unchanged: %q", way.name, line, out)
					continue
				}
				parse(t, &m, raw)
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
}
