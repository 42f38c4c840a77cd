package sipmsg_test

import (
	"testing"

	"sipid/sipmsg"
)

// rfc4475 has the verdict each message of the RFC must have here. Where the RFC
// wants another answer than 400, that answer is the proxy's: it depends on what
// the proxy supports, not on how the message is written.
var rfc4475 = []struct{ name, section, verdict, why string }{
	{"wsinv", "3.1.1.1", "accept", "short, folded and odd, all legal"},
	{"intmeth", "3.1.1.2", "accept", "every token octet; NUL as a quoted pair"},
	{"esc01", "3.1.1.3", "accept", "escapes in URIs"},
	{"escnull", "3.1.1.4", "accept", "%00 is three octets"},
	{"esc02", "3.1.1.5", "accept", "'%' is no escape in a method or a header name"},
	{"lwsdisp", "3.1.1.6", "accept", "no white space between name and '<'"},
	{"longreq", "3.1.1.7", "accept", "long values"},
	{"dblreq", "3.1.1.8", "accept", "what follows the body is not part of it"},
	{"semiuri", "3.1.1.9", "accept", "';' in the user part"},
	{"transports", "3.1.1.10", "accept", "five transports"},
	{"mpart01", "3.1.1.11", "accept", "binary body"},
	{"unreason", "3.1.1.12", "accept", "UTF-8 reason phrase"},
	{"noreason", "3.1.1.13", "accept", "empty reason phrase"},
	{"badinv01", "3.1.2.1", "400", "extra separators in Via"},
	{"clerr", "3.1.2.2", "400", "Content-Length beyond the datagram"},
	{"ncl", "3.1.2.3", "400", "negative Content-Length"},
	{"scalar02", "3.1.2.4", "400", "CSeq over 2**32"},
	{"scalarlg", "3.1.2.5", "drop", "the same in a response: drop it"},
	{"quotbal", "3.1.2.6", "400", "open quote in To"},
	{"ltgtruri", "3.1.2.7", "400", "'<' in the Request-URI"},
	{"lwsruri", "3.1.2.8", "400", "space in the Request-URI"},
	{"lwsstart", "3.1.2.9", "400", "two spaces in the request line"},
	{"trws", "3.1.2.10", "400", "space behind the request line"},
	{"escruri", "3.1.2.11", "400", "headers in the Request-URI"},
	{"baddate", "3.1.2.12", "accept", "a proxy does not read Date"},
	{"regbadct", "3.1.2.13", "400", "'?' in a Contact URI without brackets"},
	{"badaspec", "3.1.2.14", "400", "spaces inside the brackets of To"},
	{"baddn", "3.1.2.15", "400", "comma in an unquoted display name"},
	{"badvers", "3.1.2.16", "505", "SIP/7.0"},
	{"mismatch01", "3.1.2.17", "400", "CSeq names another method"},
	{"mismatch02", "3.1.2.18", "501", "the same, and the method is unknown: the RFC prefers 501"},
	{"bigcode", "3.1.2.19", "drop", "status over 699 in a response: drop it"},
	{"badbranch", "3.2.1", "400", "the magic cookie alone; the RFC allows RFC 2543 matching too"},
	{"insuf", "3.3.1", "400", "no From, To, Call-ID"},
	{"unkscm", "3.3.2", "accept", "416 is the proxy's: it knows its schemes"},
	{"novelsc", "3.3.3", "accept", "416, the same"},
	{"unksm2", "3.3.4", "accept", "unknown schemes in To, From, Contact are no fault to a proxy"},
	{"bext01", "3.3.5", "accept", "420 is the proxy's: it knows its extensions"},
	{"invut", "3.3.6", "accept", "415 is the UAS's"},
	{"regaut01", "3.3.7", "accept", "the registrar's business"},
	{"multi01", "3.3.8", "400", "repeated single-value headers"},
	{"mcl01", "3.3.9", "400", "two Content-Length"},
	{"bcast", "3.3.10", "accept", "well-formed; the proxy drops it, as it sends to known addresses only"},
	{"zeromf", "3.3.11", "accept", "483 is the proxy's"},
	{"cparam01", "3.3.12", "accept", "parameter of the Contact header"},
	{"cparam02", "3.3.13", "accept", "parameter of the Contact URI"},
	{"regescrt", "3.3.14", "accept", "headers in a Contact URI with brackets are legal"},
	{"sdp01", "3.3.15", "accept", "406 is the UAS's"},
	{"inv2543", "3.4.1", "accept", "RFC 2543: no branch, no tag, no Max-Forwards"},
}

