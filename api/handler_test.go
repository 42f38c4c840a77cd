package api_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"sipid/api"
	"sipid/config"
	"sipid/report"
	"sipid/router"
)

// handler is the HTTP side over a table of two clients; nil rows mean that no
// table is loaded yet.
func handler(t *testing.T, h api.Health, explain func(*report.Question) ([]*report.Explanation, error), rows ...router.Client) http.Handler {
	t.Helper()
	var table *router.Table
	if rows != nil {
		var err error
		if table, err = router.NewTable(rows, 7); err != nil {
			t.Fatal(err)
		}
	}
	return api.NewHandler(api.Options{
		Health: func() api.Health { return h }, Access: access(t, nil), Table: func() *router.Table { return table },
		Explain: explain, Registry: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler),
	})
}

// access lets in who has a token of refs.
func access(t *testing.T, refs []config.TokenRef) *api.Access {
	t.Helper()
	tokens, err := config.ReadTokens("http_tokens", refs)
	if err != nil {
		t.Fatal(err)
	}
	return api.NewAccess(tokens)
}

func twoClients() []router.Client {
	return []router.Client{
		{AccessID: "1001", Name: "Hangzhou <&>", Endpoint: "https://a.example/sipid", SerialDigits: 8, Enabled: true},
		{AccessID: "1002", Name: "宁波", Endpoint: "https://b.example/sipid", SerialDigits: 6, PBX: "gold", Calling: []string{"0574"}},
	}
}

// local is a request as curl on this machine sends it.
func local(method, path, body string) *http.Request {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.RemoteAddr, r.Host = "127.0.0.1:40000", "127.0.0.1:8060"
	return r
}

