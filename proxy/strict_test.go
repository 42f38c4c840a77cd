package proxy_test

import (
	"strings"
	"testing"
	"time"
)

// A caller behind a strict router: our URI is the Request-URI, and the last
// Route the target.
func TestFromStrictRouter(t *testing.T) {
	run(t, nil, func(r *rig) {
		c := call{id: "c", branch: "z9hG4bKc"}
		_, ok := r.answered(c)
		own := strings.Trim(ok.one(t, "Record-Route"), "<>")
		want := map[string]int{"list": 1, "lines": 1}
		for name, routes := range map[string]string{
			"alone": "Route: <sip:8001@10.2.0.10:5060>\r\n",
			"list":  "Route: <sip:10.2.0.10:5060;lr>, <sip:8001@10.2.0.10:5060>\r\n",
			"ours":  "Route: " + ok.one(t, "Record-Route") + ", <sip:8001@10.2.0.10:5060>\r\n",
			"lines": "Route: <sip:10.2.0.10:5060;lr>\r\nRoute: <sip:8001@10.2.0.10:5060>\r\n",
		} {
			bye := c.inDialog("INFO", "z9hG4bK"+name, 2, ok, "")
			bye = strings.Replace(bye, "INFO sip:8001@10.2.0.10:5060", "INFO "+own, 1)
			bye = strings.Replace(bye, "Route: "+ok.one(t, "Record-Route")+"\r\n", routes, 1)
			r.trunk.send(bye)
			got := r.pbx.get("INFO sip:8001@10.2.0.10:5060 SIP/2.0")
			if n := len(got.all("Route")); n != want[name] {
				t.Errorf("%s: %d Routes in\n%s", name, n, got)
			}
			r.pbx.send(got.answer("200 OK", ""))
			r.trunk.get("SIP/2.0 200")
		}
	})
}

// A called side whose request goes on to a strict router.
func TestToStrictRouter(t *testing.T) {
	run(t, nil, func(r *rig) {
		c := call{id: "c", branch: "z9hG4bKc"}
		invite, _ := r.answered(c)
		bye := c.fromPBX("BYE", "z9hG4bKbye", invite)
		own := "Route: " + invite.one(t, "Record-Route")
		r.pbx.send(strings.Replace(bye, own, own+", <sip:10.1.0.7:5060>", 1))
		got := r.trunk.get("BYE sip:10.1.0.7:5060 SIP/2.0")
		if route := got.one(t, "Route"); route != "<sip:10.1.0.7:5060>" {
			t.Errorf("Route: %s", route)
		}
		r.trunk.send(got.answer("200 OK", ""))
		r.pbx.get("SIP/2.0 200")
	})
}

func TestLoop(t *testing.T) {
	run(t, nil, func(r *rig) {
		invite := call{id: "c", branch: "z9hG4bKc"}.invite()
		own := "Via: SIP/2.0/UDP 10.0.0.5:5060;branch=z9hG4bKearlier\r\n"
		for name, via := range map[string]string{
			"line": "rport\r\n" + own, "list": "rport, SIP/2.0/UDP 10.0.0.5;branch=z9hG4bKx\r\n",
		} {
			r.trunk.send(strings.Replace(invite, "rport\r\n", via, 1))
			if got := r.trunk.get("SIP/2.0 482"); got == "" {
				t.Error(name)
			}
		}
		r.trunk.send(strings.Replace(invite, "rport\r\n", "rport\r\nVia: SIP/2.0/UDP 10.0.0.55:5060;branch=z9hG4bKx\r\n", 1))
		r.trunk.get("SIP/2.0 100")
		r.pbx.send(r.pbx.get("INVITE").answer("486 Busy Here", "x"))
		r.pbx.get("ACK")
		r.trunk.get("SIP/2.0 486")
		time.Sleep(time.Second)
	})
}
