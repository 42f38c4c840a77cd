package sipi_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"sipid/sipi"
)

func TestAppendRoundTrip(t *testing.T) {
	parts := []sipi.NewPart{
		{ContentType: sipi.TypeSDP, Content: []byte(sdpText)},
		{ContentType: sipi.TypeISUP, Disposition: sipi.SignalRequired, Content: iam},
		{ContentType: "text/plain", Disposition: sipi.SignalOptional, Content: []byte("\r\n\n--\r")},
		{ContentType: "text/plain"},
	}
	boundary := sipi.Boundary(parts...)
	content, err := sipi.Append([]byte("head"), boundary, parts...)
	if err != nil {
		t.Fatal(err)
	}
	b := split(t, sipi.MediaType(boundary), strings.TrimPrefix(string(content), "head"))
	if len(b.Parts) != len(parts) {
		t.Fatalf("parts %q", kinds(b))
	}
	for i, p := range b.Parts {
		if string(p.ContentType) != parts[i].ContentType || string(p.Disposition) != parts[i].Disposition || !bytes.Equal(p.Content, parts[i].Content) {
			t.Errorf("part %d is %q, %q, %q", i, p.ContentType, p.Disposition, p.Content)
		}
	}
	if b.Parts[1].Handling != sipi.Required || b.Parts[2].Handling != sipi.Optional {
		t.Errorf("handling %v, %v", b.Parts[1].Handling, b.Parts[2].Handling)
	}
}

// TestBoundary: the same parts give the same boundary, and one that occurs in a
// part is passed over.
func TestBoundary(t *testing.T) {
	parts := []sipi.NewPart{{Content: []byte(sdpText)}, {Content: iam}}
	first := sipi.Boundary(parts...)
	if again := sipi.Boundary(parts...); again != first {
		t.Errorf("%q, then %q", first, again)
	}
	parts[1].Content = []byte("\r\n--" + first + "9\r\n")
	second := sipi.Boundary(parts...)
	if second == first {
		t.Errorf("%q occurs in a part", second)
	}
	parts[0].Content = []byte(second)
	if third := sipi.Boundary(parts...); third == first || third == second {
		t.Errorf("%q occurs in a part", third)
	}
}

func TestAppendErrors(t *testing.T) {
	text := sipi.NewPart{ContentType: "text/plain", Content: []byte("x")}
	for _, c := range []struct {
		name, boundary string
		part           sipi.NewPart
		want           error
	}{
		{"empty boundary", "", text, sipi.ErrNoBoundary},
		{"long boundary", strings.Repeat("b", 71), text, sipi.ErrNoBoundary},
		{"boundary with a bad character", "b*1", text, sipi.ErrNoBoundary},
		{"boundary with a line end", "b\r\n1", text, sipi.ErrNoBoundary},
		{"boundary ending in a space", "b ", text, sipi.ErrNoBoundary},
		{"no type", "b1", sipi.NewPart{Content: []byte("x")}, sipi.ErrBadHeader},
		{"line end in the type", "b1", sipi.NewPart{ContentType: "text/plain\r\nX: y"}, sipi.ErrBadHeader},
		{"line end in the disposition", "b1", sipi.NewPart{ContentType: "text/plain", Disposition: "x\ny"}, sipi.ErrBadHeader},
		{"boundary in the part", "b1", sipi.NewPart{ContentType: "text/plain", Content: []byte("x--b12")}, sipi.ErrBoundaryInUse},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := sipi.Append([]byte("head"), c.boundary, text, c.part)
			if !errors.Is(err, c.want) || string(got) != "head" {
				t.Errorf("%q, %v, want %v", got, err, c.want)
			}
		})
	}
	if _, err := sipi.Append(nil, "b1"); !errors.Is(err, sipi.ErrNoParts) {
		t.Errorf("no parts: %v", err)
	}
}

func TestMediaType(t *testing.T) {
	for boundary, want := range map[string]string{
		"b1":    "multipart/mixed;boundary=b1",
		"a b":   `multipart/mixed;boundary="a b"`,
		"a/b:c": `multipart/mixed;boundary="a/b:c"`,
	} {
		if got := sipi.MediaType(boundary); got != want {
			t.Errorf("%q, want %q", got, want)
		}
		content, err := sipi.Append(nil, boundary, sipi.NewPart{ContentType: sipi.TypeSDP, Content: []byte(sdpText)})
		if err != nil {
			t.Fatal(err)
		}
		if b := split(t, sipi.MediaType(boundary), string(content)); kinds(b) != "sdp1" {
			t.Errorf("%s: parts %q", boundary, kinds(b))
		}
	}
}
