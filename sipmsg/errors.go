package sipmsg

import (
	"errors"
	"fmt"
)

// What Parse, ParseURI, ParseNameAddr and AppendHeader can find wrong.
var (
	// ErrKeepAlive means the datagram holds nothing but CR and LF: a keep-alive (RFC 5626 section 4.4.1), not a message.
	ErrKeepAlive = errors.New("sipmsg: keep-alive, no message")
	// ErrTooLong means the message is over MaxMessage octets.
	ErrTooLong = errors.New("sipmsg: message too long")
	// ErrStartLine means the first line is no request line and no status line (RFC 3261 sections 7.1, 7.2).
	ErrStartLine = errors.New("sipmsg: malformed start line")
	// ErrVersion means a SIP version other than 2.0.
	ErrVersion = errors.New("sipmsg: SIP version not supported")
	// ErrStatus means a status code that is not three digits from 100 to 699.
	ErrStatus = errors.New("sipmsg: bad status code")
	// ErrURI means a URI that breaks RFC 3261 section 19.1.1, or one with a headers part as Request-URI.
	ErrURI = errors.New("sipmsg: malformed URI")
	// ErrHeadEnd means that no empty line ends the head.
	ErrHeadEnd = errors.New("sipmsg: no empty line after the headers")
	// ErrBareLF means a line feed without a carriage return before it.
	ErrBareLF = errors.New("sipmsg: bare LF")
	// ErrBareCR means a carriage return without a line feed after it.
	ErrBareCR = errors.New("sipmsg: bare CR")
	// ErrNUL means an octet 00h in the head.
	ErrNUL = errors.New("sipmsg: NUL")
	// ErrHeaderName means a header name that is no token, or no colon after it.
	ErrHeaderName = errors.New("sipmsg: bad header name")
	// ErrLineTooLong means a line, its folds included, over MaxLine octets.
	ErrLineTooLong = errors.New("sipmsg: line too long")
	// ErrTooManyHeaders means over MaxHeaders header lines.
	ErrTooManyHeaders = errors.New("sipmsg: too many headers")
	// ErrRepeated means that a header that may stand once only (RFC 3261 section 7.3.1) stands twice.
	ErrRepeated = errors.New("sipmsg: repeated single-value header")
	// ErrMissing means that a header each message must have is absent (RFC 3261 section 8.1.1).
	ErrMissing = errors.New("sipmsg: missing mandatory header")
	// ErrVia means a top Via that cannot be read.
	ErrVia = errors.New("sipmsg: malformed Via")
	// ErrCSeq means a CSeq that cannot be read, is over 2**31-1 or names another method.
	ErrCSeq = errors.New("sipmsg: bad CSeq")
	// ErrCallID means a Call-ID that is empty or has octets outside 21h-7Eh.
	ErrCallID = errors.New("sipmsg: bad Call-ID")
	// ErrMaxForwards means a Max-Forwards that is no number from 0 to 255.
	ErrMaxForwards = errors.New("sipmsg: bad Max-Forwards")
	// ErrContentLength means a Content-Length that is no number or reaches beyond the datagram.
	ErrContentLength = errors.New("sipmsg: bad Content-Length")
	// ErrAddress means a From, To or Contact value that is no name-addr and no addr-spec.
	ErrAddress = errors.New("sipmsg: malformed address")
	// ErrValue means a header value AppendHeader refuses to write.
	ErrValue = errors.New("sipmsg: value with CR, LF, NUL or bad UTF-8")
)

// Error says what Parse refused, where, and what to answer.
type Error struct {
	Status int    // for the answer, see Answerable: 400, 501, 505, 513; 0 when it was no request
	Reason string // for the status line: "Bad Header Name"
	Offset int    // of the offending octet in the datagram
	Err    error  // one of the sentinels of this package
}

// Error names the fault and the octet.
func (e *Error) Error() string { return fmt.Sprintf("%v at octet %d", e.Err, e.Offset) }

// Unwrap gives the sentinel.
func (e *Error) Unwrap() error { return e.Err }

// verdict is the one table from a fault to the answer's status line. The
// phrase says what is wrong, as RFC 3261 section 21.4.1 asks for.
func verdict(err error) (status int, reason string) {
	switch err {
	case ErrTooLong:
		return 513, "Message Too Large"
	case ErrVersion:
		return 505, "Version Not Supported"
	case ErrStartLine:
		return 400, "Bad Request Line"
	case ErrURI:
		return 400, "Bad Request-URI"
	case ErrHeadEnd:
		return 400, "Missing Empty Line"
	case ErrBareLF, ErrBareCR:
		return 400, "Bad Line End"
	case ErrNUL:
		return 400, "NUL In Header"
	case ErrHeaderName:
		return 400, "Bad Header Name"
	case ErrLineTooLong:
		return 400, "Header Line Too Long"
	case ErrTooManyHeaders:
		return 400, "Too Many Headers"
	case ErrRepeated:
		return 400, "Repeated" // and the name, see failHeader
	case ErrMissing:
		return 400, "Missing"
	case ErrVia, ErrCSeq, ErrCallID, ErrMaxForwards, ErrContentLength, ErrAddress:
		return 400, "Bad"
	}
	return 400, "Bad Request"
}
