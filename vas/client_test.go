package vas_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sipid/vas"
)

// secret and userData must turn up in no error.
const (
	secret   = "s3cret-token"
	userData = "王小明-13912345678"
)

// quick is a policy for tests: the real one with less patience.
func quick() vas.Policy {
	return vas.Policy{Timeout: 150 * time.Millisecond, Cooldown: time.Minute, Now: newClock().Now}
}

// clientOf makes a client of a test server.
func clientOf(t testing.TB, server *httptest.Server, change func(*vas.ClientConfig)) *vas.Client {
	t.Helper()
	t.Setenv("VAS_TEST_TOKEN", secret)
	o := vas.ClientConfig{Endpoint: server.URL + "/sipid", Claimant: "callcentre-1", Token: "env:VAS_TEST_TOKEN", Policy: quick()}
	if server.Certificate() != nil {
		ca := filepath.Join(t.TempDir(), "ca.pem")
		writeFile(t, ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
		o.CA = vas.SecretRef("file:" + ca)
	}
	if change != nil {
		change(&o)
	}
	c, err := vas.NewClient(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func writeFile(t testing.TB, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func serve(t testing.TB, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Read, so that the server notices when the client gives up.
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		h(w, r)
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	t.Cleanup(s.Close)
	return s
}

func answer(status int, kind, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

func claim(c vas.Connector) (string, error) {
	data, err := c.Claim(context.Background(), vas.Query{Serial: "00000042", CallID: "a@b"})
	return string(data), err
}

// wantReason checks the reason, and that the error says nothing it must not.
func wantReason(t *testing.T, data string, err error, want vas.Reason) {
	t.Helper()
	var claim *vas.ClaimError
	if !errors.As(err, &claim) || claim.Reason != want || data != "" {
		t.Errorf("%q, %v, want %s", data, err, want)
		return
	}
	for _, hidden := range []string{secret, userData, "00000042"} {
		if strings.Contains(err.Error(), hidden) {
			t.Errorf("the error says %q: %v", hidden, err)
		}
	}
}

func TestClientClaims(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Method != "POST" || r.URL.Path != "/sipid/v1/serials/00000042/claim" || r.Header.Get("Authorization") != "Bearer "+secret ||
			string(body) != `{"claimant":"callcentre-1","call_id":"a@b"}` || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s %s %v %s", r.Method, r.URL, r.Header, body)
		}
		answer(200, "application/json; charset=utf-8", ` {"data" : {"z":1,"a":"`+userData+`"}, "more":[]}`)(w, r)
	})
	if data, err := claim(clientOf(t, server, nil)); err != nil || data != `{"z":1,"a":"`+userData+`"}` {
		t.Errorf("%s, %v", data, err)
	}
}

// Everything that a client system can do wrong, and what it costs: so many
// requests reach it.
func TestClientErrReason(t *testing.T) {
	const object = `{"data":{"name":"` + userData + `"}}`
	elsewhere := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("a request went to another host") })
	for _, test := range []struct {
		name     string
		handler  http.HandlerFunc
		want     vas.Reason
		requests int32
	}{
		{"404", answer(404, "application/json", object), vas.ReasonNotFound, 1},
		{"409", answer(409, "application/json", object), vas.ReasonClaimed, 1},
		{"401", answer(401, "application/json", "{}"), vas.ReasonUnauthorized, 1},
		{"403", answer(403, "text/html", "no"), vas.ReasonUnauthorized, 1},
		{"429", answer(429, "application/json", "{}"), vas.ReasonBusy, 1},
		{"500", answer(500, "text/plain", userData), vas.ReasonFault, 2},
		{"503", answer(503, "text/plain", ""), vas.ReasonFault, 2},
		{"204", answer(204, "application/json", ""), vas.ReasonNotJSON, 1},
		{"slow", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, vas.ReasonTimeout, 2},
		{"slow body", func(w http.ResponseWriter, r *http.Request) {
			answer(200, "application/json", `{"data":{"name":"`+userData)(w, r)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, vas.ReasonTimeout, 2},
		{"cut off", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "1000")
			answer(200, "application/json", object)(w, r)
			panic(http.ErrAbortHandler)
		}, vas.ReasonUnreachable, 2},
		{"1 MB", answer(200, "application/json", `{"data":{"name":"`+strings.Repeat("x", 1<<20)+`"}}`), vas.ReasonTooLarge, 1},
		{"1 MB chunked", func(w http.ResponseWriter, r *http.Request) {
			answer(200, "application/json", `{"data":{"name":"`)(w, r)
			for range 256 {
				io.WriteString(w, strings.Repeat("x", 4096))
				w.(http.Flusher).Flush()
			}
		}, vas.ReasonTooLarge, 1},
		{"HTML", answer(200, "text/html", "<html>"+userData), vas.ReasonNotJSON, 1},
		{"HTML called JSON", answer(200, "application/json", "<html>"+userData), vas.ReasonNotJSON, 1},
		{"JSON called HTML", answer(200, "text/html", object), vas.ReasonNotJSON, 1},
		{"no type", func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Content-Type"] = nil
			io.WriteString(w, object)
		}, vas.ReasonNotJSON, 1},
		{"data is no object", answer(200, "application/json", `{"data":["`+userData+`"]}`), vas.ReasonNotJSON, 1},
		{"no data", answer(200, "application/json", `{}`), vas.ReasonNotJSON, 1},
		{"not UTF-8", answer(200, "application/json", "{\"data\":{\"a\":\"\xff\"}}"), vas.ReasonNotJSON, 1},
		{"two objects", answer(200, "application/json", object+object), vas.ReasonNotJSON, 1},
		{"redirect to another host", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL+r.URL.Path, http.StatusTemporaryRedirect)
		}, vas.ReasonRedirect, 1},
		{"redirect to plain HTTP", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://"+r.Host+r.URL.Path, http.StatusPermanentRedirect)
		}, vas.ReasonRedirect, 1},
		{"redirect that makes it a GET", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/other", http.StatusFound)
		}, vas.ReasonRedirect, 1},
		{"redirects without end", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Path, http.StatusTemporaryRedirect)
		}, vas.ReasonRedirect, 4},
		{"redirect without a place", answer(302, "text/html", ""), vas.ReasonRedirect, 1},
		{"compressed unasked", func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Accept-Encoding") != "" {
				t.Error("compression is asked for")
			}
			w.Header().Set("Content-Encoding", "gzip")
			answer(200, "application/json", "\x1f\x8b\x08\x00")(w, r)
		}, vas.ReasonNotJSON, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			var requests atomic.Int32
			server := serve(t, func(w http.ResponseWriter, r *http.Request) {
				requests.Add(1)
				test.handler(w, r)
			})
			data, err := claim(clientOf(t, server, nil))
			wantReason(t, data, err, test.want)
			if n := requests.Load(); n != test.requests {
				t.Errorf("%d requests, want %d", n, test.requests)
			}
		})
	}
}

