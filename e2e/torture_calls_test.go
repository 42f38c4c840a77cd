package e2e_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// special plays an entry that needs a client of its own.
func (c *tortureCase) special() string {
	plays := map[string]func() string{
		"cancel": c.cancelled, "forked-200": c.forked, "dialog": c.withinDialog, "branch-reuse": c.branchReuse, "burst": c.burst,
		"sweep": c.sweep, "split": c.split, "bytewise": c.bytewise, "endless": c.endless, "flood-then": c.floodThen,
		"stall": c.stalled, "slow": c.slowly,
	}
	play := plays[c.e.Special]
	if play == nil {
		c.fail("nobody plays %q", c.e.Special)
		return ""
	}
	if err := c.dial(); err != nil {
		c.fail("connect: %v", err)
		return ""
	}
	defer c.caller.close()
	return play()
}

// raw is the entry's own file; base is the plain SIP-I INVITE.
func (c *tortureCase) raw() string { return c.d.files.load(c.d.t, c.e) }
func (c *tortureCase) base() string {
	return c.d.files.load(c.d.t, &tortureEntry{Name: "base-sipi-invite"})
}

// open sends an INVITE that the PBX leaves open, and returns it as the PBX got it.
func (c *tortureCase) open(raw string) (arrival, bool) {
	c.mu.Lock()
	c.auto = false
	c.mu.Unlock()
	c.sent = raw
	if err := c.caller.send(raw); err != nil {
		c.fail("send: %v", err)
	}
	if !c.until(2*time.Second, func() bool { return len(c.forwarded()) > 0 }) {
		c.fail("the INVITE did not reach the PBX")
		return arrival{}, false
	}
	in := c.forwarded()[0]
	in.reply(answerBy(in.text, "100 Trying", "torturepbx"))
	return in, true
}

// got waits until the caller has a response with the code, to the method.
func (c *tortureCase) got(d time.Duration, code int, method string) bool {
	return c.until(d, func() bool {
		return slices.ContainsFunc(c.caller.answers(), func(m string) bool { return codeOf(m) == code && cseqMethod(m) == method })
	})
}

// finish ends an open call: the PBX refuses it, and the caller has to hear of it.
func (c *tortureCase) finish(in arrival) {
	in.reply(answerBy(in.text, "486 Busy Here", "torturepbx"))
	if !c.got(2*time.Second, 486, "INVITE") {
		c.fail("the call is lost: the PBX's answer did not arrive")
	}
}

// answerInCall plays an entry whose file is an answer the PBX gives in a live call.
func (c *tortureCase) answerInCall() string {
	if err := c.dial(); err != nil {
		c.fail("connect: %v", err)
		return ""
	}
	defer c.caller.close()
	in, ok := c.open(c.prepare(c.base(), c.tag))
	if !ok {
		return "nothing"
	}
	before := len(c.caller.answers())
	answer := c.completed(in.text)
	in.reply(answer)
	seen := func() []string {
		return slices.DeleteFunc(c.caller.answers()[before:], func(m string) bool {
			return codeOf(m) == 100 && !strings.Contains(m, "torturepbx") // our own
		})
	}
	wait := 300 * time.Millisecond
	if c.e.Expect == "forward" {
		wait = time.Second
	}
	c.until(wait, func() bool { return len(seen()) > 0 })
	got := "ignore"
	if len(seen()) > 0 {
		got = "forward"
	}
	if !slices.Contains(c.e.wants(), got) {
		c.fail("the answer: %s", got)
	}
	c.judgeAnswer(answer, seen())
	if !slices.ContainsFunc(seen(), func(m string) bool { return codeOf(m) >= 200 }) {
		c.finish(in)
	}
	return got
}

// judgeAnswer says what must hold of an answer that reached the caller.
func (c *tortureCase) judgeAnswer(answer string, seen []string) {
	for _, m := range seen {
		if c.e.SameStatusLine && linesOf(m)[0] != linesOf(answer)[0] {
			c.fail("the status line is %q", linesOf(m)[0])
		}
		lenient := lenientFields(m)
		for _, n := range tortureTrusted {
			if lenient[n] != nil {
				c.fail("%s reaches the trunk", n)
			}
		}
		if c.e.MustNotRe != "" && regexp.MustCompile(c.e.MustNotRe).MatchString(headOf(m)) {
			c.fail("%q reaches the trunk", c.e.MustNotRe)
		}
	}
}

// callHeaders are those an answer takes from its request, unless the file has its own.
var callHeaders = []string{"via", "from", "to", "call-id", "cseq"}

