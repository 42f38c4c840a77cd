package sipi

import (
	"errors"
	"fmt"
)

// The reasons of an [*Error].
var (
	// ErrNoBoundary means that the Content-Type has no usable boundary.
	ErrNoBoundary = errors.New("sipi: no usable boundary")
	// ErrContentType means that a Content-Type cannot be read.
	ErrContentType = errors.New("sipi: unreadable content type")
	// ErrContradictory means that headers can be read in two ways.
	ErrContradictory = errors.New("sipi: contradictory headers")
	// ErrNoParts means that a multipart has no delimiter, or no part between two.
	ErrNoParts = errors.New("sipi: multipart without a part")
	// ErrTooManyParts means more than MaxParts parts.
	ErrTooManyParts = errors.New("sipi: too many parts")
	// ErrTooDeep means more than MaxDepth levels of multiparts.
	ErrTooDeep = errors.New("sipi: nested too deep")
	// ErrBadHeader means a part header line that is no header.
	ErrBadHeader = errors.New("sipi: bad part header")
	// ErrLineEnds means CRLF at one delimiter and LF at another.
	ErrLineEnds = errors.New("sipi: mixed line ends at delimiters")
	// ErrTwoSDP means two SDP parts that are no alternatives of each other.
	ErrTwoSDP = errors.New("sipi: more than one sdp part")
	// ErrBoundaryInUse means that a part to build holds the boundary.
	ErrBoundaryInUse = errors.New("sipi: boundary occurs in a part")
	// ErrEncoded means a multipart under a content or transfer encoding.
	ErrEncoded = errors.New("sipi: encoded multipart")
)

// Error is what [Body.Split] returns.
type Error struct {
	Offset int   // the octet of the body it was seen at
	Err    error // one of the sentinels
}

// Error says what and where.
func (e *Error) Error() string { return fmt.Sprintf("%v at octet %d of the body", e.Err, e.Offset) }

// Unwrap returns the sentinel.
func (e *Error) Unwrap() error { return e.Err }
