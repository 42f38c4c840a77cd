package sipi

// Limits of [Body.Split]; more is an error.
const (
	MaxParts = 32 // parts in all, containers and nested ones included
	MaxDepth = 4  // multiparts around a part
)

// Headers are the message-level header values a body is read by; nil: absent.
// The message's Content-Disposition is not among them: it speaks of the wrapper,
// not of the parts (RFC 5621 clause 8.2), and some networks mark the whole
// INVITE "signal;handling=optional".
type Headers struct {
	ContentType      []byte
	TransferEncoding []byte
	Encoding         []byte // Content-Encoding
}

// Body is a split body. The zero value is ready; Split may be called again and
// again. A Body must not be copied, as Parts points into it.
type Body struct {
	Parts   []Part // in the order of the wire; a container comes before its parts
	Content []byte // the whole body as given to Split
	Headers Headers

	store     [MaxParts]Part
	root      Part // the message itself
	sdp       int  // index of the SDP part that stands for the session, or notFound
	multipart bool
	failed    bool
}

// IsMultipart reports whether the message's own type is multipart/*.
func (b *Body) IsMultipart() bool { return b.multipart }

// ISUP appends the contents of the ISUP parts to dst, in order. A part under a
// transfer or content encoding is not decoded; it counts as an empty message,
// which no reader takes for an IAM.
func (b *Body) ISUP(dst [][]byte) [][]byte {
	for i := range b.Parts {
		p := &b.Parts[i]
		switch {
		case p.Kind != ISUP:
		case p.Encoded():
			dst = append(dst, p.Content[:0])
		default:
			dst = append(dst, p.Content)
		}
	}
	return dst
}

// First returns the first part of a kind; nil: there is none.
func (b *Body) First(k Kind) *Part {
	for i := range b.Parts {
		if b.Parts[i].Kind == k {
			return &b.Parts[i]
		}
	}
	return nil
}

// SDP returns the SDP part that describes the session; nil: there is none, or
// several that are alternatives of each other.
func (b *Body) SDP() *Part {
	if b.sdp == notFound || b.sdp >= len(b.Parts) {
		return nil
	}
	return &b.Parts[b.sdp]
}
