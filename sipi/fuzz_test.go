package sipi_test

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"strings"
	"testing"
	"unsafe"

	"sipid/sipi"
)

// addSeeds gives the fuzzer every vector there is; none is a failure.
func addSeeds(f *testing.F) {
	f.Helper()
	n := 0
	for _, dir := range []string{"testdata/torture", "testdata/vectors"} {
		for _, v := range loadVectors(f, dir) {
			f.Add(v.headers.ContentType, v.body)
			n++
		}
	}
	if n == 0 {
		f.Fatal("no seeds")
	}
}

// FuzzSplit checks what must hold for any Content-Type and body.
func FuzzSplit(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, contentType, content []byte) {
		var b sipi.Body
		err := b.Split(sipi.Headers{ContentType: contentType}, content)
		if err != nil {
			var e *sipi.Error
			if !errors.As(err, &e) || e.Offset < 0 || e.Offset > len(content) || len(b.Parts) != 0 {
				t.Fatalf("error %v, %d parts", err, len(b.Parts))
			}
		} else {
			checkParts(t, &b)
			checkAgainstGo(t, &b)
		}
		checkUnwrapInvariants(t, &b, err)
	})
}

// offsetIn returns where a slice lies in the whole; it fails the test when it
// lies elsewhere.
func offsetIn(t *testing.T, whole, part []byte) int {
	t.Helper()
	at := int(uintptr(unsafe.Pointer(unsafe.SliceData(part))) - uintptr(unsafe.Pointer(unsafe.SliceData(whole))))
	if at < 0 || at+len(part) > len(whole) {
		t.Fatalf("%q is no part of the body", part)
	}
	return at
}

// checkParts: limits hold, every slice is one of the body, parts of a level are
// in order and disjoint, and together with the delimiter lines between them they
// are the body.
func checkParts(t *testing.T, b *sipi.Body) {
	t.Helper()
	if len(b.Parts) > sipi.MaxParts {
		t.Fatalf("%d parts", len(b.Parts))
	}
	if !b.IsMultipart() {
		if len(b.Parts) > 1 || len(b.Parts) == 1 && (b.Parts[0].Depth != 0 || !bytes.Equal(b.Parts[0].Content, b.Content)) {
			t.Fatalf("single body has parts %q", kinds(b))
		}
		return
	}
	for i, p := range b.Parts {
		if p.Depth < 1 || p.Depth > sipi.MaxDepth || p.Depth > 1 && i == 0 {
			t.Fatalf("depth %d of part %d", p.Depth, i)
		}
		if p.Offset != offsetIn(t, b.Content, p.Content) {
			t.Fatalf("offset %d of part %d", p.Offset, i)
		}
		checkWhole(t, p)
	}
	checkLevel(t, b.Content, b.Parts, 1)
}

// checkWhole: header block, blank line and content make up the part, and the
// values are in the header block.
func checkWhole(t *testing.T, p sipi.Part) {
	t.Helper()
	blank := p.Whole[len(p.Header) : len(p.Whole)-len(p.Content)]
	if s := string(blank); s != "" && s != "\n" && s != "\r\n" || offsetIn(t, p.Whole, p.Header) != 0 ||
		offsetIn(t, p.Whole, p.Content) != len(p.Whole)-len(p.Content) {
		t.Fatalf("%q is not header %q, %q, content %q", p.Whole, p.Header, blank, p.Content)
	}
	for _, v := range [][]byte{p.ContentType, p.Disposition, p.TransferEncoding, p.Encoding, p.Language, p.ID} {
		if v != nil {
			offsetIn(t, p.Header, v)
		}
	}
}

// checkLevel joins the parts of one container and what is between them.
func checkLevel(t *testing.T, content []byte, parts []sipi.Part, depth int) {
	t.Helper()
	at, delimiter := 0, ""
	for i := 0; i < len(parts) && parts[i].Depth >= depth; i++ {
		if parts[i].Depth > depth {
			continue
		}
		from := offsetIn(t, content, parts[i].Whole)
		if from < at {
			t.Fatalf("part %d begins at %d, the one before ends at %d", i, from, at)
		}
		gap := string(content[at:from])
		if delimiter != "" || at == 0 { // behind the preamble the gap is its last line only
			gap = gap[strings.LastIndex(strings.TrimRight(gap, "\r\n"), "\n")+1:]
		}
		line := strings.TrimRight(strings.TrimLeft(gap, "\r\n"), " \t\r\n")
		if !strings.HasPrefix(line, "--") || delimiter != "" && line != delimiter {
			t.Fatalf("between the parts is %q, want the delimiter %q", gap, delimiter)
		}
		delimiter, at = line, from+len(parts[i].Whole)
		if parts[i].Kind == sipi.Multipart && i+1 < len(parts) {
			checkLevel(t, parts[i].Content, parts[i+1:], depth+1)
		}
	}
	rest := strings.TrimLeft(string(content[at:]), "\r\n")
	if rest != "" && !strings.HasPrefix(rest, delimiter) {
		t.Fatalf("behind the parts is %q, want the delimiter %q", rest, delimiter)
	}
}

