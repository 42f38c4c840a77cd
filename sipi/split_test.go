package sipi_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"sipid/sipi"
)

func TestSplitParts(t *testing.T) {
	b := split(t, mixedType, normal)
	p := b.First(sipi.ISUP)
	if !b.IsMultipart() || p == nil || p != &b.Parts[1] {
		t.Fatalf("multipart %v, first ISUP part %p", b.IsMultipart(), p)
	}
	if !bytes.Equal(p.Content, iam) || p.Offset != strings.Index(normal, string(iam)) || p.Depth != 1 {
		t.Errorf("content % x at %d, depth %d", p.Content, p.Offset, p.Depth)
	}
	if want := "Content-Type: application/ISUP;version=itu-t92+\r\nContent-Disposition: signal;handling=required\r\n"; string(p.Header) != want {
		t.Errorf("header %q", p.Header)
	}
	if string(p.Whole) != isupPart {
		t.Errorf("whole %q", p.Whole)
	}
	if s := b.SDP(); s != &b.Parts[0] || string(s.Content) != sdpText {
		t.Errorf("SDP %v", s)
	}
	if b.First(sipi.Other) != nil {
		t.Error("a part of another kind")
	}
}

func TestSplitReuse(t *testing.T) {
	b := split(t, mixedType, normal)
	if err := b.Split(sipi.Headers{ContentType: []byte("text/plain")}, []byte("hello")); err != nil {
		t.Fatal(err)
	}
	if kinds(b) != "other0" || b.IsMultipart() || b.SDP() != nil || b.ISUP(nil) != nil {
		t.Errorf("something of the last body is left: %q", kinds(b))
	}
	if err := b.Split(sipi.Headers{}, []byte("hello")); err != nil || kinds(b) != "other0" {
		t.Errorf("octets without a type: %q, %v", kinds(b), err)
	}
}

