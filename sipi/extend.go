package sipi

// Extension says where a part can be spliced into a multipart/mixed body without
// touching what is there: the offset of the closing delimiter line in Content,
// and that delimiter without its closing dashes. A further part goes in front of
// it: delimiter, CRLF, header lines, an empty line, content, CRLF. It is false
// where a reader could disagree: Split failed, another subtype (its parts belong
// together in a way that a stranger among them would change), no closing
// delimiter, or lines that end with LF alone.
func (b *Body) Extension() (at int, delimiter []byte, ok bool) {
	if b.failed || !b.multipart || !mixed(b.Headers.ContentType) {
		return 0, nil, false
	}
	for i := len(b.Parts) - 1; i >= 0; i-- {
		p := &b.Parts[i]
		if p.Depth != 1 {
			continue
		}
		end := p.next + p.dash
		if p.next < 2 || len(b.Content) < end+2 || string(b.Content[end:end+2]) != "--" || string(b.Content[p.next-2:p.next]) != "\r\n" {
			return 0, nil, false
		}
		return p.next, b.Content[p.next:end:end], true
	}
	return 0, nil, false
}

// mixed tells multipart/mixed by its whole name.
func mixed(v []byte) bool {
	rest := trimLeft(v[tokenLength(v):])
	if len(rest) == 0 || rest[0] != '/' {
		return false
	}
	rest = trimLeft(rest[1:])
	return equalFold(rest[:tokenLength(rest)], "mixed")
}
