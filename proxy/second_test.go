package proxy_test

import (
	"strings"
	"testing"
	"time"
)

// A second target answers through proxies of its own: our ACK and BYE go along their Record-Routes, which stand before ours in
// the 2xx (RFC 3261 12.1.2, 12.2.1.1), or nobody behind them hears that it is over.
func TestSecondAnswerBehindProxies(t *testing.T) {
	const contact = "sip:8009@10.2.0.77:5060"
	for name, tc := range map[string]struct{ uri, before, route string }{
		"none":   {contact, "", ""},
		"loose":  {contact, "<sip:10.2.0.12;lr>, <sip:10.2.0.11;lr>, ", "<sip:10.2.0.11;lr>|<sip:10.2.0.12;lr>"},
		"strict": {"sip:10.2.0.11", "<sip:10.2.0.12;lr>, <sip:10.2.0.11>, ", "<sip:10.2.0.12;lr>|<" + contact + ">"},
	} {
		t.Run(name, func(t *testing.T) {
			run(t, two, func(r *rig) {
				pbx2 := r.peer(pbx2Addr)
				c := call{id: "c", branch: "z9hG4bKc"}
				first := r.offered(c)
				time.Sleep(1450 * time.Millisecond)
				pbx2.send(pbx2.get("INVITE").answer("200 OK", "agent", "Contact: <sip:8001@10.2.0.20:5060>"))
				r.trunk.send(c.inDialog("ACK", "z9hG4bKa", 1, r.trunk.get("SIP/2.0 200"), ""))
				r.pbx.count("INVITE", time.Millisecond)
				late := first.answer("200 OK", "late", "Contact: <"+contact+">", "Record-Route: <sip:10.1.0.1;lr>")
				r.pbx.send(strings.Replace(late, "Record-Route: ", "Record-Route: "+tc.before, 1))
				for _, method := range []string{"ACK", "BYE"} {
					got := r.pbx.get(method + " " + tc.uri + " SIP/2.0\r\n")
					if route := strings.Join(got.all("Route"), "|"); route != tc.route {
						t.Errorf("%s has Route %s, want %s", method, route, tc.route)
					}
					if method == "BYE" {
						r.pbx.send(got.answer("200 OK", ""))
					}
				}
			})
		})
	}
}

// What the gate cuts from a response is in no request that we make from it either.
func TestCutLineIsNotCopied(t *testing.T) {
	run(t, two, func(r *rig) {
		pbx2 := r.peer(pbx2Addr)
		c := call{id: "c", branch: "z9hG4bKc"}
		first := r.offered(c)
		time.Sleep(1450 * time.Millisecond)
		pbx2.send(pbx2.get("INVITE").answer("200 OK", "agent", "Contact: <sip:8001@10.2.0.20:5060>"))
		r.trunk.get("SIP/2.0 200")
		r.pbx.count("INVITE", time.Millisecond)
		late := first.answer("200 OK", "late", "Contact: <sip:8009@10.2.0.10>", "From: <sip:x@x>;tag=x\nX-Serial: 1", "To: <sip:y@y>;tag=y")
		r.pbx.send(late)
		for _, method := range []string{"ACK", "BYE"} {
			got := r.pbx.get(method)
			if strings.Contains(string(got), "X-Serial") || got.one(t, "From") == "" || !strings.Contains(got.one(t, "To"), "tag=late") {
				t.Errorf("a cut line came back:\n%s", got)
			}
			if method == "BYE" {
				r.pbx.send(got.answer("200 OK", ""))
			}
		}
	})
}
