package e2e_test

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// withinDialog sends a request with hostile headers inside an answered call, from either side.
func (c *tortureCase) withinDialog() string {
	in, ok := c.open(c.prepare(c.base(), c.tag))
	if !ok {
		return "nothing"
	}
	contact := fmt.Sprintf("sip:pbx@%s", c.d.pbx.addr)
	in.reply(answerBy(in.text, "200 OK", "torturepbx", "Contact: <"+contact+">"))
	if !c.got(time.Second, 200, "INVITE") {
		c.fail("the 200 did not arrive")
		return "nothing"
	}
	answers := c.caller.answers()
	ok200 := answers[slices.IndexFunc(answers, func(m string) bool { return codeOf(m) == 200 })]
	_ = c.caller.send(tortureAck(ok200, contact, "z9hG4bK"+c.tag+"ack", routes(ok200, true)...))
	var hit string
	if c.e.Arg.From == "pbx" {
		hit = c.pbxRequest(in.text, ok200)
	} else {
		hit = c.callerRequest(contact, ok200)
	}
	if hit == "" {
		c.fail("%s did not arrive", c.e.Arg.Method)
		return "nothing"
	}
	lenient := lenientFields(hit)
	for _, n := range tortureTrusted {
		if slices.ContainsFunc(lenient[n], evil.MatchString) {
			c.fail("%s of the sender passed", n)
		}
	}
	return "forward"
}

// routes are the Route lines that a message's Record-Routes make for the side that called or was called.
func routes(m string, caller bool) []string {
	var lines []string
	for _, f := range fieldsOf(m, "record-route") {
		for v := range strings.SplitSeq(f.value, ",") {
			lines = append(lines, "Route: "+strings.TrimSpace(v))
		}
	}
	if caller {
		slices.Reverse(lines)
	}
	return lines
}

// dialogRequest is a request within the call of the INVITE.
func (c *tortureCase) dialogRequest(uri, via, from, to, cseq string, routes []string) string {
	lines := append([]string{c.e.Arg.Method + " " + uri + " SIP/2.0", "Via: SIP/2.0/UDP " + via + ";rport;branch=z9hG4bK" + c.tag + "dlg",
		"Max-Forwards: 70"}, routes...)
	head := crlf(append(lines, "From: "+from, "To: "+to, "Call-ID: "+valueOf(c.sent, "call-id"), "CSeq: "+cseq+" "+c.e.Arg.Method,
		"Contact: <sip:x@"+via+">", "")...)
	return head + c.raw() + crlf("Content-Length: 0", "", "")
}

// pbxRequest sends it from the PBX, and returns it as it reaches the caller.
func (c *tortureCase) pbxRequest(invite, ok200 string) string {
	c.d.pbx.send(c.dialogRequest("sip:gw@"+c.caller.me.String(), c.d.pbx.addr.String(), valueOf(ok200, "to"), valueOf(invite, "from"), "7",
		routes(invite, false)), c.d.node)
	var hit string
	c.until(time.Second, func() bool {
		for _, m := range c.caller.answers() {
			if methodOf(m) == c.e.Arg.Method {
				hit = m
			}
		}
		return hit != ""
	})
	if hit != "" {
		_ = c.caller.send(answerBy(hit, "200 OK", "x"))
	}
	return hit
}

// callerRequest sends it from the caller, and returns it as it reaches the PBX.
func (c *tortureCase) callerRequest(contact, ok200 string) string {
	before := len(c.forwarded())
	_ = c.caller.send(c.dialogRequest(contact, c.caller.me.String(), valueOf(ok200, "from"), valueOf(ok200, "to"), "2", routes(ok200, true)))
	var hit string
	c.until(time.Second, func() bool {
		for _, a := range c.forwarded()[before:] {
			if methodOf(a.text) == c.e.Arg.Method && hit == "" {
				hit = a.text
				a.reply(answerBy(a.text, "488 Not Acceptable Here", "torturepbx"))
			}
		}
		return hit != ""
	})
	return hit
}
