package sipi_test

import (
	"bytes"
	"strings"
	"testing"

	"sipid/sipi"
)

const (
	same = "\x00same" // the body stays
	none = "\x00none" // no body
)

// optionalPart is a part that may be dropped, otherPart one that may not.
const (
	optionalPart = "Content-Type: text/plain\r\nContent-Disposition: render;handling=optional\r\n\r\nhello"
	otherPart    = "Content-Type: application/pidf+xml\r\n\r\n<presence/>"
)

func TestUnwrap(t *testing.T) {
	base64SDP := "Content-Transfer-Encoding: base64\r\n" + sdpPart
	open := func(parts ...string) string { return strings.TrimSuffix(mixed(parts...), "\r\n--b1--\r\n") }
	for _, c := range []struct{ name, contentType, body, want string }{
		{"SDP and ISUP", mixedType, normal, sdpText},
		{"ISUP first", mixedType, mixed(isupPart, sdpPart), sdpText},
		{"SDP in a multipart of its own", mixedType, mixed(sdpPart), sdpText},
		{"optional part dropped", mixedType, mixed(optionalPart, sdpPart, isupPart), sdpText},
		{"optional container dropped", mixedType, mixed("Content-Disposition: x;handling=optional\r\n"+alternative(otherPart), sdpPart), sdpText},
		{"optional SDP dropped", mixedType, mixed("Content-Disposition: session;handling=optional\r\n"+sdpPart+"x", sdpPart), sdpText},
		{"empty part without a header dropped", mixedType, mixed(sdpPart, "\r\n", isupPart), sdpText},
		{"nested SDP", mixedType, mixed(alternative(sdpPart), isupPart), sdpText},
		{"ISUP in a multipart of its own", mixedType, mixed(isupPart), none},
		{"ISUP and an optional part", mixedType, mixed(isupPart, optionalPart), none},
		{"ISUP alone", "application/ISUP", string(iam), none},
		{"multipart of no octets", mixedType, "", none},
		{"SDP alone", "application/sdp", sdpText, same},
		{"nothing", "application/sdp", "", same},
		{"another body", "text/plain", "hello", same},
		{"no SDP and no ISUP", mixedType, mixed(optionalPart), same},
		{"SDP and a required part", mixedType, mixed(sdpPart, otherPart), same},
		{"ISUP and a required part", mixedType, mixed(otherPart, isupPart), mixed(otherPart)},
		{"all three", mixedType, mixed(isupPart, otherPart, sdpPart), mixed(otherPart, sdpPart)},
		{"an optional part stays beside a required one", mixedType, mixed(optionalPart, isupPart, otherPart), mixed(optionalPart, otherPart)},
		{"two ISUP parts cut", mixedType, mixed(isupPart, otherPart, isupPart), mixed(otherPart)},
		{"preamble and epilogue stay", mixedType, "pre\r\n" + mixed(otherPart, isupPart) + "post", "pre\r\n" + mixed(otherPart) + "post"},
		{"padding stays", mixedType, strings.Replace(mixed(otherPart, isupPart), "--b1--", "--b1-- \t", 1), strings.Replace(mixed(otherPart), "--b1--", "--b1-- \t", 1)},
		{"nested ISUP", mixedType, mixed(otherPart, alternative(isupPart, otherPart)), mixed(otherPart, alternative(otherPart))},
		{"nested ISUP was all", mixedType, mixed(otherPart, alternative(isupPart)), mixed(otherPart)},
		{"nested twice", mixedType, mixed(otherPart, alternative(strings.ReplaceAll(alternative(isupPart), "c2", "d3")), isupPart), mixed(otherPart)},
		{"last and not closed", mixedType, open(otherPart, isupPart), open(otherPart) + "\r\n--b1--"},
		{"last, not closed, LF", mixedType, toLF(open(otherPart, "Content-Type: application/isup\r\n\r\nx")), toLF(open(otherPart)) + "\n--b1--"},
		{"nested, last and not closed", mixedType, mixed(strings.TrimSuffix(alternative(otherPart, isupPart), "\r\n--c2--\r\n")), mixed(strings.TrimSuffix(alternative(otherPart), "\r\n"))},
		{"alternatives are the PBX's choice", mixedType, mixed(alternative(sdpPart, sdpPart), isupPart), mixed(alternative(sdpPart, sdpPart))},
		{"encoded SDP is the PBX's to decode", mixedType, mixed(base64SDP, isupPart), mixed(base64SDP)},
		{"encoded ISUP counts as handled", mixedType, mixed(sdpPart, "Content-Transfer-Encoding: base64\r\n"+isupPart), sdpText},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := split(t, c.contentType, c.body)
			u, _ := b.Unwrap(make([]byte, 0, 16))
			checkUnwrapped(t, c.contentType, u, c.want)
		})
	}
}

func toLF(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }

func checkUnwrapped(t *testing.T, contentType string, u sipi.Unwrapped, want string) {
	t.Helper()
	switch {
	case want == same:
		if u.Changed || u.DropMIMEHeaders || u.Content != nil {
			t.Errorf("changed: %+v", u)
		}
	case want == none:
		if !u.Changed || !u.DropMIMEHeaders || u.ContentType != nil || len(u.Content) > 0 {
			t.Errorf("a body is left: %+v", u)
		}
	case !u.Changed || string(u.Content) != want:
		t.Errorf("changed %v\n got %q\nwant %q", u.Changed, u.Content, want)
	case strings.HasPrefix(want, "v=0"):
		if !u.DropMIMEHeaders || string(u.ContentType) != "application/sdp" {
			t.Errorf("%+v", u)
		}
	case u.DropMIMEHeaders || string(u.ContentType) != contentType:
		t.Errorf("%+v", u)
	}
}

