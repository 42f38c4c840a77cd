package api_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"sipid/api"
	"sipid/config"
	"sipid/pbx"
)

func TestHTTPTargets(t *testing.T) {
	since := time.Date(2026, 11, 24, 15, 0, 0, 0, time.UTC)
	states := []pbx.State{
		{Group: "default", URI: "sip:10.2.0.10", Up: true, Since: since, Calls: 7, MaxCalls: 30},
		{Group: "default", URI: "sip:10.2.0.11", Since: since, Why: "503 to OPTIONS", LastCode: 503, RTT: 1500 * time.Microsecond, NextProbe: since},
		{Group: "night", URI: "sip:10.2.0.11", Drained: true, Since: since},
	}
	h := (&api.Targets{States: func() []pbx.State { return states }}).Handler(access(t, nil))
	w := ask(h, local("GET", "/v1/targets", ""))
	want := `[{"group":"default","uri":"sip:10.2.0.10","state":"up","up":true,"drained":false,"since":"2026-11-24T15:00:00Z","why":"","last_code":0,"rtt_seconds":0,"next_probe":null,"calls":7,"max_calls":30},
		{"group":"default","uri":"sip:10.2.0.11","state":"out","up":false,"drained":false,"since":"2026-11-24T15:00:00Z","why":"503 to OPTIONS","last_code":503,"rtt_seconds":0.0015,"next_probe":"2026-11-24T15:00:00Z","calls":0,"max_calls":0},
		{"group":"night","uri":"sip:10.2.0.11","state":"drained","up":false,"drained":true,"since":"2026-11-24T15:00:00Z","why":"","last_code":0,"rtt_seconds":0,"next_probe":null,"calls":0,"max_calls":0}]`
	if w.Code != 200 || !sameJSON(w.Body.String(), want) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	outside := local("GET", "/v1/targets", "")
	outside.RemoteAddr = "10.0.0.7:1"
	wantError(t, ask(h, outside), 403, "forbidden")
}

// Who may drain: whoever has a token; where none is configured this machine, but
// no page in its browser.
func TestHTTPTargetsSet(t *testing.T) {
	const token = "0123456789abcdef-token"
	t.Setenv("TOKENS", token)
	var said []string
	set := func(_ context.Context, group, uri string, out bool) error {
		said = append(said, group+" "+uri)
		switch {
		case uri == "sip:none":
			return api.ErrNoTarget
		case uri == "sip:full":
			return errors.New("disk full")
		case !out:
			said[len(said)-1] += " enabled"
		}
		return nil
	}
	states := func() []pbx.State {
		return []pbx.State{{Group: "default", URI: "sip:a"}, {Group: "night", URI: "sip:a"}, {Group: "default", URI: "sip:b"}}
	}
	targets := &api.Targets{States: states, Set: set}
	open, guarded := targets.Handler(access(t, nil)), targets.Handler(access(t, []config.TokenRef{"env:TOKENS"}))
	for _, tc := range []struct {
		name, path, body string
		change           func(*http.Request)
		tokens           bool // are configured
		status           int
		code, said       string
	}{
		{name: "OK", body: `{"uri":"sip:a"}`, status: 200, said: " sip:a"},
		{name: "OKGroup", body: `{"uri":"sip:a","group":"night"}`, status: 200, said: "night sip:a"},
		{name: "OKEnable", path: "/v1/targets/enable", body: `{"uri":"sip:b"}`, status: 200, said: " sip:b enabled"},
		{name: "OKToken", tokens: true, body: `{"uri":"sip:a"}`, status: 200, said: " sip:a", change: func(r *http.Request) {
			r.RemoteAddr, r.Host = "10.0.0.7:4000", "10.0.0.5:8060"
			r.Header.Set("Authorization", "Bearer "+token)
		}},
		{name: "ErrElsewhere", body: `{"uri":"sip:a"}`, status: 403, code: "forbidden", change: func(r *http.Request) { r.RemoteAddr = "10.0.0.7:4000" }},
		{name: "ErrNoToken", tokens: true, body: `{"uri":"sip:a"}`, status: 401, code: "unauthorized"},
		{name: "ErrToken", tokens: true, body: `{"uri":"sip:a"}`, status: 401, code: "unauthorized", change: func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") }},
		{name: "ErrPage", body: `{"uri":"sip:a"}`, status: 403, code: "bad_origin", change: func(r *http.Request) { r.Header.Set("Origin", "http://evil.example") }},
		{name: "ErrRebound", body: `{"uri":"sip:a"}`, status: 403, code: "bad_host", change: func(r *http.Request) { r.Host = "evil.example" }},
		{name: "ErrForm", body: `{"uri":"sip:a"}`, status: 415, code: "unsupported_media_type", change: func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }},
		{name: "ErrMethod", body: `{"uri":"sip:a"}`, status: 405, code: "method_not_allowed", change: func(r *http.Request) { r.Method = "GET" }},
		{name: "ErrEmpty", body: `{}`, status: 400, code: "bad_request"},
		{name: "ErrKey", body: `{"url":"sip:a"}`, status: 400, code: "bad_request"},
		{name: "ErrNone", body: `{"uri":"sip:none"}`, status: 404, code: "no_target", said: " sip:none"},
		{name: "ErrDisk", body: `{"uri":"sip:full"}`, status: 503, code: "not_kept", said: " sip:full"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			said = nil
			if tc.path == "" {
				tc.path = "/v1/targets/drain"
			}
			r := local("POST", tc.path, tc.body)
			r.Header.Set("Content-Type", "application/json")
			if tc.change != nil {
				tc.change(r)
			}
			h := open
			if tc.tokens {
				h = guarded
			}
			w := ask(h, r)
			if strings.Join(said, ",") != tc.said {
				t.Errorf("said %q, want %q", said, tc.said)
			}
			if tc.status != 200 {
				wantError(t, w, tc.status, tc.code)
			} else if n := strings.Count(w.Body.String(), `"uri"`); w.Code != 200 || tc.name == "OK" && n != 2 || tc.name == "OKGroup" && n != 1 {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
}
