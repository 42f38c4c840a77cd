package router_test

import (
	"fmt"
	"net/netip"
	"strings"

	"sipid/router"
)

// A call whose ISUP part carries original called number 1001 00000042.
func ExampleRouter_Route() {
	r, err := router.New(router.Config{
		Trunks: []router.Trunk{{
			Name:     "zhejiang",
			Sources:  []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")},
			Identify: []router.Source{router.SourceISUPOriginalCalled},
		}},
		Groups: []router.Group{{
			Name:    router.DefaultGroupName,
			Targets: []router.Target{{URI: "sip:10.2.0.10:5060", Addr: netip.MustParseAddrPort("10.2.0.10:5060")}},
		}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	table, err := router.NewTable([]router.Client{{
		AccessID: "1001", Name: "Hangzhou switchboard", Endpoint: "https://a.example/sipid",
		SerialDigits: router.DefaultSerialDigits, Enabled: true,
	}}, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	r.SetTable(table)

	iam := []byte("\x01\x00\x20\x01\x0a\x03\x02\x07\x05\x03\x90\x59\x61\xf5\x28\x08\x03\x10\x01\x10\x00\x00\x00\x24\x00")
	var d router.Decision
	r.Route(r.Trunk(netip.MustParseAddr("10.1.2.3")), &router.Signals{ISUP: [][]byte{iam}}, &d)
	headers, _ := d.AppendHeaders(nil)
	fmt.Printf("%s, to group %s\n%s", d.Status, d.Group.Name, strings.ReplaceAll(string(headers), "\r\n", "\n"))
	// Output:
	// resolved, to group default
	// X-Access-ID: 1001
	// X-Serial: 00000042
	// X-Client-Name: Hangzhou switchboard
	// X-Client-Endpoint: https://a.example/sipid
	// X-Identify-Status: resolved
	// X-Identify-Source: isup-original-called
}
