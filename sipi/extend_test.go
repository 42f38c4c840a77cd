package sipi_test

import (
	"slices"
	"strings"
	"testing"

	"sipid/sipi"
)

// A part spliced in by what Extension says is a part, and the others are as they were.
func TestExtension(t *testing.T) {
	const mixed = "multipart/mixed;boundary=b1"
	const sdpPart = "--b1\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n"
	for name, c := range map[string]struct{ contentType, content, kinds string }{
		"one part":          {mixed, sdpPart + "--b1--\r\n", "sdp1 isup1"},
		"no last line end":  {"Multipart / Mixed ;boundary=\"b1\"", sdpPart + "--b1--", "sdp1 isup1"},
		"padding, epilogue": {mixed, "x\r\n" + sdpPart + "--b1-- \t\r\nepilogue --b1\r\n", "sdp1 isup1"},
		"two parts":         {mixed, sdpPart + "--b1\r\nContent-Type: text/plain\r\n\r\nx\r\n--b1--\r\n", "sdp1 other1 isup1"},
		"nested": {mixed, "--b1\r\nContent-Type: multipart/mixed;boundary=b2\r\n\r\n--b2\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--b2--\r\n\r\n--b1--\r\n",
			"multipart1 sdp2 isup1"},
	} {
		t.Run(name, func(t *testing.T) {
			b := split(t, c.contentType, c.content)
			before := slices.Clone(b.Parts)
			at, delimiter, ok := b.Extension()
			if !ok || string(delimiter) != "--b1" {
				t.Fatalf("%d, %q, %v", at, delimiter, ok)
			}
			part := string(delimiter) + "\r\nContent-Type: application/isup\r\n\r\n\x10\x00\r\n"
			b = split(t, c.contentType, c.content[:at]+part+c.content[at:])
			if kinds(b) != c.kinds || string(b.Parts[len(b.Parts)-1].Content) != "\x10\x00" {
				t.Errorf("parts %q", kinds(b))
			}
			for i, p := range before {
				if string(p.Whole) != string(b.Parts[i].Whole) {
					t.Errorf("part %d is %q, was %q", i, b.Parts[i].Whole, p.Whole)
				}
			}
		})
	}
	for name, c := range map[string]struct{ contentType, content string }{
		"not a multipart": {"application/sdp", "v=0\r\n"},
		"empty":           {mixed, ""},
		"alternative":     {"multipart/alternative;boundary=b1", sdpPart + "--b1--\r\n"},
		"mixed up":        {"multipart/mixedup;boundary=b1", sdpPart + "--b1--\r\n"},
		"no close":        {mixed, sdpPart},
		"no dashes":       {mixed, sdpPart + "--b1\r\n"},
		"line feeds":      {mixed, strings.ReplaceAll(sdpPart+"--b1--\r\n", "\r", "")},
	} {
		t.Run(name, func(t *testing.T) {
			b := split(t, c.contentType, c.content)
			if at, delimiter, ok := b.Extension(); ok {
				t.Errorf("%d, %q", at, delimiter)
			}
		})
	}
	t.Run("cannot be split", func(t *testing.T) {
		var b sipi.Body
		if err := b.Split(sipi.Headers{ContentType: []byte("multipart/mixed")}, []byte(sdpPart)); err == nil {
			t.Fatal("no error")
		}
		if _, _, ok := b.Extension(); ok {
			t.Error("it can be extended")
		}
	})
}
