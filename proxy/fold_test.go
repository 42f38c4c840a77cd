package proxy_test

import (
	"regexp"
	"strings"
	"testing"
)

// Numbers that are changed leave no fold behind: what some readers take for the end of the head, or for an empty value.
func TestFoldedNumbers(t *testing.T) {
	run(t, nil, func(r *rig) {
		c := call{id: "c", branch: "z9hG4bKc"}
		r.trunk.send(refold(t, c.invite(), "Max-Forwards", "Content-Length"))
		r.trunk.get("SIP/2.0 100")
		invite := r.pbx.get("INVITE ")
		if got := invite.one(t, "Max-Forwards"); got != "69" {
			t.Errorf("Max-Forwards %q", got)
		}
		if strings.Contains(invite.head(), "\r\n ") {
			t.Errorf("a fold is left:\n%q", invite.head())
		}
		r.pbx.send(invite.answer("486 Busy Here", "x"))
		r.pbx.get("ACK")
		r.trunk.send(c.ackRefusal(r.trunk.get("SIP/2.0 486")))
	})
}

// refold puts the values of headers on lines of their own, with an empty one behind.
func refold(t *testing.T, m string, names ...string) string {
	t.Helper()
	for _, name := range names {
		line := regexp.MustCompile("\r\n" + name + ": *([0-9]+)\r\n")
		if !line.MatchString(m) {
			t.Fatalf("no %s in\n%s", name, m)
		}
		m = line.ReplaceAllString(m, "\r\n"+name+":\r\n $1\r\n \t\r\n")
	}
	return m
}
