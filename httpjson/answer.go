// Package httpjson is how our HTTP interfaces answer: JSON that no cache keeps
// and no browser takes for a page, and one shape for every error.
//
// What it is not: it knows no route, no login and no reason for an error.
package httpjson

import (
	"encoding/json"
	"net/http"
)

// Failure is the body of every error answer: a code for programs and a message for
// people.
type Failure struct {
	Error struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
}

// Write answers with one value. Where that fails the peer has gone, and nobody is
// left to tell.
func Write(w http.ResponseWriter, status int, value any) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value)
}

// Fail answers with a Failure.
func Fail(w http.ResponseWriter, status int, code, message string) {
	var f Failure
	f.Error.Code, f.Error.Message = code, message
	Write(w, status, f)
}

// Only lets one method through (HEAD goes with GET) and refuses the others.
func Only(method string, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method == method || method == http.MethodGet && r.Method == http.MethodHead {
			next(w, r)
			return
		}
		w.Header().Set("Allow", method)
		Fail(w, http.StatusMethodNotAllowed, "method_not_allowed", r.Method+" is not possible here, "+method+" is")
	}
}
