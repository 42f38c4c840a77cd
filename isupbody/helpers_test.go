package isupbody_test

import (
	"encoding/hex"
	"io"
	"testing"

	"sipid/isupbody"
)

func unhex(tb testing.TB, s string) []byte {
	tb.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		tb.Fatalf("%q: %v", s, err)
	}
	return b
}

func decode(tb testing.TB, s string) isupbody.Message {
	tb.Helper()
	m, err := isupbody.Decode(unhex(tb, s), isupbody.VariantITU)
	if err != nil {
		tb.Fatalf("Decode(%s): %v", s, err)
	}
	return m
}

func number(tb testing.TB, digits string) isupbody.Number {
	tb.Helper()
	n, err := isupbody.NewNumber(digits)
	if err != nil {
		tb.Fatalf("NewNumber(%q): %v", digits, err)
	}
	return n
}

// errShort is what a missing octet gives.
var errShort = io.ErrUnexpectedEOF
