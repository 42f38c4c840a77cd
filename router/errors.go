package router

import (
	"errors"
	"fmt"

	"sipid/isupbody"
)

// ErrNoClient means that no client has the access ID that was asked for.
var ErrNoClient = errors.New("router: no such client")

// ErrClientExists means that a client with this access ID is already there.
var ErrClientExists = errors.New("router: client exists")

// ErrNoTable means that no client table has been set yet.
var ErrNoTable = errors.New("router: no client table")

// PrefixError means that one access ID begins another, or equals it: a number
// that starts with the longer one would have two owners.
type PrefixError struct {
	Shorter, Longer string
}

// Error names both access IDs.
func (e *PrefixError) Error() string {
	if e.Shorter == e.Longer {
		return fmt.Sprintf("access ID %q is there twice", e.Shorter)
	}
	return fmt.Sprintf("access ID %q begins access ID %q", e.Shorter, e.Longer)
}

// FieldError is a value that breaks a rule. Field is the path to it as the
// configuration file or the client table spells it.
type FieldError struct {
	Field, Rule string
	Err         error // may be nil
}

// Error says which field breaks which rule.
func (e *FieldError) Error() string { return e.Field + ": " + e.Rule }

// Unwrap gives the sentinel behind the rule, if there is one.
func (e *FieldError) Unwrap() error { return e.Err }

// ClientError is an invalid client among many: Index is its place in the list.
type ClientError struct {
	Index    int
	AccessID string
	Err      error
}

// Error names the client by its access ID.
func (e *ClientError) Error() string {
	return fmt.Sprintf("client %q: %v", e.AccessID, e.Err)
}

// Unwrap gives what is wrong with the client.
func (e *ClientError) Unwrap() error { return e.Err }

// ShrinkError means that an import would remove so many clients that it looks
// like a mistake.
type ShrinkError struct {
	Removed, Of int
}

// Error gives both figures.
func (e *ShrinkError) Error() string {
	return fmt.Sprintf("would remove %d of %d clients, more than 20 %%", e.Removed, e.Of)
}

var (
	errTwoIAMs       = errors.New("isup: more than one IAM in the body")
	errClientsDiffer = errors.New("two numbers resolve to different clients")
	errCallersDiffer = errors.New("more than one client lists the calling number")
	errSuffix        = errors.New("what follows the access number is no plausible number, or is one in two ways")
	errUUIDiffer     = errors.New("User-to-User values with different numbers")
)

// repeatedError is a number parameter that is there twice with different digits.
type repeatedError struct{ name isupbody.ParameterName }

// Error names the parameter, not its digits.
func (e *repeatedError) Error() string {
	return fmt.Sprintf("isup: IAM: %s is there twice with different digits", e.name)
}