func TestClientFollowsOnTheSameHost(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/sipid/") {
			http.Redirect(w, r, "/moved", http.StatusPermanentRedirect)
			return
		}
		if body, _ := io.ReadAll(r.Body); r.Method != "POST" || len(body) == 0 || r.Header.Get("Authorization") == "" {
			t.Errorf("%s %s", r.Method, body)
		}
		answer(200, "application/json", `{"data":{}}`)(w, r)
	})
	if data, err := claim(clientOf(t, server, nil)); err != nil || data != "{}" {
		t.Errorf("%s, %v", data, err)
	}
}

func TestClientErrTLS(t *testing.T) {
	server := serve(t, answer(200, "application/json", `{"data":{}}`))
	data, err := claim(clientOf(t, server, func(o *vas.ClientConfig) { o.CA = "" }))
	wantReason(t, data, err, vas.ReasonTLS)
	// The certificate is for 127.0.0.1 and example.com, not for localhost.
	data, err = claim(clientOf(t, server, func(o *vas.ClientConfig) {
		o.Endpoint = strings.Replace(o.Endpoint, "127.0.0.1", "localhost", 1)
	}))
	wantReason(t, data, err, vas.ReasonTLS)
	plain := httptest.NewServer(answer(200, "application/json", `{"data":{}}`))
	defer plain.Close()
	data, err = claim(clientOf(t, plain, func(o *vas.ClientConfig) {
		o.Endpoint = strings.Replace(o.Endpoint, "http:", "https:", 1)
	}))
	wantReason(t, data, err, vas.ReasonTLS)
	// It wants a certificate of ours, and we have none.
	picky := httptest.NewUnstartedServer(answer(200, "application/json", `{"data":{}}`))
	picky.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	picky.Config.ErrorLog = log.New(io.Discard, "", 0)
	picky.StartTLS()
	defer picky.Close()
	data, err = claim(clientOf(t, picky, nil))
	wantReason(t, data, err, vas.ReasonTLS)
}

