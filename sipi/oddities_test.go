package sipi_test

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
	"testing"

	"sipid/sipi"
)

// oddity is something that real equipment sends. The numbers in front of its name
// are those of the list in TestEachOddity.
type oddity struct{ name, contentType, body, want string }

func oddities() []oddity {
	body := func(boundary, eol string) string {
		s := strings.ReplaceAll(normal, "--b1", "--"+boundary)
		if eol == "\n" {
			head, tail, _ := strings.Cut(s, string(iam)) // never inside the ISUP
			s = strings.ReplaceAll(head, "\r\n", "\n") + string(iam) + strings.ReplaceAll(tail, "\r\n", "\n")
		}
		return s
	}
	two := "sdp1 isup1"
	return []oddity{
		{"01 boundary quoted in the header, bare in the body", `multipart/mixed;boundary="2123894789_1257887457"`, body("2123894789_1257887457", ""), two},
		{"02 boundary with an illegal character in quotes", `multipart/mixed;boundary="?(boundary)*"`, body("?(boundary)*", ""), two},
		{"02 boundary in curly quotes", "multipart/mixed;boundary=\u201cb1\u201d", normal, "ErrNoBoundary"},
		{"02 boundary that needs quotes, without", "multipart/mixed;boundary=a/b:c=d?e,f", body("a/b:c=d?e,f", ""), two},
		{"03 space before the semicolon", `multipart/mixed ;boundary="b1"`, normal, two},
		{"03 space around everything", "multipart / mixed ; charset = x ; boundary = b1 ;", normal, two},
		{"03 folded", "multipart/mixed;\r\n\tboundary=b1", normal, two},
		{"04 no empty line above the content", mixedType, mixed("Content-Type: application/sdp\r\n"+sdpText, isupPart), "ErrBadHeader"},
		{"05 an ISUP part that is none", mixedType, mixed(sdpPart, "Content-Type: application/ISUP; version=Dialogic-DMG2000-v1\r\nContent-Description: ISDN IE 77h\r\n\r\n7165556552"), two},
		{"06 headers in another order", mixedType, mixed("Content-Disposition: session\r\nContent-Type: application/sdp\r\n\r\n"+sdpText, isupPart), two},
		{"07 ISUP alone", "application/isup; version=itu-t92+; base=itu-t92+", "\x0c\x02\x00\x02\x8a\x9f", "isup0"},
		{"07 SDP alone", "application/sdp", sdpText, "sdp0"},
		{"07 nothing", "", "", ""},
		{"08 the disposition of the part stands above the message", mixedType, mixed(sdpPart, "Content-Type: application/ISUP;base=itu-t92+;version=itu-t92+\r\n\r\n"+string(iam)), two},
		{"09 odd disposition and parameters", mixedType, mixed(sdpPart, "Content-Type: application/ISUP;base=itu;version=itu\r\nContent-Disposition: session;handling=optional\r\n\r\n"+string(iam)), two},
		{"10 any case, no space", mixedType, mixed("CONTENT-TYPE:Application/SDP\r\n\r\n"+sdpText, "content-type:application/isup\r\n\r\n"+string(iam)), two},
		{"11 more headers in a part", mixedType, mixed("Content-ID: <1@x>\r\nContent-Length: 3\r\nX-Y: z\r\n"+sdpPart, isupPart), two},
		{"12 13 14 CR, LF, NUL and high octets in the ISUP", mixedType, mixed(sdpPart, "Content-Type: application/isup\r\n\r\n\x01\r\n\r\x00\n\xff--b1\r\n\n\r--b1"), two},
		{"15 no part at all", "multipart/mixed;boundary=OSS-unique-boundary-42", "--OSS-unique-boundary-42--", "ErrNoParts"},
		{"15 a part of no octets", mixedType, "--b1\r\n\r\n--b1\r\n" + sdpPart + "\r\n--b1--", "other1 sdp1"},
		{"15 delimiter after delimiter", mixedType, "--b1\r\n--b1\r\n" + sdpPart + "\r\n--b1--", "ErrNoParts"},
		{"16 no closing delimiter", mixedType, strings.TrimSuffix(normal, "\r\n--b1--\r\n"), two},
		{"16 last delimiter without its dashes", mixedType, strings.TrimSuffix(normal, "--\r\n"), two},
		{"16 cut off inside the last line end", mixedType, strings.TrimSuffix(normal, "--\r\n") + "\r", two},
		{"16 delimiters gone, type left", mixedType, sdpText, "ErrNoParts"},
		{"17 an SDP in front, the old multipart behind it", mixedType, sdpText + "\r\n" + normal, two},
		{"17 the old multipart, an SDP behind it", mixedType, normal + sdpText, two},
		{"18 hex text", mixedType, mixed(sdpPart, "Content-Type: application/isup\r\n\r\n010020010a03"), two},
		{"18 bound for boundary", "multipart/mixed;bound=b1", normal, "ErrNoBoundary"},
		{"19 a version nobody knows", mixedType, mixed(sdpPart, "Content-Type: application/ISUP;version=X-ours\r\n\r\n"+string(iam)), two},
		{"19 no version", mixedType, mixed(sdpPart, "Content-Type: application/ISUP\r\n\r\n"+string(iam)), two},
		{"20 white space before a colon", mixedType, mixed("Content-Type \t:  application/sdp\r\n\r\n"+sdpText, isupPart), two},
		{"20 white space behind a colon", mixedType, mixed("Content-Type:  \tapplication/sdp \r\n\r\n"+sdpText, isupPart), two},
		{"21 other parts", mixedType, mixed(sdpPart, "Content-Type: application/QSIG\r\n\r\nq", "Content-Type: application/pidf+xml\r\n\r\np", isupPart), "sdp1 other1 other1 isup1"},
		{"22 three levels", mixedType, mixed(alternative(sdpPart), isupPart), "multipart1 sdp2 isup1"},
		{"23 ISUP first", mixedType, mixed(isupPart, sdpPart), "isup1 sdp1"},
		{"24 filler F, ST and unknown parameters are the codec's matter", mixedType, mixed(sdpPart, "Content-Type: application/isup\r\n\r\n\x01\x00\x20\x01\x0a\x03\x02\x07\x05\x03\x90\x59\x61\xf5\x28\x04\x83\x10\x01\xf1\xfe\x01\x00\x00"), two},
		{"LF line ends", mixedType, body("b1", "\n"), two},
		{"LF before one delimiter of a CRLF body", mixedType, strings.Replace(normal, sdpText+"\r\n", sdpText+"\n", 1), "ErrLineEnds"},
		{"LF behind one delimiter of a CRLF body", mixedType, strings.Replace(normal, "--b1\r\nContent-Type: application/I", "--b1\nContent-Type: application/I", 1), "ErrLineEnds"},
		{"LF text in front of a CRLF body", mixedType, "hello\n" + normal, "ErrLineEnds"},
		{"CRLF header in an LF body", mixedType, strings.Replace(body("b1", "\n"), "sdp\n", "sdp\r\n", 1), "ErrLineEnds"},
		{"CR before the delimiter of an LF body", mixedType, strings.Replace(body("b1", "\n"), "\n--b1--", "\r\n--b1--", 1), "ErrLineEnds"},
		{"compact form in a part", mixedType, mixed("c: application/sdp\r\n\r\n"+sdpText, isupPart), two},
		{"the unindented continuation of RFC 3204's example", mixedType, mixed(sdpPart, "Content-Type: application/ISUP; version=nxv3;\r\nbase=etsi121\r\nContent-Disposition: signal; handling=optional\r\n\r\n"+string(iam)), "ErrBadHeader"},
		{"the same continuation, indented", mixedType, mixed(sdpPart, "Content-Type: application/ISUP; version=nxv3;\r\n base=etsi121\r\n\r\n"+string(iam)), two},
		{"no type above octets", "", sdpText, "ErrContentType"},
	}
}

