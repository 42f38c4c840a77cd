package e2e_test

import (
	"strings"
	"sync"
	"time"
)

const tokenOctets = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~"

// sweep sends 256 INVITEs, each with one octet more at a place in a trusted name. What passes is another name to the
// most lenient reader; what is a sound other name has to pass.
func (c *tortureCase) sweep() string {
	name := strings.TrimSpace(c.raw())
	at := len(name)
	if c.e.Arg.Where == "inside" {
		at /= 2
	}
	var lines []string
	for b := range 256 {
		lines = append(lines, name[:at]+string([]byte{byte(b)})+name[at:])
	}
	passed := c.sendNames(lines, "evil")
	for i := range tokenOctets {
		if passed[int(tokenOctets[i])] == "" {
			c.fail("%q was not forwarded", lines[tokenOctets[i]])
		}
	}
	return "forward"
}

// sendNames sends a SIP-I INVITE with a line of each name, and returns what reached the PBX by the name's place in the
// list. Everything that did is checked.
func (c *tortureCase) sendNames(names []string, value string) []string {
	passed := make([]string, len(names))
	var mu sync.Mutex
	probe := &tortureEntry{Name: c.e.Name, Expect: "forward", Checks: []string{"identified"}, Transport: "udp"}
	var cases []*tortureCase
	for i, name := range names {
		one := c.d.newCase(probe, "udp")
		one.caller = c.caller
		one.sink = func(a arrival) {
			if methodOf(a.text) != "INVITE" {
				return
			}
			a.reply(answerBy(a.text, "486 Busy Here", "torturepbx"))
			mu.Lock()
			defer mu.Unlock()
			passed[i] = a.text
		}
		head, rest, _ := strings.Cut(one.prepare(c.base(), one.tag), "MIME-Version")
		c.sent = head
		_ = c.caller.send(head + name + ": " + value + "\r\nMIME-Version" + rest)
		cases = append(cases, one)
		if i%16 == 15 {
			// No buffer overflows when so many are under way; each has one final response, or none at all.
			c.until(500*time.Millisecond, func() bool { return c.caller.finals() > i })
		}
	}
	c.until(time.Second, func() bool { return c.caller.finals() >= len(names) })
	mu.Lock()
	defer mu.Unlock()
	for i, one := range cases {
		if passed[i] != "" {
			one.identity(passed[i])
			for _, bad := range one.bad {
				c.fail("%q: %s", names[i], bad)
			}
		}
	}
	return passed
}
