package main

import (
	"context"
	"net/http"

	"sipid/pbx"
	"sipid/router"
)

// What the external tests reach besides the command line itself.
var (
	Run              = run
	Serve            = serve
	LoadSettings     = loadSettings
	NewQueuedWriter  = newQueuedWriter
	NewHTTPHandler   = newHTTPHandler
	NewHTTPServer    = newHTTPServer
	NewRegistry      = newRegistry
	RegisterLog      = registerLog
	RegisterTable    = registerTable
	LoadKey          = loadKey
	NewClaimer       = newClaimer
	Hashes           = hashes
	CallTime         = callTime
	LogQueueLength   = logQueueLength
	MaxQuestion      = maxQuestion
	DefaultDrainTime = defaultDrain
	TargetLook       = targetLook
)

type (
	Addresses      = addresses
	SettingsFlags  = settingsFlags
	HTTPOptions    = httpOptions
	Health         = health
	TableHealth    = tableHealth
	ExplainRequest = explainRequest
	ClaimSettings  = claimSettings
	ClaimClient    = claimClient
	TokenRef       = tokenRef
	Settings       = settings
)

// NewHTTPAccess guards with the tokens of refs.
func NewHTTPAccess(refs []tokenRef) *httpAccess {
	access, err := newHTTPAccess(refs)
	if err != nil {
		panic(err)
	}
	return access
}

// CallsHandler is the HTTP side of the last calls, of which there are none.
func CallsHandler(ctx context.Context, refs []tokenRef) http.Handler {
	a := newCallsAPI(nil, nil, func() *router.Table { return nil })
	mux := http.NewServeMux()
	a.register(mux, NewHTTPAccess(refs))
	context.AfterFunc(ctx, a.endStreams)
	return mux
}

// TargetsHandler is the HTTP side of the PBX targets.
func TargetsHandler(refs []tokenRef, states func() []pbx.State, set func(ctx context.Context, group, uri string, out bool) error) http.Handler {
	mux := http.NewServeMux()
	(&targetsAPI{states, set}).register(mux, NewHTTPAccess(refs))
	return mux
}

// ErrNoTarget is errNoTarget.
var ErrNoTarget = errNoTarget