func TestHeaderValues(t *testing.T) {
	b := split(t, mixedType, mixed("Content-Type: application/sdp;\r\n x=y\r\nContent-ID: <1@x>\r\nContent-Language: en\r\nContent-Language: de\r\n"+
		"Content-Disposition:\tsession \r\nContent-Transfer-Encoding: 8bit\r\nContent-Encoding: Identity\r\n\r\n"))
	p := b.Parts[0]
	for got, want := range map[string]string{
		string(p.ContentType): "application/sdp;\r\n x=y", string(p.ID): "<1@x>", string(p.Language): "en",
		string(p.Disposition): "session", string(p.TransferEncoding): "8bit", string(p.Encoding): "Identity",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if p.Encoded() {
		t.Error("8bit and identity count as encodings")
	}
}

func TestHandling(t *testing.T) {
	for disposition, want := range map[string]sipi.Handling{
		"":                             sipi.Required,
		"signal":                       sipi.Required,
		"signal;handling=required":     sipi.Required,
		"signal;handling=optional":     sipi.Optional,
		"signal ; Handling = Optional": sipi.Optional,
		`signal;x="a;handling=required";handling="optional";y`: sipi.Optional,
		"signal;handling=maybe":                                sipi.Required,
		"signal;handling=":                                     sipi.Required,
		`signal;handling="optional`:                            sipi.Required,
		"signal;handling=optional;handling=required":           sipi.Required,
		"signal;handling=required;handling=optional":           sipi.Required,
		";handling=optional":                                   sipi.Optional,
	} {
		header := "Content-Type: text/plain\r\n"
		if disposition != "" {
			header += "Content-Disposition: " + disposition + "\r\n"
		}
		b := split(t, mixedType, mixed(header+"\r\nx"))
		if got := b.Parts[0].Handling; got != want {
			t.Errorf("%q: %v, want %v", disposition, got, want)
		}
	}
}

func TestParam(t *testing.T) {
	b := split(t, mixedType, mixed("Content-Type: application/ISUP;;x;Version=\"itu-t92+\" ;\r\n base = etsi121;base=other\r\n\r\nx"))
	p := b.Parts[0]
	for name, want := range map[string]string{"version": "itu-t92+", "base": "etsi121"} {
		if v, ok := p.Param(name); !ok || string(v) != want {
			t.Errorf("%s is %q, %v", name, v, ok)
		}
	}
	if v, ok := p.Param("x"); !ok || len(v) != 0 {
		t.Errorf("x is %q, %v", v, ok)
	}
	if _, ok := p.Param("ver"); ok {
		t.Error("ver found")
	}
}

func TestEncodedISUPCountsAsEmpty(t *testing.T) {
	for _, h := range []string{"Content-Transfer-Encoding: base64", "Content-Transfer-Encoding: quoted-printable", "Content-Encoding: gzip", "e: deflate"} {
		b := split(t, mixedType, mixed(sdpPart, h+"\r\n"+isupPart))
		if isup := b.ISUP(nil); len(isup) != 1 || len(isup[0]) != 0 || !b.First(sipi.ISUP).Encoded() {
			t.Errorf("%s: % x", h, isup)
		}
	}
	b := split(t, mixedType, mixed(sdpPart, "Content-Transfer-Encoding: 7BIT\r\n"+isupPart))
	if isup := b.ISUP(nil); len(isup) != 1 || !bytes.Equal(isup[0], iam) {
		t.Errorf("7bit: % x", isup)
	}
}

func TestEncodedMessage(t *testing.T) {
	for _, h := range []sipi.Headers{{Encoding: []byte("gzip")}, {TransferEncoding: []byte("base64")}} {
		var b sipi.Body
		h.ContentType = []byte(mixedType)
		if err := b.Split(h, []byte(normal)); !errors.Is(err, sipi.ErrEncoded) {
			t.Errorf("multipart: %v", err)
		}
		if u, _ := b.Unwrap(nil); u.Changed {
			t.Errorf("changed: %+v", u)
		}
		h.ContentType = []byte("application/isup")
		if err := b.Split(h, iam); err != nil || len(b.ISUP(nil)) != 1 || len(b.ISUP(nil)[0]) != 0 {
			t.Errorf("ISUP alone: %v, %v", err, b.ISUP(nil))
		}
	}
}

func TestLimitParts(t *testing.T) {
	parts := func(n int) string { return mixed(slicesRepeat(isupPart, n)...) }
	if b := split(t, mixedType, parts(sipi.MaxParts)); len(b.Parts) != sipi.MaxParts {
		t.Errorf("%d parts", len(b.Parts))
	}
	var b sipi.Body
	var e *sipi.Error
	err := b.Split(sipi.Headers{ContentType: []byte(mixedType)}, []byte(parts(sipi.MaxParts+1)))
	if !errors.Is(err, sipi.ErrTooManyParts) || !errors.As(err, &e) {
		t.Fatalf("one more: %v", err)
	}
	if want := fmt.Sprintf("%v at octet %d of the body", sipi.ErrTooManyParts, e.Offset); err.Error() != want || !strings.HasPrefix(parts(40)[e.Offset:], isupPart) {
		t.Errorf("%q is not at a part", err)
	}
	// Nested parts and containers count as well.
	inner := alternative(slicesRepeat(isupPart, sipi.MaxParts-1)...)
	split(t, mixedType, mixed(inner))
	if err := b.Split(sipi.Headers{ContentType: []byte(mixedType)}, []byte(mixed(inner, isupPart))); !errors.Is(err, sipi.ErrTooManyParts) {
		t.Errorf("nested: %v", err)
	}
}

func TestLimitDepth(t *testing.T) {
	if b := split(t, mixedType, nest(sipi.MaxDepth)); len(b.Parts) != sipi.MaxDepth || b.Parts[sipi.MaxDepth-1].Depth != sipi.MaxDepth {
		t.Errorf("parts %q", kinds(b))
	}
	var b sipi.Body
	if err := b.Split(sipi.Headers{ContentType: []byte(mixedType)}, []byte(nest(sipi.MaxDepth+1))); !errors.Is(err, sipi.ErrTooDeep) {
		t.Errorf("one more: %v", err)
	}
	// The SDP on top is still found, one below the limit is not.
	if u, _ := b.Unwrap(nil); u.Changed {
		t.Errorf("changed: %+v", u)
	}
	deep := mixed(sdpPart, strings.TrimSuffix(strings.TrimPrefix(nest(sipi.MaxDepth+1), "--b1\r\n"), "\r\n--b1--\r\n"))
	if err := b.Split(sipi.Headers{ContentType: []byte(mixedType)}, []byte(deep)); !errors.Is(err, sipi.ErrTooDeep) {
		t.Errorf("with SDP: %v", err)
	}
	if u, _ := b.Unwrap(nil); string(u.Content) != sdpText {
		t.Errorf("the SDP is not isolated: %+v", u)
	}
}

// nest puts an SDP part into n multiparts; the outermost has the boundary b1.
func nest(n int) string {
	s := sdpPart
	for i := n; i >= 1; i-- {
		s = fmt.Sprintf("--b%d\r\n%s\r\n--b%d--\r\n", i, s, i)
		if i > 1 {
			s = fmt.Sprintf("Content-Type: multipart/mixed;boundary=b%d\r\n\r\n%s", i, s)
		}
	}
	return s
}

func slicesRepeat(s string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = s
	}
	return out
}

