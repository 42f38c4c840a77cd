package sipmsg_test

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"sipid/sipmsg"
)

func TestSplice(t *testing.T) {
	var m sipmsg.Message
	parse(t, &m, request())
	line := func(id sipmsg.HeaderID) sipmsg.Span {
		h, _ := m.First(id)
		return h.Line
	}
	value := func(id sipmsg.HeaderID) sipmsg.Span {
		h, _ := m.First(id)
		return h.Value
	}
	tests := []struct {
		name string
		edit func(s *sipmsg.Splice)
		want []byte
	}{
		{"Nothing", func(*sipmsg.Splice) {}, request()},
		{"Delete", func(s *sipmsg.Splice) { s.Delete(line(sipmsg.IDContact)) }, request("Contact: <sip:gw@192.0.2.20>\r\n", "")},
		{"Replace", func(s *sipmsg.Splice) { s.Replace(value(sipmsg.IDMaxForwards), []byte("69")) }, request("70", "69")},
		{"Insert", func(s *sipmsg.Splice) { s.Insert(m.HeadEnd, []byte("X: y\r\n")) }, request("\r\n\r\n", "\r\nX: y\r\n\r\n")},
		{"OrderOfCalls", func(s *sipmsg.Splice) {
			s.Insert(m.URI.Start, []byte("a"))
			s.Insert(m.URI.Start, []byte("b"))
			s.Replace(sipmsg.Span{Start: m.URI.Start, End: m.URI.Start + 3}, []byte("c"))
		}, request("sip:95165", "abc:95165")},
		{"OutOfOrder", func(s *sipmsg.Splice) {
			s.Delete(line(sipmsg.IDContact))
			s.Replace(m.URI, []byte("sip:x"))
		}, request("sip:95165@cc.example SIP", "sip:x SIP", "Contact: <sip:gw@192.0.2.20>\r\n", "")},
		{"TwiceDeleted", func(s *sipmsg.Splice) {
			s.Delete(line(sipmsg.IDContact))
			s.Delete(line(sipmsg.IDContact))
			s.Delete(value(sipmsg.IDContact))
		}, request("Contact: <sip:gw@192.0.2.20>\r\n", "")},
		{"OutOfRange", func(s *sipmsg.Splice) {
			s.Insert(-5, []byte("["))
			s.Delete(sipmsg.Span{Start: 10, End: 5})
			s.Replace(sipmsg.Span{Start: 1 << 40, End: 1 << 41}, []byte("]"))
		}, append(append([]byte("["), request()...), ']')},
		{"All", func(s *sipmsg.Splice) { s.Delete(sipmsg.Span{Start: 0, End: len(m.Raw)}) }, nil},
	}
	var s sipmsg.Splice
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s.Reset(&m)
			tt.edit(&s)
			equal(t, "message", string(s.Append(nil)), string(tt.want))
			equal(t, "behind dst", string(s.Append([]byte("dst"))), "dst"+string(tt.want))
		})
	}
}

// Texts are copied: the caller may use its buffer again.
func TestSpliceCopies(t *testing.T) {
	var m sipmsg.Message
	parse(t, &m, request())
	var s sipmsg.Splice
	s.Reset(&m)
	text := []byte("69")
	h, _ := m.First(sipmsg.IDMaxForwards)
	s.Replace(h.Value, text)
	copy(text, "xx")
	equal(t, "message", string(s.Append(nil)), string(request("70", "69")))
}

