package sipmsg_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"sipid/sipmsg"
)

func TestParseURI(t *testing.T) {
	tests := []struct{ uri, want string }{
		{"sip:h", "sip||h|0||"},
		{"SIPS:u@h:5061", "SIPS|u|h|5061||"},
		{"sip:95165@cc.example;user=phone;lr", "sip|95165|cc.example|0|;user=phone;lr|"},
		{"sip:u:p@[2001:db8::1]:5060;x?a=b&c=d?", "sip|u:p|[2001:db8::1]|5060|;x|?a=b&c=d?"},
		{"sip:h?x=y", "sip||h|0||?x=y"},
		{"sip:user;par=u%40example.net@example.com", "sip|user;par=u%40example.net|example.com|0||"},
		{"sip:a?b/c;d@h", "sip|a?b/c;d|h|0||"},
		{"sip:*21#@h", "sip|*21#|h|0||"},
		{"sip:%00@h", "sip|%00|h|0||"},
		{"sip:u@[2001:db8:::192.0.2.1]", "sip|u|[2001:db8:::192.0.2.1]|0||"},
		{"tel:+8657188001234;phone-context=x", "tel|+8657188001234||0|;phone-context=x|"},
		{"urn:service:sos", "urn|service:sos||0||"},
		{"soap.beep://192.0.2.103:3002", "soap.beep|//192.0.2.103:3002||0||"},
	}
	for _, tt := range tests {
		u, err := sipmsg.ParseURI([]byte(tt.uri))
		got := fmt.Sprintf("%s|%s|%s|%d|%s|%s", u.Scheme, u.User, u.Host, u.Port, u.Params, u.Headers)
		if err != nil || got != tt.want {
			t.Errorf("%s: %s (%v), want %s", tt.uri, got, err, tt.want)
		}
	}
}

func TestParseURIRefused(t *testing.T) {
	tests := []struct {
		uri string
		at  int
	}{
		{"", 0}, {"sip", 0}, {"sip:", 0}, {":h", 0}, {"1sip:h", 0}, {"s p:h", 0}, {"<sip:h>", 0},
		{"sip:@h", 4}, {"sip:u@", 6}, {"sip:u@h@h", 7}, {"sip:u v@h", 5}, {"sip:u\"@h", 5}, {"sip:u\xc3\xbc@h", 5},
		{"sip:h:", 6}, {"sip:h:0", 6}, {"sip:h:65536", 6}, {"sip:h:5060x", 10}, {"sip:2001:db8::10", 9},
		{"sip:[::1", 8}, {"sip:[]", 5}, {"sip:[h]", 5}, {"sip:[1.2.3.4]", 12}, {"sip:h h", 5}, {"sip:h;a b", 7}, {"sip:h;a<", 7}, {"sip:h?a b", 7},
		{"sip:h%41", 5}, {"sip:%zz@h", 4}, {"sip:a%4", 5}, {"sip:h;a=%4", 8}, {"sip:h/", 5},
		{"tel:1 2", 5}, {"tel:1@203.0.113.9", 5}, {"tel:1;x=a@b", 9}, {"tel:1?a=b", 5}, {"TEL:1:2", 5}, {"urn:a\x00", 5}, {"urn:<a>", 4}, {"urn:a\xc3\xbc", 5},
	}
	for _, tt := range tests {
		_, err := sipmsg.ParseURI([]byte(tt.uri))
		var e *sipmsg.Error
		if !errors.Is(err, sipmsg.ErrURI) || !errors.As(err, &e) {
			t.Errorf("%q: %v", tt.uri, err)
			continue
		}
		equal(t, tt.uri, e.Offset, tt.at)
	}
}

