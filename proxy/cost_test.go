package proxy_test

import (
	"fmt"
	"net/netip"
	"testing"

	"sipid/proxy"
	"sipid/router"
)

// identifier is a call ready to be identified against a table of n clients.
func identifier(tb testing.TB, n int) *proxy.Identifier {
	tb.Helper()
	routes, err := router.New(router.Config{
		Trunks: []router.Trunk{{Name: "default", Sources: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}},
		Groups: []router.Group{{Name: "default", Targets: []router.Target{{URI: "sip:10.2.0.10", Host: "10.2.0.10", Addr: pbxAddr}}}},
	})
	if err != nil {
		tb.Fatal(err)
	}
	clients := make([]router.Client, n)
	for i := range clients {
		id := fmt.Sprintf("%04d", (1001+i)%10000)
		clients[i] = router.Client{AccessID: id, Name: "Client " + id, Endpoint: "https://a.example/" + id, SerialDigits: 8, Enabled: true}
	}
	table, err := router.NewTable(clients, 1)
	if err != nil {
		tb.Fatal(err)
	}
	routes.SetTable(table)
	id, err := proxy.NewIdentifier(routes, []byte(call{id: "cost", branch: "z9hG4bKcost"}.invite()))
	if err != nil {
		tb.Fatal(err)
	}
	if d := id.Identify(); d.Status != router.StatusResolved || string(d.Serial()) != "00000042" {
		tb.Fatalf("%s, serial %s", d.Status, d.Serial())
	}
	return id
}

// Split, decode, identify, resolve and decide allocate nothing.
func TestIdentifyAllocates(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	id := identifier(t, 10000)
	if n := testing.AllocsPerRun(1000, func() { id.Identify() }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func BenchmarkIdentify(b *testing.B) {
	id := identifier(b, 10000)
	b.ReportAllocs()
	for b.Loop() {
		id.Identify()
	}
}
