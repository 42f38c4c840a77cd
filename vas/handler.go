package vas

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"sipid/httpjson"
)

// MaxBody is the largest request body, in octets.
const MaxBody = 16 << 10

// HandlerOptions is what the HTTP side of a Service needs.
type HandlerOptions struct {
	Service  *Service
	Carriers Carriers
	Tokens   *Tokens // nil: a verified client certificate is enough
	// Open lets everybody in. The caller sees to it that this is only the
	// machine itself.
	Open   bool
	Limits Limits
	Ready  func() bool      // nil: always
	Now    func() time.Time // nil: time.Now
	Log    *slog.Logger
}

// handler answers the HTTP interface of the client system.
type handler struct {
	HandlerOptions
	limiter *limiter
}

// NewHandler serves
//
//	POST   /v1/serials            issue
//	POST   /v1/serials/{s}/claim  claim
//	DELETE /v1/serials/{s}        delete
//	GET    /healthz, /readyz
//
// A request is let in with a bearer token of Tokens; without Tokens, with a
// client certificate that the server verified, whose name is the claimant then;
// or with Open. Certificates are asked for by the server's tls.Config.
func NewHandler(o HandlerOptions) http.Handler {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Ready == nil {
		o.Ready = func() bool { return true }
	}
	h := &handler{HandlerOptions: o, limiter: newLimiter(o.Limits, o.Now)}
	mux := http.NewServeMux()
	mux.Handle("/v1/serials", httpjson.Only(http.MethodPost, h.guard(mayIssue, h.issue)))
	mux.Handle("/v1/serials/{s}/claim", httpjson.Only(http.MethodPost, h.guard(mayClaim, h.claim)))
	mux.Handle("/v1/serials/{s}", httpjson.Only(http.MethodDelete, h.guard(mayIssue, h.remove)))
	mux.Handle("/healthz", httpjson.Only(http.MethodGet, alive))
	mux.Handle("/readyz", httpjson.Only(http.MethodGet, h.ready))
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		httpjson.Fail(w, http.StatusNotFound, "no_such_path", "there is nothing here")
	})
	return mux
}

func mayIssue(i Identity) bool { return i.Issue }
func mayClaim(i Identity) bool { return i.Claim }

// guard lets a request through to next when its sender may do that.
func (h *handler) guard(may func(Identity) bool, next func(http.ResponseWriter, *http.Request, Identity)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		identity, ok := h.identify(r)
		switch {
		case !ok:
			w.Header().Set("WWW-Authenticate", `Bearer realm="sipid vas"`)
			httpjson.Fail(w, http.StatusUnauthorized, "unauthorized", "a valid bearer token or client certificate is needed")
		case !may(identity):
			httpjson.Fail(w, http.StatusForbidden, "forbidden", "this token has the other role")
		default:
			next(w, r, identity)
		}
	}
}

func (h *handler) identify(r *http.Request) (Identity, bool) {
	name := certificateName(r)
	if h.Tokens != nil {
		scheme, bearer, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		identity, ok := h.Tokens.Identify(strings.TrimSpace(bearer))
		if identity.Claimant == "" {
			identity.Claimant = name
		}
		return identity, ok && strings.EqualFold(scheme, "Bearer")
	}
	identity := Identity{Claimant: name, Issue: true, Claim: true, limit: "certificate " + name}
	return identity, name != "" || h.Open
}

// certificateName is the name in a client certificate that the server verified,
// empty without one.
func certificateName(r *http.Request) string {
	if r.TLS == nil || len(r.TLS.VerifiedChains) == 0 {
		return ""
	}
	leaf := r.TLS.VerifiedChains[0][0]
	if len(leaf.DNSNames) > 0 {
		return leaf.DNSNames[0]
	}
	return leaf.Subject.CommonName
}

type issueRequest struct {
	Data json.RawMessage `json:"data"`
	TTL  string          `json:"ttl"`
}

// issueAnswer is the serial with what goes with it, and the carriers.
type issueAnswer struct {
	Serial               string `json:"serial"`
	OriginalCalledNumber string `json:"original_called_number"`
	ExpiresAt            string `json:"expires_at"`
	IAM                  string `json:"iam"`
	Diversion            string `json:"diversion"`
}

func (h *handler) issue(w http.ResponseWriter, r *http.Request, _ Identity) {
	var q issueRequest
	if !readJSON(w, r, &q) {
		return
	}
	ttl, err := parseTTL(q.TTL)
	if err != nil {
		h.fail(w, "issue", err)
		return
	}
	issued, err := h.Service.Issue(r.Context(), q.Data, ttl)
	if err != nil {
		h.fail(w, "issue", err)
		return
	}
	iam, err := h.Carriers.IAM(issued.OriginalCalledNumber)
	if err != nil {
		h.fail(w, "issue", err)
		return
	}
	httpjson.Write(w, http.StatusCreated, issueAnswer{
		Serial: issued.Serial, OriginalCalledNumber: issued.OriginalCalledNumber,
		ExpiresAt: issued.ExpiresAt.UTC().Format(time.RFC3339Nano),
		IAM:       hex.EncodeToString(iam), Diversion: h.Carriers.Diversion(issued.OriginalCalledNumber),
	})
}

func parseTTL(s string) (time.Duration, error) {
	if s == "" {
		return 0, nil
	}
	ttl, err := time.ParseDuration(s)
	if err != nil || ttl == 0 {
		return 0, &invalidError{"ttl is a time from 10s to 24h, such as 10m"}
	}
	return ttl, nil
}

type claimRequest struct {
	Claimant string `json:"claimant"`
	CallID   string `json:"call_id"`
}

type claimAnswer struct {
	Data json.RawMessage `json:"data"`
}

func (h *handler) claim(w http.ResponseWriter, r *http.Request, identity Identity) {
	if wait := h.limiter.claim(identity.limit); wait > 0 {
		writeBusy(w, http.StatusTooManyRequests, wait, "too_many_requests", "too many claims, or too many of serials that are not there")
		return
	}
	var q claimRequest
	if !readJSON(w, r, &q) {
		return
	}
	if identity.Claimant != "" {
		q.Claimant = identity.Claimant
	}
	data, err := h.Service.Claim(r.Context(), r.PathValue("s"), Binding(q))
	if err != nil {
		if errors.Is(err, ErrNotFound) {
			h.limiter.miss(identity.limit)
		}
		h.fail(w, "claim", err)
		return
	}
	httpjson.Write(w, http.StatusOK, claimAnswer{Data: data})
}

func (h *handler) remove(w http.ResponseWriter, r *http.Request, _ Identity) {
	if err := h.Service.Delete(r.Context(), r.PathValue("s")); err != nil {
		h.fail(w, "delete", err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func alive(w http.ResponseWriter, _ *http.Request) {
	httpjson.Write(w, http.StatusOK, map[string]string{"status": "ok"})
}

// readyPatience bounds what a stuck disk costs the one who asks.
const readyPatience = 2 * time.Second

func (h *handler) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyPatience)
	defer cancel()
	if !h.Ready() || h.Service.Check(ctx) != nil {
		httpjson.Write(w, http.StatusServiceUnavailable, map[string]bool{"ready": false})
		return
	}
	httpjson.Write(w, http.StatusOK, map[string]bool{"ready": true})
}
