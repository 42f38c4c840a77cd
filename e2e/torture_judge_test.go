package e2e_test

import (
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// Names that the PBX trusts, as a lenient reader sees them. The first four say who calls.
var tortureTrusted = []string{"x-access-id", "x-serial", "x-client-name", "x-client-endpoint", "x-identify-status", "x-identify-source",
	"x-calling-number", "x-edge-source"}

var evil = regexp.MustCompile(`(?i)evil|lol|smuggled`)

// play sends a plain entry and judges what became of it. It returns the outcome in words.
func (c *tortureCase) play() string {
	if err := c.dial(); err != nil {
		c.fail("connect: %v", err)
		return ""
	}
	defer c.caller.close()
	raw := c.prepare(c.d.files.load(c.d.t, c.e), c.tag)
	c.sent = strings.TrimLeft(raw, "\r\n\x00")
	if err := c.caller.send(raw); err != nil && c.network == "udp" {
		c.fail("send: %v", err)
	}
	c.settle()
	return c.judge()
}

// settle waits until the entry is decided, and a little longer for what should not come.
func (c *tortureCase) settle() {
	need := 0
	for _, w := range c.wants() {
		if n, ok := strings.CutPrefix(w, "messages:"); ok {
			n, _ := strconv.Atoi(n) // "all" is for the entries with a client of their own
			need = max(need, n)
		}
	}
	c.until(tortureWait, func() bool {
		fw := c.forwarded()
		switch {
		case need > 0:
			return len(c.processed()) >= need
		case len(fw) > 0:
			return len(c.finals()) > 0 || methodOf(fw[0].text) == "ACK"
		case c.e.Transport == "tcp" && c.wantsClose():
			return c.caller.isClosed()
		}
		return c.caller.isClosed() || len(c.ownCodes()) > 0
	})
	c.until(tortureGrace, func() bool { return false })
}

// wants are the right outcomes. Over a stream a message that is refused may also end the connection.
func (c *tortureCase) wants() []string {
	wants := c.e.wants()
	if c.network == "udp" || c.e.Transport == "tcp" {
		return wants
	}
	for _, w := range wants {
		if w == "ignore" || strings.HasPrefix(w, "reject:4") {
			return append(wants, "close")
		}
	}
	return wants
}

func (c *tortureCase) wantsClose() bool {
	return slices.ContainsFunc(c.wants(), func(w string) bool { return strings.HasSuffix(w, "close") })
}

// outcome says in the table's words what happened.
func (c *tortureCase) outcome() []string {
	fw, codes := c.requests(), c.ownCodes()
	got := make(map[string]bool)
	if len(fw) > 0 {
		got["forward"] = true
	}
	for _, code := range codes {
		kind := "reject"
		if code < 300 {
			kind = "answer"
		}
		got[fmt.Sprintf("%s:%d", kind, code)] = true
	}
	got["close"] = c.caller.isClosed()
	got["pong"] = c.caller.pong
	got["ignore"] = len(fw) == 0 && len(codes) == 0 && !c.caller.isClosed()
	var words []string
	for w, is := range got {
		if is {
			words = append(words, w)
		}
	}
	sort.Strings(words)
	return words
}

// requests are what came to the PBX, without the CANCELs that sipid sent itself.
func (c *tortureCase) requests() []string {
	var list []string
	for _, a := range c.forwarded() {
		if methodOf(a.text) != "CANCEL" || methodOf(c.sent) == "CANCEL" {
			list = append(list, a.text)
		}
	}
	return list
}

// met tells whether an outcome of the table is what happened.
func (c *tortureCase) met(want string) bool {
	fw, codes, closed := c.requests(), c.ownCodes(), c.caller.isClosed()
	verb, arg, _ := strings.Cut(want, ":")
	code, closing := strings.CutSuffix(arg, "+close")
	number, _ := strconv.Atoi(code) // not of every verb
	switch verb {
	case "forward":
		return len(fw) > 0
	case "forward-fixed":
		return len(fw) > 0 && !slices.ContainsFunc(fw, func(f string) bool { return !c.fixed(headOf(f)) })
	case "reject":
		return slices.Contains(codes, number) && len(fw) == 0 && (closed || !closing)
	case "answer":
		return slices.Contains(codes, number)
	case "close":
		return closed && len(fw) == 0
	case "ignore":
		return len(fw) == 0 && len(codes) == 0
	case "reply-to-source":
		return len(codes) > 0
	case "pong":
		return c.caller.pong
	case "messages":
		return len(c.processed()) == number
	}
	return false
}

func (c *tortureCase) fixed(head string) bool {
	return (c.e.FixedRe == "" || regexp.MustCompile(c.e.FixedRe).MatchString(head)) &&
		(c.e.FixedNot == "" || !regexp.MustCompile(c.e.FixedNot).MatchString(head))
}

// judge says all that must hold of an entry that was sent as it is.
func (c *tortureCase) judge() string {
	got := strings.Join(c.outcome(), ", ")
	if !slices.ContainsFunc(c.wants(), c.met) {
		c.fail("got %s, %d messages served", got, len(c.processed()))
	}
	stream := strings.HasPrefix(c.e.Expect, "messages") // several messages in one: none of them is the sent one
	whole := c.e.Transport+c.network != "tcptcp" || !stream
	for _, f := range c.requests() {
		c.judgeForwarded(f, whole && len(c.e.MustNotCallID) == 0)
	}
	if n := len(c.ways()); n > 1 && !stream {
		c.fail("%d messages left", n)
	}
	done := c.processed()
	for _, id := range c.e.MustNotCallID {
		if done[id] {
			c.fail("%s was served", id)
		}
	}
	for _, id := range c.e.MustProcess {
		if !done[id] {
			c.fail("%s was not served", id)
		}
	}
	c.judgeAnswers()
	return got
}

// ways are the different transactions that reached the PBX.
func (c *tortureCase) ways() map[string]bool {
	ways := make(map[string]bool)
	for _, f := range c.requests() {
		ways[valueOf(f, "call-id")+" "+topBranch(f)] = true
	}
	return ways
}

func (c *tortureCase) judgeForwarded(f string, whole bool) {
	known := c.identity(f)
	if whole {
		c.judgeBody(f, known)
		if methodOf(f) != methodOf(c.sent) {
			c.fail("the method is now %q", methodOf(f))
		}
		if len(c.ownCodes())+len(c.finals()) == 0 && methodOf(f) == "INVITE" && !c.caller.isClosed() {
			c.fail("the answer did not come back")
		}
	}
	for _, s := range c.e.Contains {
		if !strings.Contains(squeeze(headOf(f)), squeeze(s)) {
			c.fail("lost %q", s)
		}
	}
	if c.e.MustNotRe != "" && regexp.MustCompile(c.e.MustNotRe).MatchString(headOf(f)) {
		c.fail("%q leaves", c.e.MustNotRe)
	}
}

// judgeAnswers: what goes back is well-formed and says nothing that only we may say.
func (c *tortureCase) judgeAnswers() {
	for _, m := range c.caller.answers() {
		lenient := lenientFields(m)
		for _, n := range tortureTrusted {
			if slices.ContainsFunc(lenient[n], evil.MatchString) {
				c.fail("%s in an answer", n)
			}
		}
		if bareLineEnd.MatchString(headOf(m)) {
			c.fail("an answer that is not well-formed: %q", m)
		}
	}
}

var bareLineEnd = regexp.MustCompile(`(?s)[^\r]\n|\r[^\n]`)
