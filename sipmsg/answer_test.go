package sipmsg_test

import (
	"net/netip"
	"strings"
	"testing"

	"sipid/sipmsg"
)

func TestAppendAnswer(t *testing.T) {
	source := netip.MustParseAddrPort("192.0.2.7:5062")
	extra, err := sipmsg.AppendHeader(nil, "Reason", "Q.850;cause=17")
	equal(t, "extra", err, nil)
	const rest = "From: <sip:057188001234@vas.example>;tag=f1\r\nTo: <sip:95165@cc.example>%s\r\nCall-ID: c1@vas.example\r\nCSeq: 1 INVITE\r\n"
	const via = "Via: SIP/2.0/UDP 192.0.2.20:5060;rport=5062;branch=z9hG4bKa;received=192.0.2.7\r\n"
	tests := []struct {
		name   string
		raw    []byte
		answer sipmsg.Answer
		want   string
	}{
		{"Busy", request(), sipmsg.Answer{Status: 486, Reason: "Busy Here", ToTag: "o1", Source: source, Extra: extra},
			"SIP/2.0 486 Busy Here\r\n" + via + rest + "Reason: Q.850;cause=17\r\nContent-Length: 0\r\n\r\n"},
		{"Trying", request("CSeq:", "Timestamp: 54.2\r\nCSeq:"), sipmsg.Answer{Status: 100, Reason: "Trying", ToTag: "o1", Source: source},
			"SIP/2.0 100 Trying\r\n" + via + rest + "Timestamp: 54.2\r\nContent-Length: 0\r\n\r\n"},
		{"NoTimestampOnFinal", request("CSeq:", "Timestamp: 54.2\r\nCSeq:"), sipmsg.Answer{Status: 200, Reason: "OK", ToTag: "o1", Source: source},
			"SIP/2.0 200 OK\r\n" + via + rest + "Content-Length: 0\r\n\r\n"},
		{"Body", request(), sipmsg.Answer{Status: 500, Reason: "x", ToTag: "o1", Source: source, ContentType: "application/isup", Body: []byte{0x0c, 0, 0x0d, 0x0a}},
			"SIP/2.0 500 x\r\n" + via + rest + "Content-Type: application/isup\r\nContent-Length: 4\r\n\r\n\x0c\x00\x0d\x0a"},
		{"ControlOctets", request(), sipmsg.Answer{Status: 400, Reason: "a\r\nX: b", ToTag: "o1\n", Source: source, ContentType: "t\r", Body: []byte("b")},
			"SIP/2.0 400 a__X: b\r\n" + via + strings.Replace(rest, "%s", ";tag=o1_", 1) + "Content-Type: t_\r\nContent-Length: 1\r\n\r\nb"},
	}
	var m sipmsg.Message
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			parse(t, &m, tt.raw)
			tag := ";tag=o1"
			if tt.answer.Status == 100 {
				tag = ""
			}
			equal(t, "answer", string(m.AppendAnswer(nil, tt.answer)), strings.Replace(tt.want, "%s", tag, 1))
		})
	}
}

func TestAnswerTo(t *testing.T) {
	tests := []struct{ name, to, want string }{
		{"HasTag", "<sip:a@b>;tag=x", "<sip:a@b>;tag=x"},
		{"AddrSpec", "sip:a@b;x=y", "sip:a@b;x=y;tag=o1"},
		{"Folded", "<sip:a@b>\r\n ;x ", "<sip:a@b>\r\n ;x;tag=o1 "},
		{"Broken", "\"a <sip:a@b>", "\"a <sip:a@b>"},
	}
	var m sipmsg.Message
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_ = m.Parse(request("<sip:95165@cc.example>", tt.to))
			out := string(m.AppendAnswer(nil, sipmsg.Answer{Status: 404, Reason: "Not Found", ToTag: "o1"}))
			if !strings.Contains(out, "To: "+tt.want+"\r\n") {
				t.Errorf("%q, want To: %s", out, tt.want)
			}
		})
	}
}

// All Vias go back, in order; only the top one is stamped.
func TestAnswerVias(t *testing.T) {
	var m sipmsg.Message
	parse(t, &m, request("Max-Forwards:", "X: y\r\nv: SIP/2.0/TCP h2;rport, SIP/2.0/TCP h3\r\nVia:\r\n SIP/2.0/TLS h4\r\nMax-Forwards:"))
	out := string(m.AppendAnswer(nil, sipmsg.Answer{Status: 200, Reason: "OK", Source: netip.MustParseAddrPort("192.0.2.20:9")}))
	want := "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.20:5060;rport=9;branch=z9hG4bKa;received=192.0.2.20\r\n" +
		"v: SIP/2.0/TCP h2;rport, SIP/2.0/TCP h3\r\nVia:\r\n SIP/2.0/TLS h4\r\nFrom:"
	if !strings.HasPrefix(out, want) {
		t.Errorf("%q, want %q", out, want)
	}
}

// Lines that were refused never get into the answer; what is missing in the
// request is missing there.
func TestAnswerToBroken(t *testing.T) {
	var m sipmsg.Message
	for _, raw := range [][]byte{
		request("From: ", "From: \x00"), request("Call-ID: ", "Call-ID: \n"), request("CSeq: 1 INVITE\r\n", ""),
		request("To: ", "X-Serial\x0b: 1\r\nTo: "), request("Max-", "Via: SIP/2.0/UDP h2;x=\x00\r\nMax-"),
		request("Max-", "Via: SIP/2.0/UDP h2;x=\r;y\r\nMax-"), request("Max-", "v: SIP/2.0/UDP h2\nX-Serial: 1\r\nMax-"),
	} {
		if m.Parse(raw) == nil || !m.Answerable() {
			t.Fatalf("accepted or not answerable: %q", raw)
		}
		checkAnswer(t, &m)
	}
}
