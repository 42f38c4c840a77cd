package isupbody_test

import (
	"strings"
	"testing"

	"sipid/isupbody"
)

// TestBases reads and writes the bases of RFC 3204 table 1.
func TestBases(t *testing.T) {
	ansi := map[string]bool{"ansi88": true, "ansi00": true, "gr317": true}
	for b := range isupbody.Base(isupbody.BaseCount) {
		name := b.String()
		got, ok := isupbody.ParseBase(strings.ToUpper(name))
		if ok == (b == isupbody.BaseUnknown) || got != b {
			t.Errorf("%q is %d, %v, want %d", name, got, ok, b)
		}
		if want := ansi[name]; (b.Variant() == isupbody.VariantANSI) != want {
			t.Errorf("%s is of variant %s", name, b.Variant())
		}
	}
	for _, text := range []string{"", "itu-t92", "itu-t92++", "nxv3", "spirou"} {
		if b, ok := isupbody.ParseBase([]byte(text)); ok {
			t.Errorf("%q is %s", text, b)
		}
	}
	if got := isupbody.Base(200).String(); got != "" {
		t.Errorf("base 200 is %q", got)
	}
}
