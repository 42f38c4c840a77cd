package sipmsg_test

import (
	"errors"
	"testing"

	"sipid/sipmsg"
)

func TestAppendHeader(t *testing.T) {
	out, err := sipmsg.AppendHeader([]byte("a"), "X-Client-Name", "杭州 100%25")
	equal(t, "error", err, nil)
	equal(t, "line", string(out), "aX-Client-Name: 杭州 100%25\r\n")
	out, err = sipmsg.AppendHeader(nil, "X-Serial", []byte("00000042"))
	equal(t, "error", err, nil)
	equal(t, "line", string(out), "X-Serial: 00000042\r\n")
	out, err = sipmsg.AppendHeader(nil, "X", "")
	equal(t, "error", err, nil)
	equal(t, "line", string(out), "X: \r\n")
}

func TestAppendHeaderRefused(t *testing.T) {
	tests := []struct {
		name, value string
		err         error
	}{
		{"", "v", sipmsg.ErrHeaderName}, {"X Y", "v", sipmsg.ErrHeaderName}, {"X:", "v", sipmsg.ErrHeaderName},
		{"X\r\n", "v", sipmsg.ErrHeaderName}, {"Ü", "v", sipmsg.ErrHeaderName}, {"X\x00", "v", sipmsg.ErrHeaderName},
		{"X", "a\r\nb", sipmsg.ErrValue}, {"X", "a\n", sipmsg.ErrValue}, {"X", "\r", sipmsg.ErrValue},
		{"X", "a\x00", sipmsg.ErrValue}, {"X", "\xff", sipmsg.ErrValue}, {"X", "\xe6\x9d", sipmsg.ErrValue},
		{"X", "a\r\n b", sipmsg.ErrValue}, // a fold is a line end too
		{"X", "\xed\xa0\x80", sipmsg.ErrValue},
	}
	for _, tt := range tests {
		out, err := sipmsg.AppendHeader([]byte("before"), tt.name, tt.value)
		if !errors.Is(err, tt.err) || string(out) != "before" {
			t.Errorf("%q %q: %q, %v", tt.name, tt.value, out, err)
		}
	}
}
