package router_test

import (
	"net/netip"
	"strings"
	"testing"

	"sipid/router"
)

// ansiOrNot is an IAM whose octets fit both layouts: what octet 5 means is for
// the label to say, or for the trunk.
func ansiOrNot(t *testing.T, trunk router.Trunk, label string) string {
	t.Helper()
	trunk.Name, trunk.Sources = "a", []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}
	r, err := router.New(router.Config{Trunks: []router.Trunk{trunk}, Groups: []router.Group{group("default", "10.2.0.10:5060")}})
	if err != nil {
		t.Fatal(err)
	}
	isup := unhex(t, "010020010a"+"0b020d"+"0703101252552143"+"038090a2"+"280703102750550000"+"00")
	d := router.Decision{Trace: &router.Trace{}}
	r.Route(r.Trunks()[0], &router.Signals{ISUP: [][]byte{isup}, ISUPLabel: []byte(label)}, &d)
	for _, s := range d.Trace.Steps {
		if s.Step == "isup_variant" {
			return strings.Fields(s.Detail)[2]
		}
	}
	return ""
}

// TestVariant: base, then version, then the trunk's word, then that of its base.
func TestVariant(t *testing.T) {
	itu, ansi := router.Trunk{ISUPVariant: router.VariantITU}, router.Trunk{ISUPVariant: router.VariantANSI}
	for _, c := range []struct {
		trunk       router.Trunk
		label, want string
	}{
		{itu, "application/isup", "itu;"},
		{ansi, "application/isup", "ansi;"},
		{ansi, "application/isup;version=X-ours", "ansi;"},
		{ansi, "application/isup;version=itu", "itu;"},
		{itu, "application/isup;version=itu-t92+;base=ansi88", "ansi;"},
		{ansi, "application/isup;version=ansi;base=etsi356", "itu;"},
		{router.Trunk{ISUPVariant: router.VariantANSI, ISUP: router.ISUP{Base: "gr317"}}, "application/isup", "ansi;"},
		{router.Trunk{ISUP: router.ISUP{Base: "gr317"}}, "application/isup", ""},
	} {
		if got := ansiOrNot(t, c.trunk, c.label); got != c.want {
			t.Errorf("%+v, %s: read as %s, want %s", c.trunk.ISUPVariant, c.label, got, c.want)
		}
	}
}