// TestUnwrapAfterError: nobody is identified, but the PBX gets an SDP it can
// read, where there is exactly one.
func TestUnwrapAfterError(t *testing.T) {
	broken := "X\r\n\r\nx"
	for _, c := range []struct{ name, contentType, body, want string }{
		{"broken part", mixedType, mixed(broken, sdpPart, isupPart), sdpText},
		{"no boundary", "multipart/mixed", normal, sdpText},
		{"no boundary, empty lines first", "multipart/mixed", "\r\n\n" + normal, sdpText},
		{"no boundary, text first", "multipart/mixed", "hello\r\n" + normal, same},
		{"no boundary, two dashes", "multipart/mixed", "--\r\n" + normal, same},
		{"boundary under another name", "multipart/mixed;bound=b1", normal, sdpText},
		{"curly quotes", "multipart/mixed;boundary=\u201cb1\u201d", normal, sdpText},
		{"a boundary that does not occur", "multipart/mixed;boundary=zz", normal, sdpText},
		{"two boundaries", "multipart/mixed;boundary=zz;boundary=b1", normal, sdpText},
		{"one that is too long", "multipart/mixed;boundary=" + strings.Repeat("b", 71), strings.ReplaceAll(normal, "--b1", "--"+strings.Repeat("b", 71)), sdpText},
		{"unreadable type", "multipart/mixed boundary=b1", normal, sdpText},
		{"delimiters gone", mixedType, sdpText, sdpText},
		{"delimiters gone, LF", mixedType, toLF(sdpText), toLF(sdpText)},
		{"no delimiter and no SDP", mixedType, "hello", same},
		{"mixed line ends", mixedType, strings.Replace(normal, sdpText+"\r\n", sdpText+"\n", 1), sdpText},
		{"no empty line above the SDP", mixedType, mixed("Content-Type: application/sdp\r\n"+sdpText, isupPart), sdpText},
		{"delimiter after delimiter", mixedType, "--b1\r\n" + normal, sdpText},
		{"too many parts", mixedType, mixed(append(slicesRepeat(isupPart, 40), sdpPart)...), sdpText},
		{"not closed", mixedType, mixed(broken) + "--b1\r\n" + sdpPart, same},
		{"two SDP parts", mixedType, mixed(sdpPart, sdpPart), same},
		{"two SDP parts, one broken", mixedType, mixed(sdpPart, "X\r\n"+sdpPart, sdpPart), same},
		{"SDP of two types", mixedType, mixed("Content-Type: text/plain\r\n"+sdpPart, isupPart), same},
		{"encoded SDP", mixedType, mixed(broken, "Content-Transfer-Encoding: base64\r\n"+sdpPart), same},
		{"nested SDP", mixedType, mixed(broken, alternative(sdpPart)), sdpText},
		{"nested without boundary", mixedType, mixed(strings.Replace(alternative(sdpPart), ";boundary=c2", "", 1), isupPart), sdpText},
		{"nested and encoded", mixedType, mixed("Content-Transfer-Encoding: base64\r\n" + alternative(sdpPart)), same},
		{"no SDP", mixedType, mixed(broken, isupPart), same},
		{"not a multipart", "application/isup x", string(iam), same},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b sipi.Body
			if err := b.Split(sipi.Headers{ContentType: []byte(c.contentType)}, []byte(c.body)); err == nil {
				t.Fatal("Split accepts it")
			}
			u, _ := b.Unwrap(nil)
			if c.want != same && u.Changed && string(u.ContentType) != "application/sdp" {
				t.Errorf("type %q", u.ContentType)
			}
			u.ContentType = []byte("application/sdp")
			checkUnwrapped(t, c.contentType, u, c.want)
		})
	}
}

// TestUnwrapHeaders: the part's own headers become the message's, in a form that
// a header writer takes.
func TestUnwrapHeaders(t *testing.T) {
	b := split(t, mixedType, mixed("Content-Type: application/sdp;\r\n\t charset=utf-8\r\nContent-Disposition: session ;\r\n handling=required\r\nContent-Language: en\r\nContent-ID: <1@x>\r\nContent-Transfer-Encoding: binary\r\n\r\n"+sdpText, isupPart))
	u, dst := b.Unwrap([]byte("before"))
	for got, want := range map[string]string{
		string(u.ContentType): "application/sdp; charset=utf-8", string(u.Disposition): "session ; handling=required",
		string(u.Language): "en", string(u.ID): "<1@x>",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if !bytes.HasPrefix(dst, []byte("before")) {
		t.Errorf("dst is %q", dst)
	}
}

// TestUnwrapHeadersNotASCII: what a header writer may refuse is left out.
func TestUnwrapHeadersNotASCII(t *testing.T) {
	b := split(t, mixedType, mixed("Content-Type: application/sdp;x=\xff\r\nContent-Disposition: session;x=\u00e9\r\nContent-ID:\r\n\r\n"+sdpText))
	u, _ := b.Unwrap(nil)
	if string(u.ContentType) != "application/sdp" || u.Disposition != nil || len(u.ID) != 0 || string(u.Content) != sdpText {
		t.Errorf("%+v", u)
	}
}

// TestUnwrapKeepsDst: what stood in dst stays, and the new body follows it.
func TestUnwrapKeepsDst(t *testing.T) {
	b := split(t, mixedType, mixed(otherPart, isupPart))
	u, dst := b.Unwrap([]byte("before"))
	if string(dst) != "before"+mixed(otherPart) || string(u.Content) != mixed(otherPart) {
		t.Errorf("dst %q, body %q", dst, u.Content)
	}
}
