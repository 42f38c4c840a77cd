package screenpop_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"sipid/screenpop"
)

// signIn posts the form and gives the answer.
func (r *rig) signIn(extension, token, wall string) *httptest.ResponseRecorder {
	form := url.Values{"extension": {extension}, "token": {token}, "wall": {wall}}
	q := httptest.NewRequest("POST", "/desk/session", strings.NewReader(form.Encode()))
	q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	r.web.ServeHTTP(w, q)
	return w
}

func (r *rig) get(path string, cookie *http.Cookie, headers ...string) *httptest.ResponseRecorder {
	q := httptest.NewRequest("GET", path, nil)
	if cookie != nil {
		q.AddCookie(cookie)
	}
	for i := 0; i < len(headers); i += 2 {
		q.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	r.web.ServeHTTP(w, q)
	return w
}

func TestSignIn(t *testing.T) {
	run(t, nil, func(r *rig) {
		w := r.signIn("8001", token("8001"), "")
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/desk" || len(w.Result().Cookies()) != 1 {
			r.Fatalf("%d %v", w.Code, w.Header())
		}
		c := w.Result().Cookies()[0]
		if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || len(c.Value) < 40 {
			r.Errorf("cookie %+v", c)
		}
		if page := r.get("/desk", c); !strings.Contains(page.Body.String(), `<strong id="extension">8001</strong>`) {
			r.Error("no desk after signing in")
		}
		if page := r.get("/desk/wall", c); !strings.Contains(page.Body.String(), `name="token"`) {
			r.Error("an agent is shown the wall")
		}
		s := r.stream("8001", func(q *http.Request) { q.Header.Del("Authorization"); q.AddCookie(c) })
		if s.ended() {
			r.Fatal("no stream for a cookie")
		}
		q := httptest.NewRequest("POST", "/desk/session/end", nil)
		q.AddCookie(c)
		r.web.ServeHTTP(httptest.NewRecorder(), q)
		time.Sleep(20 * time.Second)
		if !s.ended() {
			r.Error("the stream outlives its session")
		}
		if page := r.get("/desk", c); strings.Contains(page.Body.String(), `id="extension">8001`) {
			r.Error("a desk after signing out")
		}
	})
}

func TestSessionEndsByItself(t *testing.T) {
	run(t, nil, func(r *rig) {
		c := r.signIn("", token("supervisor"), "1").Result().Cookies()[0]
		if w := r.get("/v1/wall", c); w.Code != http.StatusOK {
			r.Errorf("wall: %d", w.Code)
		}
		time.Sleep(13 * time.Hour)
		if w := r.get("/v1/wall", c); w.Code != http.StatusUnauthorized {
			r.Errorf("wall after half a day: %d", w.Code)
		}
	})
}

func TestSignInRefused(t *testing.T) {
	run(t, nil, func(r *rig) {
		for _, tc := range [][3]string{
			{"8001", "wrong", ""}, {"8001", token("8002"), ""}, {"8001", "", ""}, {"", token("8001"), ""}, {"8001", token("supervisor"), ""},
			{"", token("8001"), "1"}, {"", token("pbx"), "1"}, {`"><script>`, "x", ""},
		} {
			w := r.signIn(tc[0], tc[1], tc[2])
			if w.Code != http.StatusUnauthorized || len(w.Result().Cookies()) != 0 || strings.Contains(w.Body.String(), "<script>") {
				r.Errorf("%q: %d", tc, w.Code)
			}
		}
		for range 5 {
			r.signIn("8001", "wrong", "")
		}
		if w := r.signIn("8001", token("8001"), ""); w.Code != http.StatusTooManyRequests {
			r.Errorf("after many wrong tokens: %d", w.Code)
		}
		time.Sleep(time.Minute)
		if w := r.signIn("8001", token("8001"), ""); w.Code != http.StatusSeeOther {
			r.Errorf("a minute later: %d", w.Code)
		}
	})
}

// TestGuesserLocksNobodyElseOut: who is signed in stays so, and behind a proxy on
// this machine each address has tries of its own.
func TestGuesserLocksNobodyElseOut(t *testing.T) {
	run(t, nil, func(r *rig) {
		ask := func(method, path, from string, change func(*http.Request)) *httptest.ResponseRecorder {
			q := httptest.NewRequest(method, path, strings.NewReader("extension=8001&token="+url.QueryEscape(token("8001"))))
			q.RemoteAddr = "127.0.0.1:40000"
			q.Header.Set("X-Forwarded-For", from)
			q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			change(q)
			w := httptest.NewRecorder()
			r.web.ServeHTTP(w, q)
			return w
		}
		plain := func(*http.Request) {}
		wrong := func(q *http.Request) { q.Header.Set("Authorization", "Bearer wrong") }
		signed := ask("POST", "/desk/session", "10.1.0.7", plain)
		cookie := signed.Result().Cookies()[0]
		with := func(q *http.Request) { q.AddCookie(cookie) }
		for range 20 {
			ask("POST", "/v1/pbx/events", "127.9.9.9, 10.1.0.7", wrong)
		}
		for _, tc := range []struct {
			what, method, path, from string
			change                   func(*http.Request)
			want                     int
		}{
			{"a token from the guesser's address", "POST", "/v1/pbx/events", "10.1.0.7", wrong, http.StatusTooManyRequests},
			{"a sign-in from there", "POST", "/desk/session", "10.1.0.7", plain, http.StatusTooManyRequests},
			{"a session from there", "POST", "/v1/pops/none/claim", "10.1.0.7", with, http.StatusNotFound},
			{"a token beside a session from there", "POST", "/v1/pops/none/claim", "10.1.0.7",
				func(q *http.Request) { with(q); wrong(q) }, http.StatusTooManyRequests},
			{"another address", "POST", "/desk/session", "10.1.0.8", plain, http.StatusSeeOther},
			{"an address the guesser made up", "POST", "/desk/session", "10.1.0.9, 10.1.0.7", plain, http.StatusTooManyRequests},
			{"no proxy on this machine", "POST", "/desk/session", "10.1.0.7",
				func(q *http.Request) { q.RemoteAddr = "10.1.0.10:40000" }, http.StatusSeeOther},
		} {
			if w := ask(tc.method, tc.path, tc.from, tc.change); w.Code != tc.want {
				r.Errorf("%s: %d, want %d", tc.what, w.Code, tc.want)
			}
		}
	})
}

