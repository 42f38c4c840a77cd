package vas

import "errors"

// ErrNotFound means that there is no such serial, or that it has expired: the
// two cannot be told apart.
var ErrNotFound = errors.New("vas: no such serial")

// ErrClaimed means that the serial was claimed by another claimant or for
// another call.
var ErrClaimed = errors.New("vas: claimed by another claimant or call")

// ErrTaken means that a live row has this serial. A Store reports it; Service
// takes the next counter.
var ErrTaken = errors.New("vas: serial is in use")

// ErrStale means that the counter of a row is more than MaxLag behind the
// store's: its serial comes again soon, or has come again since it was leased.
var ErrStale = errors.New("vas: counter is more than half a round old")

// ErrFull means that no free serial was found: nearly all of the space is live.
var ErrFull = errors.New("vas: no free serial")

// ErrInvalid means that what was asked for breaks a rule of the interface. Its
// text is for the one who asked, and holds no data.
var ErrInvalid = errors.New("vas: invalid")

// ErrClosed means that a store was closed while it was asked.
var ErrClosed = errors.New("vas: store is closed")

// invalidError is ErrInvalid with the rule.
type invalidError struct{ rule string }

// Error is the rule that was broken.
func (e *invalidError) Error() string { return e.rule }

// Is makes it an ErrInvalid.
func (e *invalidError) Is(target error) bool { return target == ErrInvalid }
