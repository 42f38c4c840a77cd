package vas_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"sipid/vas"
)

// front is an HTTP interface on a memory store.
type front struct {
	http.Handler
	store *memory
	clock *clock
}

const frontTokens = "both\nissuer issue\nclaimer claim callcentre-1\nother claim callcentre-2\nnameless claim\n"

func newFront(t testing.TB, change func(*vas.HandlerOptions)) *front {
	t.Helper()
	f := &front{store: newMemory(), clock: newClock()}
	tokens, err := vas.ParseTokens(strings.NewReader(frontTokens))
	if err != nil {
		t.Fatal(err)
	}
	o := vas.HandlerOptions{
		Service:  newService(t, f.store, vas.Options{Now: f.clock.Now}),
		Carriers: vas.Carriers{Called: "95165"}, Tokens: tokens, Now: f.clock.Now, Log: slog.New(slog.DiscardHandler),
	}
	if change != nil {
		change(&o)
	}
	f.Handler = vas.NewHandler(o)
	return f
}

// ask sends one request; an empty token sends none.
func (f *front) ask(method, path, token, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	f.ServeHTTP(w, r)
	return w
}

func (f *front) issue(t testing.TB) string {
	t.Helper()
	w := f.ask("POST", "/v1/serials", "issuer", `{"data":{"name":"王"}}`)
	var a struct{ Serial string }
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil || w.Code != 201 {
		t.Fatalf("issue: %d %s", w.Code, w.Body)
	}
	return a.Serial
}

func (f *front) claim(serial, token, claimant, call string) *httptest.ResponseRecorder {
	return f.ask("POST", "/v1/serials/"+serial+"/claim", token, fmt.Sprintf(`{"claimant":%q,"call_id":%q}`, claimant, call))
}

func want(t *testing.T, what string, w *httptest.ResponseRecorder, status int, body string) {
	t.Helper()
	if w.Code != status || !regexp.MustCompile(body).MatchString(w.Body.String()) {
		t.Errorf("%s: %d %s, want %d %s", what, w.Code, w.Body, status, body)
	}
}

func TestHandlerIssue(t *testing.T) {
	f := newFront(t, nil)
	w := f.ask("POST", "/v1/serials", "issuer", `{"data":{"name":"王"},"ttl":"30s"}`)
	want(t, "issue", w, 201, `^{"serial":"(\d{8})","original_called_number":"1001\d{8}","expires_at":"2026-07-01T12:00:30Z",`+
		`"iam":"01[0-9a-f]+","diversion":"<sip:1001\d{8}@vas.invalid;user=phone>;reason=unconditional;counter=1"}\n$`)
	if got := w.Header(); got.Get("Content-Type") != "application/json" || got.Get("Cache-Control") != "no-store" {
		t.Error(got)
	}
	large := `{"data":{"a":"` + strings.Repeat("x", vas.MaxBody-len(`{"data":{"a":""}}`)) + `"}}`
	want(t, "16 KB", f.ask("POST", "/v1/serials", "both", large), 201, "serial")
	want(t, "16 KB and 1", f.ask("POST", "/v1/serials", "both", large+" "), 413, "too_large")
	for _, body := range []string{
		"", "{", "[]", `"x"`, `{"data":[]}`, `{"data":"x"}`, `{"data":null}`, `{}`, `{"ttl":"10m"}`, `{"data":{}} x`, "{\"data\":{\"a\":\"\xff\"}}",
		`{"data":{},"ttl":"9s"}`, `{"data":{},"ttl":"24h1s"}`, `{"data":{},"ttl":"0s"}`, `{"data":{},"ttl":600}`, `{"data":{},"ttl":"soon"}`, `{"data":{},"ttl":"-1h"}`,
	} {
		want(t, body, f.ask("POST", "/v1/serials", "issuer", body), 400, `^{"error":{"code":"(bad_json|invalid)","message":"[^"]+"}}\n$`)
	}
}