// TestWhichSDP: a required one goes before optional ones, alternatives are the
// receiver's choice, anything else describes two sessions.
func TestWhichSDP(t *testing.T) {
	optional := "Content-Disposition: session;handling=optional\r\n" + sdpPart
	for _, c := range []struct {
		name, contentType, body string
		want                    int // index of the SDP part, -1: the receiver's choice
		err                     error
	}{
		{"one", mixedType, mixed(sdpPart), 0, nil},
		{"one optional", mixedType, mixed(isupPart, optional), 1, nil},
		{"required before optional", mixedType, mixed(optional, sdpPart), 1, nil},
		{"optional behind required", mixedType, mixed(sdpPart, optional), 0, nil},
		{"two", mixedType, mixed(sdpPart, isupPart, sdpPart), -1, sipi.ErrTwoSDP},
		{"two optional", mixedType, mixed(optional, optional), -1, sipi.ErrTwoSDP},
		{"three", mixedType, mixed(sdpPart, sdpPart, sdpPart), -1, sipi.ErrTwoSDP},
		{"alternatives", mixedType, mixed(alternative(sdpPart, sdpPart), isupPart), -1, nil},
		{"alternatives and one", mixedType, mixed(alternative(sdpPart, sdpPart), sdpPart), -1, sipi.ErrTwoSDP},
		{"an optional alternative", mixedType, mixed(alternative(optional, sdpPart)), 2, nil},
		{"an optional container", mixedType, mixed("Content-Disposition: session;handling=optional\r\n"+alternative(sdpPart, sdpPart), sdpPart), 3, nil},
		{"the message is an alternative", "multipart/Alternative;boundary=b1", mixed(sdpPart, sdpPart), -1, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b sipi.Body
			err := b.Split(sipi.Headers{ContentType: []byte(c.contentType)}, []byte(c.body))
			if !errors.Is(err, c.err) {
				t.Fatalf("Split: %v, want %v", err, c.err)
			}
			p := b.SDP()
			if (p == nil) != (c.want < 0) || p != nil && p != &b.Parts[c.want] {
				t.Errorf("SDP is %v", p)
			}
		})
	}
}

func TestNames(t *testing.T) {
	for k, want := range map[fmt.Stringer]string{
		sipi.SDP: "sdp", sipi.ISUP: "isup", sipi.Multipart: "multipart", sipi.Other: "other",
		sipi.Required: "required", sipi.Optional: "optional",
	} {
		if k.String() != want {
			t.Errorf("%v, want %s", k, want)
		}
	}
}
