package sipi

import (
	"encoding/base64"
	"encoding/hex"
)

// Encoding is how a trunk writes the ISUP parts it sends. RFC 3204 clause 3 wants
// binary and nothing else; some home-made senders write text all the same, often
// without saying so in a header. Nothing is guessed: text is decoded only where
// the trunk's configuration says that it is text.
type Encoding uint8

// The encodings of ISUP parts.
const (
	Binary Encoding = iota
	Hex             // two digits an octet, white space between them allowed
	Base64          // RFC 2045 clause 6.8, with or without its header
)

// String returns the encoding's name in the configuration.
func (e Encoding) String() string {
	switch e {
	case Hex:
		return "hex"
	case Base64:
		return "base64"
	default:
		return "binary"
	}
}

// ParseEncoding reads a name of String.
func ParseEncoding(name string) (Encoding, bool) {
	for _, e := range [...]Encoding{Binary, Hex, Base64} {
		if name == e.String() {
			return e, true
		}
	}
	return Binary, false
}

// ISUPAs is [Body.ISUP] for a trunk of that encoding. What had to be decoded is
// appended to scratch, whose room is used: with enough of it nothing is allocated.
// The messages live as long as scratch and the body do.
//
// A part that is not text of that encoding counts as it came: binary, where no
// header says otherwise, and empty otherwise.
func (b *Body) ISUPAs(dst [][]byte, scratch []byte, e Encoding) (messages [][]byte, used []byte) {
	for i := range b.Parts {
		p := &b.Parts[i]
		if p.Kind != ISUP {
			continue
		}
		start := len(scratch)
		decoded, ok := p.appendDecoded(scratch, e)
		switch {
		case ok:
			scratch = decoded
			dst = append(dst, scratch[start:len(scratch):len(scratch)])
		case p.Encoded():
			dst = append(dst, p.Content[:0])
		default:
			dst = append(dst, p.Content)
		}
	}
	return dst, scratch
}

// AppendDecoded appends the octets of a part that is text of that encoding. It is
// false where the part is not, or is under another encoding.
func (p *Part) AppendDecoded(dst []byte, e Encoding) ([]byte, bool) {
	out, ok := p.appendDecoded(dst, e)
	if !ok {
		return dst, false
	}
	return out, true
}

// strictBase64 refuses bits that belong to no octet: they are a sign of text that
// is no base64.
var strictBase64 = base64.StdEncoding.Strict()

func (p *Part) appendDecoded(dst []byte, e Encoding) ([]byte, bool) {
	if e == Binary || !plainEncoding(p.Encoding) || !plainTransfer(p.TransferEncoding) && !equalFold(p.TransferEncoding, e.String()) {
		return dst, false
	}
	start := len(dst)
	for _, c := range p.Content {
		if c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			dst = append(dst, c)
		}
	}
	text := dst[start:]
	if len(text) == 0 {
		return dst[:start], false
	}
	// Decoding in place: no decoder here writes further than it has read.
	var n int
	var err error
	if e == Hex {
		n, err = hex.Decode(text, text)
	} else {
		n, err = strictBase64.Decode(text, text)
	}
	return dst[:start+n], err == nil
}
