package sipmsg_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"sipid/sipmsg"
)

// request is a good request to break; the parts a test names replace these.
func request(change ...string) []byte {
	s := "INVITE sip:95165@cc.example SIP/2.0\r\n" +
		"Via: SIP/2.0/UDP 192.0.2.20:5060;rport;branch=z9hG4bKa\r\n" +
		"Max-Forwards: 70\r\n" +
		"From: <sip:057188001234@vas.example>;tag=f1\r\n" +
		"To: <sip:95165@cc.example>\r\n" +
		"Call-ID: c1@vas.example\r\n" +
		"CSeq: 1 INVITE\r\n" +
		"Contact: <sip:gw@192.0.2.20>\r\n" +
		"Content-Type: application/sdp\r\n" +
		"Content-Length: 5\r\n\r\nv=0\r\n"
	for i := 0; i+1 < len(change); i += 2 {
		if !strings.Contains(s, change[i]) {
			panic(fmt.Sprintf("the request has no %q", change[i]))
		}
		s = strings.Replace(s, change[i], change[i+1], 1)
	}
	return []byte(s)
}

func TestParseRequest(t *testing.T) {
	var m sipmsg.Message
	parse(t, &m, request())
	equal(t, "request", m.Request, true)
	equal(t, "method", m.Method, sipmsg.MethodInvite)
	equal(t, "uri", string(m.Bytes(m.URI)), "sip:95165@cc.example")
	equal(t, "headers", len(m.Headers), 9)
	equal(t, "cseq", m.CSeq, 1)
	equal(t, "cseq method", string(m.Bytes(m.CSeqMethod)), "INVITE")
	equal(t, "call-id", string(m.Bytes(m.CallID)), "c1@vas.example")
	equal(t, "from tag", string(m.Bytes(m.FromTag)), "f1")
	equal(t, "has to tag", m.HasToTag, false)
	equal(t, "max-forwards", m.MaxForwards, 70)
	equal(t, "body", string(m.Bytes(m.Body)), "v=0\r\n")
	equal(t, "head end", string(m.Raw[m.HeadEnd:m.Body.Start]), "\r\n")
	equal(t, "answerable", m.Answerable(), true)
	h, ok := m.First(sipmsg.IDContentType)
	equal(t, "first", ok, true)
	equal(t, "line", string(m.Bytes(h.Line)), "Content-Type: application/sdp\r\n")
	equal(t, "name", string(m.Bytes(h.Name)), "Content-Type")
	equal(t, "value", string(m.Bytes(h.Value)), "application/sdp")
	_, ok = m.First(sipmsg.IDRoute)
	equal(t, "no route", ok, false)
	_, ok = m.First(200)
	equal(t, "no such id", ok, false)
}

// A Message is used again and again: nothing of the last one may be left.
func TestParseAgain(t *testing.T) {
	var used sipmsg.Message
	for _, s := range loadSeeds(t, "own", "torture") {
		err := used.Parse(s.raw)
		var fresh sipmsg.Message
		if freshErr := fresh.Parse(s.raw); fmt.Sprint(freshErr) != fmt.Sprint(err) {
			t.Fatalf("%s: used %v, fresh %v", s.name, err, freshErr)
		}
		if got, want := exported(&used), exported(&fresh); got != want {
			t.Errorf("%s:\nused  %s\nfresh %s", s.name, got, want)
		}
	}
}

func exported(m *sipmsg.Message) string {
	return fmt.Sprint(m.Raw, m.Request, m.Method, m.MethodName, m.URI, m.Status, m.Reason, m.Headers, m.HeadEnd, m.Body,
		m.CSeq, m.CSeqMethod, m.CallID, m.FromTag, m.ToTag, m.HasToTag, m.MaxForwards, m.TopVia, m.Answerable())
}