func TestClientErrUnreachable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	server := serve(t, nil)
	for name, endpoint := range map[string]string{"nobody listens": "https://" + l.Addr().String(), "no such name": "https://no-such-host.invalid"} {
		t.Run(name, func(t *testing.T) {
			data, err := claim(clientOf(t, server, func(o *vas.ClientConfig) {
				o.Endpoint, o.Policy.Timeout = endpoint, 5*time.Second
			}))
			wantReason(t, data, err, vas.ReasonUnreachable)
		})
	}
}

func TestClientErrCredentials(t *testing.T) {
	server := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("asked without a token") })
	empty := filepath.Join(t.TempDir(), "empty")
	writeFile(t, empty, nil)
	broken := filepath.Join(t.TempDir(), "broken")
	writeFile(t, broken, []byte(secret+"\r\nX-Other: y"))
	for _, ref := range []vas.SecretRef{"env:VAS_TEST_NOT_SET", "file:/nowhere", vas.SecretRef("file:" + empty), vas.SecretRef("file:" + broken), "file:/dev/zero"} {
		data, err := claim(clientOf(t, server, func(o *vas.ClientConfig) { o.Token = ref }))
		wantReason(t, data, err, vas.ReasonCredentials)
	}
	for _, ref := range []vas.SecretRef{secret, "env:", "file:", "http://x"} {
		if _, err := vas.NewClient(vas.ClientConfig{Endpoint: server.URL, Token: ref}); err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("%v", err)
		}
	}
}

// A token that was replaced is used with the next claim.
func TestClientReadsTheTokenAnew(t *testing.T) {
	var bearer atomic.Value
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		bearer.Store(r.Header.Get("Authorization"))
		answer(200, "application/json", `{"data":{}}`)(w, r)
	})
	path := filepath.Join(t.TempDir(), "token")
	writeFile(t, path, []byte("old\n"))
	c := clientOf(t, server, func(o *vas.ClientConfig) { o.Token = vas.SecretRef("file:" + path) })
	for _, token := range []string{"old", "new"} {
		writeFile(t, path, []byte(token+"\n"))
		if _, err := claim(c); err != nil || bearer.Load() != "Bearer "+token {
			t.Errorf("%v, %v", bearer.Load(), err)
		}
	}
}

func TestNewClientErrNotClaimable(t *testing.T) {
	for _, endpoint := range []string{
		"", "https:", "https://", "sip:a@b", "http://a.example/", "http://10.0.0.1/", "http://127.0.0.1.example/", "ftp://a.example",
		"https://user:" + secret + "@a.example/", "postgres://a.example/db", "https://a.example:x/", "file:///etc/passwd",
	} {
		_, err := vas.NewClient(vas.ClientConfig{Endpoint: endpoint})
		wantReason(t, "", err, vas.ReasonNotClaimable)
	}
	for _, endpoint := range []string{"https://a.example", "https://a.example:8443/x/", "http://127.0.0.1:8070", "http://[::1]:8070/", "http://localhost/"} {
		if c, err := vas.NewClient(vas.ClientConfig{Endpoint: endpoint}); err != nil {
			t.Errorf("%s: %v", endpoint, err)
		} else {
			c.Close()
		}
	}
}

func TestClientErrNoSerial(t *testing.T) {
	server := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("asked") })
	c := clientOf(t, server, nil)
	for _, serial := range []string{"", "../../admin", "1/2", "12a", "%31"} {
		data, err := c.Claim(context.Background(), vas.Query{Serial: serial, CallID: "a"})
		wantReason(t, string(data), err, vas.ReasonNotFound)
	}
}

