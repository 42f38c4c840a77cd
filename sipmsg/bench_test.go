package sipmsg_test

import (
	"bytes"
	"fmt"
	"net/netip"
	"strconv"
	"testing"

	"sipid/sipmsg"
)

// benchINVITE is a SIP-I INVITE of about 2.4 KB as a platform behind an edge
// sends it: two Vias, 21 headers, SDP and ISUP.
func benchINVITE() []byte {
	sdp := "v=0\r\no=gw 2890844526 2890844526 IN IP4 192.0.2.20\r\ns=-\r\nc=IN IP4 192.0.2.20\r\nt=0 0\r\n" +
		"m=audio 20000 RTP/AVP 8 0 18 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:18 G729/8000\r\na=fmtp:18 annexb=no\r\n" +
		"a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n" +
		"m=video 20002 RTP/AVP 96 97\r\nb=AS:768\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 profile-level-id=42801F;packetization-mode=1;max-mbps=108000;max-fs=3600\r\n" +
		"a=rtcp-fb:96 nack\r\na=rtcp-fb:96 nack pli\r\na=rtcp-fb:96 ccm tmmbr\r\na=extmap:1 urn:ietf:params:rtp-hdrext:toffset\r\n" +
		"a=candidate:1 1 UDP 2130706431 192.0.2.20 20002 typ host\r\na=candidate:1 2 UDP 2130706430 192.0.2.20 20003 typ host\r\n" +
		"a=candidate:2 1 UDP 1694498815 198.51.100.20 41002 typ srflx raddr 192.0.2.20 rport 20002\r\na=mid:video\r\n" +
		"a=rtpmap:97 H264/90000\r\na=fmtp:97 profile-level-id=42801F;max-mbps=108000;max-fs=3600\r\na=rtcp-fb:* nack pli\r\na=rtcp-fb:* ccm fir\r\n" +
		"a=rtcp:20003 IN IP4 192.0.2.20\r\na=content:main\r\na=label:11\r\na=sendrecv\r\n"
	isup := "\x01\x00\x60\x01\x0a\x00\x02\x0a\x07\x05\x83\x10\x59\x61\x05\x0a\x07\x03\x13\x50\x17\x88\x00\x21\x43\x28\x08\x03\x10\x01\x10\x00\x00\x00\x24\x00"
	body := "--unique-boundary-1\r\nContent-Type: application/sdp\r\n\r\n" + sdp +
		"\r\n--unique-boundary-1\r\nContent-Type: application/isup;version=itu-t92+;base=itu-t92+\r\nContent-Disposition: signal;handling=optional\r\n\r\n" + isup +
		"\r\n--unique-boundary-1--\r\n"
	head := "INVITE sip:95165@203.0.113.10:5060;user=phone SIP/2.0\r\n" +
		"Via: SIP/2.0/UDP 203.0.113.9:5060;branch=z9hG4bK3f51.d3a1b7c2a8e4f0d6bb1a0d4f1c2e3a4b.0;i=5a2\r\n" +
		"Via: SIP/2.0/UDP 192.0.2.20:5060;received=192.0.2.20;rport=5060;branch=z9hG4bKa8f3c1e29b7d4506\r\n" +
		"Record-Route: <sip:203.0.113.9;r2=on;lr;ftag=gw4711;did=6b1.1c52>\r\n" +
		"From: \"Hangzhou switchboard\" <sip:057188001234@vas.example;user=phone>;tag=gw4711-9a3f5c77\r\n" +
		"To: <sip:95165@cc.example;user=phone>\r\n" +
		"Call-ID: 7f3b2a90-1c4d-4e5f-8a6b-9c0d1e2f3a4b@192.0.2.20\r\n" +
		"CSeq: 102 INVITE\r\n" +
		"Max-Forwards: 68\r\n" +
		"Contact: <sip:057188001234@192.0.2.20:5060;transport=udp>\r\n" +
		"X-Edge-Source: 192.0.2.20:5060\r\n" +
		"X-Access-ID: 9999\r\n" +
		"User-Agent: VAS-Platform/7.2.1 (build 20240917)\r\n" +
		"Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE, INFO, REFER, NOTIFY, SUBSCRIBE, MESSAGE\r\n" +
		"Supported: 100rel, timer, replaces, histinfo\r\n" +
		"Session-Expires: 1800;refresher=uac\r\n" +
		"Min-SE: 90\r\n" +
		"P-Asserted-Identity: <sip:057188001234@vas.example;user=phone>\r\n" +
		"History-Info: <sip:100100000042@vas.example>;index=1,<sip:95165@cc.example>;index=1.1\r\n" +
		"MIME-Version: 1.0\r\n" +
		"Content-Type: multipart/mixed;boundary=unique-boundary-1\r\n"
	return []byte(head + fmt.Sprintf("Content-Length: %d\r\n\r\n", len(body)) + body)
}

// forward is what a proxy does to an INVITE: Request-URI, own Via, Max-Forwards,
// trusted headers out, ours in, the body unwrapped.
type forward struct {
	m   sipmsg.Message
	s   sipmsg.Splice
	out []byte
}