func TestParseNameAddr(t *testing.T) {
	tests := []struct{ value, want string }{
		{"<sip:a@b>", "|sip:a@b|"},
		{"sip:a@b", "|sip:a@b|"},
		{"sip:a@b;tag=1", "|sip:a@b|;tag=1"},
		{" sip:a@b \r\n ; tag = 1 ", "|sip:a@b|; tag = 1 "},
		{"caller<sip:a@b>;tag=1", "caller|sip:a@b|;tag=1"},
		{"A. B  C <sip:a@b;c=d?e=f>", "A. B  C|sip:a@b;c=d?e=f|"},
		{"\"a, \\\" <b>\" <sip:a@b> ;x", "\"a, \\\" <b>\"|sip:a@b|;x"},
		{"\"\"<sip:a@b>", "\"\"|sip:a@b|"},
		{"杭州 <sip:a@b>", "杭州|sip:a@b|"},
		{"AT&T (x) <tel:1>", "AT&T (x)|tel:1|"},
		{"<sip:a@b>;;tag=1;", "|sip:a@b|;;tag=1;"},
		{"<sip:a@b>;x=\"a;\\\"b,\"", "|sip:a@b|;x=\"a;\\\"b,\""},
	}
	for _, tt := range tests {
		a, err := sipmsg.ParseNameAddr([]byte(tt.value))
		if got := fmt.Sprintf("%s|%s|%s", a.Display, a.URI, a.Params); err != nil || got != tt.want {
			t.Errorf("%q: %q (%v), want %q", tt.value, got, err, tt.want)
		}
	}
}

func TestParseNameAddrRefused(t *testing.T) {
	for _, value := range []string{
		"", " ", "<", "<>", "<sip:>", "<sip>", "sip", "a@b", "\"a", "\"a\\\"<sip:a@b>", "\"a\" sip:a@b", "\"a\"", "<sip:a@b", "< sip:a@b>",
		"<sip:a b>", "<sip:a@b >", "<sip:a<b>", "<sip:a@b> x", "<sip:a@b>>", "a, b <sip:a@b>", "a;b <sip:a@b>", "a:b <sip:a@b>",
		"sip:a@b,sip:c@d", "sip:a@b?c=d", "<sip:a@b>,<sip:c@d>", "<sip:a@b>;x=\"y", "<sip:a@b>;x=y z", "<sip:a@b>;x=<y>", "sip:a@b c",
	} {
		if _, err := sipmsg.ParseNameAddr([]byte(value)); !errors.Is(err, sipmsg.ErrAddress) {
			t.Errorf("%q: %v", value, err)
		}
	}
}

func TestNextValue(t *testing.T) {
	tests := []struct{ list, want string }{
		{"a", "a"},
		{" a , b,c ", "a|b|c"},
		{"<sip:a,b>;x=1, \"c, \\\", d\" <sip:e>", "<sip:a,b>;x=1|\"c, \\\", d\" <sip:e>"},
		{"a (b, (c, d) e), f", "a (b, (c, d) e)|f"},
		{"a (b (c) d, e), f", "a (b (c) d, e)|f"},
		{"a (b, \\) c), d", "a (b, \\) c)|d"},
		{"a (b, c", "a (b|c"},
		{"\"a, b", "\"a|b"},
		{"<a, b", "<a|b"},
		{"a,,b", "a||b"},
		{"a,\r\n b", "a|b"},
	}
	for _, tt := range tests {
		var got []string
		for rest := []byte(tt.list); len(rest) > 0; {
			var v []byte
			v, rest = sipmsg.NextValue(rest)
			got = append(got, string(v))
		}
		equal(t, tt.list, strings.Join(got, "|"), tt.want)
	}
	if v, rest := sipmsg.NextValue(nil); len(v) != 0 || len(rest) != 0 {
		t.Errorf("nothing gives %q %q", v, rest)
	}
}

func TestParam(t *testing.T) {
	const params = " ;tag=1; User = phone ;lr;q=\"a;\\\"b\";empty=;tag=2;\r\n x=y"
	tests := []struct {
		name, want string
		ok         bool
	}{
		{"tag", "1", true}, {"TAG", "1", true}, {"user", "phone", true}, {"lr", "", true}, {"q", "a;\\\"b", true},
		{"empty", "", true}, {"x", "y", true}, {"none", "", false}, {"a", "", false},
	}
	for _, tt := range tests {
		v, ok := sipmsg.Param([]byte(params), tt.name)
		equal(t, tt.name, string(v), tt.want)
		equal(t, tt.name, ok, tt.ok)
	}
	if v, _ := sipmsg.Param([]byte(params), "lr"); v != nil {
		t.Error("a flag has a value")
	}
	for _, broken := range []string{"", "tag=1", ";x=\"open;tag=1", ";a b;tag=1", ",;tag=1"} {
		if v, ok := sipmsg.Param([]byte(broken), "tag"); ok {
			t.Errorf("%q gives %q", broken, v)
		}
	}
}