func TestParseRefused(t *testing.T) {
	long := strings.Repeat("x", sipmsg.MaxLine)
	tests := []struct {
		name   string
		raw    []byte
		err    error
		status int
		reason string
	}{
		{"LFOnly", bytes.ReplaceAll(request(), []byte("\r\n"), []byte("\n")), sipmsg.ErrBareLF, 0, ""},
		{"LeadingLF", append([]byte("\n"), request()...), sipmsg.ErrBareLF, 0, ""},
		{"LeadingSpace", append([]byte(" "), request()...), sipmsg.ErrStartLine, 0, ""},
		{"Garbage", []byte("hello"), sipmsg.ErrStartLine, 0, ""},
		{"Zeros", make([]byte, 4), sipmsg.ErrStartLine, 0, ""},
		{"NoURI", request("sip:95165@cc.example ", ""), sipmsg.ErrStartLine, 400, "Bad Request Line"},
		{"TwoSpaces", request("INVITE sip:", "INVITE  sip:"), sipmsg.ErrURI, 400, "Bad Request-URI"},
		{"TabInLine", request("INVITE sip:", "INVITE\tsip:"), sipmsg.ErrStartLine, 0, ""},
		{"SpaceBehindVersion", request("SIP/2.0\r\n", "SIP/2.0 \r\n"), sipmsg.ErrStartLine, 400, "Bad Request Line"},
		{"Version3", request("SIP/2.0\r\n", "SIP/3.0\r\n"), sipmsg.ErrVersion, 505, "Version Not Supported"},
		{"VersionNone", request("SIP/2.0\r\n", "SIP/x.y\r\n"), sipmsg.ErrStartLine, 400, "Bad Request Line"},
		{"VersionHTTP", request("SIP/2.0\r\n", "HTTP/1.1\r\n"), sipmsg.ErrStartLine, 400, "Bad Request Line"},
		{"URIWithHeaders", request("cc.example SIP", "cc.example?X-Serial=1 SIP"), sipmsg.ErrURI, 400, "Bad Request-URI"},
		{"URINul", request("95165@", "95\x0065@"), sipmsg.ErrURI, 400, "Bad Request-URI"},
		{"URICR", request("95165@", "95\r65@"), sipmsg.ErrURI, 400, "Bad Request-URI"},
		{"StartLineTooLong", request("95165@", long+"@"), sipmsg.ErrLineTooLong, 0, ""},
		{"NoEmptyLine", request("\r\n\r\nv=0\r\n", "\r\n"), sipmsg.ErrHeadEnd, 400, "Missing Empty Line"},
		{"CutInLine", request("\r\n\r\nv=0\r\n", ""), sipmsg.ErrHeadEnd, 400, "Missing Empty Line"},
		{"FoldFirst", request("Via:", " Via:"), sipmsg.ErrHeaderName, 400, "Bad Header Name"},
		{"EmptyName", request("Contact:", ":"), sipmsg.ErrHeaderName, 400, "Bad Header Name"},
		{"SpaceName", request("Contact:", "Con tact:"), sipmsg.ErrHeaderName, 400, "Bad Header Name"},
		{"CRForHyphen", request("Call-ID:", "Call\rID:"), sipmsg.ErrHeaderName, 400, "Bad Header Name"},
		{"LFInValue", request("sip:gw", "sip:\ngw"), sipmsg.ErrBareLF, 400, "Bad Line End"},
		{"CRInValue", request("sip:gw", "sip:\rgw"), sipmsg.ErrBareCR, 400, "Bad Line End"},
		{"CRCRLF", request("Max-Forwards: 70\r\n", "Max-Forwards: 70\r\r\n"), sipmsg.ErrBareCR, 400, "Bad Line End"},
		{"LFCR", request("Max-Forwards: 70\r\n", "Max-Forwards: 70\n\r"), sipmsg.ErrBareLF, 400, "Bad Line End"},
		{"NULInValue", request("sip:gw", "sip:\x00gw"), sipmsg.ErrNUL, 400, "NUL In Header"},
		{"NULQuotedNotEscaped", request("<sip:gw", "\"\x00\" <sip:gw"), sipmsg.ErrNUL, 400, "NUL In Header"},
		{"NULEscapedElsewhere", request("Contact: ", "Subject: \"\\\x00\"\r\nContact: "), sipmsg.ErrNUL, 400, "NUL In Header"},
		{"NULEscapedOutsideQuotes", request("<sip:gw", "\\\x00<sip:gw"), sipmsg.ErrNUL, 400, "NUL In Header"},
		{"LineTooLong", request("sip:gw", "sip:"+long), sipmsg.ErrLineTooLong, 400, "Header Line Too Long"},
		{"FoldsTooLong", request("sip:gw", "sip:"+strings.Repeat("\r\n x", 2100)), sipmsg.ErrLineTooLong, 400, "Header Line Too Long"},
		{"TooManyHeaders", request("Contact:", strings.Repeat("X: y\r\n", 120)+"Contact:"), sipmsg.ErrTooManyHeaders, 400, "Too Many Headers"},
		{"TooLong", append(request(), make([]byte, sipmsg.MaxMessage)...), sipmsg.ErrTooLong, 513, "Message Too Large"},
		{"RepeatedEqual", request("CSeq:", "Call-ID: c1@vas.example\r\nCSeq:"), sipmsg.ErrRepeated, 400, "Repeated Call-ID"},
		{"RepeatedCompact", request("CSeq:", "i: c2\r\nCSeq:"), sipmsg.ErrRepeated, 400, "Repeated Call-ID"},
		{"RepeatedType", request("CSeq:", "c: text/plain\r\nCSeq:"), sipmsg.ErrRepeated, 400, "Repeated Content-Type"},
		{"NoVia", request("Via:", "X-Via:"), sipmsg.ErrMissing, 400, "Missing Via"},
		{"NoFrom", request("From:", "X-From:"), sipmsg.ErrMissing, 400, "Missing From"},
		{"NoTo", request("To:", "X-To:"), sipmsg.ErrMissing, 400, "Missing To"},
		{"NoCallID", request("Call-ID:", "X-Call-ID:"), sipmsg.ErrMissing, 400, "Missing Call-ID"},
		{"NoCSeq", request("CSeq:", "X-CSeq:"), sipmsg.ErrMissing, 400, "Missing CSeq"},
		{"ViaOpenBracket", request("192.0.2.20:5060", "[2001:db8::1"), sipmsg.ErrVia, 400, "Bad Via"},
		{"ViaCookieAlone", request("z9hG4bKa", "Z9HG4BK"), sipmsg.ErrVia, 400, "Bad Via"},
		{"ViaVersion", request("Via: SIP/2.0", "Via: SIP/3.0"), sipmsg.ErrVersion, 505, "Version Not Supported"},
		{"FromOpenQuote", request("From: ", "From: \"a"), sipmsg.ErrAddress, 400, "Bad From"},
		{"ToTwoAddresses", request("To: <sip:95165@cc.example>", "To: <sip:a@b>, <sip:c@d>"), sipmsg.ErrAddress, 400, "Bad To"},
		{"TwoTags", request("tag=f1", "tag=f1;TAG=f2"), sipmsg.ErrAddress, 400, "Bad From"},
		{"EmptyTag", request("tag=f1", "tag="), sipmsg.ErrAddress, 400, "Bad From"},
		{"TagWithoutValue", request("tag=f1", "tag"), sipmsg.ErrAddress, 400, "Bad From"},
		{"CallIDEmpty", request("c1@vas.example", ""), sipmsg.ErrCallID, 400, "Bad Call-ID"},
		{"CallIDSpace", request("c1@vas.example", "c1 c2"), sipmsg.ErrCallID, 400, "Bad Call-ID"},
		{"CallIDUTF8", request("c1@vas.example", "ü"), sipmsg.ErrCallID, 400, "Bad Call-ID"},
		{"CSeqEmpty", request("1 INVITE", ""), sipmsg.ErrCSeq, 400, "Bad CSeq"},
		{"CSeqNoMethod", request("1 INVITE", "1"), sipmsg.ErrCSeq, 400, "Bad CSeq"},
		{"CSeqNoNumber", request("1 INVITE", "INVITE"), sipmsg.ErrCSeq, 400, "Bad CSeq"},
		{"CSeqTooLarge", request("1 INVITE", "2147483648 INVITE"), sipmsg.ErrCSeq, 400, "Bad CSeq"},
		{"CSeqOverflow", request("1 INVITE", "18446744073709551617 INVITE"), sipmsg.ErrCSeq, 400, "Bad CSeq"},
		{"CSeqOtherCase", request("1 INVITE", "1 Invite"), sipmsg.ErrCSeq, 400, "Bad CSeq"},
		{"CSeqTwoWords", request("1 INVITE", "1 INVITE x"), sipmsg.ErrCSeq, 400, "Bad CSeq"},
		{"MaxForwards256", request("70", "256"), sipmsg.ErrMaxForwards, 400, "Bad Max-Forwards"},
		{"MaxForwardsSign", request("70", "+70"), sipmsg.ErrMaxForwards, 400, "Bad Max-Forwards"},
		{"MaxForwardsEmpty", request("70", ""), sipmsg.ErrMaxForwards, 400, "Bad Max-Forwards"},
		{"LengthBeyond", request("Length: 5", "Length: 6"), sipmsg.ErrContentLength, 400, "Bad Content-Length"},
		{"LengthTwo", request("Length: 5", "Length: 5, 5"), sipmsg.ErrContentLength, 400, "Bad Content-Length"},
		{"LengthHex", request("Length: 5", "Length: 0x5"), sipmsg.ErrContentLength, 400, "Bad Content-Length"},
		{"ContactEmpty", request("<sip:gw@192.0.2.20>", ""), sipmsg.ErrAddress, 400, "Bad Contact"},
		{"ContactTrailingComma", request("<sip:gw@192.0.2.20>", "<sip:gw@192.0.2.20>,"), sipmsg.ErrAddress, 400, "Bad Contact"},
		{"SecondContact", request("CSeq:", "m: <sip:a@b>, sip:c@d?e=f\r\nCSeq:"), sipmsg.ErrAddress, 400, "Bad Contact"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := wantError(t, tt.raw, tt.err, tt.status, tt.reason)
			if e.Error() == "" || errors.Unwrap(e) != tt.err {
				t.Errorf("error %q wraps %v", e, errors.Unwrap(e))
			}
			var m sipmsg.Message
			_ = m.Parse(tt.raw)
			checkAnswer(t, &m)
			if (tt.name == "NoVia" || tt.name == "ViaOpenBracket") && m.Answerable() {
				t.Error("answerable without a Via")
			}
		})
	}
}

