package sipmsg_test

import (
	"fmt"
	"strings"
	"testing"

	"sipid/sipmsg"
)

func describeVia(m *sipmsg.Message, v sipmsg.Via) string {
	return fmt.Sprintf("%s|%s|%d|%s|%s|%s|%v|%v", m.Bytes(v.Transport), m.Bytes(v.Host), v.Port, m.Bytes(v.Branch),
		m.Bytes(v.Received), m.Bytes(v.RPort), v.HasRPort, v.Last)
}

func TestVia(t *testing.T) {
	tests := []struct{ value, want, second string }{
		{"SIP/2.0/UDP h", "UDP|h|0||||false|true", ""},
		{"sip/2.0/udp 192.0.2.1:5070;branch=z9hG4bKx", "udp|192.0.2.1|5070|z9hG4bKx|||false|true", ""},
		{"SIP/2.0/TCP [2001:db8::1]:5060;rport;branch=b", "TCP|[2001:db8::1]|5060|b|||true|true", ""},
		{"SIP/2.0/TLS h : 5061 ; RPORT = 7 ; received = 2001:db8::2;Branch = b", "TLS|h|5061|b|2001:db8::2|7|true|true", ""},
		{"SIP/2.0/UDP h;received=[2001:db8::2]", "UDP|h|0||[2001:db8::2]||false|true", ""},
		{"SIP/2.0/UDP h;x=\"a;,branch=b\\\"\";branch=c", "UDP|h|0|c|||false|true", ""},
		{"SIP/2.0/UDP a;branch=1,SIP/2.0/TCP b;branch=2", "UDP|a|0|1|||false|false", "TCP|b|0|2|||false|true"},
		{"SIP / 2.0 / UDP a ;branch=1\r\n , SIP/2.0/TCP b:1 , SIP/2.0/TLS c", "UDP|a|0|1|||false|false", "TCP|b|1||||false|false"},
		{"SIP/2.0/UDP a,garbage", "UDP|a|0||||false|false", "unreadable"},
		{"SIP/2.0/UDP a,SIP/1.0/UDP b", "UDP|a|0||||false|false", "unreadable"},
		{"SIP/2.0/UDP h;branch=a=b/c;alias;ttl=1;maddr=h", "UDP|h|0|a=b/c|||false|true", ""},
	}
	var m sipmsg.Message
	for _, tt := range tests {
		t.Run(tt.value, func(t *testing.T) {
			parse(t, &m, request("SIP/2.0/UDP 192.0.2.20:5060;rport;branch=z9hG4bKa", tt.value))
			equal(t, "via", describeVia(&m, m.TopVia), tt.want)
			second, ok := m.SecondVia()
			switch tt.second {
			case "", "unreadable":
				equal(t, "second", ok, false)
			default:
				equal(t, "second", describeVia(&m, second), tt.second)
			}
			if m.TopVia.Last {
				equal(t, "value", string(m.Bytes(m.TopVia.Value)), tt.value)
			} else {
				equal(t, "next", strings.ContainsAny(string(m.Raw[m.TopVia.Next]), ", \t\r\n"), false)
				equal(t, "pop ends", m.PopVia().End, m.TopVia.Next)
			}
			equal(t, "params end", m.TopVia.ParamsEnd, m.TopVia.Value.End)
		})
	}
}

func TestViaRefused(t *testing.T) {
	for _, value := range []string{
		"", "SIP", "SIP/2.0", "SIP/2.0/", "SIP/2.0/UDP", "SIP/2.0/UDP ", "SIP/2.0/UDP ;branch=b", "SIP/2.0/UDPh", "SIP//UDP h", "SIP 2.0 UDP h",
		"SIP/2.0/UDP h:", "SIP/2.0/UDP h:0", "SIP/2.0/UDP h:65536", "SIP/2.0/UDP h:x", "SIP/2.0/UDP h h",
		"SIP/2.0/UDP [h]", "SIP/2.0/UDP [::1", "SIP/2.0/UDP [1.2.3.4]", "SIP/2.0/UDP h;", "SIP/2.0/UDP h;;a", "SIP/2.0/UDP h;=x",
		"SIP/2.0/UDP h;branch", "SIP/2.0/UDP h;branch=", "SIP/2.0/UDP h;branch=\"b", "SIP/2.0/UDP h;branch=a;BRANCH=b",
		"SIP/2.0/UDP h;received", "SIP/2.0/UDP h;received=a;received=b", "SIP/2.0/UDP h;rport;rport", "SIP/2.0/UDP h;rport=x",
		"SIP/2.0/UDP h;rport=", "SIP/2.0/UDP h;rport=65536", "SIP/2.0/UDP h,", "SIP/2.0/UDP h , ", ",SIP/2.0/UDP h",
		"SIP/2.0/UDP h;a=b c", "SIP/2.0/UDP h<", "SIP/2.0/UDP h;branch=a\x01", "SIP/2.0/UDP h\x7f",
	} {
		t.Run(value, func(t *testing.T) {
			raw := request("SIP/2.0/UDP 192.0.2.20:5060;rport;branch=z9hG4bKa", value)
			wantError(t, raw, sipmsg.ErrVia, 400, "Bad Via")
			var m sipmsg.Message
			_ = m.Parse(raw)
			checkAnswer(t, &m)
			if second, ok := m.SecondVia(); ok {
				t.Errorf("a second via: %+v", second)
			}
		})
	}
}

// Without SIP/2.0 in front of it a Via is of another protocol.
func TestViaProtocol(t *testing.T) {
	for _, value := range []string{"SIP/3.0/UDP h", "HTTP/2.0/UDP h", "SIP/2.00/UDP h"} {
		raw := request("SIP/2.0/UDP 192.0.2.20:5060;rport;branch=z9hG4bKa", value)
		wantError(t, raw, sipmsg.ErrVersion, 505, "Version Not Supported")
	}
}
