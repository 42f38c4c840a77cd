package sipmsg_test

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"sipid/sipmsg"
)

const exampleInvite = "INVITE sip:95165@cc.example SIP/2.0\r\n" +
	"Via: SIP/2.0/UDP 192.0.2.20;rport;branch=z9hG4bKa\r\n" +
	"x-access-id : 9999\r\n" +
	"From: <sip:057188001234@vas.example>;tag=f1\r\n" +
	"To: <sip:95165@cc.example>\r\n" +
	"Call-ID: c1\r\n" +
	"CSeq: 1 INVITE\r\n\r\n"

func show(b []byte) { fmt.Print(strings.ReplaceAll(string(b), "\r\n", "\n")) }

func ExampleMessage_Parse() {
	var m sipmsg.Message
	if err := m.Parse([]byte(exampleInvite)); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Method, string(m.Bytes(m.URI)), string(m.Bytes(m.TopVia.Host)))
	for _, h := range m.Headers {
		if h.ID.Trusted() {
			fmt.Printf("somebody sent %s\n", m.Bytes(h.Name))
		}
	}
	// Output:
	// INVITE sip:95165@cc.example 192.0.2.20
	// somebody sent x-access-id
}

func ExampleMessage_Parse_refused() {
	var m sipmsg.Message
	err := m.Parse([]byte(strings.Replace(exampleInvite, "x-access-id :", "x-access-id\v:", 1)))
	var refused *sipmsg.Error
	if errors.As(err, &refused) && m.Answerable() {
		fmt.Println(refused.Status, refused.Reason)
		fmt.Println(err)
	}
	// Output:
	// 400 Bad Header Name
	// sipmsg: bad header name at octet 99
}

func ExampleSplice() {
	var m sipmsg.Message
	if err := m.Parse([]byte(exampleInvite)); err != nil {
		fmt.Println(err)
		return
	}
	var s sipmsg.Splice
	s.Reset(&m)
	s.Replace(m.URI, []byte("sip:95165@198.51.100.80"))
	s.Stamp(m.TopVia, netip.MustParseAddrPort("192.0.2.20:5060"))
	for _, h := range m.Headers {
		if h.ID.Trusted() {
			s.Delete(h.Line)
		}
	}
	own, err := sipmsg.AppendHeader(nil, sipmsg.HeaderAccessID, "1001")
	if err != nil {
		fmt.Println(err)
		return
	}
	s.Insert(m.HeadEnd, own)
	show(s.Append(nil))
	// Output:
	// INVITE sip:95165@198.51.100.80 SIP/2.0
	// Via: SIP/2.0/UDP 192.0.2.20;rport=5060;branch=z9hG4bKa;received=192.0.2.20
	// From: <sip:057188001234@vas.example>;tag=f1
	// To: <sip:95165@cc.example>
	// Call-ID: c1
	// CSeq: 1 INVITE
	// X-Access-ID: 1001
}

func ExampleMessage_AppendAnswer() {
	var m sipmsg.Message
	if err := m.Parse([]byte(exampleInvite)); err != nil {
		fmt.Println(err)
		return
	}
	show(m.AppendAnswer(nil, sipmsg.Answer{
		Status: 404, Reason: "Not Found", ToTag: "o1", Source: netip.MustParseAddrPort("192.0.2.20:5060"),
	}))
	// Output:
	// SIP/2.0 404 Not Found
	// Via: SIP/2.0/UDP 192.0.2.20;rport=5060;branch=z9hG4bKa;received=192.0.2.20
	// From: <sip:057188001234@vas.example>;tag=f1
	// To: <sip:95165@cc.example>;tag=o1
	// Call-ID: c1
	// CSeq: 1 INVITE
	// Content-Length: 0
}

func ExampleNextValue() {
	rest := []byte(`"Bell, A." <sip:a@b>;q=1, <sip:c,d@e>`)
	for len(rest) > 0 {
		var value []byte
		value, rest = sipmsg.NextValue(rest)
		a, err := sipmsg.ParseNameAddr(value)
		fmt.Printf("%s %s %v\n", a.Display, a.URI, err)
	}
	// Output:
	// "Bell, A." sip:a@b <nil>
	//  sip:c,d@e <nil>
}
