package sipi_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"sipid/sipi"
)

// ocn is the original called number 100100000042 as a parameter, as all calls of
// the torture messages carry it.
var ocn = []byte("\x28\x08\x03\x10\x01\x10\x00\x00\x00\x24")

// TestTorture runs the hostile bodies: what must still be split, what must not
// identify anybody, and what the PBX gets of each.
func TestTorture(t *testing.T) {
	for _, v := range loadVectors(t, "testdata/torture") {
		t.Run(v.file, func(t *testing.T) {
			var b sipi.Body
			checkSplit(t, &b, v)
			checkUnwrap(t, &b, v)
			isup := b.ISUP(nil)
			identifies := len(isup) == 1 && bytes.Contains(isup[0], ocn)
			switch v.second {
			case "identified":
				if !identifies {
					t.Error("the one ISUP part with the original called number is not there")
				}
			case "not_identified":
				if identifies {
					t.Error("identifies the caller")
				}
			case "identified_or_not":
			default:
				t.Errorf("unknown check %q", v.second)
			}
		})
	}
}

// TestVectors runs the odd but legal bodies.
func TestVectors(t *testing.T) {
	for _, v := range loadVectors(t, "testdata/vectors") {
		t.Run(v.file, func(t *testing.T) {
			var b sipi.Body
			checkSplit(t, &b, v)
			checkUnwrap(t, &b, v)
		})
	}
}

func checkSplit(t *testing.T, b *sipi.Body, v vector) {
	t.Helper()
	err := b.Split(v.headers, v.body)
	if want := sentinel(v.split); want != nil {
		var e *sipi.Error
		if !errors.Is(err, want) || !errors.As(err, &e) || e.Offset < 0 || e.Offset > len(v.body) {
			t.Fatalf("Split: %v, want %v inside the body", err, want)
		}
		if len(b.Parts) != 0 {
			t.Errorf("%d parts after an error", len(b.Parts))
		}
		return
	}
	if err != nil {
		t.Fatalf("Split: %v", err)
	}
	if got := kinds(b); got != v.split {
		t.Errorf("parts %q, want %q", got, v.split)
	}
}

func checkUnwrap(t *testing.T, b *sipi.Body, v vector) {
	t.Helper()
	u, _ := b.Unwrap(nil)
	var from, n int
	if c, _ := fmt.Sscanf(v.unwrap, "sdp %d %d", &from, &n); c == 2 {
		if !u.Changed || !u.DropMIMEHeaders || !bytes.EqualFold(u.ContentType, []byte("application/sdp")) {
			t.Errorf("%+v", u)
		}
		if want := v.raw[from : from+n]; !bytes.Equal(u.Content, want) {
			t.Errorf("body %q, want %q", u.Content, want)
		}
		return
	}
	switch v.unwrap {
	case "same":
		if u.Changed {
			t.Errorf("changed to %q", u.Content)
		}
	case "none":
		if !u.Changed || !u.DropMIMEHeaders || len(u.Content) > 0 || u.ContentType != nil {
			t.Errorf("a body is left: %+v", u)
		}
	case "cut":
		if !u.Changed || u.DropMIMEHeaders || !bytes.Equal(u.ContentType, v.headers.ContentType) {
			t.Errorf("%+v", u)
		}
		checkCut(t, b, u.Content)
	default:
		t.Fatalf("unknown expectation %q", v.unwrap)
	}
}

// checkCut compares a body whose ISUP was cut out with the one it came from:
// the same parts in the same order, octet for octet, without the ISUP.
func checkCut(t *testing.T, b *sipi.Body, cut []byte) {
	t.Helper()
	var c sipi.Body
	if err := c.Split(b.Headers, cut); err != nil {
		t.Fatalf("Split of the rest %q: %v", cut, err)
	}
	want := withoutISUP(b.Parts)
	if len(c.Parts) != len(want) {
		t.Fatalf("parts %q, want %d", kinds(&c), len(want))
	}
	for i, p := range c.Parts {
		w := want[i]
		if p.Kind != w.Kind || p.Depth != w.Depth || !bytes.Equal(p.Header, w.Header) || p.Kind != sipi.Multipart && !bytes.Equal(p.Whole, w.Whole) {
			t.Fatalf("part %d is %q, want %q", i, p.Whole, w.Whole)
		}
	}
}

// withoutISUP takes the ISUP parts out of a list, and then every container that
// has become empty.
func withoutISUP(parts []sipi.Part) []sipi.Part {
	rest := slices.DeleteFunc(slices.Clone(parts), func(p sipi.Part) bool { return p.Kind == sipi.ISUP })
	for i := len(rest) - 1; i >= 0; i-- {
		if rest[i].Kind == sipi.Multipart && (i+1 == len(rest) || rest[i+1].Depth <= rest[i].Depth) {
			rest = slices.Delete(rest, i, i+1)
		}
	}
	return rest
}

// TestPublicVectors runs the messages that belong to other projects where they
// lie: beside the repository, never in it.
func TestPublicVectors(t *testing.T) {
	dir := filepath.Join("..", "..", "shared", "vectors", "sip")
	index, err := os.ReadFile(filepath.Join(dir, "index.json"))
	if errors.Is(err, os.ErrNotExist) {
		t.Log("no public vectors: ../shared/vectors, seen from the root of the repository, is not there")
		t.Skip("public vectors not found")
	}
	if err != nil {
		t.Fatal(err)
	}
	var list []struct {
		File   string
		Expect struct {
			ISUPParts   int `json:"isup_parts"`
			MessageType int `json:"message_type"`
		}
	}
	if err := json.Unmarshal(index, &list); err != nil || len(list) == 0 {
		t.Fatalf("%d vectors, %v", len(list), err)
	}
	for _, e := range list {
		t.Run(e.File, func(t *testing.T) {
			v := readVector(t, dir, vector{file: e.File})
			var b sipi.Body
			if err := b.Split(v.headers, v.body); err != nil {
				t.Fatalf("Split: %v", err)
			}
			isup := b.ISUP(nil)
			if len(isup) != e.Expect.ISUPParts {
				t.Fatalf("%d ISUP parts, want %d", len(isup), e.Expect.ISUPParts)
			}
			if w := e.Expect.MessageType; w != 0 && (len(isup[0]) == 0 || int(isup[0][0]) != w) {
				t.Errorf("ISUP part is % x, want message type %#x", isup[0], w)
			}
		})
	}
}
