package sipi

// Kind says what a part is, by its Content-Type alone.
type Kind uint8

// The kinds of a part.
const (
	Other     Kind = iota // any other type, and text/plain when there is none (RFC 2046 clause 5.1)
	SDP                   // application/sdp
	ISUP                  // application/isup (RFC 3204 clause 3.1)
	Multipart             // multipart/*: a container, its parts follow it in the list
)

// String returns the kind's name.
func (k Kind) String() string {
	switch k {
	case SDP:
		return "sdp"
	case ISUP:
		return "isup"
	case Multipart:
		return "multipart"
	default:
		return "other"
	}
}

// Handling is the handling parameter of Content-Disposition.
type Handling uint8

// The values of Handling. A missing parameter means Required (RFC 3204 clause
// 6, RFC 3261 clause 20.11), as does a value that is not understood.
const (
	Required Handling = iota
	Optional
)

// Part is one part of a body. All slices point into the octets given to
// [Body.Split] and live as long as those do.
type Part struct {
	Kind     Kind
	Handling Handling
	Depth    int // how many multiparts are around it; 0: the whole body is this one part
	Offset   int // where Content begins, counted from the first octet of the body

	Header  []byte // the raw header block without the blank line; nil at depth 0
	Content []byte // the octets between the blank line and the delimiter's line end
	Whole   []byte // header block, blank line and content as received

	// Raw values, folds kept, surrounding white space removed; nil: absent.
	ContentType      []byte
	Disposition      []byte
	TransferEncoding []byte
	Encoding         []byte // Content-Encoding
	Language         []byte // Content-Language
	ID               []byte // Content-ID

	line int // offset of the part's own delimiter line
	next int // offset of the next delimiter line; -1: there is none
}