func TestParseAccepted(t *testing.T) {
	tests := []struct {
		name string
		raw  []byte
	}{
		{"LeadingCRLFs", append([]byte("\r\n\r\n\r\n"), request()...)},
		{"VersionCase", request("SIP/2.0\r\n", "sip/2.0\r\n")},
		{"NoMaxForwards", request("Max-Forwards: 70\r\n", "")},
		{"NoLength", request("Content-Length: 5\r\n", "")},
		{"NoContact", request("Contact: <sip:gw@192.0.2.20>\r\n", "")},
		{"NoTag", request(";tag=f1", "")},
		{"NoBranch", request(";branch=z9hG4bKa", "")},
		{"EmptyParameters", request(";tag=f1", ";;tag=f1; ;x")},
		{"Star", request("<sip:gw@192.0.2.20>", "*")},
		{"ContactList", request("<sip:gw@192.0.2.20>", "\"a, <b>\" <sip:a@b?c=d,e>;q=1 , sip:c@d;x=\",\"")},
		{"TelURI", request("sip:95165@cc.example SIP", "tel:95165;phone-context=+86 SIP")},
		{"OtherURI", request("sip:95165@cc.example SIP", "urn:service:sos SIP")},
		{"ControlInValue", request("Contact:", "Subject: a\x01\x0b\x0c\x7fb\r\nContact:")},
		{"RawUTF8", request("From: ", "From: 杭州 ")},
		{"128Headers", request("Contact:", strings.Repeat("X: y\r\n", 119)+"Contact:")},
		{"LineOf8192", request("Contact:", "X:"+strings.Repeat("y", sipmsg.MaxLine-4)+"\r\nContact:")},
		{"RepeatedOther", request("Contact:", "Subject: a\r\nSubject: b\r\nRoute: <sip:a@b;lr>\r\nRoute: <sip:a@b;lr>\r\nContact:")},
		{"RepeatedTrusted", request("Contact:", "X-Serial: 1\r\nX-Serial: 2\r\nContact:")},
		{"MaxForwards0", request("70", "0")},
		{"NULQuotedPair", request("<sip:gw", "\"\\\x00\" <sip:gw")},
		{"BodyOfAnything", append(request("Length: 5", "Length: 12"), "\x00\n\r\n\n\r\n"...)},
	}
	var m sipmsg.Message
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			parse(t, &m, tt.raw)
			checkAccepted(t, &m, tt.raw)
		})
	}
}

