package screenpop

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"time"

	"sipid/httpjson"
)

// Handler serves the API and the desk: /v1/pops/, /v1/pbx/events, /v1/wall,
// /desk and what is below it. Where the service is open, whoever mounts it must
// let requests of this machine through only.
func (s *Service) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/pops/stream", s.signed(s.serveStream))
	mux.HandleFunc("POST /v1/pops/{pop_id}/claim", s.signed(s.serveRetry))
	mux.HandleFunc("POST /v1/pbx/events", s.signed(s.servePBX))
	mux.HandleFunc("GET /v1/wall", s.signed(s.serveWall))
	s.pages(mux)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		httpjson.Fail(w, http.StatusNotFound, "not_found", "there is nothing at "+r.Method+" "+r.URL.Path)
	})
	// A cookie comes with requests of any page a browser shows; this lets those
	// of our own through, and those of programs.
	return http.NewCrossOriginProtection().Handler(mux)
}

// signed serves who has a token or a session. Sessions go on while somebody at
// the same address guesses tokens: nobody guesses a cookie of ours.
func (s *Service) signed(next func(http.ResponseWriter, *http.Request, person)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		bearer := r.Header.Get("Authorization") != ""
		if bearer && s.access.guessing(remote(r), false) {
			tooManyGuesses(w)
			return
		}
		p, ok := s.access.who(r)
		if !ok {
			if bearer {
				s.access.guessing(remote(r), true)
			}
			w.Header().Set("WWW-Authenticate", "Bearer")
			httpjson.Fail(w, http.StatusUnauthorized, "unauthorized", "a token is needed, or a session of /desk")
			return
		}
		next(w, r, p)
	}
}

func tooManyGuesses(w http.ResponseWriter) {
	w.Header().Set("Retry-After", "60")
	httpjson.Fail(w, http.StatusTooManyRequests, "too_many_guesses", "too many wrong tokens came from this address")
}

// serveRetry is POST /v1/pops/{pop_id}/claim: the button.
func (s *Service) serveRetry(w http.ResponseWriter, r *http.Request, p person) {
	agent := p.extension
	if p.role == roleAnybody {
		agent = r.URL.Query().Get("agent")
	}
	if agent == "" {
		httpjson.Fail(w, http.StatusForbidden, "forbidden", "agents have the data of their own pops claimed")
		return
	}
	switch err := s.Retry(agent, r.PathValue("pop_id")); {
	case errors.Is(err, ErrNoPop):
		httpjson.Fail(w, http.StatusNotFound, "no_pop", "this agent has no such pop")
	case err != nil:
		httpjson.Fail(w, http.StatusConflict, "nothing_to_claim", "the data are there, on their way, or cannot be asked for")
	default:
		httpjson.Write(w, http.StatusAccepted, struct{}{})
	}
}

// pbxEvent is what a PBX that knows better posts.
type pbxEvent struct {
	Event  string    `json:"event"`   // ringing, answered, moved, ended
	CallID string    `json:"call_id"` // of the INVITE the PBX got
	Agent  string    `json:"agent"`   // may be missing with ended: the whole call
	At     time.Time `json:"at"`      // may be missing: now
}

var pbxKinds = map[string]EventKind{"ringing": EventRinging, "answered": EventAnswered, "moved": EventMoved, "ended": EventEnded}

// servePBX is POST /v1/pbx/events.
func (s *Service) servePBX(w http.ResponseWriter, r *http.Request, p person) {
	if p.role != rolePBX && p.role != roleAnybody {
		httpjson.Fail(w, http.StatusForbidden, "forbidden", "this takes the token of the PBX")
		return
	}
	e, rule := readPBXEvent(http.MaxBytesReader(w, r.Body, 4<<10))
	if rule != "" {
		httpjson.Fail(w, http.StatusBadRequest, "bad_event", rule)
		return
	}
	switch err := s.post(r.Context(), e); {
	case errors.Is(err, ErrNoCall):
		httpjson.Fail(w, http.StatusNotFound, "no_call", "no such call is up")
	case errors.Is(err, ErrUnknownAgent):
		httpjson.Fail(w, http.StatusNotFound, "no_agent", "there is no such agent")
	case err != nil:
		httpjson.Fail(w, http.StatusServiceUnavailable, "unavailable", "events are not taken now")
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}

// readPBXEvent reads an event strictly; rule is what it breaks.
func readPBXEvent(body io.Reader) (e Event, rule string) {
	var in pbxEvent
	d := json.NewDecoder(body)
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		return e, "a JSON object of event, call_id, agent and at is expected"
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return e, "one JSON object is expected"
	}
	kind, ok := pbxKinds[in.Event]
	switch {
	case !ok:
		return e, "event: ringing, answered, moved or ended is expected"
	case in.CallID == "":
		return e, "call_id is missing"
	case in.Agent == "" && kind != EventEnded:
		return e, "agent is missing"
	}
	return Event{Kind: kind, At: in.At, CallID: in.CallID, Extension: in.Agent}, ""
}

// serveWall is GET /v1/wall.
func (s *Service) serveWall(w http.ResponseWriter, _ *http.Request, p person) {
	if p.role != roleSupervisor && p.role != roleAnybody {
		httpjson.Fail(w, http.StatusForbidden, "forbidden", "this is for the supervisor")
		return
	}
	httpjson.Write(w, http.StatusOK, s.Wall(time.Now()))
}

func isTimeout(err error) bool {
	var network net.Error
	return errors.As(err, &network) && network.Timeout()
}
