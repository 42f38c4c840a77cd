package main

// What the external tests reach besides the command line itself.
var (
	Run             = run
	Serve           = serve
	NewQueuedWriter = newQueuedWriter
	NewHTTPServer   = newHTTPServer
	NewRegistry     = newRegistry
	RegisterLog     = registerLog
	RegisterTable   = registerTable
	LoadKey         = loadKey
	NewClaimer      = newClaimer
	LogQueueLength  = logQueueLength
	TargetLook      = targetLook
)

// Addresses are addresses.
type Addresses = addresses
