package e2e_test

import (
	"slices"
	"strconv"
	"strings"
)

// identity reads the trusted headers of a forwarded request the lenient way: each once, none of the sender's making,
// and the caller they name is the one that was dialled. It tells whether somebody was identified.
func (c *tortureCase) identity(f string) bool {
	got := lenientFields(f)
	for _, n := range tortureTrusted {
		if len(got[n]) > 1 {
			c.fail("%s %d times", n, len(got[n]))
		}
		if slices.ContainsFunc(got[n], evil.MatchString) {
			c.fail("%s is the sender's: %q", n, got[n])
		}
	}
	first := func(n string) string { return strings.Join(got[n], "|") }
	who, status := first("x-access-id")+"/"+first("x-serial"), first("x-identify-status")
	none := !slices.ContainsFunc(tortureTrusted[:4], func(n string) bool { return got[n] != nil })
	for _, check := range c.e.Checks {
		c.checkIdentity(check, who, status, none, methodOf(f) == "INVITE")
	}
	return who == ours
}

// ours is the caller whose original called number the messages carry.
const ours = "1001/00000042"

func (c *tortureCase) checkIdentity(check, who, status string, none, invite bool) {
	var allowed []string
	maybe := true
	switch {
	case check == "identified":
		allowed, maybe = []string{ours}, false
	case check == "identified_or_not":
		allowed = []string{ours}
	case strings.HasPrefix(check, "or_none:"):
		allowed = []string{strings.TrimPrefix(check, "or_none:")}
	}
	switch {
	case slices.Contains(allowed, who):
		if status != "resolved" {
			c.fail("identified, and X-Identify-Status is %q", status)
		}
	case !none:
		c.fail("not as dialled: identified as %s", who)
	case !maybe:
		c.fail("not identified: %s", status)
	case invite && (status == "resolved" || status == ""):
		c.fail("not identified, and X-Identify-Status is %q", status)
	}
}

// judgeBody: the body is the one that the group's body setting asks for, and its length is said once and right.
func (c *tortureCase) judgeBody(f string, known bool) {
	_, rest, _ := strings.Cut(f, "\r\n\r\n")
	if l := fieldsOf(f, "content-length"); len(l) > 1 || len(l) == 1 && l[0].value != strconv.Itoa(len(rest)) {
		c.fail("Content-Length %v, %d octets", l, len(rest))
	}
	got, orig := bodyOf(f), bodyOf(c.sent)
	multipart := strings.Contains(strings.ToLower(valueOf(c.sent, "content-type")), "multipart")
	switch {
	case c.d.body == "keep" || !multipart && c.e.ByDecision == "":
		if got != orig {
			c.fail("the body changed: %d octets, were %d", len(got), len(orig))
		}
	case c.e.ByDecision != "":
		if strings.Contains(strings.ToLower(got), "application/isup") || got == orig {
			c.fail("the ISUP is still there")
		}
	case known && len(c.e.SDP) > 0:
		if !c.isSDP(got) {
			c.fail("the body is not the SDP part: %d octets", len(got))
		}
		if t, _, _ := strings.Cut(strings.ToLower(valueOf(f, "content-type")), ";"); strings.TrimSpace(t) != "application/sdp" {
			c.fail("SDP as %q", t)
		}
	case !strings.Contains(orig, got):
		c.fail("the body is neither the whole nor a part")
	}
}

// isSDP tells whether a body is one of the entry's SDP parts. The table has their places in the file.
func (c *tortureCase) isSDP(body string) bool {
	raw := c.d.files.load(c.d.t, c.e)
	want := c.sent
	for _, at := range c.e.SDP {
		// Places are counted in the file, where placeholders stand; from the end they are the same in both.
		start := at[0] - len(raw) + len(want)
		if start >= 0 && start+at[1] <= len(want) && want[start:start+at[1]] == body {
			return true
		}
		if raw[at[0]:at[0]+at[1]] == body {
			return true
		}
	}
	return false
}