// TestOddities: each is accepted, with the parts it must give, or refused, with
// the error.
func TestOddities(t *testing.T) {
	for _, c := range oddities() {
		t.Run(c.name, func(t *testing.T) {
			var b sipi.Body
			h := sipi.Headers{ContentType: []byte(c.contentType)}
			if c.body == "" {
				h.ContentType = nil
			}
			err := b.Split(h, []byte(c.body))
			if want := sentinel(c.want); !errors.Is(err, want) {
				t.Fatalf("Split: %v, want %v", err, want)
			}
			if err == nil && kinds(&b) != c.want {
				t.Fatalf("parts %q, want %q", kinds(&b), c.want)
			}
			if err == nil && strings.Contains(c.body, string(iam)) && !bytes.HasPrefix(b.ISUP(nil)[0], iam) {
				t.Errorf("ISUP % x", b.ISUP(nil)[0])
			}
		})
	}
}

// TestEachOddity: no row of the list of what was seen in the field is left out.
func TestEachOddity(t *testing.T) {
	seen := make(map[string]bool)
	for _, c := range oddities() {
		for _, word := range strings.Fields(c.name) {
			if _, err := strconv.Atoi(word); err != nil {
				break
			}
			seen[word] = true
		}
	}
	for number, row := range map[string]string{
		"01": "boundary quoted in the header, bare in the body (Homer, pjsip)",
		"02": "boundary with illegal characters, curly quotes (Dialogic DMG)",
		"03": "space before the semicolon (Dialogic DMG)",
		"04": "no empty line above the content (Dialogic DMG manual)",
		"05": "application/ISUP that is none (Dialogic DMG)",
		"06": "part headers in another order, fixed boundary (Sonus)",
		"07": "ISUP alone, no multipart (Brazilian network, Oracle)",
		"08": "disposition above the message, none at the part (IMS gear, SIP3's trace)",
		"09": "session as the disposition of ISUP, parameters reversed (SIPp scenarios)",
		"10": "case of the type, no space (Kamailio #2748)",
		"11": "a part with more headers (Kamailio #564)",
		"12": "a lone CR in binary (Kamailio #4817, #4933)",
		"13": "NUL in binary (FreeSWITCH #2805)",
		"14": "octets over 127 (sip.js, Homer UI)",
		"15": "no part, a part of no octets (OpenSIPS #2288, pjsip #2017)",
		"16": "no closing delimiter, delimiters gone (Kamailio #661, #1719, #3854)",
		"17": "an SDP beside the old multipart (a bridge)",
		"18": "hexadecimal or base64 text, bound for boundary (stacks made at home)",
		"19": "versions of all kinds",
		"20": "white space around a header's value (C# stack)",
		"21": "other parts beside SDP and ISUP (Cisco, 3GPP, Nortel)",
		"22": "three levels (Microsoft)",
		"23": "SDP not in front",
		"24": "filler F, ST, unknown parameters (hepgen.js, Kamailio #4817)",
	} {
		if !seen[number] {
			t.Errorf("row %s has no test: %s", number, row)
		}
	}
}

