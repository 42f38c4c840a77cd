package api

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"sipid/httpjson"
	"sipid/screenpop"
)

// Access is the one rule for what shows clients and callers or changes
// something: where http_tokens are configured it takes one, from this machine
// too; where none are it is for this machine.
type Access struct {
	tokens map[screenpop.TokenHash]bool
}

// NewAccess lets in who has one of these tokens; without any, this machine.
func NewAccess(tokens []screenpop.TokenHash) *Access {
	a := &Access{tokens: map[screenpop.TokenHash]bool{}}
	for _, t := range tokens {
		a.tokens[t] = true
	}
	return a
}

// guard lets through who may see and change what next serves. A token is
// enough: no browser sends one for a page from elsewhere.
func (a *Access) guard(next http.Handler) http.Handler {
	if len(a.tokens) == 0 {
		return Local(next)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		kind, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		if !strings.EqualFold(kind, "Bearer") || !a.tokens[screenpop.HashToken(strings.TrimSpace(token))] {
			w.Header().Set("WWW-Authenticate", `Bearer realm="sipid"`)
			httpjson.Fail(w, http.StatusUnauthorized, "unauthorized", "a token of http_tokens is needed")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// Local lets requests of this machine through, and of no web page: a browser
// here can be made to send requests by any site it visits, so the peer's
// address alone proves nothing. Host is checked against names that were
// rebound to a loopback address, Origin against pages from elsewhere. What a
// proxy here brings is not of this machine either, as far as the proxy says so.
func Local(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !loopbackPeer(r.RemoteAddr):
			httpjson.Fail(w, http.StatusForbidden, "forbidden", "this is served to the machine itself only")
		case !loopbackHost(r.Host):
			httpjson.Fail(w, http.StatusForbidden, "bad_host", "Host must be localhost or a loopback address")
		case !loopbackOrigin(r.Header.Values("Origin")):
			httpjson.Fail(w, http.StatusForbidden, "bad_origin", "requests of other web pages are refused")
		case forwarded(r.Header):
			httpjson.Fail(w, http.StatusForbidden, "forwarded", "this is served to the machine itself only, not through a proxy")
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// forwarded says whether a proxy has passed a request on.
func forwarded(h http.Header) bool {
	for _, name := range []string{"X-Forwarded-For", "Forwarded", "X-Real-Ip", "Via"} {
		if h.Get(name) != "" {
			return true
		}
	}
	return false
}

func loopbackPeer(remote string) bool {
	peer, err := netip.ParseAddrPort(remote)
	return err == nil && peer.Addr().Unmap().IsLoopback()
}

func loopbackHost(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	if name == "localhost" {
		return true
	}
	if len(name) > 2 && name[0] == '[' && name[len(name)-1] == ']' {
		name = name[1 : len(name)-1]
	}
	addr, err := netip.ParseAddr(name)
	return err == nil && addr.Unmap().IsLoopback()
}

// loopbackOrigin accepts no Origin (curl, scripts) or one of this machine.
// "null", which sandboxed pages send, is one of elsewhere.
func loopbackOrigin(origins []string) bool {
	for _, origin := range origins {
		u, err := url.Parse(origin)
		if err != nil || u.Host == "" || !loopbackHost(u.Host) {
			return false
		}
	}
	return true
}