func TestParseKeepAlive(t *testing.T) {
	var m sipmsg.Message
	for _, s := range []string{"", "\r\n", "\r\n\r\n", "\n", "\r\n\r"} {
		if err := m.Parse([]byte(s)); !errors.Is(err, sipmsg.ErrKeepAlive) || m.Answerable() {
			t.Errorf("%q: %v", s, err)
		}
	}
}

// Octets beyond Content-Length are not part of the message (RFC 3261 section
// 18.3), and neither are CRLFs before it: neither is forwarded.
func TestParseTrims(t *testing.T) {
	var m sipmsg.Message
	parse(t, &m, append(append([]byte("\r\n"), request()...), "more"...))
	equal(t, "raw", string(m.Raw), string(request()))
	parse(t, &m, request("Content-Length: 5\r\n", ""))
	equal(t, "body", string(m.Bytes(m.Body)), "v=0\r\n")
}

// The offset counts from the first octet of the datagram.
func TestErrorOffset(t *testing.T) {
	raw := append([]byte("\r\n\r\n"), request("Contact:", "Con\x01tact:")...)
	e := wantError(t, raw, sipmsg.ErrHeaderName, 400, "Bad Header Name")
	equal(t, "octet", raw[e.Offset], 1)
	raw = request("sip:gw", "sip:\ngw")
	equal(t, "octet", raw[wantError(t, raw, sipmsg.ErrBareLF, 400, "Bad Line End").Offset], '\n')
	raw = request("cc.example SIP", "cc<example SIP")
	equal(t, "octet", raw[wantError(t, raw, sipmsg.ErrURI, 400, "Bad Request-URI").Offset], '<')
	raw = request(";branch=z9hG4bKa", ";branch=z9hG4bKa;;")
	equal(t, "octet", raw[wantError(t, raw, sipmsg.ErrVia, 400, "Bad Via").Offset], ';')
}

