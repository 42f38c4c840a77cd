package vas

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"
	"unicode/utf8"
)

// only answers one method (HEAD goes with GET) and refuses the others.
func only(method string, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method == method || method == http.MethodGet && r.Method == http.MethodHead {
			next(w, r)
			return
		}
		w.Header().Set("Allow", method)
		writeError(w, http.StatusMethodNotAllowed, "method_not_allowed", method+" is possible here")
	}
}

// readJSON reads the body into v, or answers why it cannot.
func readJSON(w http.ResponseWriter, r *http.Request, v any) bool {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		writeError(w, http.StatusRequestEntityTooLarge, "too_large", "the body is larger than 16 KB")
	case err != nil:
		writeError(w, http.StatusBadRequest, "bad_request", "the body cannot be read")
	case !utf8.Valid(body) || json.Unmarshal(body, v) != nil:
		writeError(w, http.StatusBadRequest, "bad_json", "the body is not the JSON object that is expected")
	default:
		return true
	}
	return false
}

// storePatience is what a client is told to wait when the store fails.
const storePatience = time.Second

// fail is the one place that turns an error into an answer. What the answer
// says is the same whatever the serial was.
func (h *handler) fail(w http.ResponseWriter, what string, err error) {
	switch {
	case errors.Is(err, ErrNotFound):
		writeError(w, http.StatusNotFound, "not_found", "no such serial")
	case errors.Is(err, ErrClaimed):
		writeError(w, http.StatusConflict, "claimed", "claimed by another claimant or for another call")
	case errors.Is(err, ErrInvalid):
		writeError(w, http.StatusBadRequest, "invalid", err.Error())
	case errors.Is(err, context.Canceled):
		// The client has gone; nobody reads this.
		w.WriteHeader(http.StatusServiceUnavailable)
	case errors.Is(err, ErrFull):
		h.Log.Error(what, "err", err)
		writeBusy(w, http.StatusServiceUnavailable, MinTTL, "full", "no free serial")
	default:
		h.Log.Error(what, "err", err)
		writeBusy(w, http.StatusServiceUnavailable, storePatience, "unavailable", "the temporary table cannot be reached")
	}
}

// writeBusy is an error that goes away by itself.
func writeBusy(w http.ResponseWriter, status int, wait time.Duration, code, message string) {
	seconds := int64((wait + time.Second - 1) / time.Second)
	w.Header().Set("Retry-After", strconv.FormatInt(max(seconds, 1), 10))
	writeError(w, status, code, message)
}

// apiError is the body of every error answer.
type apiError struct {
	Error struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
}

func writeError(w http.ResponseWriter, status int, code, message string) {
	var e apiError
	e.Error.Code, e.Error.Message = code, message
	writeJSON(w, status, e)
}

// writeJSON writes one value. An error here means that the peer has gone.
func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value)
}
