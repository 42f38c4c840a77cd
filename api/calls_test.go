package api_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"sipid/api"
	"sipid/config"
	"sipid/router"
)

// TestCallsAccess: calls take a token once one is configured, masked or not.
func TestCallsAccess(t *testing.T) {
	const token = "0123456789abcdef-token"
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, path, from, token string
		open                    bool
		want                    int
	}{
		{name: "OKOpen", path: "/v1/calls", from: "127.0.0.1:4000", open: true, want: 200},
		{name: "OKOpenUnmask", path: "/v1/calls?unmask=1", from: "127.0.0.1:4000", open: true, want: 200},
		{name: "OKToken", path: "/v1/calls?unmask=1", from: "10.0.0.7:4000", token: token, want: 200},
		{name: "ErrNoToken", path: "/v1/calls", from: "127.0.0.1:4000", want: 401},
		{name: "ErrNoTokenStream", path: "/v1/calls/stream", from: "127.0.0.1:4000", want: 401},
		{name: "ErrNoTokenCall", path: "/v1/calls/7", from: "127.0.0.1:4000", want: 401},
		{name: "ErrWrongToken", path: "/v1/calls", from: "127.0.0.1:4000", token: token + "x", want: 401},
		{name: "ErrElsewhere", path: "/v1/calls", from: "10.0.0.7:4000", want: 401},
		{name: "ErrElsewhereOpen", path: "/v1/calls", from: "10.0.0.7:4000", open: true, want: 403},
		{name: "ErrStatus", path: "/v1/calls?status=resolvd", from: "127.0.0.1:4000", open: true, want: 400},
		{name: "ErrSince", path: "/v1/calls?since=yesterday", from: "127.0.0.1:4000", open: true, want: 400},
		{name: "ErrLimit", path: "/v1/calls?limit=0", from: "127.0.0.1:4000", open: true, want: 400},
		{name: "ErrNone", path: "/v1/calls/7", from: "127.0.0.1:4000", open: true, want: 404},
	} {
		t.Run(tc.name, func(t *testing.T) {
			refs := []config.TokenRef{config.TokenRef("file:" + file)}
			if tc.open {
				refs = nil
			}
			r := local(http.MethodGet, tc.path, "")
			r.RemoteAddr = tc.from
			if tc.token != "" {
				r.Header.Set("Authorization", "Bearer "+tc.token)
			}
			if w := ask(callsHandler(t, refs), r); w.Code != tc.want {
				t.Errorf("%d %s, want %d", w.Code, w.Body, tc.want)
			}
		})
	}
}

// callsHandler shows the last calls, of which there are none.
func callsHandler(t *testing.T, refs []config.TokenRef) http.Handler {
	calls := api.NewCalls(nil, nil, func() *router.Table { return nil })
	context.AfterFunc(t.Context(), calls.EndStreams)
	return calls.Handler(access(t, refs))
}

// TestCallTime reads times as people give them.
func TestCallTime(t *testing.T) {
	now := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{"10m": now.Add(-10 * time.Minute), "2026-07-01T11:00:00Z": now.Add(-time.Hour), "": {}} {
		if got, err := api.CallTime("since", text, now); err != nil || !got.Equal(want) {
			t.Errorf("%q: %v %v", text, got, err)
		}
	}
}
