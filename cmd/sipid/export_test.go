package main

import (
	"context"
	"net/http"

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

// CallsHandler is the HTTP side of the last calls, of which there are none.
func CallsHandler(ctx context.Context, refs []tokenRef) http.Handler {
	a, err := newCallsAPI(nil, nil, func() *router.Table { return nil }, refs)
	if err != nil {
		panic(err)
	}
	mux := http.NewServeMux()
	a.register(mux)
	context.AfterFunc(ctx, a.endStreams)
	return mux
}
