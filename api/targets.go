package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"time"

	"sipid/httpjson"
	"sipid/pbx"
)

// Target is a PBX target as JSON: what it is, how it is, and why.
type Target struct {
	Group      string     `json:"group"`
	URI        string     `json:"uri"`
	Address    string     `json:"address,omitempty"` // absent: its name was never found
	State      string     `json:"state"`             // up, out, drained
	Up         bool       `json:"up"`
	Drained    bool       `json:"drained"`
	Since      time.Time  `json:"since"`
	Why        string     `json:"why"`
	LastCode   int        `json:"last_code"`
	RTTSeconds float64    `json:"rtt_seconds"`
	NextProbe  *time.Time `json:"next_probe"` // null: not probed
	Calls      int        `json:"calls"`
	MaxCalls   int        `json:"max_calls"` // 0: no limit
}

func newTarget(t pbx.State) Target {
	v := Target{
		Group: t.Group, URI: t.URI, Address: t.Address, State: t.String(), Up: t.Up, Drained: t.Drained, Since: t.Since, Why: t.Why,
		LastCode: t.LastCode, RTTSeconds: t.RTT.Seconds(), Calls: t.Calls, MaxCalls: t.MaxCalls,
	}
	if !t.NextProbe.IsZero() {
		v.NextProbe = &t.NextProbe
	}
	return v
}

func targetViews(states []pbx.State, which func(pbx.State) bool) []Target {
	views := []Target{}
	for _, t := range states {
		if which(t) {
			views = append(views, newTarget(t))
		}
	}
	return views
}

// ErrNoTarget means a PBX target that the configuration does not have.
var ErrNoTarget = errors.New("no such PBX target")

// Targets shows the PBX targets over HTTP, and takes them out and in.
type Targets struct {
	States func() []pbx.State
	// Set takes those with this URI out or in, in the named group or, when group
	// is empty, in all. ErrNoTarget, wrapped: there is none. Any other error: it
	// could not be kept.
	Set func(ctx context.Context, group, uri string, out bool) error
}

func (a *Targets) register(mux *http.ServeMux, access *Access) {
	mux.Handle("/v1/targets", access.guard(httpjson.Only(http.MethodGet, a.serveList)))
	mux.Handle("/v1/targets/drain", access.guard(httpjson.Only(http.MethodPost, a.serveSet(true))))
	mux.Handle("/v1/targets/enable", access.guard(httpjson.Only(http.MethodPost, a.serveSet(false))))
}

func (a *Targets) serveList(w http.ResponseWriter, _ *http.Request) {
	httpjson.Write(w, http.StatusOK, targetViews(a.States(), func(pbx.State) bool { return true }))
}

// targetQuestion names what is to be drained or enabled.
type targetQuestion struct {
	URI   string `json:"uri"`
	Group string `json:"group"` // empty: all that have the target
}

// maxTargetQuestion bounds the body of such a request.
const maxTargetQuestion = 4 << 10

// serveSet answers with the targets that were meant, as they are now.
func (a *Targets) serveSet(out bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var q targetQuestion
		if mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || mediaType != "application/json" {
			httpjson.Fail(w, http.StatusUnsupportedMediaType, "unsupported_media_type", "content type must be application/json")
			return
		}
		decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxTargetQuestion))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&q); err != nil || q.URI == "" {
			httpjson.Fail(w, http.StatusBadRequest, "bad_request", `{"uri":"sip:...","group":"..."} is expected`)
			return
		}
		err := a.Set(r.Context(), q.Group, q.URI, out)
		switch {
		case errors.Is(err, ErrNoTarget):
			httpjson.Fail(w, http.StatusNotFound, "no_target", err.Error())
		case err != nil:
			httpjson.Fail(w, http.StatusServiceUnavailable, "not_kept", fmt.Sprintf("nothing was changed, it could not be kept: %v", err))
		default:
			httpjson.Write(w, http.StatusOK, targetViews(a.States(), func(t pbx.State) bool {
				return t.URI == q.URI && (q.Group == "" || q.Group == t.Group)
			}))
		}
	}
}
