package proxy_test

import (
	"strings"
	"testing"

	"sipid/proxy"
	"sipid/router"
)

// A header that a profile writes is ours alone: copies of others go, from requests
// and responses, in any case and with _ for -.
func TestProfileHeadersAreTrusted(t *testing.T) {
	run(t, func(_ *proxy.Options, c *router.Config) {
		c.Profiles = []router.Profile{{Name: "uui", Headers: []router.ProfileHeader{
			{Name: "User-to-User", Value: router.ValueUUIGenesys}, {Name: "x-Who-Calls", Value: router.ValueName},
		}}}
		c.Groups[0].HeaderProfile = "uui"
	}, func(r *rig) {
		c := call{id: "h1", branch: "z9hG4bKh1", lines: "User-to-User: 00;encoding=hex\r\nX_WHO_calls: forged\r\nX-Serial: 1\r\nX-Who: stays\r\n"}
		r.trunk.send(c.invite())
		r.trunk.get("SIP/2.0 100")
		invite := r.pbx.get("INVITE")
		for name, want := range map[string]string{
			"User-to-User": "04313030313A3030303030303432;encoding=hex", "x-Who-Calls": "Hangzhou switchboard", "X-Who": "stays",
			"X_WHO_calls": "", "X-Serial": "", "X-Access-ID": "", "X-Identify-Status": "",
		} {
			if got := strings.Join(invite.all(name), ", "); got != want {
				t.Errorf("%s: %s, want %s", name, got, want)
			}
		}
		r.pbx.send(invite.answer("486 Busy Here", "b", "x-who-CALLS: forged", "User-to-User: 00"))
		r.pbx.get("ACK")
		if got := r.trunk.get("SIP/2.0 486"); len(got.all("x-who-calls"))+len(got.all("User-to-User")) != 0 {
			t.Errorf("left in\n%s", got)
		}
	})
}
