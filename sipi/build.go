package sipi

// NewPart is a part to build.
type NewPart struct {
	ContentType string // "application/sdp"
	Disposition string // "signal;handling=required"; empty: no such header
	Content     []byte
}

// Append appends a multipart body of the parts to dst. Give the SDP first:
// an entity that does not understand multipart looks at the first part only.
func Append(dst []byte, boundary string, parts ...NewPart) ([]byte, error) { return dst, nil }

// Boundary returns a boundary that occurs in none of the parts.
func Boundary(parts ...NewPart) string { return "" }

// MediaType returns the Content-Type value of a multipart/mixed body.
func MediaType(boundary string) string { return "multipart/mixed;boundary=" + boundary }
