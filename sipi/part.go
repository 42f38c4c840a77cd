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

// String returns the parameter's value.
func (h Handling) String() string {
	if h == Optional {
		return "optional"
	}
	return "required"
}

// Part is one part of a body. All slices point into the octets given to
// [Body.Split] and live as long as those do.
type Part struct {
	Kind     Kind
	Handling Handling // the part's own, whatever the containers around it say
	Depth    int      // how many multiparts are around it; 0: the whole body is this one part
	Offset   int      // where Content begins, counted from the first octet of the body

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

	droppable   bool // it or a container around it is optional
	alternative bool // a multipart/alternative
	line        int  // offset in the body of the part's own delimiter line
	next        int  // offset in the body of the next delimiter line, or notFound
	dash        int  // length of "--" and the boundary
}

// notFound is an index or offset that is not there.
const notFound = -1

// Param returns a parameter of the part's Content-Type without its quotes, such
// as "version" or "base" of an ISUP part (RFC 3204 clause 3.1). The first of
// several wins: the label is informative, receivers must not depend on it.
func (p *Part) Param(name string) ([]byte, bool) {
	m, _ := parseMediaType(p.ContentType)
	for rest := m.params; len(rest) > 0; {
		var q param
		q, rest = nextParam(rest)
		if equalFold(q.name, name) {
			return q.value, true
		}
	}
	return nil, false
}

// Encoded reports whether Content is under a transfer or content encoding.
// Content is as it came: RFC 3204 clause 3 demands binary, RFC 5621
// clause 3.2 says the same for every part.
func (p *Part) Encoded() bool {
	return !plainEncoding(p.Encoding) || !plainTransfer(p.TransferEncoding)
}

// plainEncoding reports whether a Content-Encoding value leaves the octets alone.
func plainEncoding(v []byte) bool {
	return v == nil || equalFold(v, "identity")
}

// plainTransfer reports whether a Content-Transfer-Encoding value leaves the
// octets alone (RFC 2045 clause 6.2). Some switches write 8bit or 7bit above
// binary ISUP; the octets are what they are.
func plainTransfer(v []byte) bool {
	return v == nil || equalFold(v, "binary") || equalFold(v, "8bit") || equalFold(v, "7bit")
}