func TestHandlerClaim(t *testing.T) {
	f := newFront(t, nil)
	serial, data := f.issue(t), `^{"data":{"name":"王"}}\n$`
	// The token's name wins over the body's.
	want(t, "first", f.claim(serial, "claimer", "callcentre-9", "a@b"), 200, data)
	want(t, "again", f.claim(serial, "claimer", "", "a@b"), 200, data)
	want(t, "by the name in the body", f.claim(serial, "nameless", "callcentre-1", "a@b"), 200, data)
	want(t, "another call", f.claim(serial, "claimer", "callcentre-1", "c@d"), 409, `"claimed"`)
	want(t, "another claimant", f.claim(serial, "other", "callcentre-1", "a@b"), 409, `"claimed"`)
	want(t, "another name in the body", f.claim(serial, "nameless", "callcentre-2", "a@b"), 409, `"claimed"`)
	f.clock.add(vas.DefaultTTL)
	want(t, "expired", f.claim(serial, "claimer", "", "a@b"), 404, `"not_found"`)

	serial = f.issue(t)
	for what, body := range map[string]string{
		"no body": "", "no object": "[]", "no call": `{"claimant":"c"}`, "call is no text": `{"claimant":"c","call_id":1}`, "no claimant": `{"call_id":"a@b"}`, "half": "{",
	} {
		want(t, what, f.ask("POST", "/v1/serials/"+serial+"/claim", "nameless", body), 400, `"(bad_json|invalid)"`)
	}
	want(t, "large", f.ask("POST", "/v1/serials/"+serial+"/claim", "claimer", strings.Repeat(" ", vas.MaxBody+1)), 413, "too_large")
	for _, other := range []string{"0000", "x", "123456789", serial + "0", "%2e%2e", "%00"} {
		want(t, other, f.claim(other, "claimer", "", "a@b"), 404, `"not_found"`)
	}
	want(t, "still to be claimed", f.claim(serial, "claimer", "", "a@b"), 200, data)
}

func TestHandlerDelete(t *testing.T) {
	f := newFront(t, nil)
	serial := f.issue(t)
	for _, s := range []string{serial, serial, "00000000", "x"} {
		want(t, "delete "+s, f.ask("DELETE", "/v1/serials/"+s, "issuer", ""), 204, "^$")
	}
	want(t, "claim", f.claim(serial, "claimer", "", "a@b"), 404, "not_found")
}

func TestHandlerWhoMay(t *testing.T) {
	f := newFront(t, nil)
	serial := f.issue(t)
	paths := map[string]string{"POST": "/v1/serials", "DELETE": "/v1/serials/" + serial}
	for method, path := range paths {
		for _, token := range []string{"", "wrong", "issuer2", "issue"} {
			w := f.ask(method, path, token, `{"data":{}}`)
			want(t, method+" with "+token, w, 401, "unauthorized")
			if w.Header().Get("WWW-Authenticate") == "" {
				t.Error("401 without WWW-Authenticate")
			}
		}
		want(t, method+" by a claimer", f.ask(method, path, "claimer", `{"data":{}}`), 403, "forbidden")
	}
	want(t, "claim by an issuer", f.claim(serial, "issuer", "c", "a@b"), 403, "forbidden")
	want(t, "claim without a token", f.claim(serial, "", "c", "a@b"), 401, "unauthorized")
	// A 401 says nothing about the serial, and other schemes are none.
	r := httptest.NewRequest("POST", "/v1/serials", strings.NewReader(`{"data":{}}`))
	for _, header := range []string{"both", "Basic both", "Bearer", "Bearer  ", "Bearerboth"} {
		r.Header.Set("Authorization", header)
		w := httptest.NewRecorder()
		f.ServeHTTP(w, r)
		want(t, header, w, 401, "unauthorized")
	}
	want(t, "both", f.claim(serial, "both", "c", "a@b"), 200, "data")
	want(t, "nobody's path", f.ask("GET", "/v1/x", "", ""), 404, "no_such_path")
	want(t, "GET", f.ask("GET", "/v1/serials", "both", ""), 405, "method_not_allowed")
	want(t, "list", f.ask("GET", "/v1/serials/"+serial, "both", ""), 405, "method_not_allowed")
}

func TestHandlerHealth(t *testing.T) {
	ready := true
	f := newFront(t, func(o *vas.HandlerOptions) { o.Ready = func() bool { return ready } })
	want(t, "healthz", f.ask("GET", "/healthz", "", ""), 200, "ok")
	want(t, "readyz", f.ask("GET", "/readyz", "", ""), 200, "true")
	ready = false
	want(t, "readyz", f.ask("GET", "/readyz", "", ""), 503, "false")
}

// A store that fails is a 503, never a 201 or a 404.
func TestHandlerStoreFails(t *testing.T) {
	f := newFront(t, nil)
	serial := f.issue(t)
	f.store.setFault(true, false)
	for what, w := range map[string]*httptest.ResponseRecorder{
		"issue":  f.ask("POST", "/v1/serials", "issuer", `{"data":{}}`),
		"claim":  f.claim(serial, "claimer", "", "a@b"),
		"delete": f.ask("DELETE", "/v1/serials/"+serial, "issuer", ""),
	} {
		want(t, what, w, 503, `"unavailable"`)
		if w.Header().Get("Retry-After") != "1" || strings.Contains(w.Body.String(), errDisk.Error()) {
			t.Errorf("%s: %v %s", what, w.Header(), w.Body)
		}
	}
}