func ask(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// wantError checks an error answer: status, code and some message.
func wantError(t *testing.T, w *httptest.ResponseRecorder, status int, code string) {
	t.Helper()
	var e struct {
		Error struct{ Code, Message string }
	}
	err := json.Unmarshal(w.Body.Bytes(), &e)
	if w.Code != status || err != nil || e.Error.Code != code || e.Error.Message == "" || w.Header().Get("Content-Type") != "application/json" {
		t.Errorf("%d %s %s (%v), want %d %s", w.Code, w.Header().Get("Content-Type"), w.Body, err, status, code)
	}
}

func TestHTTPHealth(t *testing.T) {
	h := handler(t, api.Health{State: "starting"}, nil)
	if w := ask(h, local("GET", "/healthz", "")); w.Code != 200 {
		t.Errorf("healthz while starting: %d", w.Code)
	}
	if w := ask(h, local("GET", "/readyz", "")); w.Code != 503 || !strings.Contains(w.Body.String(), `"state":"starting"`) {
		t.Errorf("readyz while starting: %d %s", w.Code, w.Body)
	}
	h = handler(t, api.Health{Ready: true, State: "ready", Table: api.TableHealth{Revision: 7, Rows: 2, AgeSeconds: 0.5, Error: "gone"}, Listeners: []string{"udp:127.0.0.1:5060"}}, nil)
	w := ask(h, local("GET", "/readyz", ""))
	want := `{"ready":true,"state":"ready","table":{"revision":7,"rows":2,"age_seconds":0.5,"error":"gone"},"listeners":["udp:127.0.0.1:5060"],"transactions":0}`
	if w.Code != 200 || strings.TrimSpace(w.Body.String()) != want {
		t.Errorf("readyz: %d %s", w.Code, w.Body)
	}
	outside := local("GET", "/readyz", "")
	outside.RemoteAddr, outside.Host = "10.0.0.7:40000", "10.0.0.5:8060"
	if w := ask(h, outside); w.Code != 200 {
		t.Errorf("readyz from outside: %d", w.Code)
	}
}

func TestHTTPClients(t *testing.T) {
	h := handler(t, api.Health{}, nil, twoClients()...)
	first := `{"access_id":"1001","name":"Hangzhou <&>","endpoint":"https://a.example/sipid","serial_digits":8,"pbx":"default","calling":[],"enabled":true,"valid_from":"","valid_to":"","max_cps":0,"max_calls":0,"header_profile":"","notes":""}`
	second := `{"access_id":"1002","name":"宁波","endpoint":"https://b.example/sipid","serial_digits":6,"pbx":"gold","calling":["0574"],"enabled":false,"valid_from":"","valid_to":"","max_cps":0,"max_calls":0,"header_profile":"","notes":""}`
	if w := ask(h, local("GET", "/v1/clients", "")); w.Code != 200 || w.Header().Get("Content-Type") != "application/json" || !sameJSON(w.Body.String(), "["+first+","+second+"]") {
		t.Errorf("list: %d %s", w.Code, w.Body)
	}
	if w := ask(h, local("GET", "/v1/clients/1002", "")); w.Code != 200 || !sameJSON(w.Body.String(), second) {
		t.Errorf("one: %d %s", w.Code, w.Body)
	}
	for _, id := range []string{"1003", "100", "10010", "x", "%2e%2e"} {
		wantError(t, ask(h, local("GET", "/v1/clients/"+id, "")), 404, "no_client")
	}
	if w := ask(handler(t, api.Health{}, nil, []router.Client{}...), local("GET", "/v1/clients", "")); w.Code == 200 && strings.TrimSpace(w.Body.String()) != "[]" {
		t.Errorf("no clients: %s", w.Body)
	}
	none := handler(t, api.Health{}, nil)
	wantError(t, ask(none, local("GET", "/v1/clients", "")), 503, "no_table")
	wantError(t, ask(none, local("GET", "/v1/clients/1001", "")), 503, "no_table")
}

func sameJSON(a, b string) bool {
	normal := func(s string) string {
		var v any
		if json.Unmarshal([]byte(s), &v) != nil {
			return "broken: " + s
		}
		out, _ := json.Marshal(v)
		return string(out)
	}
	return normal(a) == normal(b)
}

func TestHTTPErrors(t *testing.T) {
	h := handler(t, api.Health{}, nil, twoClients()...)
	wantError(t, ask(h, local("GET", "/", "")), 404, "not_found")
	wantError(t, ask(h, local("GET", "/v1/calls", "")), 404, "not_found")
	w := ask(h, local("DELETE", "/v1/clients/1001", ""))
	wantError(t, w, 405, "method_not_allowed")
	if w.Header().Get("Allow") != "GET" {
		t.Errorf("Allow: %q", w.Header().Get("Allow"))
	}
	wantError(t, ask(h, local("GET", "/v1/route/explain", "")), 405, "method_not_allowed")
	wantError(t, ask(h, local("POST", "/readyz", "")), 405, "method_not_allowed")
}

// Personal data is for this machine, and for no page a browser on it may show.
func TestHTTPGuard(t *testing.T) {
	h := handler(t, api.Health{}, nil, twoClients()...)
	tests := []struct {
		name, remote, host string
		origins            []string
		code               string // "" is let through
	}{
		{"OK", "127.0.0.1:1", "127.0.0.1:8060", nil, ""},
		{"OKName", "127.0.0.1:1", "localhost:8060", nil, ""},
		{"OKNameWithoutPort", "127.0.0.1:1", "localhost", nil, ""},
		{"OKIPv6", "[::1]:1", "[::1]:8060", nil, ""},
		{"OKIPv6WithoutPort", "[::1]:1", "[::1]", nil, ""},
		{"OKMapped", "[::ffff:127.0.0.1]:1", "127.0.0.1", nil, ""},
		{"OKOrigin", "127.0.0.1:1", "localhost", []string{"http://localhost:8060"}, ""},
		{"ErrPeer", "10.0.0.7:1", "127.0.0.1:8060", nil, "forbidden"},
		{"ErrPeerUnreadable", "@", "127.0.0.1:8060", nil, "forbidden"},
		{"ErrHostRebound", "127.0.0.1:1", "evil.example:8060", nil, "bad_host"},
		{"ErrHostLookAlike", "127.0.0.1:1", "localhost.evil.example", nil, "bad_host"},
		{"ErrHostEmpty", "127.0.0.1:1", "", nil, "bad_host"},
		{"ErrOrigin", "127.0.0.1:1", "localhost", []string{"https://evil.example"}, "bad_origin"},
		{"ErrOriginNull", "127.0.0.1:1", "localhost", []string{"null"}, "bad_origin"},
		{"ErrOriginSecond", "127.0.0.1:1", "localhost", []string{"http://localhost", "https://evil.example"}, "bad_origin"},
		{"ErrOriginLookAlike", "127.0.0.1:1", "localhost", []string{"http://localhost@evil.example"}, "bad_origin"},
	}
	for _, path := range []string{"/v1/clients", "/v1/clients/1001", "/v1/route/explain"} {
		for _, tt := range tests {
			t.Run(path+"/"+tt.name, func(t *testing.T) {
				r := local("GET", path, "")
				r.RemoteAddr, r.Host = tt.remote, tt.host
				r.Header["Origin"] = tt.origins
				w := ask(h, r)
				if tt.code != "" {
					wantError(t, w, 403, tt.code)
				} else if w.Code == 403 {
					t.Errorf("refused: %s", w.Body)
				}
			})
		}
	}
}

// With tokens configured one of them opens everything below /v1/, from anywhere,
// and nothing else does, not even being this machine. Health and metrics stay open.
func TestHTTPTokens(t *testing.T) {
	const token = "0123456789abcdef-token"
	t.Setenv("TOKENS", token)
	table, err := router.NewTable(twoClients(), 7)
	if err != nil {
		t.Fatal(err)
	}
	h := api.NewHandler(api.Options{
		Health: func() api.Health { return api.Health{Ready: true} }, Table: func() *router.Table { return table },
		Access:   access(t, []config.TokenRef{"env:TOKENS"}),
		Explain:  func(*report.Question) ([]*report.Explanation, error) { return []*report.Explanation{{}}, nil },
		Registry: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler),
	})
	for _, tc := range []struct{ name, remote, credentials, origin string }{
		{name: "OK", remote: "127.0.0.1:1", credentials: "Bearer " + token},
		{name: "OKElsewhere", remote: "10.0.0.7:1", credentials: "bearer  " + token, origin: "https://wall.example"},
		{name: "ErrNone", remote: "127.0.0.1:1"},
		{name: "ErrNoneElsewhere", remote: "10.0.0.7:1"},
		{name: "ErrWrong", remote: "127.0.0.1:1", credentials: "Bearer " + token + "x"},
		{name: "ErrEmpty", remote: "127.0.0.1:1", credentials: "Bearer "},
		{name: "ErrScheme", remote: "127.0.0.1:1", credentials: "Basic " + token},
		{name: "ErrBare", remote: "127.0.0.1:1", credentials: token},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, path := range []string{"/v1/clients", "/v1/clients/1001", "/v1/route/explain", "/healthz", "/readyz", "/metrics"} {
				r := local("GET", path, "{}")
				if path == "/v1/route/explain" {
					r = local("POST", path, "{}")
					r.Header.Set("Content-Type", "application/json")
				}
				r.RemoteAddr, r.Host = tc.remote, "sipid.example:8060"
				if tc.credentials != "" {
					r.Header.Set("Authorization", tc.credentials)
				}
				if tc.origin != "" {
					r.Header.Set("Origin", tc.origin)
				}
				w := ask(h, r)
				if strings.HasPrefix(tc.name, "Err") && strings.HasPrefix(path, "/v1/") {
					wantError(t, w, 401, "unauthorized")
				} else if w.Code != 200 {
					t.Errorf("%s: %d %s", path, w.Code, w.Body)
				}
			}
		})
	}
}

