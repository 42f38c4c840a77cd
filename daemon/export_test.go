package daemon

// What the external tests reach besides.
var (
	NewQueuedWriter = newQueuedWriter
	NewHTTPServer   = newHTTPServer
	NewRegistry     = newRegistry
	RegisterLog     = registerLog
	LoadKey         = loadKey
	NewClaimer      = newClaimer
	LogQueueLength  = logQueueLength
)
