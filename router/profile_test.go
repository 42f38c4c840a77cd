package router_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"sipid/router"
)

// profiled is a router whose default group has the profile of these headers.
func profiled(t *testing.T, p router.Profile, change func(*router.Config), clients ...router.Client) *router.Router {
	t.Helper()
	p.Name = "own"
	c := config()
	c.Profiles = []router.Profile{p}
	c.Groups[0].HeaderProfile = "own"
	c.Trunks[0].Identify = []router.Source{router.SourceISUPOriginalCalled, router.SourceCalling}
	if change != nil {
		change(&c)
	}
	return newRouter(t, c, clients...)
}

func headersOf(t *testing.T, r *router.Router, s *router.Signals) string {
	t.Helper()
	var d router.Decision
	r.Route(r.Trunks()[0], s, &d)
	headers, err := d.AppendHeaders(nil)
	if err != nil {
		t.Error(err)
	}
	return strings.ReplaceAll(string(headers), "\r\n", "\n")
}

func TestProfileHeaders(t *testing.T) {
	client := row("1001")
	client.Calling = []string{"057188888888"}
	byID := &router.Signals{ISUP: [][]byte{original(t, "100100000042")}}
	byCaller := &router.Signals{From: []byte("<sip:057188888888@a>")}
	nobody := &router.Signals{}
	all := func(headers ...router.ProfileHeader) router.Profile { return router.Profile{Headers: headers} }
	personal := func(c *router.Config) { c.Groups[0].Personal = true }
	for name, tc := range map[string]struct {
		profile router.Profile
		change  func(*router.Config)
		signals *router.Signals
		want    string
	}{
		"names and capitals": {all(
			router.ProfileHeader{Name: "x-sipid-ID", Value: "access_id"}, router.ProfileHeader{Name: "X-MS-Custom-Serial", Value: "serial"},
			router.ProfileHeader{Name: "X-Who", Value: "client_name"}, router.ProfileHeader{Name: "X-Where", Value: "client_endpoint"},
			router.ProfileHeader{Name: "X-How", Value: "source"}, router.ProfileHeader{Name: "X-S", Value: "status"},
		), nil, byID, "x-sipid-ID: 1001\nX-MS-Custom-Serial: 00000042\nX-Who: client 1001\nX-Where: https://1001.example/sipid\nX-How: isup-original-called\nX-S: resolved\n"},
		"not identified": {all(router.ProfileHeader{Name: "X-I", Value: "access_id"}, router.ProfileHeader{Name: "X-S", Value: "status"},
			router.ProfileHeader{Name: "User-to-User", Value: "uui_genesys"}), nil, nobody, "X-S: no-identity\n"},
		"Genesys": {all(router.ProfileHeader{Name: "User-to-User", Value: "uui_genesys"}), nil, byID,
			"User-to-User: 04313030313A3030303030303432;encoding=hex\n"},
		"Avaya": {all(router.ProfileHeader{Name: "User-to-User", Value: "uui_avaya", Text: "{access_id}{serial}"}), nil, byID,
			"User-to-User: 04C80C313030313030303030303432;encoding=hex\n"},
		"Call-Info": {all(router.ProfileHeader{Name: "Call-Info", Value: "call_info", Text: "https://desk.example/c/{access_id}/{serial}"}), nil, byID,
			"Call-Info: <https://desk.example/c/1001/00000042>;purpose=info\n"},
		"nothing personal": {all(router.ProfileHeader{Name: "X-C", Value: "calling_number"}, router.ProfileHeader{Name: "X-S", Value: "status"},
			router.ProfileHeader{Name: "User-to-User", Value: "uui_genesys", Text: "{calling_number}"}), nil, byCaller, "X-S: resolved\n"},
		"personal where the group allows it": {all(router.ProfileHeader{Name: "X-C", Value: "calling_number"}, router.ProfileHeader{Name: "X-I", Value: "access_id"}),
			personal, byCaller, "X-C: 057188888888\n"},
		"restricted all the same": {all(router.ProfileHeader{Name: "X-C", Value: "calling_number"}, router.ProfileHeader{Name: "X-S", Value: "status"}),
			personal, &router.Signals{From: byCaller.From, Privacy: []byte("id")}, "X-S: resolved\n"},
		"budget leaves out from the end": {router.Profile{Budget: 30, Headers: []router.ProfileHeader{
			{Name: "X-I", Value: "access_id"}, {Name: "X-S", Value: "serial"}, {Name: "X-W", Value: "client_name"}, {Name: "X-H", Value: "access_id"},
		}}, nil, byID, "X-I: 1001\nX-S: 00000042\n"}, // 11 + 15 octets
		"budget just kept": {router.Profile{Budget: 26, Headers: []router.ProfileHeader{
			{Name: "X-I", Value: "access_id"}, {Name: "X-S", Value: "serial"},
		}}, nil, byID, "X-I: 1001\nX-S: 00000042\n"},
		"budget just missed": {router.Profile{Budget: 25, Headers: []router.ProfileHeader{
			{Name: "X-I", Value: "access_id"}, {Name: "X-S", Value: "serial"},
		}}, nil, byID, "X-I: 1001\n"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := headersOf(t, profiled(t, tc.profile, tc.change, client), tc.signals); got != tc.want {
				t.Errorf("got\n%swant\n%s", got, tc.want)
			}
		})
	}
}

