package sipi_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"sipid/sipi"
)

// TestISUPAs reads text only where the trunk says text, and never takes what is
// not for it.
func TestISUPAs(t *testing.T) {
	digits := hex.EncodeToString(iam)
	sixtyFour := base64.StdEncoding.EncodeToString(iam)
	wrapped := sixtyFour[:12] + "\r\n" + sixtyFour[12:] + "\r\n"
	part := func(header, content string) string {
		return "Content-Type: application/isup\r\n" + header + "\r\n" + content
	}
	for _, c := range []struct {
		name, part string
		encoding   sipi.Encoding
		want       string
	}{
		{"binary", part("", string(iam)), sipi.Binary, string(iam)},
		{"hex on a binary trunk", part("", digits), sipi.Binary, digits},
		{"base64 on a binary trunk", part("Content-Transfer-Encoding: base64\r\n", sixtyFour), sipi.Binary, ""},
		{"hex", part("", digits), sipi.Hex, string(iam)},
		{"hex in capitals and groups", part("", strings.ToUpper(digits[:8])+" "+digits[8:16]+"\r\n"+digits[16:]), sipi.Hex, string(iam)},
		{"hex with its name in a header", part("Content-Transfer-Encoding: HEX\r\n", digits), sipi.Hex, string(iam)},
		{"binary on a hex trunk", part("", string(iam)), sipi.Hex, string(iam)},
		{"odd number of digits", part("", digits[1:]), sipi.Hex, digits[1:]},
		{"base64 on a hex trunk", part("Content-Transfer-Encoding: base64\r\n", sixtyFour), sipi.Hex, ""},
		{"base64 with its header", part("Content-Transfer-Encoding: Base64\r\n", wrapped), sipi.Base64, string(iam)},
		{"base64 without", part("", sixtyFour), sipi.Base64, string(iam)},
		{"binary on a base64 trunk", part("", string(iam)), sipi.Base64, string(iam)},
		{"broken base64", part("Content-Transfer-Encoding: base64\r\n", "A"), sipi.Base64, ""},
		{"bits left over", part("Content-Transfer-Encoding: base64\r\n", "AR=="), sipi.Base64, ""},
		{"nothing", part("", ""), sipi.Base64, ""},
		{"compressed", part("Content-Encoding: gzip\r\n", digits), sipi.Hex, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := split(t, mixedType, mixed(sdpPart, c.part))
			before := bytes.Clone(b.Content)
			got, used := b.ISUPAs(nil, []byte("kept"), c.encoding)
			if len(got) != 1 || string(got[0]) != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
			if !bytes.HasPrefix(used, []byte("kept")) || !bytes.Equal(before, b.Content) {
				t.Errorf("scratch %q, body %q", used, b.Content)
			}
			out, ok := b.First(sipi.ISUP).AppendDecoded([]byte("kept"), c.encoding)
			if text := string(out); ok && text != "kept"+c.want || !ok && text != "kept" {
				t.Errorf("AppendDecoded: %q, %v", text, ok)
			}
		})
	}
}

// TestISUPAsSeveral keeps each message apart, whatever happens to scratch.
func TestISUPAsSeveral(t *testing.T) {
	text := "Content-Type: application/isup\r\n\r\n"
	b := split(t, mixedType, mixed(text+"0900", sdpPart, text+"1000", text+"0c0200028090"))
	for _, room := range []int{0, 3, 64} {
		got, _ := b.ISUPAs(nil, make([]byte, 0, room), sipi.Hex)
		if len(got) != 3 || hex.EncodeToString(bytes.Join(got, []byte{0xFF})) != "0900ff1000ff0c0200028090" {
			t.Errorf("room %d: %x", room, got)
		}
	}
	for n := range 200 { // decoding is in place
		octets := bytes.Repeat([]byte{0x01, 0xFE, 0x7F, byte(n)}, 50)[:n+1]
		b := split(t, "application/isup", base64.StdEncoding.EncodeToString(octets))
		if got, _ := b.ISUPAs(nil, nil, sipi.Base64); !bytes.Equal(got[0], octets) {
			t.Fatalf("%x became %x", octets, got)
		}
	}
	if raceEnabled {
		return
	}
	dst, scratch := make([][]byte, 0, 4), make([]byte, 0, 64)
	if n := testing.AllocsPerRun(100, func() { _, _ = b.ISUPAs(dst, scratch, sipi.Hex) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	for e, want := range map[sipi.Encoding]string{sipi.Binary: "binary", sipi.Hex: "hex", sipi.Base64: "base64"} {
		if e.String() != want {
			t.Errorf("%d is %q", e, e)
		}
	}
}
