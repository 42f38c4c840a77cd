package screenpop

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// TokenHash is the SHA-256 of a token. Tokens are long and random, so a plain
// hash is enough to keep them from being read out of memory or a file.
type TokenHash [sha256.Size]byte

// HashToken gives a token's hash.
func HashToken(token string) TokenHash { return sha256.Sum256([]byte(token)) }

// ParseTokenHash reads a hash of 64 hexadecimal digits.
func ParseTokenHash(s string) (TokenHash, error) {
	var h TokenHash
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(h) {
		return h, fmt.Errorf("%d hexadecimal digits are expected", 2*len(h))
	}
	copy(h[:], b)
	return h, nil
}

type role uint8

const (
	roleAgent role = iota + 1
	roleSupervisor
	rolePBX
	roleAnybody // where the service is open
)

// person is who asks.
type person struct {
	role      role
	extension string
}

// name is what the audit log calls it.
func (p person) name() string {
	switch p.role {
	case roleAgent:
		return p.extension
	case roleSupervisor:
		return "supervisor"
	}
	return "local"
}

func (p person) sees(agent string) bool {
	return p.role == roleAnybody || p.role == roleAgent && p.extension == agent
}

const (
	cookieName   = "sipid_desk"
	maxSessions  = 10000
	maxGuessers  = 10000
	guessBurst   = 10
	guessRefill  = 6 * time.Second
	guessForgive = 10 * time.Minute
)

// access says who may do what.
type access struct {
	open   bool
	agents map[string]bool
	tokens map[TokenHash]person
	life   time.Duration

	mu       sync.Mutex
	sessions map[TokenHash]session // by the hash of the cookie
	guesses  map[netip.Prefix]*guesser
}

type session struct {
	person
	ends time.Time
}

// guesser is an address that sent wrong tokens.
type guesser struct {
	limit *rate.Limiter
	last  time.Time
}

func newAccess(o *Options) (*access, error) {
	a := &access{
		open:   len(o.Agents)+len(o.Supervisor)+len(o.PBX) == 0,
		agents: map[string]bool{}, tokens: map[TokenHash]person{}, life: o.Limits.Session,
		sessions: map[TokenHash]session{}, guesses: map[netip.Prefix]*guesser{},
	}
	add := func(list []TokenHash, p person) error {
		for _, t := range list {
			if _, twice := a.tokens[t]; twice {
				return fmt.Errorf("%w: one is there twice", ErrToken)
			}
			a.tokens[t] = p
		}
		return nil
	}
	for _, agent := range o.Agents {
		a.agents[agent.Extension] = true
		if err := add(agent.Tokens, person{roleAgent, agent.Extension}); err != nil {
			return nil, err
		}
	}
	if err := add(o.Supervisor, person{role: roleSupervisor}); err != nil {
		return nil, err
	}
	return a, add(o.PBX, person{role: rolePBX})
}

// known says whether there is an agent of this extension.
func (a *access) known(extension string) bool {
	return a.agents[extension] || a.open && ValidExtension(extension)
}

// signIn checks an extension and a token, or without an extension the
// supervisor's.
func (a *access) signIn(extension, token string) (person, bool) {
	if a.open {
		if extension == "" {
			return person{role: roleSupervisor}, true
		}
		return person{roleAgent, extension}, ValidExtension(extension)
	}
	p, ok := a.tokens[HashToken(token)]
	ok = ok && p.extension == extension && (p.role == roleAgent || p.role == roleSupervisor)
	return p, ok
}

// begin makes a session and gives its cookie.
func (a *access) begin(p person, secure bool, now time.Time) *http.Cookie {
	random := make([]byte, 32)
	rand.Read(random) // never fails, crypto/rand
	value := base64.RawURLEncoding.EncodeToString(random)
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.sessions) >= maxSessions {
		a.dropSessions(now)
	}
	a.sessions[HashToken(value)] = session{p, now.Add(a.life)}
	return &http.Cookie{
		Name: cookieName, Value: value, Path: "/", MaxAge: int(a.life.Seconds()),
		HttpOnly: true, Secure: secure, SameSite: http.SameSiteStrictMode,
	}
}

// dropSessions makes room: what has ended goes, or else the one that ends next.
func (a *access) dropSessions(now time.Time) {
	var next TokenHash
	var ends time.Time
	for id, s := range a.sessions {
		if !s.ends.After(now) {
			delete(a.sessions, id)
		} else if ends.IsZero() || s.ends.Before(ends) {
			next, ends = id, s.ends
		}
	}
	if len(a.sessions) >= maxSessions {
		delete(a.sessions, next)
	}
}

func (a *access) end(cookie string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.sessions, HashToken(cookie))
}

// session gives who has this cookie.
func (a *access) session(cookie string, now time.Time) (person, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	s, ok := a.sessions[HashToken(cookie)]
	return s.person, ok && s.ends.After(now)
}

// who says who sent a request: by bearer token, else by cookie.
func (a *access) who(r *http.Request) (person, bool) {
	if kind, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok {
		p, known := a.tokens[HashToken(strings.TrimSpace(token))]
		return p, known && strings.EqualFold(kind, "Bearer")
	}
	if c, err := r.Cookie(cookieName); err == nil {
		if p, ok := a.session(c.Value, time.Now()); ok {
			return p, true
		}
	}
	return person{role: roleAnybody}, a.open
}

// remote is the address a request came from. Behind a proxy on this machine all
// agents would have one address, and one who guesses would lock out all of them;
// the proxy says whose request it is, last in the list.
func remote(r *http.Request) string {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !peer.Addr().Unmap().IsLoopback() {
		return r.RemoteAddr
	}
	list := strings.Join(r.Header.Values("X-Forwarded-For"), ",")
	addr, err := netip.ParseAddr(strings.TrimSpace(list[strings.LastIndexByte(list, ',')+1:]))
	if err != nil {
		return r.RemoteAddr
	}
	return netip.AddrPortFrom(addr, 0).String()
}

// secure says whether the browser's way to us is TLS: here, or at a proxy. Who
// says so without a proxy gets a cookie that its own browser does not send.
func secure(r *http.Request) bool {
	return r.TLS != nil || strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https")
}

// guessing says whether an address has sent too many wrong tokens. wrong counts
// one more.
func (a *access) guessing(remote string, wrong bool) bool {
	network := networkOf(remote)
	a.mu.Lock()
	defer a.mu.Unlock()
	g := a.guesses[network]
	if g == nil {
		if !wrong || len(a.guesses) >= maxGuessers {
			return false
		}
		g = &guesser{limit: rate.NewLimiter(rate.Every(guessRefill), guessBurst)}
		a.guesses[network] = g
	}
	if wrong {
		g.last = time.Now()
		g.limit.Allow()
	}
	return g.limit.Tokens() < 1
}

// networkOf takes an IPv6 neighbour for the same guesser: it has 2^64 addresses.
func networkOf(remote string) netip.Prefix {
	peer, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Prefix{}
	}
	addr, bits := peer.Addr().Unmap().WithZone(""), 64
	if addr.Is4() {
		bits = 32
	}
	network, _ := addr.Prefix(bits) // the bits fit
	return network
}

// sweep forgets sessions that have ended and guessers that gave up.
func (a *access) sweep(now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for id, s := range a.sessions {
		if !s.ends.After(now) {
			delete(a.sessions, id)
		}
	}
	for network, g := range a.guesses {
		if now.Sub(g.last) >= guessForgive {
			delete(a.guesses, network)
		}
	}
}
