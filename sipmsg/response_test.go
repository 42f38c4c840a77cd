package sipmsg_test

import (
	"strings"
	"testing"

	"sipid/sipmsg"
)

func response(change ...string) []byte {
	s := "SIP/2.0 180 Ringing\r\n" +
		"Via: SIP/2.0/UDP 203.0.113.10:5060;branch=z9hG4bKs1\r\n" +
		"Via: SIP/2.0/UDP 192.0.2.20:5060;received=192.0.2.20;rport=5060;branch=z9hG4bKg1\r\n" +
		"From: <sip:057188001234@vas.example>;tag=f1\r\n" +
		"To: <sip:95165@cc.example>;tag=t1\r\n" +
		"Call-ID: c1@vas.example\r\n" +
		"CSeq: 1 INVITE\r\n" +
		"Contact: <sip:8001@198.51.100.80>\r\n" +
		"Content-Length: 0\r\n\r\n"
	for i := 0; i+1 < len(change); i += 2 {
		if !strings.Contains(s, change[i]) {
			panic("the response has no " + change[i])
		}
		s = strings.Replace(s, change[i], change[i+1], 1)
	}
	return []byte(s)
}

func TestParseResponse(t *testing.T) {
	var m sipmsg.Message
	parse(t, &m, response())
	equal(t, "request", m.Request, false)
	equal(t, "status", m.Status, 180)
	equal(t, "reason", string(m.Bytes(m.Reason)), "Ringing")
	equal(t, "to tag", string(m.Bytes(m.ToTag)), "t1")
	equal(t, "has to tag", m.HasToTag, true)
	equal(t, "max-forwards", m.MaxForwards, -1)
	equal(t, "branch", string(m.Bytes(m.TopVia.Branch)), "z9hG4bKs1")
	second, ok := m.SecondVia()
	equal(t, "second", ok, true)
	equal(t, "second branch", string(m.Bytes(second.Branch)), "z9hG4bKg1")
	equal(t, "second received", string(m.Bytes(second.Received)), "192.0.2.20")
	equal(t, "second rport", string(m.Bytes(second.RPort)), "5060")
	equal(t, "pop", string(m.Bytes(m.PopVia())), "Via: SIP/2.0/UDP 203.0.113.10:5060;branch=z9hG4bKs1\r\n")
}

func TestResponseStatusLine(t *testing.T) {
	var m sipmsg.Message
	for line, reason := range map[string]string{
		"SIP/2.0 180 Ringing": "Ringing", "SIP/2.0 180 ": "", "SIP/2.0 180": "", "sip/2.0 180 a\t杭": "a\t杭",
	} {
		parse(t, &m, response("SIP/2.0 180 Ringing", line))
		equal(t, line, string(m.Bytes(m.Reason)), reason)
		equal(t, line, m.Status, 180)
	}
	for line, want := range map[string]error{
		"SIP/2.0 99 x": sipmsg.ErrStatus, "SIP/2.0 099 x": sipmsg.ErrStatus, "SIP/2.0 700 x": sipmsg.ErrStatus,
		"SIP/2.0 1800 x": sipmsg.ErrStatus, "SIP/2.0 -18 x": sipmsg.ErrStatus, "SIP/2.0  180 x": sipmsg.ErrStatus,
		"SIP/2.0 180\tx": sipmsg.ErrStatus, "SIP/1.0 180 x": sipmsg.ErrVersion, "SIP/2.0": sipmsg.ErrVersion,
		"SIP/2.0 180 \rx": sipmsg.ErrBareCR, "SIP/2.0 180 \x00": sipmsg.ErrNUL,
	} {
		wantError(t, response("SIP/2.0 180 Ringing", line), want, 0, "")
	}
}

