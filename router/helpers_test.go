package router_test

import (
	"encoding/hex"
	"net/netip"
	"testing"

	"sipid/isupbody"
	"sipid/router"
	"sipid/router/routertest"
)

// row is a client as most tests want it.
func row(accessID string) router.Client { return routertest.Client(accessID) }

func newTable(tb testing.TB, clients ...router.Client) *router.Table {
	tb.Helper()
	t, err := router.NewTable(clients, 1)
	if err != nil {
		tb.Fatalf("NewTable: %v", err)
	}
	return t
}

// group is a PBX group of one target for each address.
func group(name string, addrs ...string) router.Group {
	g := router.Group{Name: name}
	for _, a := range addrs {
		g.Targets = append(g.Targets, router.Target{URI: "sip:" + a, Addr: netip.MustParseAddrPort(a), Host: a})
	}
	return g
}

func trunk(name, source string) router.Trunk {
	return router.Trunk{Name: name, Sources: []netip.Prefix{netip.MustParsePrefix(source)}}
}

func config() router.Config {
	return router.Config{
		Trunks: []router.Trunk{trunk("default", "127.0.0.0/8")},
		Groups: []router.Group{group("default", "10.2.0.10:5060"), group("hangzhou", "10.2.1.10:5060", "10.2.1.11:5060")},
	}
}

func newRouter(tb testing.TB, c router.Config, clients ...router.Client) *router.Router {
	tb.Helper()
	r, err := router.New(c)
	if err != nil {
		tb.Fatalf("New: %v", err)
	}
	r.SetTable(newTable(tb, clients...))
	return r
}

func unhex(tb testing.TB, s string) []byte {
	tb.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		tb.Fatalf("%q: %v", s, err)
	}
	return b
}

// callingParty is a calling party number, an international one with + in front.
func callingParty(tb testing.TB, digits string, restricted bool) isupbody.Parameter {
	tb.Helper()
	return routertest.CallingParty(tb, digits, restricted)
}

// number is a number parameter with these digits.
func number(tb testing.TB, name isupbody.ParameterName, digits string) isupbody.Parameter {
	tb.Helper()
	return routertest.Number(tb, name, digits)
}

// iam is an IAM to 95165 with these optional parameters.
func iam(tb testing.TB, optional ...isupbody.Parameter) []byte {
	tb.Helper()
	return routertest.IAM(tb, "95165F", optional...)
}

// iamTo is an IAM to that called party number.
func iamTo(tb testing.TB, called string, optional ...isupbody.Parameter) []byte {
	tb.Helper()
	return routertest.IAM(tb, called, optional...)
}

// original is an IAM with this original called number.
func original(tb testing.TB, digits string) []byte {
	tb.Helper()
	return iam(tb, number(tb, isupbody.ParamOriginalCalledNumber, digits))
}
