package screenpop

import (
	"embed"
	"encoding/json"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

// The pages are files of this package: nothing is built, nothing is fetched from
// elsewhere.
//
//go:embed desk
var deskFiles embed.FS

// policy lets a page load what is ours, and nothing else, and nobody frame it.
// Trusted types refuse markup made of text, whatever a later change does.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; " +
	"base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

const languageCookie = "sipid_lang"

// pages are the templates and the words in each language.
type pages struct {
	html  *template.Template
	words map[string]map[string]string
}

func loadPages() (*pages, error) {
	html, err := template.ParseFS(deskFiles, "desk/*.html")
	if err != nil {
		return nil, err
	}
	p := &pages{html: html, words: map[string]map[string]string{}}
	for _, language := range []string{"en", "zh"} {
		text, err := fs.ReadFile(deskFiles, "desk/words."+language+".json")
		if err != nil {
			return nil, err
		}
		var words map[string]string
		if err := json.Unmarshal(text, &words); err != nil {
			return nil, err
		}
		p.words[language] = words
	}
	return p, nil
}

// page is what a template gets.
type page struct {
	Lang      string
	W         map[string]string
	Other     string // the other language
	Path      string // of this page, for the language switch
	Extension string
	Open      bool // no token is asked for
	Wall      bool
	Error     string
}

func (s *Service) pages(mux *http.ServeMux) {
	mux.HandleFunc("GET /desk", s.serveDesk)
	mux.HandleFunc("GET /desk/{$}", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/desk", http.StatusMovedPermanently)
	})
	mux.HandleFunc("GET /desk/wall", s.serveWallPage)
	mux.HandleFunc("POST /desk/session", s.serveSignIn)
	mux.HandleFunc("POST /desk/session/end", s.serveSignOut)
	for name, kind := range map[string]string{
		"desk.css": "text/css; charset=utf-8", "desk.js": "text/javascript; charset=utf-8",
		"wall.js": "text/javascript; charset=utf-8", "icon.svg": "image/svg+xml",
	} {
		mux.HandleFunc("GET /desk/"+name, func(w http.ResponseWriter, r *http.Request) {
			pageHeaders(w)
			w.Header().Set("Content-Type", kind)
			w.Header().Set("Cache-Control", "no-cache")
			http.ServeFileFS(w, r, deskFiles, path.Join("desk", name))
		})
	}
}

func pageHeaders(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

// serveDesk is the agent's page, or the way in.
func (s *Service) serveDesk(w http.ResponseWriter, r *http.Request) {
	p, ok := s.session(r)
	v := s.page(w, r, "/desk")
	if !ok || p.role != roleAgent {
		s.render(w, http.StatusOK, "signin.html", v)
		return
	}
	v.Extension = p.extension
	s.render(w, http.StatusOK, "desk.html", v)
}

// serveWallPage is the supervisor's page, or the way in.
func (s *Service) serveWallPage(w http.ResponseWriter, r *http.Request) {
	p, ok := s.session(r)
	v := s.page(w, r, "/desk/wall")
	v.Wall = true
	if !ok || p.role != roleSupervisor {
		s.render(w, http.StatusOK, "signin.html", v)
		return
	}
	s.render(w, http.StatusOK, "wall.html", v)
}

// session is who signed in at the desk.
func (s *Service) session(r *http.Request) (person, bool) {
	c, err := r.Cookie(cookieName)
	if err != nil {
		return person{}, false
	}
	return s.access.session(c.Value, time.Now())
}

// serveSignIn makes a session. Without an extension it is the supervisor's.
func (s *Service) serveSignIn(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	extension, token := strings.TrimSpace(r.PostFormValue("extension")), strings.TrimSpace(r.PostFormValue("token"))
	wall := r.PostFormValue("wall") != ""
	to := "/desk"
	if wall {
		to, extension = "/desk/wall", ""
	}
	v := s.page(w, r, to)
	v.Wall, v.Extension = wall, extension
	if s.access.guessing(remote(r), false) {
		v.Error = v.W["too_many_guesses"]
		w.Header().Set("Retry-After", "60")
		s.render(w, http.StatusTooManyRequests, "signin.html", v)
		return
	}
	p, ok := s.access.signIn(extension, token)
	if !ok || (p.role == roleSupervisor) != wall {
		s.access.guessing(remote(r), true)
		v.Error = v.W["wrong_token"]
		s.render(w, http.StatusUnauthorized, "signin.html", v)
		return
	}
	http.SetCookie(w, s.access.begin(p, secure(r), time.Now()))
	http.Redirect(w, r, to, http.StatusSeeOther)
}

func (s *Service) serveSignOut(w http.ResponseWriter, r *http.Request) {
	if c, err := r.Cookie(cookieName); err == nil {
		s.access.end(c.Value)
	}
	http.SetCookie(w, &http.Cookie{Name: cookieName, Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteStrictMode})
	to := "/desk"
	if r.FormValue("wall") != "" {
		to = "/desk/wall"
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// page starts what a template gets, in the reader's language; ?lang= sets it.
func (s *Service) page(w http.ResponseWriter, r *http.Request, at string) *page {
	language := s.files.language(r)
	if chosen := r.URL.Query().Get("lang"); s.files.words[chosen] != nil {
		http.SetCookie(w, &http.Cookie{
			Name: languageCookie, Value: chosen, Path: "/desk", MaxAge: 365 * 24 * 3600, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		})
	}
	other := "zh"
	if language == "zh" {
		other = "en"
	}
	return &page{Lang: language, Other: other, W: s.files.words[language], Path: at, Open: s.access.open}
}

// language is the one that was chosen, or the browser's first that we have.
func (p *pages) language(r *http.Request) string {
	if chosen := r.URL.Query().Get("lang"); p.words[chosen] != nil {
		return chosen
	}
	if c, err := r.Cookie(languageCookie); err == nil && p.words[c.Value] != nil {
		return c.Value
	}
	// Browsers send the languages in the order of liking.
	for one := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		tag, _, _ := strings.Cut(one, ";")
		base, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
		if p.words[base] != nil {
			return base
		}
	}
	return "en"
}

func (s *Service) render(w http.ResponseWriter, status int, name string, v *page) {
	pageHeaders(w)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", v.Lang)
	w.Header().Set("Vary", "Accept-Language, Cookie")
	w.WriteHeader(status)
	_ = s.files.html.ExecuteTemplate(w, name, v) // or the peer has gone
}
