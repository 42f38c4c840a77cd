package screenpop

import "errors"

// ErrNoCall means that no such call is known: it never was, or is over.
var ErrNoCall = errors.New("screenpop: no such call")

// ErrNoPop means that an agent has no such pop.
var ErrNoPop = errors.New("screenpop: no such pop")

// ErrNothingToClaim means that a claim cannot be asked for again: there is no
// serial, the data are there, or a claim is on its way.
var ErrNothingToClaim = errors.New("screenpop: nothing to claim")

// ErrUnknownAgent means an extension that is nobody's here.
var ErrUnknownAgent = errors.New("screenpop: no such agent")

// errStopped means that the service no longer runs.
var errStopped = errors.New("screenpop: stopped")
