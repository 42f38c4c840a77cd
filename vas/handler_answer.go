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

	"sipid/httpjson"
)

// readJSON reads the body into v, or answers why it cannot.
func readJSON(w http.ResponseWriter, r *http.Request, v any) bool {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		httpjson.Fail(w, http.StatusRequestEntityTooLarge, "too_large", "the body is larger than 16 KB")
	case err != nil:
		httpjson.Fail(w, http.StatusBadRequest, "bad_request", "the body cannot be read")
	case !utf8.Valid(body) || json.Unmarshal(body, v) != nil:
		httpjson.Fail(w, http.StatusBadRequest, "bad_json", "the body is not the JSON object that is expected")
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
		httpjson.Fail(w, http.StatusNotFound, "not_found", "no such serial")
	case errors.Is(err, ErrClaimed):
		httpjson.Fail(w, http.StatusConflict, "claimed", "claimed by another claimant or for another call")
	case errors.Is(err, ErrInvalid):
		httpjson.Fail(w, http.StatusBadRequest, "invalid", err.Error())
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
	httpjson.Fail(w, status, code, message)
}