// checkUnwrapInvariants: what the PBX gets is a piece of the body or a multipart
// of its other parts, never ISUP.
func checkUnwrapInvariants(t *testing.T, b *sipi.Body, err error) {
	t.Helper()
	u, dst := b.Unwrap(nil)
	switch {
	case !u.Changed:
		if u.Content != nil || u.ContentType != nil || len(dst) > 0 {
			t.Fatalf("unchanged, yet %+v", u)
		}
	case u.DropMIMEHeaders:
		if len(u.Content) > 0 {
			offsetIn(t, b.Content, u.Content)
			for _, v := range [][]byte{u.ContentType, u.Disposition, u.Language, u.ID} {
				if bytes.ContainsAny(v, "\r\n\x00") {
					t.Fatalf("header value %q", v)
				}
			}
		} else if err != nil && u.ContentType == nil {
			t.Fatal("no body after an error")
		}
	default:
		var c sipi.Body
		if err := c.Split(b.Headers, u.Content); err != nil {
			t.Fatalf("the rest %q: %v", u.Content, err)
		}
		checkCut(t, b, u.Content)
		if again, _ := c.Unwrap(nil); again.Changed && !again.DropMIMEHeaders {
			t.Fatalf("cut twice: %q", again.Content)
		}
	}
}

// checkAgainstGo: the standard library's reader, where it reads a part at all,
// sees the same octets in it.
func checkAgainstGo(t *testing.T, b *sipi.Body) {
	t.Helper()
	_, params, err := mime.ParseMediaType(string(b.Headers.ContentType))
	if err != nil || !b.IsMultipart() {
		return // it refuses what needs quotes and has none, and white space around the slash
	}
	theirs, err := goParts(b.Content, params["boundary"])
	i := -1
	for _, p := range b.Parts {
		if p.Depth != 1 {
			continue
		}
		if i++; p.Kind != sipi.ISUP {
			continue
		}
		if i < len(theirs) {
			if !bytes.Equal(theirs[i], p.Content) && !reviewedCut(b.Content[p.Offset:], theirs[i], params["boundary"], err) {
				t.Fatalf("part %d: ours %q, Go's %q", i, p.Content, theirs[i])
			}
		} else if !reviewedStop(err, p) {
			t.Fatalf("part %d: ours %q, Go stops with %v", i, p.Content, err)
		}
	}
}

// goParts reads raw parts as far as the standard library gets. Without a closing
// delimiter the last one comes with io.ErrUnexpectedEOF and without a line end.
func goParts(content []byte, boundary string) (parts [][]byte, err error) {
	r := multipart.NewReader(bytes.NewReader(content), boundary)
	for {
		p, err := r.NextRawPart()
		if err != nil {
			return parts, err
		}
		octets, err := io.ReadAll(p)
		parts = append(parts, octets)
		if err != nil {
			return parts, err
		}
	}
}

// reviewedCut reports whether the standard library's part is shorter for a reason
// that was looked at:
//
//   - there is no closing delimiter, and what may have been the beginning of one
//     is left out
//   - a line begins with the delimiter and a dash or white space, as "--b1-x" and
//     "--b1 x" do: it ends the part there and is an error, here the whole line
//     must match
//
// ours runs to the end of the body, so that the line is seen whole.
func reviewedCut(ours, theirs []byte, boundary string, err error) bool {
	rest, ok := bytes.CutPrefix(ours, theirs)
	if !ok || err == nil {
		return false
	}
	line := bytes.TrimLeft(rest, "\r\n")
	if errors.Is(err, io.ErrUnexpectedEOF) && bytes.HasPrefix([]byte("--"+boundary), line) {
		return true
	}
	line, _, _ = bytes.Cut(line, []byte("\n"))
	more, ok := bytes.CutPrefix(line, []byte("--"+boundary))
	more = bytes.TrimLeft(bytes.TrimPrefix(more, []byte("--")), " \t")
	return ok && len(more) > 0 && string(more) != "\r" // else it is a delimiter, and we missed it
}

// reviewedStop reports whether an error of the standard library is one of those
// that were looked at: there it refuses a body that is accepted here on purpose,
// and never sees the part.
func reviewedStop(err error, p sipi.Part) bool {
	if err == nil {
		return false
	}
	if len(p.Header) == len(p.Whole) {
		return true // headers and no blank line: a part without content here
	}
	for _, s := range []string{
		"malformed MIME header", // of a part before this one, or a value it does not like
		"expecting a new Part",  // behind a line that begins with the delimiter
		"message too large",     // its own limits on part headers
	} {
		if strings.Contains(err.Error(), s) {
			return true
		}
	}
	return false
}

// FuzzAppend: what is built is read back as it was.
func FuzzAppend(f *testing.F) {
	f.Add([]byte(sdpText), iam)
	f.Add([]byte("--sipid-1"), []byte("\r\n--sipid-2--\r\n"))
	f.Fuzz(func(t *testing.T, first, second []byte) {
		parts := []sipi.NewPart{{ContentType: sipi.TypeSDP, Content: first}, {ContentType: sipi.TypeISUP, Disposition: sipi.SignalOptional, Content: second}}
		boundary := sipi.Boundary(parts...)
		content, err := sipi.Append(nil, boundary, parts...)
		if err != nil {
			t.Fatal(err)
		}
		b := split(t, sipi.MediaType(boundary), string(content))
		if kinds(b) != "sdp1 isup1" || !bytes.Equal(b.Parts[0].Content, first) || !bytes.Equal(b.Parts[1].Content, second) {
			t.Fatalf("%q became %q", content, kinds(b))
		}
	})
}
