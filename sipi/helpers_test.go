package sipi_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sipid/sipi"
)

// sdpText and iam are the parts most bodies here are made of. The IAM holds
// CR LF (hop counter 13), NUL and high octets.
const sdpText = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n"

var iam = []byte("\x01\x00\x20\x01\x0a\x03\x02\x07\x05\x03\x90\x59\x61\xf5\x3d\x01\x0d\x0a\x08\x83\x13\x75\x81\x88\x88\x88\x08\x28\x0a\x03\x10\x01\x10\x00\x00\x21\x43\x65\x87\x00")

// vector is one line of an index.txt with the file it names.
type vector struct {
	file    string
	second  string // who calls, or the source
	split   string // kinds, or the name of an error
	unwrap  string
	headers sipi.Headers
	raw     []byte
	body    []byte
}

// loadVectors reads the index of a folder; finding nothing is a failure, as a
// test over no vectors proves nothing.
func loadVectors(t testing.TB, dir string) []vector {
	t.Helper()
	index, err := os.ReadFile(filepath.Join(dir, "index.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var out []vector
	for line := range strings.Lines(string(index)) {
		if strings.HasPrefix(line, "#") || strings.TrimSpace(line) == "" {
			continue
		}
		f := strings.Split(strings.TrimSpace(line), "|")
		if len(f) != 5 {
			t.Fatalf("%s: %q has %d fields, want 5", dir, line, len(f))
		}
		for i := range f {
			f[i] = strings.TrimSpace(f[i])
		}
		out = append(out, readVector(t, dir, vector{file: f[0], second: f[1], split: f[2], unwrap: f[3]}))
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.sip"))
	if len(out) == 0 || len(out) != len(files) {
		t.Fatalf("%s: %d vectors in index.txt, %d files", dir, len(out), len(files))
	}
	return out
}

func readVector(t testing.TB, dir string, v vector) vector {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, v.file))
	if err != nil {
		t.Fatal(err)
	}
	v.raw = raw
	v.headers, v.body = cutMessage(raw)
	return v
}

// cutMessage takes the body and its headers out of a SIP message. No vector has
// a folded header in its head.
func cutMessage(raw []byte) (sipi.Headers, []byte) {
	head, body, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	var h sipi.Headers
	for _, line := range bytes.Split(head, []byte("\r\n")) {
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimSpace(value)
		switch strings.ToLower(string(bytes.TrimSpace(name))) {
		case "content-type", "c":
			h.ContentType = value
		case "content-encoding", "e":
			h.Encoding = value
		case "content-transfer-encoding":
			h.TransferEncoding = value
		}
	}
	return h, body
}

// kinds prints the parts as "sdp1 isup1": kind and depth.
func kinds(b *sipi.Body) string {
	var out []string
	for _, p := range b.Parts {
		out = append(out, fmt.Sprintf("%v%d", p.Kind, p.Depth))
	}
	return strings.Join(out, " ")
}

// split splits a body under a Content-Type and fails the test on an error.
func split(t testing.TB, contentType, content string) *sipi.Body {
	t.Helper()
	b := new(sipi.Body)
	if err := b.Split(sipi.Headers{ContentType: []byte(contentType)}, []byte(content)); err != nil {
		t.Fatalf("Split: %v", err)
	}
	return b
}

// mixed joins parts, each a header block, an empty line and a content, with the
// boundary b1.
func mixed(parts ...string) string {
	var s strings.Builder
	for _, p := range parts {
		s.WriteString("--b1\r\n" + p + "\r\n")
	}
	s.WriteString("--b1--\r\n")
	return s.String()
}

const (
	mixedType = "multipart/mixed;boundary=b1"
	sdpPart   = "Content-Type: application/sdp\r\n\r\n" + sdpText
)

var (
	isupPart = "Content-Type: application/ISUP;version=itu-t92+\r\nContent-Disposition: signal;handling=required\r\n\r\n" + string(iam)
	normal   = mixed(sdpPart, isupPart)
)

// sentinels by name, for the index files and the tables.
func sentinel(name string) error {
	return map[string]error{
		"ErrNoBoundary": sipi.ErrNoBoundary, "ErrContentType": sipi.ErrContentType,
		"ErrContradictory": sipi.ErrContradictory, "ErrNoParts": sipi.ErrNoParts,
		"ErrTooManyParts": sipi.ErrTooManyParts, "ErrTooDeep": sipi.ErrTooDeep,
		"ErrBadHeader": sipi.ErrBadHeader, "ErrLineEnds": sipi.ErrLineEnds,
		"ErrTwoSDP": sipi.ErrTwoSDP, "ErrEncoded": sipi.ErrEncoded,
	}[name]
}
