package proxy_test

import (
	"bytes"
	"net/netip"
	"testing"

	"sipid/proxy"
)

// FuzzBranch: no octets verify as our branch but those we made, for the call we
// made them for. Change any octet, or any part of the binding, and they do not.
func FuzzBranch(f *testing.F) {
	signer := proxy.NewTestSigner([]byte("0123456789abcdef"))
	other := proxy.NewTestSigner([]byte("fedcba9876543210"))
	for _, target := range []string{"10.2.0.10:5060", "[2001:db8::1]:5080"} {
		for at := range uint16(120) {
			f.Add([]byte("c"), []byte("t"), []byte("z9hG4bKx"), uint32(1), uint16(5060), target, at, uint8(1))
		}
	}
	f.Add([]byte(""), []byte(""), []byte(""), uint32(0), uint16(0), "1.1.1.1:1", uint16(0), uint8(0))
	f.Fuzz(func(t *testing.T, callID, fromTag, branch []byte, cseq uint32, port uint16, to string, at uint16, flip uint8) {
		target, err := netip.ParseAddrPort(to)
		if err != nil || target.Addr().Zone() != "" || target.Addr().Is4In6() {
			return
		}
		call := proxy.Binding{CallID: callID, FromTag: fromTag, Branch: branch, CSeq: cseq, Port: int(port),
			Transport: []byte("UDP"), Host: []byte("h"), Reply: netip.MustParseAddrPort("10.1.0.7:5060")}
		made := signer.Branch(target, 2, 3, call)
		if got, attempt, listener, ok := signer.ReadBranch(made, call); !ok || got != target || attempt != 2 || listener != 3 {
			t.Fatalf("our own branch reads as %v %d %d %v", got, attempt, listener, ok)
		}
		if _, _, _, ok := other.ReadBranch(made, call); ok {
			t.Fatal("verifies under another key")
		}
		checkOthers(t, signer, made, call)
		if flip == 0 {
			return
		}
		forged := bytes.Clone(made)
		forged[int(at)%len(forged)] ^= flip
		if _, _, _, ok := signer.ReadBranch(forged, call); ok {
			t.Fatalf("%q verifies in place of %q", forged, made)
		}
		for _, text := range [][]byte{callID, fromTag, branch, made[:int(at)%len(made)], append(bytes.Clone(made), byte(at))} {
			if _, _, _, ok := signer.ReadBranch(text, call); ok && !bytes.Equal(text, made) {
				t.Fatalf("%q verifies", text)
			}
		}
	})
}

// checkOthers: a branch of one call is nothing in another.
func checkOthers(t *testing.T, signer *proxy.TestSigner, made []byte, call proxy.Binding) {
	t.Helper()
	for what, change := range map[string]func(*proxy.Binding){
		"Call-ID":      func(b *proxy.Binding) { b.CallID = append(bytes.Clone(b.CallID), 'x') },
		"tag":          func(b *proxy.Binding) { b.FromTag = append(bytes.Clone(b.FromTag), 'x') },
		"Via's branch": func(b *proxy.Binding) { b.Branch = append(bytes.Clone(b.Branch), 'x') },
		"CSeq":         func(b *proxy.Binding) { b.CSeq++ },
		"port":         func(b *proxy.Binding) { b.Port++ },
		"transport":    func(b *proxy.Binding) { b.Transport = []byte("TCP") },
		"host":         func(b *proxy.Binding) { b.Host = []byte("i") },
		"reply":        func(b *proxy.Binding) { b.Reply = netip.MustParseAddrPort("10.1.0.8:5060") },
		// The same octets, cut elsewhere.
		"border": func(b *proxy.Binding) { b.CallID, b.FromTag = append(bytes.Clone(b.CallID), b.FromTag...), nil },
	} {
		changed := call
		change(&changed)
		if what == "border" && len(call.FromTag) == 0 {
			continue
		}
		if _, _, _, ok := signer.ReadBranch(made, changed); ok {
			t.Fatalf("verifies for a call with another %s", what)
		}
	}
}

// FuzzRouteToken: the token of a Record-Route verifies as we made it, for its
// call and caller, and in no other way.
func FuzzRouteToken(f *testing.F) {
	signer := proxy.NewTestSigner([]byte("0123456789abcdef"))
	for at := range uint16(60) {
		f.Add([]byte("call"), []byte("caller"), []byte("called"), uint32(7), uint32(9), uint8(3), at, uint8(2))
	}
	f.Fuzz(func(t *testing.T, callID, caller, called []byte, trunk, group uint32, flags uint8, at uint16, flip uint8) {
		made := signer.RouteToken(trunk, group, flags, callID, caller)
		same := bytes.Equal(caller, called)
		for _, tt := range []struct {
			from, to []byte
			side     string
		}{{caller, called, "trunk"}, {called, caller, "pbx"}} {
			want := tt.side
			if same {
				want = "trunk"
			}
			if gotTrunk, gotGroup, gotFlags, side := signer.ReadRoute(made, callID, tt.from, tt.to); side != want || gotTrunk != trunk || gotGroup != group || gotFlags != flags {
				t.Fatalf("from the %s: %d %d %d %q", tt.side, gotTrunk, gotGroup, gotFlags, side)
			}
		}
		if _, _, _, side := signer.ReadRoute(made, append(bytes.Clone(callID), 'x'), caller, called); side != "" {
			t.Fatal("verifies for another call")
		}
		if _, _, _, side := signer.ReadRoute(made, callID, append(bytes.Clone(caller), 'x'), append(bytes.Clone(called), 'y')); side != "" &&
			!bytes.Equal(append(bytes.Clone(called), 'y'), caller) {
			t.Fatal("verifies for other callers")
		}
		if flip == 0 {
			return
		}
		forged := bytes.Clone(made)
		forged[int(at)%len(forged)] ^= flip
		if _, _, _, side := signer.ReadRoute(forged, callID, caller, called); side != "" {
			t.Fatalf("%q verifies in place of %q", forged, made)
		}
	})
}
