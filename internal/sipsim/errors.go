package sipsim

import (
	"errors"
	"fmt"
)

var (
	// ErrUnreachable means that the other host says nobody listens there (ICMP
	// port unreachable), or that the packet could not be sent.
	ErrUnreachable = errors.New("nobody listens there")
	// ErrNoResponse means that nothing came back to a request, not even a 100.
	ErrNoResponse = errors.New("no response")
	// ErrNoAnswer means that the call rang and nobody answered in time.
	ErrNoAnswer = errors.New("no answer")
	// ErrCancelled means that the call was given up on purpose before it was
	// answered.
	ErrCancelled = errors.New("cancelled")
	// ErrRejected means that the call was refused by a final response other
	// than 2xx.
	ErrRejected = errors.New("rejected")
)

// CallError says how a call failed. Status and Reason are those of the final
// response, 0 and empty when there was none.
type CallError struct {
	Status int
	Reason string
	Detail string // one line for people
	Err    error  // one of the package's sentinels, or what the system said
}

// Error is Detail, which names what happened, where and after how long.
func (e *CallError) Error() string { return e.Detail }

// Unwrap gives the sentinel.
func (e *CallError) Unwrap() error { return e.Err }

func callError(err error, format string, args ...any) *CallError {
	return &CallError{Detail: fmt.Sprintf(format, args...), Err: err}
}
