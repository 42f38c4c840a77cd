package sipi

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// Content types and dispositions of the parts that are built most.
const (
	TypeSDP  = "application/sdp"
	TypeISUP = "application/ISUP;version=itu-t92+;base=itu-t92+"

	// RFC 3204 clause 6: signal is the default type for ISUP.
	SignalRequired = "signal;handling=required"
	SignalOptional = "signal;handling=optional"
)

// NewPart is a part to build.
type NewPart struct {
	ContentType string // TypeSDP, TypeISUP or any other
	Disposition string // empty: no such header
	Content     []byte
}

// Append appends a multipart body of the parts to dst, in the order given. Give
// the SDP first: an entity that does not know multipart looks at the first part
// only. The boundary must not occur in a part; [Boundary] makes one. On an
// error dst comes back as it was.
func Append(dst []byte, boundary string, parts ...NewPart) ([]byte, error) {
	if !strictBoundary(boundary) {
		return dst, ErrNoBoundary
	}
	if len(parts) == 0 {
		return dst, ErrNoParts
	}
	out := dst
	for i, p := range parts {
		if !oneLine(p.ContentType) || !oneLine(p.Disposition) || p.ContentType == "" {
			return dst, fmt.Errorf("build part %d: %w", i, ErrBadHeader)
		}
		if bytes.Contains(p.Content, []byte("--"+boundary)) {
			return dst, fmt.Errorf("build part %d: %w", i, ErrBoundaryInUse)
		}
		out = append(out, "--"...)
		out = append(out, boundary...)
		out = append(out, "\r\nContent-Type: "...)
		out = append(out, p.ContentType...)
		if p.Disposition != "" {
			out = append(out, "\r\nContent-Disposition: "...)
			out = append(out, p.Disposition...)
		}
		out = append(out, "\r\n\r\n"...)
		out = append(out, p.Content...)
		out = append(out, "\r\n"...)
	}
	out = append(out, "--"...)
	out = append(out, boundary...)
	return append(out, "--\r\n"...), nil
}

// Boundary returns a boundary that occurs in none of the parts, not even as the
// beginning of a longer one: many readers compare no further. The same parts
// give the same boundary.
func Boundary(parts ...NewPart) string {
	for n := 1; ; n++ {
		boundary := "sipid-" + strconv.Itoa(n)
		if !occurs(boundary, parts) {
			return boundary
		}
	}
}

func occurs(boundary string, parts []NewPart) bool {
	for _, p := range parts {
		if bytes.Contains(p.Content, []byte(boundary)) {
			return true
		}
	}
	return false
}

// MediaType returns the Content-Type value of a multipart/mixed body, the
// boundary in quotes where it needs them.
func MediaType(boundary string) string {
	if strings.ContainsAny(boundary, " ()<>@,;:\\\"/[]?=") {
		return `multipart/mixed;boundary="` + boundary + `"`
	}
	return "multipart/mixed;boundary=" + boundary
}

// strictBoundary is RFC 2046 clause 5.1.1: 1 to 70 of its characters, no space
// at the end.
func strictBoundary(s string) bool {
	if s == "" || len(s) > maxBoundary || s[len(s)-1] == ' ' {
		return false
	}
	for i := range len(s) {
		c := s[i]
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if !letter && strings.IndexByte("'()+_,-./:=? ", c) < 0 {
			return false
		}
	}
	return true
}

// oneLine reports whether s is printable ASCII: nothing in it can end a line.
func oneLine(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
