package main

import (
	"context"
	"net/http"

	"sipid/config"
	"sipid/pbx"
	"sipid/router"
)

// What the external tests reach besides the command line itself.
var (
	Run             = run
	Serve           = serve
	NewQueuedWriter = newQueuedWriter
	NewHTTPHandler  = newHTTPHandler
	NewHTTPServer   = newHTTPServer
	NewRegistry     = newRegistry
	RegisterLog     = registerLog
	RegisterTable   = registerTable
	LoadKey         = loadKey
	NewClaimer      = newClaimer
	CallTime        = callTime
	LogQueueLength  = logQueueLength
	MaxQuestion     = maxQuestion
	TargetLook      = targetLook
)

type (
	Addresses      = addresses
	HTTPOptions    = httpOptions
	Health         = health
	TableHealth    = tableHealth
	ExplainRequest = explainRequest
)

// NewHTTPAccess guards with the tokens of refs.
func NewHTTPAccess(refs []config.TokenRef) *httpAccess {
	access, err := newHTTPAccess(refs)
	if err != nil {
		panic(err)
	}
	return access
}

// CallsHandler is the HTTP side of the last calls, of which there are none.
func CallsHandler(ctx context.Context, refs []config.TokenRef) http.Handler {
	a := newCallsAPI(nil, nil, func() *router.Table { return nil })
	mux := http.NewServeMux()
	a.register(mux, NewHTTPAccess(refs))
	context.AfterFunc(ctx, a.endStreams)
	return mux
}

// TargetsHandler is the HTTP side of the PBX targets.
func TargetsHandler(refs []config.TokenRef, states func() []pbx.State, set func(ctx context.Context, group, uri string, out bool) error) http.Handler {
	mux := http.NewServeMux()
	(&targetsAPI{states, set}).register(mux, NewHTTPAccess(refs))
	return mux
}

// ErrNoTarget is errNoTarget.
var ErrNoTarget = errNoTarget
