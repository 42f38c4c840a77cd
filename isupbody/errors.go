package isupbody

import (
	"errors"
	"strconv"
)

var (
	// ErrAbsent means that the message has no such parameter, or that a draft
	// lacks one that its message type requires.
	ErrAbsent = errors.New("no such parameter")

	// ErrUnknownMessage means that the first octet is no message type of
	// Q.763 table 4. The octets behind it are in [Message.Trailing].
	ErrUnknownMessage = errors.New("unknown message type")

	// ErrCIC means that the octets begin with a circuit identification code,
	// which RFC 3204 section 3.1 leaves out, and that an IAM seems to follow.
	ErrCIC = errors.New("a circuit identification code was left in")

	// ErrPointer means that a pointer points at no possible place: at another
	// pointer, or into another parameter.
	ErrPointer = errors.New("pointer into another part of the message")

	// ErrLength means that contents do not have the length the parameter needs.
	ErrLength = errors.New("wrong length for this parameter")

	// ErrTooLong means that contents or the distance to them do not fit the
	// one octet there is for it.
	ErrTooLong = errors.New("does not fit into one octet")

	// ErrDigit means that a number to be written holds something that is no
	// address signal.
	ErrDigit = errors.New("not an address signal")

	// ErrNotIAM means that octets read as an IAM are another message, or an IAM in
	// the layout of ANSI T1.113.
	ErrNotIAM = errors.New("not an ITU-T IAM")

	// ErrNotNumber means that the parameter is not one of the number parameters.
	ErrNotNumber = errors.New("not a number parameter")

	// ErrNoOptionalPart means that the message type has no optional part, or
	// that end of optional parameters was given as a parameter.
	ErrNoOptionalPart = errors.New("no place in an optional part")

	// ErrNotOpaque means that a draft of a type made of parameters has content that
	// is none.
	ErrNotOpaque = errors.New("content of a message made of parameters")

	// ErrNotPassAlong means that a message carries no other: it is no PAM.
	ErrNotPassAlong = errors.New("not a pass-along message")

	// ErrIncomplete means that the mandatory parts or the pointers of a message
	// are broken, so that it cannot be edited.
	ErrIncomplete = errors.New("message is not complete enough to be edited")
)

// ParseError says what could not be read, and where. Octets that are missing
// have Err wrapping io.ErrUnexpectedEOF.
type ParseError struct {
	Message   MessageType
	Parameter ParameterName // 0: the message itself, or its optional part as a whole
	Offset    int           // the octet in question, counted from the message type
	Err       error
}

// Error names the message, the parameter and the octet. Where the octet is 0 it
// is the message type, or nothing that was received (a draft).
func (e *ParseError) Error() string {
	what := "isup: " + e.Message.String()
	switch {
	case e.Parameter != ParamEndOfOptionalParameters:
		what += ": " + e.Parameter.String()
	case e.Offset > 0:
		what += ": optional part"
	}
	if e.Offset > 0 {
		what += ": octet " + strconv.Itoa(e.Offset)
	}
	return what + ": " + e.Err.Error()
}

// Unwrap gives the reason.
func (e *ParseError) Unwrap() error { return e.Err }
