package e2e_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestAnyChunking (T16): ten messages in a stream reach the PBX the same and in the same order however the stream is
// cut: at every octet, in segments of one, and in 60 random ways.
func TestAnyChunking(t *testing.T) {
	need(t)
	t.Parallel()
	d := newTortureDriver(t, "sdp")
	cuts := [][]int{nil, everyOctet(streamLength(d))}
	for i := range uint64(60) {
		cuts = append(cuts, randomCuts(rand.New(rand.NewPCG(16, i)), streamLength(d)))
	}
	var want []string
	for i, cut := range cuts {
		got := d.sendCut(t, cut)
		switch {
		case i == 0:
			want = got
			if len(want) != streamMessages {
				t.Fatalf("%d messages arrived of one piece, want %d", len(want), streamMessages)
			}
		case !slices.Equal(got, want):
			t.Fatalf("cut %d at %v: %d messages, or others than of one piece\n%q\n%q", i, cut, len(got), got, want)
		}
	}
}

const streamMessages = 10

// stream is some messages, one after the other, with empty lines between some of them.
func stream(c *tortureCase) (text string, tags []string) {
	for i := range streamMessages {
		tag := c.d.newTag(c)
		tags = append(tags, tag)
		body := strings.Repeat("\r\n\r\nMESSAGE x\n", i)
		text += crlf("MESSAGE sip:95165@cc.example SIP/2.0", "Via: SIP/2.0/TCP 192.0.2.1:5060;branch=z9hG4bK"+tag, "Max-Forwards: 70",
			"From: <sip:a@vas.example>;tag=1", "To: <sip:95165@cc.example>", "Call-ID: "+tag, fmt.Sprintf("CSeq: %d MESSAGE", 100+i),
			"Subject: folded", "\tvalue", fmt.Sprintf("l : %d", len(body)), "", body)
		if i%3 == 2 {
			text += "\r\n"
		}
	}
	return text, tags
}

func streamLength(d *tortureDriver) int {
	text, _ := stream(d.newCase(&tortureEntry{Transport: "tcp"}, "tcp"))
	return len(text)
}

func everyOctet(n int) (cuts []int) {
	for i := 1; i < n; i++ {
		cuts = append(cuts, i)
	}
	return cuts
}

func randomCuts(r *rand.Rand, n int) []int {
	var cuts []int
	for range 1 + r.IntN(40) {
		cuts = append(cuts, 1+r.IntN(n-1))
	}
	slices.Sort(cuts)
	return slices.Compact(cuts)
}

var ourLines = regexp.MustCompile(`(?m)^(Via: SIP/2.0/UDP|Record-Route:) .*\r\n`)

// sendCut sends the stream in pieces over a new connection, and returns what reached the PBX, without what differs from
// one time to the next.
func (d *tortureDriver) sendCut(t *testing.T, cuts []int) []string {
	t.Helper()
	c := d.newCase(&tortureEntry{Transport: "tcp"}, "tcp")
	if err := c.dial(); err != nil {
		t.Fatal(err)
	}
	defer c.caller.close()
	text, tags := stream(c)
	from := 0
	for _, to := range append(cuts, len(text)) {
		if err := c.caller.send(text[from:to]); err != nil {
			t.Fatalf("cut at %v: %v", cuts, err)
		}
		from = to
		if len(cuts) < 100 {
			time.Sleep(time.Millisecond) // a segment of its own
		}
	}
	c.until(3*time.Second, func() bool { return c.caller.finals() >= streamMessages })
	var got []string
	for _, a := range c.forwarded() {
		m := ourLines.ReplaceAllString(a.text, "")
		for _, tag := range tags {
			m = strings.ReplaceAll(m, tag, "TAG")
		}
		got = append(got, m)
	}
	return got
}
