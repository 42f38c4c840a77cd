package isupbody_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"sipid/isupbody"
)

type oddVector struct {
	name, called, original, err string
	octets                      []byte
}

// oddVectors loads testdata/vectors/odd.txt, and fails when there is nothing in it.
func oddVectors(tb testing.TB) []oddVector {
	tb.Helper()
	text, err := os.ReadFile("testdata/vectors/odd.txt")
	if err != nil {
		tb.Fatal(err)
	}
	var vs []oddVector
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(line, "|")
		if len(f) != 6 {
			tb.Fatalf("not six fields: %s", line)
		}
		for i := range f {
			f[i] = strings.TrimSpace(f[i])
		}
		octets, err := hex.DecodeString(f[1])
		if err != nil {
			tb.Fatalf("%s: %v", line, err)
		}
		vs = append(vs, oddVector{name: f[0], octets: octets, called: f[2], original: f[3], err: f[4]})
	}
	if len(vs) == 0 {
		tb.Fatal("testdata/vectors/odd.txt holds no vectors")
	}
	return vs
}

func TestOddVectors(t *testing.T) {
	reasons := map[string]error{
		"none": nil, "eof": io.ErrUnexpectedEOF, "pointer": isupbody.ErrPointer,
		"cic": isupbody.ErrCIC, "unknown": isupbody.ErrUnknownMessage,
	}
	for _, v := range oddVectors(t) {
		t.Run(v.name, func(t *testing.T) {
			reason, ok := reasons[v.err]
			if !ok {
				t.Fatalf("error %q is not one of ours", v.err)
			}
			m, err := isupbody.Decode(v.octets, isupbody.VariantITU)
			if !errors.Is(err, reason) {
				t.Errorf("error %v, want %v", err, reason)
			}
			if called := getNumber(m.CalledPartyNumber); called != v.called {
				t.Errorf("called %s, want %s", called, v.called)
			}
			if original := oddOriginal(&m); original != v.original {
				t.Errorf("original called %s, want %s", original, v.original)
			}
		})
	}
}

func oddOriginal(m *isupbody.Message) string {
	digits := getNumber(m.OriginalCalledNumber)
	if len(digits) > 60 {
		return fmt.Sprint(len(digits), " digits")
	}
	return digits
}
