package sipmsg_test

import (
	"bytes"
	"strings"
	"testing"

	"sipid/sipmsg"
)

// frames runs a stream through a framer in the given pieces and gives the
// messages, the pings, and whether it broke.
func frames(stream []byte, cut func(rest int) int) (messages []string, pings int, broken bool) {
	var f sipmsg.Framer
	var buf []byte
	for {
		n, state := f.Next(buf)
		switch state {
		case sipmsg.FrameMessage:
			messages = append(messages, string(buf[:n]))
		case sipmsg.FramePing:
			pings++
		case sipmsg.FrameSkip:
		case sipmsg.FrameBroken:
			return messages, pings, true
		default:
			if len(stream) == 0 {
				return messages, pings, false
			}
			k := min(max(cut(len(stream)), 1), len(stream))
			buf, stream = append(buf, stream[:k]...), stream[k:]
			continue
		}
		buf = append([]byte(nil), buf[n:]...)
	}
}

func whole(rest int) int { return rest }
func single(int) int     { return 1 }

const framed = "OPTIONS sip:a SIP/2.0\r\nX: y\r\nContent-Length: 4\r\n\r\n\r\n\r\n"

func TestFramer(t *testing.T) {
	for name, tc := range map[string]struct {
		stream   string
		messages int
		pings    int
		broken   bool
	}{
		"One":           {framed, 1, 0, false},
		"Three":         {strings.Repeat(framed, 3), 3, 0, false},
		"CRLFBefore":    {"\r\n" + framed, 1, 0, false},
		"Ping":          {"\r\n\r\n" + framed + "\r\n\r\n", 1, 2, false},
		"Incomplete":    {framed[:len(framed)-1], 0, 0, false},
		"Compact":       {strings.Replace(framed, "Content-Length", "l", 1), 1, 0, false},
		"SpaceColon":    {strings.Replace(framed, "Length:", "length \t:", 1), 1, 0, false},
		"LeadingZeros":  {strings.Replace(framed, "4", "00000000004", 1), 1, 0, false},
		"NoLength":      {strings.Replace(framed, "Content-Length: 4\r\n", "", 1), 0, 0, true},
		"TwoLengths":    {strings.Replace(framed, "X: y", "L: 4", 1), 0, 0, true},
		"Minus":         {strings.Replace(framed, "4", "-4", 1), 0, 0, true},
		"Plus":          {strings.Replace(framed, "4", "+4", 1), 0, 0, true},
		"Fraction":      {strings.Replace(framed, "4", "4.0", 1), 0, 0, true},
		"Empty":         {strings.Replace(framed, "4", "", 1), 0, 0, true},
		"Huge":          {strings.Replace(framed, "4", "99999999999999999999", 1), 0, 0, true},
		"TooLong":       {strings.Replace(framed, "4", "65535", 1), 0, 0, true},
		"FoldedLength":  {strings.Replace(framed, ": 4", ":\r\n 4", 1), 0, 0, true},
		"VerticalTab":   {strings.Replace(framed, "Length:", "Length\v:", 1), 0, 0, true},
		"BareLF":        {strings.Replace(framed, "y\r\n", "y\n", 1), 0, 0, true},
		"BareCR":        {strings.Replace(framed, "y\r\n", "y\rz\r\n", 1), 0, 0, true},
		"NUL":           {strings.Replace(framed, "y", "\x00", 1), 1, 0, false}, // the gate's business
		"EndlessLine":   {"X: " + strings.Repeat("a", sipmsg.MaxMessage), 0, 0, true},
		"FoldIsNoField": {strings.Replace(framed, "y", "y\r\n Content-Length: 9", 1), 1, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			for how, cut := range map[string]func(int) int{"whole": whole, "octets": single} {
				messages, pings, broken := frames([]byte(tc.stream), cut)
				if len(messages) != tc.messages || pings != tc.pings || broken != tc.broken {
					t.Errorf("%s: %d messages, %d pings, broken %v; want %d, %d, %v",
						how, len(messages), pings, broken, tc.messages, tc.pings, tc.broken)
				}
			}
		})
	}
}

// FuzzFramer: however a stream is cut, the messages are the same, nothing comes
// after an error, and no message has two Content-Lengths.
func FuzzFramer(f *testing.F) {
	for _, s := range loadSeeds(f, "torture") {
		f.Add(s.raw, uint16(7))
	}
	f.Fuzz(func(t *testing.T, stream []byte, seed uint16) {
		if len(stream) > 8192 {
			return // octet by octet, more takes long
		}
		all, pings, broken := frames(stream, whole)
		state := uint32(seed) + 1
		random := func(int) int { state = state*1664525 + 1013904223; return int(state >> 27) }
		for _, cut := range []func(int) int{single, random} {
			got, p, b := frames(stream, cut)
			if strings.Join(got, "|") != strings.Join(all, "|") || b != broken || !b && p != pings {
				t.Fatalf("%d messages, %d pings, broken %v; at once %d, %d, %v", len(got), p, b, len(all), pings, broken)
			}
		}
		for _, m := range all {
			head, _, _ := bytes.Cut([]byte(m), []byte("\r\n\r\n"))
			n := 0
			for _, line := range bytes.Split(head, []byte("\r\n")) {
				name, _, field := bytes.Cut(line, []byte(":"))
				name = bytes.ToLower(bytes.TrimRight(name, " \t"))
				if field && (string(name) == "content-length" || string(name) == "l") {
					n++
				}
			}
			if n != 1 {
				t.Fatalf("%d Content-Lengths in %q", n, m)
			}
		}
	})
}
