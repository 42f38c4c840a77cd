package decode

import (
	"bytes"

	"sipid/isupbody"
	"sipid/sipi"
	"sipid/sipmsg"
)

// sipReader holds what reading a SIP message needs, to be used again.
type sipReader struct {
	message sipmsg.Message
	body    sipi.Body
}

// isSIP looks for the version in the first line, before or behind the rest.
func isSIP(b []byte) bool {
	line, _, _ := bytes.Cut(bytes.TrimLeft(b, "\r\n"), []byte("\n"))
	line = bytes.TrimRight(line, "\r")
	return bytes.HasPrefix(line, []byte("SIP/2.0 ")) || bytes.HasSuffix(line, []byte(" SIP/2.0"))
}

// sipMessage decodes the ISUP parts of one SIP message. A message our gate would
// refuse is read all the same, loosely, and the reason shown: that is what
// somebody with a capture wants to see.
func (d *decoder) sipMessage(place string, raw []byte) {
	headers, body := looseHead(raw)
	var warnings []string
	m := &d.sip.message
	if err := m.Parse(raw); err != nil {
		warnings = append(warnings, err.Error())
	} else {
		headers, body = strictHead(m), m.Bytes(m.Body)
	}
	place = Heading(place, raw)
	if len(body) == 0 {
		d.warnAll(place, warnings)
		return
	}
	if err := d.sip.body.Split(headers, body); err != nil {
		d.warnAll(place, append(warnings, err.Error()))
		return
	}
	found := false
	for i := range d.sip.body.Parts {
		if p := &d.sip.body.Parts[i]; p.Kind == sipi.ISUP {
			d.isupPart(place, p, warnings)
			found = true
		}
	}
	if !found {
		d.warnAll(place, warnings)
	}
}

func (d *decoder) warnAll(place string, warnings []string) {
	for _, w := range warnings {
		d.warn(place, "%s", w)
	}
}

// isupPart decodes the content of one part. RFC 3204 clause 3 wants it binary;
// base64 and hexadecimal text are shown nevertheless, with a warning, as peers do
// send them.
func (d *decoder) isupPart(place string, p *sipi.Part, warnings []string) {
	f := &finding{Place: place, Octets: p.Content, Label: isupbody.VariantOf(p.ContentType), Warnings: warnings}
	warn := func(text string) { f.Warnings = append(f.Warnings[:len(f.Warnings):len(f.Warnings)], text) }
	for _, e := range []sipi.Encoding{sipi.Base64, sipi.Hex} {
		if e == sipi.Base64 && !p.Encoded() {
			continue // octets may be base64 by accident, hardly hexadecimal digits alone
		}
		if octets, ok := p.AppendDecoded(nil, e); ok {
			f.Octets = octets
			warn("the part was " + e.String() + "; sipid serve takes binary only")
			d.found(f)
			return
		}
	}
	if p.Encoded() {
		d.warn(place, "the ISUP part is encoded as %q and not read", string(p.TransferEncoding)+string(p.Encoding))
		return
	}
	d.found(f)
}

func strictHead(m *sipmsg.Message) sipi.Headers {
	value := func(id sipmsg.HeaderID) []byte {
		if h, ok := m.First(id); ok {
			return m.Bytes(h.Value)
		}
		return nil
	}
	return sipi.Headers{
		ContentType:      value(sipmsg.IDContentType),
		TransferEncoding: value(sipmsg.IDContentTransferEncoding),
		Encoding:         value(sipmsg.IDContentEncoding),
	}
}

// looseHead finds the body headers of a message that breaks rules: any line
// ends, the first header of a name, all octets behind the empty line as body.
func looseHead(raw []byte) (h sipi.Headers, body []byte) {
	rest := bytes.TrimLeft(raw, "\r\n")
	var last *[]byte
	for len(rest) > 0 {
		line, behind, _ := bytes.Cut(rest, []byte("\n"))
		rest = behind
		line = bytes.TrimRight(line, "\r")
		if len(line) == 0 {
			return h, rest
		}
		if line[0] == ' ' || line[0] == '\t' {
			if last != nil {
				*last = append(append((*last)[:len(*last):len(*last)], ' '), bytes.TrimSpace(line)...)
			}
			continue
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		last = looseHeader(&h, string(bytes.ToLower(bytes.TrimSpace(name))))
		if last != nil && *last == nil {
			*last = bytes.TrimSpace(value)
		} else {
			last = nil
		}
	}
	return h, nil
}

func looseHeader(h *sipi.Headers, name string) *[]byte {
	switch name {
	case "content-type", "c":
		return &h.ContentType
	case "content-transfer-encoding":
		return &h.TransferEncoding
	case "content-encoding", "e":
		return &h.Encoding
	}
	return nil
}

// startLine is the first line, for people.
func startLine(raw []byte) string {
	line, _, _ := bytes.Cut(bytes.TrimLeft(raw, "\r\n"), []byte("\n"))
	const enough = 120
	line = bytes.TrimRight(line, "\r")
	return Visible(string(line[:min(len(line), enough)]))
}

// Heading says which message stands where: its first line behind the place.
func Heading(place string, raw []byte) string {
	if place == "" {
		return startLine(raw)
	}
	return place + ", " + startLine(raw)
}
