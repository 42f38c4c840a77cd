package proxy_test

import (
	"bytes"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"sipid/proxy"
	"sipid/router"
	"sipid/sipi"
	"sipid/sipmsg"
)

// upward is a proxy's way of an answer, for measuring; the second one adds no ISUP.
func upward(tb testing.TB) (with, without func(raw []byte) []byte) {
	tb.Helper()
	routes, err := router.New(router.Config{
		Trunks: []router.Trunk{{Name: "a", Sources: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}}},
		Groups: []router.Group{{Name: "default", Targets: []router.Target{{URI: "sip:10.2.0.10", Host: "10.2.0.10", Addr: pbxAddr}}}},
	})
	if err != nil {
		tb.Fatal(err)
	}
	p, err := proxy.NewOn(proxy.Options{Router: routes, Key: testKey}, &conn{wire: newWire(), addr: proxyAddr, closed: make(chan struct{})})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(p.Close)
	return p.Upward(true), p.Upward(false)
}

// answerWith is an answer as it comes from a PBX behind an edge.
func answerWith(status, lines, body string) []byte {
	const head = "Via: SIP/2.0/UDP 10.0.0.5:5060;rport=5060;branch=z9hG4bKaea5mbakaiaaabhhnufbqaaab7jrx4ug4bq2wo5a5\r\n" +
		"Via: SIP/2.0/UDP 10.0.0.2:5060;branch=z9hG4bK1a2b.3c4d.0;rport=5060;received=10.0.0.2\r\n" +
		"Via: SIP/2.0/UDP 10.1.0.7:5060;branch=z9hG4bKc1;rport=5060;received=10.1.0.7\r\n" +
		"Record-Route: <sip:10.0.0.5:5060;lr;sd=aea5mbakaiaaabhhnufbqaaab7jrx4ug4bq2wo5a5>\r\nRecord-Route: <sip:10.0.0.2;lr>\r\n" +
		"From: <sip:057188888888@10.1.0.7>;tag=caller\r\nTo: <sip:95165@10.0.0.5>;tag=agent\r\nCall-ID: c1@10.1.0.7\r\nCSeq: 1 INVITE\r\n" +
		"Contact: <sip:8001@10.2.0.10:5060>\r\nAllow: INVITE, ACK, BYE, CANCEL, OPTIONS\r\n"
	return []byte("SIP/2.0 " + status + "\r\n" + head + length(lines, body))
}

var answers = map[string][]byte{
	"180":     answerWith("180 Ringing", "", ""),
	"183 SDP": answerWith("183 Session Progress", "Content-Type: application/sdp\r\n", sdp),
	"200 SDP": answerWith("200 OK", "Content-Type: application/sdp\r\n", sdp),
	"486":     answerWith("486 Busy Here", "Reason: Q.850;cause=17;location=U\r\n", ""),
}

func BenchmarkUpward(b *testing.B) {
	with, without := upward(b)
	for name, raw := range answers {
		b.Run(name+"/with ISUP", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				with(raw)
			}
		})
		b.Run(name+"/without", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				without(raw)
			}
		})
	}
}

// TestUpwardAllocations: ISUP is added on the way of every answer.
func TestUpwardAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	with, _ := upward(t)
	for name, raw := range answers {
		if n := testing.AllocsPerRun(100, func() { with(raw) }); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// FuzzUpward: whatever a PBX answers, what the trunk gets can be read, and holds
// the PBX's own body unchanged.
func FuzzUpward(f *testing.F) {
	for _, raw := range answers {
		f.Add(raw)
	}
	f.Add(answerWith("200 OK", "Content-Type: multipart/mixed;boundary=b1\r\n", multipartOf(sdp, "")))
	f.Add(answerWith("200 OK", "Content-Type: multipart/mixed;boundary=b1\r\n", strings.Replace(multipartOf(sdp, ""), "isup", "x", 1)))
	f.Add(bytes.Replace(answers["200 SDP"], []byte("Content-Type"), []byte("c"), 1))
	with, without := upward(f)
	ours := regexp.MustCompile("^z9hG4bK[a-z2-7]+$")
	f.Fuzz(func(t *testing.T, raw []byte) {
		var in, out sipmsg.Message
		if in.Parse(bytes.Clone(raw)) != nil || in.Request {
			return
		}
		if _, ok := in.SecondVia(); !ok {
			return // it answers a request of ours
		}
		if !ours.Match(in.Bytes(in.TopVia.Branch)) {
			return // of no transaction
		}
		got := bytes.Clone(with(raw))
		if err := out.Parse(got); err != nil {
			t.Fatalf("%v in\n%q\nfrom\n%q", err, got, raw)
		}
		plain := without(raw)
		if bytes.Equal(got, plain) {
			return
		}
		if again := with(raw); !bytes.Equal(again, got) {
			t.Fatalf("again\n%q\nfirst\n%q", again, got)
		}
		var b sipi.Body
		if err := b.Split(sipi.Headers{ContentType: valueOf(&out, sipmsg.IDContentType)}, out.Bytes(out.Body)); err != nil {
			t.Fatalf("%v in\n%q\nfrom\n%q", err, got, raw)
		}
		if b.First(sipi.ISUP) == nil {
			t.Fatalf("no ISUP in\n%q\nfrom\n%q", got, raw)
		}
		body := in.Bytes(in.Body)
		switch first := b.Parts[0]; {
		case len(body) == 0 || !b.IsMultipart():
			if len(b.Parts) != 1 || len(body) != 0 {
				t.Fatalf("body lost in\n%q\nfrom\n%q", got, raw)
			}
		case bytes.Equal(first.Content, body):
		default: // a multipart with a part more
			last := b.Parts[len(b.Parts)-1]
			rest := bytes.Replace(out.Bytes(out.Body), append([]byte(nil), last.Whole...), nil, 1)
			if len(rest) < len(body) || last.Kind != sipi.ISUP {
				t.Fatalf("body changed in\n%q\nfrom\n%q", got, raw)
			}
		}
	})
}

func valueOf(m *sipmsg.Message, id sipmsg.HeaderID) []byte {
	h, ok := m.First(id)
	if !ok {
		return nil
	}
	return m.Bytes(h.Value)
}