func TestHandlerRateLimit(t *testing.T) {
	f := newFront(t, func(o *vas.HandlerOptions) { o.Limits = vas.Limits{Rate: 2, Burst: 3} })
	serial := f.issue(t)
	for range 3 {
		want(t, "within the burst", f.claim(serial, "claimer", "", "a@b"), 200, "data")
	}
	w := f.claim(serial, "claimer", "", "a@b")
	want(t, "beyond it", w, 429, "too_many_requests")
	if w.Header().Get("Retry-After") != "1" {
		t.Errorf("Retry-After %q", w.Header().Get("Retry-After"))
	}
	want(t, "another claimant", f.claim(serial, "other", "", "a@b"), 409, "claimed")
	f.clock.add(500 * time.Millisecond)
	want(t, "half a second later", f.claim(serial, "claimer", "", "a@b"), 200, "data")
	want(t, "and no more", f.claim(serial, "claimer", "", "a@b"), 429, "too_many_requests")
}

func TestHandlerLockOut(t *testing.T) {
	f := newFront(t, func(o *vas.HandlerOptions) { o.Limits = vas.Limits{Misses: 5, LockOut: time.Minute} })
	serial := f.issue(t)
	for range 3 {
		want(t, "miss", f.claim("00000000", "claimer", "", "a@b"), 404, "not_found")
		want(t, "hit", f.claim(serial, "claimer", "", "a@b"), 200, "data")
	}
	f.clock.add(12 * time.Second) // brings one miss back
	for range 3 {
		want(t, "miss", f.claim("00000000", "claimer", "", "a@b"), 404, "not_found")
	}
	for _, s := range []string{serial, "00000000"} { // a right guess is not told from a wrong one
		w := f.claim(s, "claimer", "", "a@b")
		want(t, "locked out", w, 429, "too_many_requests")
		if w.Header().Get("Retry-After") != "60" {
			t.Errorf("Retry-After %q", w.Header().Get("Retry-After"))
		}
	}
	want(t, "another claimant", f.claim(serial, "other", "", "a@b"), 409, "claimed")
	f.clock.add(59 * time.Second)
	want(t, "still locked out", f.claim(serial, "claimer", "", "a@b"), 429, "too_many_requests")
	f.clock.add(time.Second)
	want(t, "let in again", f.claim(serial, "claimer", "", "a@b"), 200, "data")
}

// unknownAndExpired asks n times each for serials that never were and for such
// as have expired, in turn. The answers have to be the same octets; it gives the
// medians of the time they took.
func unknownAndExpired(t *testing.T, ask http.Handler, expired []string, n int) (unknown, past time.Duration) {
	t.Helper()
	var took [2][]time.Duration
	first := ""
	for i := range n {
		// Which of the two comes first changes too. Both are from all over the
		// space.
		for j := range 2 {
			kind, serial := (i+j)%2, expired[i%len(expired)]
			if kind == 0 {
				serial = fmt.Sprintf("%08d", (i*48_271_003)%100_000_000)
			}
			r := httptest.NewRequest("POST", "/v1/serials/"+serial+"/claim", strings.NewReader(`{"call_id":"a@b"}`))
			r.Header.Set("Authorization", "Bearer claimer")
			w := httptest.NewRecorder()
			start := time.Now()
			ask.ServeHTTP(w, r)
			took[kind] = append(took[kind], time.Since(start))
			text := fmt.Sprint(w.Code, w.Header(), w.Body)
			if first == "" {
				first = text
			}
			if text != first || w.Code != 404 {
				t.Fatalf("%s: answers differ:\n%s\n%s", serial, first, text)
			}
		}
	}
	return median(took[0]), median(took[1])
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

// Without tokens nobody is let in, unless that is asked for. Certificates are
// tested with real handshakes in cmd/sipid.
func TestHandlerOpen(t *testing.T) {
	f := newFront(t, func(o *vas.HandlerOptions) { o.Tokens = nil })
	want(t, "no tokens, no certificate", f.ask("POST", "/v1/serials", "both", `{"data":{}}`), 401, "unauthorized")
	f = newFront(t, func(o *vas.HandlerOptions) { o.Tokens, o.Open = nil, true })
	want(t, "open", f.ask("POST", "/v1/serials", "", `{"data":{}}`), 201, "serial")
}

func TestServiceCheck(t *testing.T) {
	s := newService(t, newMemory(), vas.Options{})
	if err := s.Check(context.Background()); err != nil {
		t.Error(err)
	}
	if _, err := s.Claim(context.Background(), "00000000", vas.Binding{Claimant: "c", CallID: "1"}); !errors.Is(err, vas.ErrNotFound) {
		t.Error(err)
	}
}