// A response cannot be refused: what must not go further is marked, and the rest
// goes on.
func TestResponseCut(t *testing.T) {
	long := strings.Repeat("x", sipmsg.MaxLine)
	tests := []struct{ name, line string }{
		{"NoColon", "X-Serial\r\n"},
		{"EmptyName", ": x\r\n"},
		{"SpaceInName", "X Y: z\r\n"},
		{"FoldBeforeColon", "X-Serial\r\n : 1\r\n"},
		{"OddName", "X-Serial\x0b: 1\r\n"},
		{"BareLF", "X: y\nX-Serial: 1\r\n"},
		{"BareCR", "X: y\rX-Serial: 1\r\n"},
		{"NUL", "X: y\x00z\r\n"},
		{"TooLong", "X: " + long + "\r\n"},
		{"Trusted", "X-Serial: 1\r\n"},
		{"TrustedFolded", "x_serial :\r\n 1\r\n\t2\r\n"},
		{"EdgeSource", "X-Edge-Source: 1.2.3.4:5\r\n"},
		{"SecondTo", "t: <sip:other@cc.example>;tag=t2\r\n"},
		{"SecondCallID", "i: other\r\n"},
		{"SecondCSeqEqual", "CSeq: 1 INVITE\r\n"},
		{"SecondLengthEqual", "l: 0\r\n"},
	}
	var m sipmsg.Message
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			raw := response("Contact:", tt.line+"Contact:")
			if strings.HasPrefix(tt.name, "Second") {
				raw = response("\r\nContact:", "\r\nContact:", "Content-Length: 0\r\n", "Content-Length: 0\r\n"+tt.line)
			}
			parse(t, &m, raw)
			checkAccepted(t, &m, raw)
			equal(t, "what leaves", string(cleaned(&m)), string(response()))
			equal(t, "to tag", string(m.Bytes(m.ToTag)), "t1")
			equal(t, "call-id", string(m.Bytes(m.CallID)), "c1@vas.example")
		})
	}
}

func TestResponseDropped(t *testing.T) {
	tests := []struct {
		name string
		raw  []byte
		err  error
	}{
		{"NoVia", response("Via:", "X-Via:", "\r\nVia:", "\r\nX-Via:"), sipmsg.ErrMissing},
		{"NoCSeq", response("CSeq:", "X-CSeq:"), sipmsg.ErrMissing},
		{"BadVia", response("203.0.113.10:5060", "203.0.113.10:"), sipmsg.ErrVia},
		{"ViaWithNUL", response("203.0.113.10", "203.0.113.10;x=\x00"), sipmsg.ErrNUL},
		{"SecondViaWithLF", response("192.0.2.20", "192.0.2.20;x=\n"), sipmsg.ErrBareLF},
		{"BadCSeq", response("1 INVITE", "one INVITE"), sipmsg.ErrCSeq},
		{"TwoCSeq", response("Contact:", "CSeq: 2 INVITE\r\nContact:"), sipmsg.ErrRepeated},
		{"BadLength", response("Length: 0", "Length: -1"), sipmsg.ErrContentLength},
		{"LengthBeyond", response("Length: 0", "Length: 1"), sipmsg.ErrContentLength},
		{"TwoLengths", response("Contact:", "l: 1\r\nContact:"), sipmsg.ErrRepeated},
		{"NoEmptyLine", response("0\r\n\r\n", "0\r\n"), sipmsg.ErrHeadEnd},
		{"TooManyHeaders", response("Contact:", strings.Repeat("X: y\r\n", 121)+"Contact:"), sipmsg.ErrTooManyHeaders},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { wantError(t, tt.raw, tt.err, 0, "") })
	}
}

// What the far end wrote into From, To, Contact or Call-ID is not judged.
func TestResponseLenient(t *testing.T) {
	var m sipmsg.Message
	for _, raw := range [][]byte{
		response("To: <sip:95165@cc.example>;tag=t1", "To: \"open"),
		response("From: <sip:057188001234@vas.example>;tag=f1\r\n", ""),
		response("c1@vas.example", "c 1"),
		response("Call-ID: c1@vas.example\r\n", ""),
		response("<sip:8001@198.51.100.80>", ",,;;"),
		response("Content-Length: 0\r\n", ""),
	} {
		parse(t, &m, raw)
		checkAccepted(t, &m, raw)
	}
}
