package sipi

// Limits of Split (CONTRACT: more is a malformed body).
const (
	MaxParts = 32 // parts in all, containers and nested ones included
	MaxDepth = 4  // multiparts around a part
)

// Headers are the message-level header values a body is read by; nil: absent.
type Headers struct {
	ContentType      []byte
	Disposition      []byte
	TransferEncoding []byte
	Encoding         []byte // Content-Encoding: anything but identity makes the body opaque
}

// Body is a split body. The zero value is ready; Split may be called again and
// again. A Body must not be copied, as Parts points into it.
type Body struct {
	Parts   []Part // in the order of the wire; a container comes before its parts
	Content []byte // the whole body as given to Split
	Headers Headers

	store [MaxParts]Part
}

// Split divides content by the message-level headers h. Parts and Content point
// into content and h; nothing is allocated. The error is an [*Error].
func (b *Body) Split(h Headers, content []byte) error {
	b.Headers, b.Content, b.Parts = h, content, b.store[:0]
	return nil
}

// IsMultipart reports whether the message's own type is multipart/*.
func (b *Body) IsMultipart() bool { return false }

// ISUP appends the contents of the ISUP parts to dst, in order. A part under a
// transfer or content encoding is not decoded: it counts as an empty message.
func (b *Body) ISUP(dst [][]byte) [][]byte { return dst }

// First returns the first part of a kind; nil: there is none.
func (b *Body) First(k Kind) *Part { return nil }

// SDP returns the one SDP part; nil: there is none, or no single one.
func (b *Body) SDP() *Part { return nil }

// Param returns a parameter of the part's Content-Type, such as "version" or
// "base" of an ISUP part (RFC 3204 clause 3.1), without quotes.
func (p *Part) Param(name string) ([]byte, bool) { return nil, false }

// Encoded reports whether Content is under a transfer or content encoding.
func (p *Part) Encoded() bool { return false }

// Unwrapped is what a PBX group with `body: sdp` gets.
type Unwrapped struct {
	Changed bool   // false: the body and its headers stay as they came
	Content []byte // the new body; empty: none
	// DropMIMEHeaders: the message-level Content-Type, Content-Disposition,
	// Content-Transfer-Encoding, Content-Encoding, Content-Language, Content-ID
	// and MIME-Version go; those below that are not nil come instead. False: they all
	// stay, only Content-Length changes.
	DropMIMEHeaders  bool
	ContentType      []byte // nil: no body
	Disposition      []byte
	TransferEncoding []byte
	Language         []byte
	ID               []byte
}

// Unwrap says what becomes of the body on the way to a PBX that gets the SDP
// alone. The returned slice is dst with what had to be written appended; it is
// written to only when a multipart is rebuilt without its ISUP or a folded header is unfolded.
func (b *Body) Unwrap(dst []byte) (Unwrapped, []byte) { return Unwrapped{}, dst }