func TestRFC4475(t *testing.T) {
	messages := loadRFC4475(t)
	if len(messages) != 49 || len(rfc4475) != 49 {
		t.Fatalf("%d messages and %d verdicts, want 49 of each", len(messages), len(rfc4475))
	}
	var m sipmsg.Message
	for _, tt := range rfc4475 {
		t.Run(tt.name, func(t *testing.T) {
			raw := messages[tt.name]
			if raw == nil {
				t.Fatal("not in the module")
			}
			err := m.Parse(raw)
			if got := verdictOf(&m, err); got != tt.verdict {
				t.Fatalf("%s (%v), want %s: %s", got, err, tt.verdict, tt.why)
			}
			if err != nil {
				checkAnswer(t, &m)
				return
			}
			checkAccepted(t, &m, raw)
		})
	}
}

// The file of baddn lacks the empty line, so it would be refused for that alone.
func TestRFC4475BadDisplayName(t *testing.T) {
	raw := append(loadRFC4475(t)["baddn"], "\r\n"...)
	wantError(t, raw, sipmsg.ErrAddress, 400, "Bad From")
}

// What RFC 4475 section 3.1.1.1 says about the values of its folded message.
func TestRFC4475Fields(t *testing.T) {
	messages := loadRFC4475(t)
	var m sipmsg.Message
	parse(t, &m, messages["wsinv"])
	equal(t, "CSeq", int(m.CSeq), 9)
	equal(t, "Max-Forwards", m.MaxForwards, 68)
	equal(t, "To tag", string(m.Bytes(m.ToTag)), "1918181833n")
	equal(t, "From tag", string(m.Bytes(m.FromTag)), "98asjd8")
	equal(t, "host", string(m.Bytes(m.TopVia.Host)), "192.0.2.2")
	equal(t, "transport", string(m.Bytes(m.TopVia.Transport)), "UDP")
	equal(t, "branch", string(m.Bytes(m.TopVia.Branch)), "390skdjuw")
	second, ok := m.SecondVia()
	equal(t, "second", ok, true)
	equal(t, "second host", string(m.Bytes(second.Host)), "spindle.example.com")
	equal(t, "second branch", string(m.Bytes(second.Branch)), "z9hG4bK9ikj8")
	equal(t, "second last", second.Last, false)
	equal(t, "body", m.Body.End-m.Body.Start, 150)

	parse(t, &m, messages["intmeth"])
	equal(t, "method", m.Method, sipmsg.MethodUnknown)
	equal(t, "method name", string(m.Bytes(m.MethodName)), "!interesting-Method0123456789_*+`.%indeed'~")
	equal(t, "From tag", string(m.Bytes(m.FromTag)), "_token~1'+`*%!-.")
	u, err := sipmsg.ParseURI(m.Bytes(m.URI))
	equal(t, "URI", err, nil)
	equal(t, "host", string(u.Host), "example.com")

	parse(t, &m, messages["noreason"])
	equal(t, "status", m.Status, 100)
	equal(t, "reason", m.Reason.Empty(), true)

	parse(t, &m, messages["dblreq"])
	equal(t, "body", m.Body.Empty(), true)
	equal(t, "method", m.Method, sipmsg.MethodRegister)
}