func TestAnswerable(t *testing.T) {
	var m sipmsg.Message
	for _, raw := range [][]byte{
		bytes.ReplaceAll(request("Contact:", "Con tact:"), []byte("INVITE"), []byte("ACK")),
		[]byte("SIP/2.0 200 OK\r\n\r\n"),
		[]byte("garbage\r\n\r\n"),
	} {
		if m.Parse(raw) == nil || m.Answerable() {
			t.Errorf("answerable: %q", raw)
		}
	}
	// A Via whose parameters are broken still says who is to be answered.
	if m.Parse(request(";rport;", ";rport;;,,")) == nil || !m.Answerable() {
		t.Error("not answerable")
	}
	checkAnswer(t, &m)
}

func TestAll(t *testing.T) {
	var m sipmsg.Message
	parse(t, &m, request("Contact:", "Route: <sip:1@a;lr>\r\nX: y\r\nroute : <sip:2@a;lr>\r\nContact:"))
	var got []string
	for i, h := range m.All(sipmsg.IDRoute) {
		got = append(got, string(m.Bytes(h.Value)))
		equal(t, "index", m.Headers[i].Line, h.Line)
	}
	equal(t, "routes", strings.Join(got, " "), "<sip:1@a;lr> <sip:2@a;lr>")
	for range m.All(sipmsg.IDRoute) {
		break
	}
}