func TestStamp(t *testing.T) {
	v4 := netip.MustParseAddrPort("192.0.2.20:5060")
	tests := []struct {
		name, via string
		source    netip.AddrPort
		want      string
	}{
		{"SameAddress", "SIP/2.0/UDP 192.0.2.20;branch=b", v4, "SIP/2.0/UDP 192.0.2.20;branch=b"},
		{"OtherAddress", "SIP/2.0/UDP 192.0.2.21 ;branch=b", v4, "SIP/2.0/UDP 192.0.2.21 ;branch=b;received=192.0.2.20"},
		{"Longer", "SIP/2.0/UDP 192.0.2.20.1", v4, "SIP/2.0/UDP 192.0.2.20.1;received=192.0.2.20"},
		{"Shorter", "SIP/2.0/UDP 192.0.2", v4, "SIP/2.0/UDP 192.0.2;received=192.0.2.20"},
		{"Dotted", "SIP/2.0/UDP 192.0.2.20.", v4, "SIP/2.0/UDP 192.0.2.20.;received=192.0.2.20"},
		{"TooLarge", "SIP/2.0/UDP 192.0.258.20", v4, "SIP/2.0/UDP 192.0.258.20;received=192.0.2.20"},
		{"Name", "SIP/2.0/UDP gw.example", v4, "SIP/2.0/UDP gw.example;received=192.0.2.20"},
		{"RPort", "SIP/2.0/UDP 192.0.2.20;rport;branch=b", v4, "SIP/2.0/UDP 192.0.2.20;rport=5060;branch=b;received=192.0.2.20"},
		{"RPortSpoofed", "SIP/2.0/UDP h;received=198.51.100.7;rport=53;b", v4, "SIP/2.0/UDP h;received=192.0.2.20;rport=5060;b"},
		{"RPortFirst", "SIP/2.0/UDP h;rport = 53;received = \"x\"", v4, "SIP/2.0/UDP h;rport = 5060;received = 192.0.2.20"},
		{"ReceivedSpoofed", "SIP/2.0/UDP 192.0.2.20;received=198.51.100.7", v4, "SIP/2.0/UDP 192.0.2.20;received=192.0.2.20"},
		{"IPv6", "SIP/2.0/UDP [2001:db8::1];rport", netip.MustParseAddrPort("[2001:db8::2]:7"), "SIP/2.0/UDP [2001:db8::1];rport=7;received=2001:db8::2"},
		{"IPv6Same", "SIP/2.0/UDP [2001:DB8::1]", netip.MustParseAddrPort("[2001:db8::1]:7"), "SIP/2.0/UDP [2001:DB8::1]"},
		{"Mapped", "SIP/2.0/UDP 192.0.2.20", netip.MustParseAddrPort("[::ffff:192.0.2.20]:5060"), "SIP/2.0/UDP 192.0.2.20"},
		{"Zone", "SIP/2.0/UDP h", netip.MustParseAddrPort("[fe80::1%eth0]:5060"), "SIP/2.0/UDP h;received=fe80::1"},
		{"List", "SIP/2.0/UDP h;rport , SIP/2.0/UDP i;rport", v4, "SIP/2.0/UDP h;rport=5060;received=192.0.2.20 , SIP/2.0/UDP i;rport"},
		{"NoSource", "SIP/2.0/UDP h;rport", netip.AddrPort{}, "SIP/2.0/UDP h;rport"},
	}
	var m sipmsg.Message
	var s sipmsg.Splice
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			const via = "SIP/2.0/UDP 192.0.2.20:5060;rport;branch=z9hG4bKa"
			parse(t, &m, request(via, tt.via))
			s.Reset(&m)
			s.Stamp(m.TopVia, tt.source)
			equal(t, "message", string(s.Append(nil)), string(request(via, tt.want)))
		})
	}
}

// model applies edits on a list of octets, one by one, from the back.
func model(raw []byte, edits []op) []byte {
	slices.SortStableFunc(edits, func(a, b op) int { return a.at - b.at })
	out := slices.Clone(raw)
	for i := len(edits) - 1; i >= 0; i-- {
		e := edits[i]
		out = slices.Replace(out, e.at, e.at+e.n, []byte(e.text)...)
	}
	return out
}

type op struct {
	at, n int
	text  string
}

// TestSpliceRandom compares 2000 random sets of edits with the model.
func TestSpliceRandom(t *testing.T) {
	var m sipmsg.Message
	parse(t, &m, benchINVITE())
	rnd := rand.New(rand.NewPCG(1, 2))
	var s sipmsg.Splice
	for range 2000 {
		s.Reset(&m)
		var ops []op
		for pos := 0; pos < len(m.Raw); {
			o := op{at: pos + rnd.IntN(200), n: rnd.IntN(50), text: "<edit>"[:rnd.IntN(7)]}
			if o.at+o.n > len(m.Raw) {
				break
			}
			ops = append(ops, o)
			pos = o.at + o.n + 1
		}
		for _, i := range rnd.Perm(len(ops)) {
			s.Replace(sipmsg.Span{Start: ops[i].at, End: ops[i].at + ops[i].n}, []byte(ops[i].text))
		}
		if got, want := string(s.Append(nil)), string(model(m.Raw, ops)); got != want {
			t.Fatalf("%v:\n%q\n%q", ops, got, want)
		}
	}
}

// A value that was folded is one line afterwards, whatever stood round it; the name and all else stay.
func TestSetValue(t *testing.T) {
	for _, tt := range []struct{ line, want string }{
		{"Max-Forwards: 70", "Max-Forwards: 69"},
		{"max-forwards :\t70 ", "max-forwards :\t69 "},
		{"Max-Forwards:\r\n 70", "Max-Forwards: 69"},
		{"Max-Forwards: 70\r\n ", "Max-Forwards: 69"},
		{"Max-Forwards \t:\r\n \r\n\t70 \r\n  ", "Max-Forwards: 69"},
	} {
		var m sipmsg.Message
		parse(t, &m, request("Max-Forwards: 70\r\n", tt.line+"\r\n"))
		h, _ := m.First(sipmsg.IDMaxForwards)
		var s sipmsg.Splice
		s.Reset(&m)
		s.SetValue(h, []byte("69"))
		equal(t, tt.line, string(s.Append(nil)), string(request("Max-Forwards: 70\r\n", tt.want+"\r\n")))
	}
}