var (
	ownVia   = []byte("Via: SIP/2.0/UDP 203.0.113.10:5060;branch=z9hG4bKsa1b2c3d4e5f6a7b8c9d0e1f2\r\nRecord-Route: <sip:203.0.113.10;lr;s=AbCdEf0123456789>\r\n")
	ownURI   = []byte("sip:95165@198.51.100.80:5060")
	ownMF    = []byte("67")
	ownBody  = []byte("v=0\r\no=gw 2890844526 2890844526 IN IP4 192.0.2.20\r\ns=-\r\nc=IN IP4 192.0.2.20\r\nt=0 0\r\nm=audio 20000 RTP/AVP 8\r\n")
	ownLen   = strconv.AppendInt(nil, int64(len(ownBody)), 10)
	ownType  = []byte("application/sdp")
	ownHdrs  = []byte("X-Access-ID: 1001\r\nX-Serial: 00000042\r\nX-Client-Name: Hangzhou switchboard\r\nX-Client-Endpoint: https://a.example/sipid\r\nX-Identify-Status: resolved\r\nX-Identify-Source: isup-original-called\r\n")
	benchSrc = netip.MustParseAddrPort("203.0.113.9:5060")
)

func (f *forward) run(raw []byte) error {
	if err := f.m.Parse(raw); err != nil {
		return err
	}
	m, s := &f.m, &f.s
	s.Reset(m)
	s.Replace(m.URI, ownURI)
	s.Insert(m.Headers[0].Line.Start, ownVia)
	s.Stamp(m.TopVia, benchSrc)
	for i := range m.Headers {
		if h := &m.Headers[i]; h.ID.Trusted() {
			s.Delete(h.Line)
		}
	}
	f.replace(sipmsg.IDMaxForwards, ownMF)
	f.replace(sipmsg.IDContentType, ownType)
	f.replace(sipmsg.IDContentLength, ownLen)
	if h, ok := m.First(sipmsg.IDMIMEVersion); ok {
		s.Delete(h.Line)
	}
	s.Insert(m.HeadEnd, ownHdrs)
	s.Replace(m.Body, ownBody)
	f.out = s.Append(f.out[:0])
	return nil
}

func (f *forward) replace(id sipmsg.HeaderID, value []byte) {
	if h, ok := f.m.First(id); ok {
		f.s.Replace(h.Value, value)
	}
}

func BenchmarkIndexSplice(b *testing.B) {
	raw := benchINVITE()
	var f forward
	b.ReportAllocs()
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		if err := f.run(raw); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	raw := benchINVITE()
	var m sipmsg.Message
	b.ReportAllocs()
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		if err := m.Parse(raw); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAnswer(b *testing.B) {
	var m sipmsg.Message
	if err := m.Parse(benchINVITE()); err != nil {
		b.Fatal(err)
	}
	a := sipmsg.Answer{Status: 486, Reason: "Busy Here", ToTag: "a1b2c3d4", Source: benchSrc}
	var out []byte
	b.ReportAllocs()
	for b.Loop() {
		out = m.AppendAnswer(out[:0], a)
	}
}

// BenchmarkRefuse is the price of garbage from the network.
func BenchmarkRefuse(b *testing.B) {
	raw := bytes.Replace(benchINVITE(), []byte("Min-SE: 90"), []byte("Min SE: 90"), 1)
	var m sipmsg.Message
	b.ReportAllocs()
	for b.Loop() {
		if m.Parse(raw) == nil {
			b.Fatal("accepted")
		}
	}
}

// TestNoAllocations guards the hot path.
func TestNoAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	raw := benchINVITE()
	var f forward
	var answer []byte
	a := sipmsg.Answer{Status: 100, Reason: "Trying", Source: benchSrc}
	tests := map[string]func(){
		"ParseAndSplice": func() {
			if err := f.run(raw); err != nil {
				t.Fatal(err)
			}
		},
		"Answer": func() { answer = f.m.AppendAnswer(answer[:0], a) },
		"Values": func() {
			h, _ := f.m.First(sipmsg.IDHistoryInfo)
			for rest := f.m.Bytes(h.Value); len(rest) > 0; {
				var v []byte
				v, rest = sipmsg.NextValue(rest)
				na, err := sipmsg.ParseNameAddr(v)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := sipmsg.ParseURI(na.URI); err != nil {
					t.Fatal(err)
				}
				sipmsg.Param(na.Params, "index")
			}
			for range f.m.All(sipmsg.IDVia) {
				f.m.SecondVia()
			}
		},
		"Header": func() {
			var err error
			if answer, err = sipmsg.AppendHeader(answer[:0], "X-Serial", "00000042"); err != nil {
				t.Fatal(err)
			}
		},
	}
	for name, run := range tests {
		t.Run(name, func(t *testing.T) {
			if err := f.run(raw); err != nil { // warm: the Splice and the buffers have grown
				t.Fatal(err)
			}
			run()
			if n := testing.AllocsPerRun(200, run); n != 0 {
				t.Errorf("%v allocations, want 0", n)
			}
		})
	}
}
