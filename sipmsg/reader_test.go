package sipmsg_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"sipid/sipmsg"
)

// field is a header as a reader sees it.
type field struct{ name, value string }

// strictHeaders is a second reader of the head, written on strings and without
// any code of the package: lines end with CRLF and nothing else, a line that
// begins with white space belongs to the one before it.
func strictHeaders(message string) (head, body string, fields []field, err error) {
	message = strings.TrimLeft(message, "\r\n")
	head, body, ok := strings.Cut(message, "\r\n\r\n")
	if !ok {
		return "", "", nil, fmt.Errorf("no empty line")
	}
	lines := strings.Split(head, "\r\n")
	for _, line := range lines {
		if strings.ContainsAny(line, "\r\n") {
			return "", "", nil, fmt.Errorf("bare CR or LF in %q", line)
		}
	}
	var whole []string
	for _, line := range lines[1:] {
		if line != "" && (line[0] == ' ' || line[0] == '\t') {
			if len(whole) == 0 {
				return "", "", nil, fmt.Errorf("a fold before the first header")
			}
			whole[len(whole)-1] += "\r\n" + line
			continue
		}
		whole = append(whole, line)
	}
	for _, line := range whole {
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return "", "", nil, fmt.Errorf("no colon in %q", line)
		}
		name = strings.TrimRight(name, " \t")
		if name == "" || strings.Trim(name, tokenOctets) != "" {
			return "", "", nil, fmt.Errorf("name %q is no token", name)
		}
		fields = append(fields, field{name, strings.Trim(value, " \t\r\n")})
	}
	return lines[0], body, fields, nil
}

const tokenOctets = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~"

var trustedNames = []string{
	"x-access-id", "x-serial", "x-client-name", "x-client-endpoint",
	"x-identify-status", "x-identify-source", "x-calling-number", "x-edge-source",
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// lenientTrusted reads a message as the most lenient next hop would: CRLF, CR
// and LF end lines, octets up to 20h and from 7Fh in a name are not there,
// letters have no case, '_' is '-'. It gives the trusted names it then sees.
func lenientTrusted(message string) (seen []string) {
	message = lineEnds.Replace(strings.TrimLeft(message, "\r\n"))
	head, _, _ := strings.Cut(message, "\n\n")
	for _, line := range strings.Split(head, "\n") {
		if line != "" && (line[0] == ' ' || line[0] == '\t') {
			continue // a fold to everybody
		}
		name, _, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		if name = lenientName(name); isTrusted(name) {
			seen = append(seen, name)
		}
	}
	return seen
}

func lenientName(name string) string {
	var b strings.Builder
	for i := range len(name) {
		switch c := name[i]; {
		case c <= 0x20 || c >= 0x7f:
		case c == '_':
			b.WriteByte('-')
		default:
			b.WriteByte(c)
		}
	}
	return strings.ToLower(b.String())
}

func isTrusted(name string) bool {
	for _, t := range trustedNames {
		if name == t {
			return true
		}
	}
	return false
}

// cleaned is the message as it may go on: without trusted and without cut lines.
func cleaned(m *sipmsg.Message) []byte {
	var s sipmsg.Splice
	s.Reset(m)
	for _, h := range m.Headers {
		if h.Cut || h.ID.Trusted() {
			s.Delete(h.Line)
		}
	}
	return s.Append(nil)
}

// checkAccepted says what must hold for every message Parse accepts.
func checkAccepted(t *testing.T, m *sipmsg.Message, raw []byte) {
	t.Helper()
	checkSpans(t, m, raw)
	out := cleaned(m)
	if seen := lenientTrusted(string(out)); len(seen) > 0 {
		t.Fatalf("trusted names are left: %v in %q", seen, out)
	}
	_, body, fields, err := strictHeaders(string(out))
	if err != nil {
		t.Fatalf("the strict reader refuses what leaves: %v in %q", err, out)
	}
	if body != string(m.Bytes(m.Body)) {
		t.Fatalf("body %q, the strict reader sees %q", m.Bytes(m.Body), body)
	}
	var want []field
	for _, h := range m.Headers {
		if h.Cut || h.ID.Trusted() {
			if m.Request && h.Cut {
				t.Fatalf("a cut line in a request: %+v", h)
			}
			continue
		}
		want = append(want, field{string(m.Bytes(h.Name)), string(m.Bytes(h.Value))})
	}
	if fmt.Sprint(want) != fmt.Sprint(fields) {
		t.Fatalf("index %q, the strict reader sees %q", want, fields)
	}
	checkNUL(t, out)
	var again sipmsg.Message
	if err := again.Parse(out); err != nil {
		t.Fatalf("what leaves does not parse: %v in %q", err, out)
	}
}

// checkNUL: in the head a NUL may stand behind a backslash only.
func checkNUL(t *testing.T, out []byte) {
	t.Helper()
	head, _, _ := bytes.Cut(out, []byte("\r\n\r\n"))
	for i, c := range head {
		if c == 0 && (i == 0 || head[i-1] != '\\') {
			t.Fatalf("NUL at %d in %q", i, head)
		}
	}
}

func checkSpans(t *testing.T, m *sipmsg.Message, raw []byte) {
	t.Helper()
	if !bytes.Contains(raw, m.Raw) {
		t.Fatalf("Raw is not part of the datagram")
	}
	in := func(what string, s sipmsg.Span) {
		if s.Start < 0 || s.End < s.Start || s.End > len(m.Raw) {
			t.Fatalf("%s %+v is outside of %d octets", what, s, len(m.Raw))
		}
	}
	pos := 0
	for i, h := range m.Headers {
		in("line", h.Line)
		in("name", h.Name)
		in("value", h.Value)
		if i == 0 {
			pos = h.Line.Start
		}
		if h.Line.Start != pos || h.Name.Start != pos || h.Value.End > h.Line.End || h.Value.Start < h.Name.End && !h.Cut {
			t.Fatalf("header %d is out of order: %+v", i, h)
		}
		pos = h.Line.End
	}
	if pos != m.HeadEnd && len(m.Headers) > 0 || !bytes.Equal(m.Raw[m.HeadEnd:m.HeadEnd+2], []byte("\r\n")) {
		t.Fatalf("the lines end at %d, the head at %d", pos, m.HeadEnd)
	}
	if m.Body.Start != m.HeadEnd+2 || m.Body.End != len(m.Raw) {
		t.Fatalf("body %+v, head end %d, message %d", m.Body, m.HeadEnd, len(m.Raw))
	}
	v := m.TopVia
	for what, s := range map[string]sipmsg.Span{
		"method": m.MethodName, "uri": m.URI, "reason": m.Reason, "cseq": m.CSeqMethod, "call-id": m.CallID,
		"from tag": m.FromTag, "to tag": m.ToTag, "via": v.Value, "transport": v.Transport, "host": v.Host,
		"branch": v.Branch, "received": v.Received, "rport": v.RPort,
	} {
		in(what, s)
	}
	if second, ok := m.SecondVia(); ok {
		in("second via", second.Value)
	}
	in("pop", m.PopVia())
}