// TestSecureCookie: the proxy in front has the TLS, the cookie keeps to it.
func TestSecureCookie(t *testing.T) {
	run(t, nil, func(r *rig) {
		for proto, want := range map[string]bool{"https": true, "http": false, "": false} {
			q := httptest.NewRequest("POST", "/desk/session", strings.NewReader("extension=8001&token="+url.QueryEscape(token("8001"))))
			q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			q.Header.Set("X-Forwarded-Proto", proto)
			w := httptest.NewRecorder()
			r.web.ServeHTTP(w, q)
			if cookies := w.Result().Cookies(); len(cookies) != 1 || cookies[0].Secure != want {
				r.Errorf("%q: %v", proto, cookies)
			}
		}
	})
}

// TestOtherPagesCannotPost: a page from elsewhere cannot use an agent's cookie.
func TestOtherPagesCannotPost(t *testing.T) {
	run(t, nil, func(r *rig) {
		for _, h := range [][2]string{{"Origin", "https://evil.example"}, {"Sec-Fetch-Site", "cross-site"}, {"Origin", "null"}} {
			q := httptest.NewRequest("POST", "/desk/session/end", nil)
			q.Header.Set(h[0], h[1])
			w := httptest.NewRecorder()
			if r.web.ServeHTTP(w, q); w.Code != http.StatusForbidden {
				r.Errorf("%s: %d", h, w.Code)
			}
		}
	})
}

// TestOpen: without tokens anybody is who he says he is; the caller of Handler
// lets this machine through only.
func TestOpen(t *testing.T) {
	run(t, func(o *screenpop.Options) { o.Agents, o.Supervisor, o.PBX = nil, nil, nil }, func(r *rig) {
		if w := r.signIn("7777", "", ""); w.Code != http.StatusSeeOther {
			r.Errorf("sign in: %d", w.Code)
		}
		if w := r.get("/v1/wall", nil); w.Code != http.StatusOK {
			r.Errorf("wall: %d", w.Code)
		}
		if w := r.get("/v1/pops/stream?agent=..", nil); w.Code != http.StatusBadRequest {
			r.Errorf("bad agent: %d", w.Code)
		}
	})
}

func TestNewErrors(t *testing.T) {
	for name, o := range map[string]screenpop.Options{
		"extension": {Agents: []screenpop.AgentAccess{{Extension: "80 01", Tokens: hash("a")}}},
		"twice":     {Agents: []screenpop.AgentAccess{{Extension: "1", Tokens: hash("a")}, {Extension: "1", Tokens: hash("b")}}},
		"no token":  {Agents: []screenpop.AgentAccess{{Extension: "1"}}},
		"one token": {Agents: []screenpop.AgentAccess{{Extension: "1", Tokens: hash("a")}}, Supervisor: hash("a")},
	} {
		if _, err := screenpop.New(o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestPages(t *testing.T) {
	run(t, nil, func(r *rig) {
		w := r.get("/desk", nil, "Accept-Language", "fr, zh-CN;q=0.9, en;q=0.8")
		csp := w.Header().Get("Content-Security-Policy")
		if !strings.Contains(w.Body.String(), "登录") || !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
			r.Errorf("%q %s", csp, w.Body)
		}
		if w := r.get("/desk?lang=en", nil, "Accept-Language", "zh"); !strings.Contains(w.Body.String(), "Sign in") || len(w.Result().Cookies()) != 1 {
			r.Errorf("lang=en: %s", w.Body)
		}
		for _, file := range []string{"desk.js", "wall.js", "desk.css", "icon.svg"} {
			if w := r.get("/desk/"+file, nil); w.Code != http.StatusOK || strings.Contains(w.Body.String(), "innerHTML") || w.Body.Len() < 100 {
				r.Errorf("%s: %d", file, w.Code)
			}
		}
		for _, path := range []string{"/desk/words.en.json", "/desk/desk.html", "/desk/../service.go", "/v1/pops"} {
			if w := r.get(path, nil); w.Code == http.StatusOK {
				r.Errorf("%s is served", path)
			}
		}
	})
}