// The client's profile goes before the group's, if it is there.
func TestProfileOfClient(t *testing.T) {
	own, unknown := row("1001"), row("1002")
	own.HeaderProfile, unknown.HeaderProfile = "other", "gone"
	r := profiled(t, router.Profile{Headers: []router.ProfileHeader{{Name: "X-G", Value: "access_id"}}}, func(c *router.Config) {
		c.Profiles = append(c.Profiles, router.Profile{Name: "other", Headers: []router.ProfileHeader{{Name: "X-C", Value: "access_id"}}})
	}, own, unknown)
	for number, want := range map[string]string{"100100000042": "X-C: 1001\n", "100200000042": "X-G: 1002\n"} {
		if got := headersOf(t, r, &router.Signals{ISUP: [][]byte{original(t, number)}}); got != want {
			t.Errorf("%s: %q, want %q", number, got, want)
		}
	}
	d := router.Decision{Trace: &router.Trace{}}
	r.Route(r.Trunks()[0], &router.Signals{ISUP: [][]byte{original(t, "100200000042")}}, &d)
	if said := fmt.Sprint(d.Trace.Steps); !strings.Contains(said, `header profile "gone" of the client is not configured`) {
		t.Errorf("explain does not say that the client's profile is unknown: %s", said)
	}
	for name, want := range map[string]bool{"x-g": true, "X_C": true, "X-D": false, "X-G1": false, "": false} {
		if r.Owns([]byte(name)) != want {
			t.Errorf("Owns(%q) = %v", name, !want)
		}
	}
}

// Subject has a compact form, which is as good as its name.
func TestProfileOwnsCompactForm(t *testing.T) {
	r := profiled(t, router.Profile{Headers: []router.ProfileHeader{{Name: "Subject", Value: "client_name"}}}, nil)
	for name, want := range map[string]bool{"subject": true, "s": true, "S": true, "t": false} {
		if r.Owns([]byte(name)) != want {
			t.Errorf("Owns(%q) = %v", name, !want)
		}
	}
}

func TestProfileErrors(t *testing.T) {
	one := func(h router.ProfileHeader) []router.ProfileHeader { return []router.ProfileHeader{h} }
	for name, tc := range map[string]struct {
		field   string
		profile router.Profile
	}{
		"no headers":        {"headers", router.Profile{}},
		"budget":            {"budget", router.Profile{Budget: -1, Headers: one(router.ProfileHeader{Name: "X-A", Value: "serial"})}},
		"no name":           {"headers[0].name", router.Profile{Headers: one(router.ProfileHeader{Value: "serial"})}},
		"no token":          {"headers[0].name", router.Profile{Headers: one(router.ProfileHeader{Name: "X A", Value: "serial"})}},
		"Via":               {"headers[0].name", router.Profile{Headers: one(router.ProfileHeader{Name: "via", Value: "serial"})}},
		"compact form":      {"headers[0].name", router.Profile{Headers: one(router.ProfileHeader{Name: "f", Value: "serial"})}},
		"Identity-Info":     {"headers[0].name", router.Profile{Headers: one(router.ProfileHeader{Name: "identity-info", Value: "serial"})}},
		"Info-Package":      {"headers[0].name", router.Profile{Headers: one(router.ProfileHeader{Name: "Info_Package", Value: "serial"})}},
		"Require":           {"headers[0].name", router.Profile{Headers: one(router.ProfileHeader{Name: "Require", Value: "serial"})}},
		"X-Edge-Source":     {"headers[0].name", router.Profile{Headers: one(router.ProfileHeader{Name: "x_edge-source", Value: "serial"})}},
		"value":             {"headers[0].value", router.Profile{Headers: one(router.ProfileHeader{Name: "X-A", Value: "sereal"})}},
		"text of a number":  {"headers[0].text", router.Profile{Headers: one(router.ProfileHeader{Name: "X-A", Value: "serial", Text: "a"})}},
		"UUI holder":        {"headers[0].text", router.Profile{Headers: one(router.ProfileHeader{Name: "User-to-User", Value: "uui_avaya", Text: "{name}"})}},
		"http":              {"headers[0].text", router.Profile{Headers: one(router.ProfileHeader{Name: "Call-Info", Value: "call_info", Text: "http://a/{serial}"})}},
		"URL for ever":      {"headers[0].text", router.Profile{Headers: one(router.ProfileHeader{Name: "Call-Info", Value: "call_info", Text: "https://a/"})}},
		"URL with a number": {"headers[0].text", router.Profile{Headers: one(router.ProfileHeader{Name: "Call-Info", Value: "call_info", Text: "https://a/{serial}/{calling_number}"})}},
		"URL with >":        {"headers[0].text", router.Profile{Headers: one(router.ProfileHeader{Name: "Call-Info", Value: "call_info", Text: "https://a/{serial}>"})}},
		"twice": {"headers[1].name", router.Profile{Headers: []router.ProfileHeader{
			{Name: "X-A", Value: "serial"}, {Name: "x_a", Value: "access_id"}}}},
		"two with UUI": {"headers[1]", router.Profile{Headers: []router.ProfileHeader{
			{Name: "User-to-User", Value: "uui_genesys"}, {Name: "x-User-To-User", Value: "uui_genesys"}}}},
	} {
		t.Run(name, func(t *testing.T) {
			c := config()
			tc.profile.Name = "own"
			c.Profiles = []router.Profile{tc.profile}
			_, err := router.New(c)
			var field *router.FieldError
			if !errors.As(err, &field) || field.Field != "header_profiles[0]."+tc.field {
				t.Errorf("New: %v, want a fault of %s", err, tc.field)
			}
		})
	}
	c := config()
	c.Groups[1].HeaderProfile = "none"
	if _, err := router.New(c); err == nil || !strings.Contains(err.Error(), "pbx_groups[1].header_profile") {
		t.Errorf("New: %v, want a fault of the group's profile", err)
	}
}
