package sipmsg_test

import (
	"bytes"
	"testing"
	"time"

	"sipid/sipmsg"
)

// Openers that nothing closes: the time must not grow as their square. With
// that, and over lines as long as the gate lets pass, it would be seconds.
func TestNextValueUnclosed(t *testing.T) {
	for _, unit := range []string{"<", "(", "\"", "<,", "(,", "((),"} {
		list := bytes.Repeat([]byte(unit), sipmsg.MaxLine/len(unit))
		began := time.Now()
		for rest := list; len(rest) > 0; {
			_, rest = sipmsg.NextValue(rest)
		}
		if d := time.Since(began); d > 500*time.Millisecond {
			t.Errorf("%d octets of %q took %s", len(list), unit, d)
		}
	}
}
