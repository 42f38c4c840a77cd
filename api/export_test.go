package api

import "net/http"

// What the external tests reach besides.
var CallTime = callTime

// MaxQuestion is maxQuestion.
const MaxQuestion = maxQuestion

// Handler is the part of the interface that calls are shown by.
func (a *Calls) Handler(access *Access) http.Handler {
	mux := http.NewServeMux()
	a.register(mux, access)
	return mux
}

// Handler is the part of the interface for PBX targets.
func (a *Targets) Handler(access *Access) http.Handler {
	mux := http.NewServeMux()
	a.register(mux, access)
	return mux
}
