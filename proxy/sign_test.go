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
		checkOther(t, signer, made, call, at)
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

// otherCalls are the ways in which a call differs from another one.
var otherCalls = []struct {
	what   string
	change func(*proxy.Binding)
}{
	{"Call-ID", func(b *proxy.Binding) { b.CallID = append(bytes.Clone(b.CallID), 'x') }},
	{"tag", func(b *proxy.Binding) { b.FromTag = append(bytes.Clone(b.FromTag), 'x') }},
	{"Via's branch", func(b *proxy.Binding) { b.Branch = append(bytes.Clone(b.Branch), 'x') }},
	{"CSeq", func(b *proxy.Binding) { b.CSeq++ }},
	{"port", func(b *proxy.Binding) { b.Port++ }},
	{"transport", func(b *proxy.Binding) { b.Transport = []byte("TCP") }},
	{"host", func(b *proxy.Binding) { b.Host = []byte("i") }},
	{"reply", func(b *proxy.Binding) { b.Reply = netip.MustParseAddrPort("10.1.0.8:5060") }},
	// The same octets, cut elsewhere.
	{"border", func(b *proxy.Binding) {
		if len(b.FromTag) == 0 {
			b.CSeq++ // there is no border
		}
		b.CallID, b.FromTag = append(bytes.Clone(b.CallID), b.FromTag...), nil
	}},
}

// checkOther: a branch of one call is nothing in another. One way to differ in
// each execution; a MAC costs more than all else.
func checkOther(t *testing.T, signer *proxy.TestSigner, made []byte, call proxy.Binding, at uint16) {
	t.Helper()
	other := otherCalls[int(at)%len(otherCalls)]
	other.change(&call)
	if _, _, _, ok := signer.ReadBranch(made, call); ok {
		t.Fatalf("verifies for a call with another %s", other.what)
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

// FuzzViaReply: whatever a Via says, answers go to the address the request came
// from; the answer that comes back to another process goes the same way, by our
// branch; and a Via that names us is seen, wherever it stands.
func FuzzViaReply(f *testing.F) {
	const own = "10.0.0.5:5060"
	for _, via := range []string{
		"SIP/2.0/UDP 10.1.0.7;branch=z9hG4bKa", "SIP/2.0/UDP 10.1.0.7:5062;rport;branch=z9hG4bKa", "SIP/2.0/TCP [2001:db8::7]:5062;branch=z9hG4bKa;received=1.2.3.4",
		"SIP / 2.0 / UDP\t10.1.0.7 : 5062 ;rport=7;branch=z9hG4bKa", "SIP/2.0/UDP host.example;maddr=224.2.0.1;ttl=16;branch=z9hG4bKa", "SIP/2.0/UDP a;branch=z9hG4bKa, SIP/2.0/UDP " + own,
		"SIP/2.0/UDP a;branch=z9hG4bKa;received=[::1]\r\nVia: SIP/2.0/UDP b", "SIP/2.0/TLS a:65536;branch=z9hG4bKa", "SIP/2.0/UDP a;branch=z9hG4bKa;rport;rport=1",
		"SIP/2.0/UDP a;branch=\"z9hG4bK,x\";x=\"\\\"\"", "SIP/2.0/UDP a;received=9.9.9.9;branch=z9hG4bKa\r\n ;rport",
	} {
		f.Add([]byte(via), uint16(5062), false)
		f.Add([]byte(via), uint16(5060), true)
	}
	reader := proxy.NewViaReader(fuzzRouter(f), own)
	four, six := netip.MustParseAddr("10.1.0.7"), netip.MustParseAddr("2001:db8::7")
	f.Fuzz(func(t *testing.T, via []byte, port uint16, inet6 bool) {
		src := netip.AddrPortFrom(four, port)
		if inet6 {
			src = netip.AddrPortFrom(six, port)
		}
		asked, read, _, ok := reader.Read(via, src)
		if !ok {
			return
		}
		if asked.Addr() != src.Addr() {
			t.Fatalf("answers go to %v, the request came from %v", asked, src)
		}
		if read.IsValid() && read != asked {
			t.Fatalf("another process sends the answer to %v, we to %v", read, asked)
		}
		if !read.IsValid() {
			t.Fatalf("another process cannot send the answer to %v", asked)
		}
		behind := append(bytes.Clone(via), "\r\nVia: SIP/2.0/UDP "+own+";branch=z9hG4bKb"...)
		if _, _, looped, ok := reader.Read(behind, src); ok && !looped {
			t.Fatal("a Via of ours is not seen")
		}
	})
}
