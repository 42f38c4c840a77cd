package proxy_test

import (
	"net/netip"
	"testing"

	"sipid/proxy"
)

// A literal address is read as netip.ParseAddr reads it.
func TestParseHost(t *testing.T) {
	for _, host := range []string{
		"10.1.0.7", "0.0.0.0", "255.255.255.255", "256.1.1.1", "1.2.3", "1.2.3.4.5", "1.2.3.", "1..3.4", "01.2.3.4", "1.2.3.04",
		"1.2.3.4 ", "1.2.3.1000", "1.2.3.x", "", ".", "::1", "::ffff:10.1.0.7", "fe80::1%eth0", "pbx.example",
	} {
		want, err := netip.ParseAddr(host)
		got, ok := proxy.ParseHost([]byte(host))
		if ok != (err == nil && want.Zone() == "") || ok && got != want.Unmap() {
			t.Errorf("%q: %v, %v; netip says %v, %v", host, got, ok, want, err)
		}
	}
	if got, ok := proxy.ParseHost([]byte("[::1]")); !ok || got != netip.IPv6Loopback() {
		t.Errorf("[::1]: %v, %v", got, ok)
	}
}
