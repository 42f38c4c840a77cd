package sipmsg_test

import (
	"errors"
	"testing"

	"sipid/sipmsg"
)

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func parse(t *testing.T, m *sipmsg.Message, raw []byte) {
	t.Helper()
	if err := m.Parse(raw); err != nil {
		t.Fatalf("refused: %v in %q", err, raw)
	}
}

// wantError parses and checks sentinel, status and reason; it gives the error.
func wantError(t *testing.T, raw []byte, want error, status int, reason string) *sipmsg.Error {
	t.Helper()
	var m sipmsg.Message
	err := m.Parse(raw)
	var e *sipmsg.Error
	if !errors.As(err, &e) || !errors.Is(err, want) {
		t.Fatalf("%v, want %v for %q", err, want, raw)
	}
	if e.Status != status || e.Reason != reason {
		t.Errorf("%d %q, want %d %q", e.Status, e.Reason, status, reason)
	}
	if e.Offset < 0 || e.Offset > len(raw) {
		t.Errorf("offset %d of %d octets", e.Offset, len(raw))
	}
	return e
}