// TestDispositionOfTheMessage: row 08. What stands above the whole message is not
// the SDP's: the SDP is not taken for the signal.
func TestDispositionOfTheMessage(t *testing.T) {
	b := split(t, mixedType, mixed(sdpPart, "Content-Type: application/ISUP\r\n\r\n"+string(iam)))
	u, _ := b.Unwrap(nil)
	if string(u.Content) != sdpText || !u.DropMIMEHeaders || u.Disposition != nil {
		t.Errorf("unwrapped: %q, disposition %q, headers dropped: %v", u.Content, u.Disposition, u.DropMIMEHeaders)
	}
}

// alternative wraps parts into a nested multipart/alternative, as a part.
func alternative(parts ...string) string {
	return "Content-Type: multipart/alternative;boundary=c2\r\n\r\n" + strings.ReplaceAll(mixed(parts...), "--b1", "--c2")
}

// TestRefusedHeaders: in all of these another reader may see another part.
func TestRefusedHeaders(t *testing.T) {
	for _, c := range []struct{ name, contentType, header, want string }{
		{"bare CR", mixedType, "X: a\rContent-Type: application/isup", "ErrBadHeader"},
		{"bare LF", mixedType, "X: a\nContent-Type: application/isup", "ErrLineEnds"},
		{"NUL", mixedType, "Content-Type: application/isup\x00", "ErrBadHeader"},
		{"DEL", mixedType, "Content-Type: application/isup\x7f", "ErrBadHeader"},
		{"name with a space inside", mixedType, "Content Type: application/isup", "ErrBadHeader"},
		{"name that is empty", mixedType, ": application/isup", "ErrBadHeader"},
		{"no colon", mixedType, "Content-Type", "ErrBadHeader"},
		{"fold without a header", mixedType, " application/isup", "ErrBadHeader"},
		{"line of white space", mixedType, "Content-Type: text/plain\r\n \t\r\nX: y", "ErrBadHeader"},
		{"two types", mixedType, "Content-Type: text/plain\r\nc: application/isup", "ErrContradictory"},
		{"two equal types", mixedType, "Content-Type: application/isup\r\nContent-Type: application/isup", "ErrContradictory"},
		{"two dispositions", mixedType, "Content-Disposition: signal\r\nContent-Disposition: signal", "ErrContradictory"},
		{"two transfer encodings", mixedType, "Content-Transfer-Encoding: binary\r\nContent-Transfer-Encoding: base64", "ErrContradictory"},
		{"two encodings", mixedType, "Content-Encoding: gzip\r\ne: gzip", "ErrContradictory"},
		{"two IDs", mixedType, "Content-ID: <a@b>\r\nContent-ID: <c@d>", "ErrContradictory"},
		{"type without subtype", mixedType, "Content-Type: application", "ErrContentType"},
		{"type of two words", mixedType, "Content-Type: an application/isup", "ErrContentType"},
		{"empty type before the slash", mixedType, "Content-Type: /isup", "ErrContentType"},
		{"type with an empty subtype", mixedType, "Content-Type: application/;version=x", "ErrContentType"},
		{"type with text behind", mixedType, "Content-Type: application/isup x", "ErrContentType"},
		{"empty type", mixedType, "Content-Type:", "ErrContentType"},
		{"nested without boundary", mixedType, "Content-Type: multipart/mixed", "ErrNoBoundary"},
		{"nested and encoded", mixedType, "Content-Type: multipart/mixed;boundary=c\r\nContent-Transfer-Encoding: base64", "ErrEncoded"},
		{"empty boundary", "multipart/mixed;boundary=", "X: y", "ErrNoBoundary"},
		{"empty boundary in quotes", `multipart/mixed;boundary=""`, "X: y", "ErrNoBoundary"},
		{"boundary ending in a space", `multipart/mixed;boundary="b1 "`, "X: y", "ErrNoBoundary"},
		{"escape in the boundary", `multipart/mixed;boundary="b\1"`, "X: y", "ErrNoBoundary"},
		{"fold in the boundary", "multipart/mixed;boundary=\"b\r\n 1\"", "X: y", "ErrNoBoundary"},
		{"quote that does not end", `multipart/mixed;boundary="b1`, "X: y", "ErrContentType"},
		{"escape at the end", `multipart/mixed;boundary="b1\`, "X: y", "ErrContentType"},
		{"text behind the quotes", `multipart/mixed;boundary="b1"x`, "X: y", "ErrContentType"},
		{"white space in a bare boundary", "multipart/mixed;boundary=b1 x", "X: y", "ErrContentType"},
		{"parameter without value", "multipart/mixed;x y;boundary=b1", "X: y", "ErrContentType"},
		{"two boundaries", "multipart/mixed;boundary=b1;boundary=b2", "X: y", "ErrContradictory"},
		{"boundary by RFC 2231", "multipart/mixed;boundary=b1;boundary*=b2", "X: y", "ErrContradictory"},
		{"boundary in pieces by RFC 2231", "multipart/mixed;Boundary*0=b;boundary*1=1", "X: y", "ErrContradictory"},
		{"type of the message unreadable", "multipart;boundary=b1", "X: y", "ErrContentType"},
		{"type of the message without semicolon", "multipart/mixed boundary=b1", "X: y", "ErrContentType"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b sipi.Body
			err := b.Split(sipi.Headers{ContentType: []byte(c.contentType)}, []byte(mixed(sdpPart, c.header+"\r\n\r\n"+string(iam))))
			if want := sentinel(c.want); want == nil || !errors.Is(err, want) {
				t.Fatalf("Split: %v, want %v", err, want)
			}
			if len(b.Parts) != 0 || b.SDP() != nil || b.ISUP(nil) != nil {
				t.Error("parts after an error")
			}
		})
	}
}

// TestTwiceTheSameBoundary is no contradiction.
func TestTwiceTheSameBoundary(t *testing.T) {
	split(t, "multipart/mixed;boundary=b1;boundary=b1;;", normal)
}
