package main

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
	Lookup         = lookup
	ClaimSettings  = claimSettings
	ClaimClient    = claimClient
	TokenRef       = tokenRef
	Settings       = settings
)

// BuildRouter is settings.buildRouter.
var BuildRouter = (*settings).buildRouter
