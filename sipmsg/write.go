package sipmsg

import "unicode/utf8"

// AppendHeader writes "name: value" and CRLF. It is the one writer of headers:
// whatever comes from a table, a database or an ISUP message goes through it.
// It refuses a name that is no token (ErrHeaderName) and a value with CR, LF,
// NUL or bad UTF-8 (ErrValue); dst is then returned as it was.
func AppendHeader[T string | []byte](dst []byte, name string, value T) ([]byte, error) {
	if name == "" {
		return dst, ErrHeaderName
	}
	for i := range len(name) {
		if classes[name[i]]&isToken == 0 {
			return dst, ErrHeaderName
		}
	}
	mark := len(dst)
	dst = append(dst, name...)
	dst = append(dst, ": "...)
	from := len(dst)
	dst = append(dst, value...)
	for _, c := range dst[from:] {
		if c == '\r' || c == '\n' || c == 0 {
			return dst[:mark], ErrValue
		}
	}
	if !utf8.Valid(dst[from:]) {
		return dst[:mark], ErrValue
	}
	return append(dst, "\r\n"...), nil
}