// completed is the file with the headers of the call.
func (c *tortureCase) completed(req string) string {
	raw, uas := c.raw(), c.e.UAS
	lines := linesOf(headOf(raw))[:1]
	vias := 0
	for _, f := range fieldsOf(req, "") {
		switch {
		case !slices.Contains(callHeaders, f.name) || slices.Contains(uas.Own, f.name):
			continue
		case f.name == "to":
			f.line += ";tag=torturepbx"
		case f.name == "via":
			vias++
			if vias > 1 && slices.Contains(uas.Drop, "via2") {
				continue
			}
			if vias == 2 && uas.Via2 != "" {
				f.line = "Via: " + uas.Via2
			}
		}
		lines = append(lines, f.line)
	}
	for _, l := range linesOf(headOf(raw))[1:] {
		name, _, _ := strings.Cut(l, ":")
		name = strings.ToLower(strings.TrimSpace(name))
		if long, ok := compactNames[name]; ok {
			name = long
		}
		if !slices.Contains(callHeaders, name) || slices.Contains(uas.Own, name) {
			lines = append(lines, l)
		}
	}
	_, body, _ := strings.Cut(raw, "\r\n\r\n")
	return strings.Join(lines, "\r\n") + "\r\n\r\n" + body
}

// cancelled: a CANCEL of an open call reaches the PBX, and the caller gets both answers.
func (c *tortureCase) cancelled() string {
	in, ok := c.open(c.prepare(c.raw(), c.tag))
	if !ok {
		return "nothing"
	}
	in.reply(answerBy(in.text, "180 Ringing", "torturepbx"))
	c.got(time.Second, 180, "INVITE")
	line := func(n string) string { return fieldsOf(c.sent, n)[0].line }
	_ = c.caller.send(crlf("CANCEL sip:95165@127.0.0.1 SIP/2.0", line("via"), "Max-Forwards: 70", line("from"), line("to"), line("call-id"),
		"CSeq: 1 CANCEL", "Content-Length: 0", "", ""))
	isCancel := func(a arrival) bool { return methodOf(a.text) == "CANCEL" }
	if !c.until(time.Second, func() bool { return slices.ContainsFunc(c.forwarded(), isCancel) }) {
		c.fail("the PBX got no CANCEL")
		return "kept"
	}
	fw := c.forwarded()
	down := fw[slices.IndexFunc(fw, isCancel)]
	down.reply(answerBy(down.text, "200 OK", "torturepbx"))
	in.reply(answerBy(in.text, "487 Request Terminated", "torturepbx"))
	if !c.got(time.Second, 487, "INVITE") || !c.got(time.Second, 200, "CANCEL") {
		c.fail("the caller did not get 487 and 200")
	}
	return "cancelled"
}

// forked: two 200s with one tag and one with another, as a PBX that forks sends them: all reach the caller.
func (c *tortureCase) forked() string {
	in, ok := c.open(c.prepare(c.raw(), c.tag))
	if !ok {
		return "nothing"
	}
	contact := fmt.Sprintf("Contact: <sip:pbx@%s>", c.d.pbx.addr)
	for _, tag := range []string{"torturepbxA", "torturepbxA", "torturepbxB"} {
		in.reply(answerBy(in.text, "200 OK", tag, contact))
	}
	count := func(tag string) (n int) {
		for _, m := range c.caller.answers() {
			if codeOf(m) == 200 && strings.Contains(m, tag) {
				n++
			}
		}
		return n
	}
	if !c.until(time.Second, func() bool { return count("torturepbxA") >= 2 && count("torturepbxB") >= 1 }) {
		c.fail("%d and %d 200s arrived, want 2 and 1", count("torturepbxA"), count("torturepbxB"))
	}
	return "forward"
}

// branchReuse: the same branch again, with the same request or another: a retransmission, not a second call.
func (c *tortureCase) branchReuse() string {
	raw := c.prepare(c.raw(), c.tag)
	in, ok := c.open(raw)
	if !ok {
		return "nothing"
	}
	again := raw
	if c.e.Arg.Same == 0 {
		again = strings.Replace(raw, "INVITE sip:95165@127.0.0.1", "INVITE sip:20000@127.0.0.1", 1)
	}
	for range max(c.e.Arg.Same, 1) {
		_ = c.caller.send(again)
	}
	c.until(400*time.Millisecond, func() bool { return len(c.ways()) > 1 })
	if n := len(c.ways()); n != 1 {
		c.fail("%d calls at the PBX", n)
	}
	c.finish(in)
	return "absorb"
}