// The breaker opens after five failures, lets one claim through after a while,
// and closes with the first that is answered.
func TestClientBreaker(t *testing.T) {
	var status, requests atomic.Int32
	status.Store(500)
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		w.WriteHeader(int(status.Load()))
	})
	clock := newClock()
	c := clientOf(t, server, func(o *vas.ClientConfig) {
		o.Policy = vas.Policy{Retries: -1, Failures: 5, Cooldown: 10 * time.Second, Timeout: 5 * time.Second, Now: clock.Now}
	})
	step := func(want vas.Reason, asked int32) {
		t.Helper()
		before := requests.Load()
		data, err := claim(c)
		wantReason(t, data, err, want)
		if n := requests.Load() - before; n != asked {
			t.Errorf("%d requests, want %d", n, asked)
		}
	}
	status.Store(404) // an answer, if not the one hoped for
	for range 10 {
		step(vas.ReasonNotFound, 1)
	}
	status.Store(500)
	for range 5 {
		step(vas.ReasonFault, 1)
	}
	step(vas.ReasonBreakerOpen, 0)
	clock.add(9 * time.Second)
	step(vas.ReasonBreakerOpen, 0)
	clock.add(time.Second)
	step(vas.ReasonFault, 1) // the one that finds out
	step(vas.ReasonBreakerOpen, 0)
	clock.add(10 * time.Second)
	status.Store(404)
	step(vas.ReasonNotFound, 1)
	status.Store(500)
	for range 5 {
		step(vas.ReasonFault, 1)
	}
	step(vas.ReasonBreakerOpen, 0)
}

// A caller that gives up gets its own error, and the client system is not
// blamed for it.
func TestClientErrContext(t *testing.T) {
	server := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	c := clientOf(t, server, func(o *vas.ClientConfig) { o.Policy.Timeout = time.Minute })
	for range 10 {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
		if data, err := c.Claim(ctx, vas.Query{Serial: "00000042", CallID: "a"}); !errors.Is(err, context.DeadlineExceeded) || data != nil {
			t.Errorf("%s, %v", data, err)
		}
		cancel()
	}
}

// The client and the handler, with each answer the interface has.
func TestClientAgainstHandler(t *testing.T) {
	f := newFront(t, func(o *vas.HandlerOptions) { o.Limits = vas.Limits{Misses: 2, LockOut: time.Minute} })
	server := serve(t, f.ServeHTTP)
	dir := t.TempDir()
	as := func(token string) *vas.Client {
		path := filepath.Join(dir, token)
		writeFile(t, path, []byte(token))
		return clientOf(t, server, func(o *vas.ClientConfig) {
			o.Endpoint, o.Token, o.Policy.Timeout = server.URL, vas.SecretRef("file:"+path), 5*time.Second
		})
	}
	serial := f.issue(t)
	q := vas.Query{Serial: serial, CallID: "a@b"}
	ask := func(c *vas.Client, q vas.Query) string {
		data, err := c.Claim(context.Background(), q)
		return fmt.Sprint(string(data), " ", err)
	}
	mine, other := as("claimer"), as("other")
	for _, step := range []struct{ got, want string }{
		{ask(as("wrong"), q), " claim: unauthorized: HTTP status 401"},
		{ask(as("issuer"), q), " claim: unauthorized: HTTP status 403"},
		{ask(mine, q), `{"name":"王"} <nil>`},
		{ask(mine, q), `{"name":"王"} <nil>`},
		{ask(mine, vas.Query{Serial: serial, CallID: "c@d"}), " claim: claimed: HTTP status 409"},
		{ask(other, q), " claim: claimed: HTTP status 409"},
		{ask(other, vas.Query{Serial: "00000000", CallID: "a@b"}), " claim: not_found: HTTP status 404"},
		{ask(other, vas.Query{Serial: "00000000", CallID: "a@b"}), " claim: not_found: HTTP status 404"},
		{ask(other, q), " claim: busy: HTTP status 429"},
	} {
		if step.got != step.want {
			t.Errorf("%s, want %s", step.got, step.want)
		}
	}
	if !errors.Is(&vas.ClaimError{Reason: vas.ReasonNotFound}, vas.ErrNotFound) || !errors.Is(&vas.ClaimError{Reason: vas.ReasonClaimed}, vas.ErrClaimed) {
		t.Error("a ClaimError does not match its sentinel")
	}
}