// What a proxy on this machine passes on came from elsewhere.
func TestHTTPGuardForwarded(t *testing.T) {
	h := handler(t, api.Health{}, nil, twoClients()...)
	for _, name := range []string{"X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"} {
		r := local("GET", "/v1/clients", "")
		r.Header.Set(name, "10.0.0.7")
		wantError(t, ask(h, r), 403, "forwarded")
	}
}

func TestHTTPExplain(t *testing.T) {
	var got report.Question
	h := handler(t, api.Health{}, func(q *report.Question) ([]*report.Explanation, error) {
		got = *q
		if q.Source == "broken" {
			return nil, errors.New("source \"broken\": an IP address is expected")
		}
		return []*report.Explanation{{Status: "resolved"}}, nil
	}, twoClients()...)
	post := func(contentType, path, body string) *httptest.ResponseRecorder {
		r := local("POST", path, body)
		r.Header.Set("Content-Type", contentType)
		return ask(h, r)
	}
	const path = "/v1/route/explain"
	t.Run("OKJSON", func(t *testing.T) {
		body := `{"message":"` + base64.StdEncoding.EncodeToString([]byte("INVITE\x00")) + `","source":"10.1.0.7"}`
		w := post("application/json; charset=utf-8", path, body)
		if w.Code != 200 || !strings.Contains(w.Body.String(), `"status":"resolved"`) || string(got.Message) != "INVITE\x00" || got.Source != "10.1.0.7" {
			t.Errorf("%d %s, asked %+v", w.Code, w.Body, got)
		}
	})
	t.Run("OKMessage", func(t *testing.T) {
		if w := post("message/sip", path+"?source=10.1.0.8", "INVITE\x00"); w.Code != 200 || string(got.Message) != "INVITE\x00" || got.Source != "10.1.0.8" {
			t.Errorf("%d %s, asked %+v", w.Code, w.Body, got)
		}
	})
	t.Run("ErrForm", func(t *testing.T) {
		wantError(t, post("text/plain", path, `{"called":"1"}`), 415, "unsupported_media_type")
		wantError(t, post("", path, `{"called":"1"}`), 415, "unsupported_media_type")
	})
	t.Run("ErrJSON", func(t *testing.T) {
		wantError(t, post("application/json", path, `{"caled":"1"}`), 400, "bad_request")
		wantError(t, post("application/json", path, `{`), 400, "bad_request")
	})
	t.Run("ErrTooLarge", func(t *testing.T) {
		wantError(t, post("message/sip", path, strings.Repeat("x", api.MaxQuestion+1)), 413, "too_large")
		wantError(t, post("application/json", path, `{"isup":"`+strings.Repeat("0", api.MaxQuestion)+`"}`), 413, "too_large")
	})
	t.Run("ErrQuestion", func(t *testing.T) {
		wantError(t, post("application/json", path, `{"source":"broken"}`), 422, "not_explainable")
	})
}
