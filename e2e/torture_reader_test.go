package e2e_test

import (
	"regexp"
	"strconv"
	"strings"
)

// These readers share no code with sipid: they judge what it lets through.

// field is a header line as a strict reader sees it: CRLF ends it, white space at the start of a line continues it.
type field struct{ name, value, line string }

var compactNames = map[string]string{"v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length",
	"c": "content-type", "k": "supported", "s": "subject", "e": "content-encoding"}

func headOf(m string) string {
	head, _, _ := strings.Cut(m, "\r\n\r\n")
	return head
}

// linesOf splits a head where a line ends and the next is no continuation.
func linesOf(head string) []string {
	var lines []string
	for _, l := range strings.Split(head, "\r\n") {
		if len(lines) > 0 && l != "" && (l[0] == ' ' || l[0] == '\t') {
			lines[len(lines)-1] += "\r\n" + l
			continue
		}
		lines = append(lines, l)
	}
	return lines
}

// fieldsOf gives the headers of a name, or all of them for "".
func fieldsOf(m, name string) []field {
	var found []field
	for _, l := range linesOf(headOf(m))[1:] {
		n, v, ok := strings.Cut(l, ":")
		n = strings.ToLower(strings.Trim(n, " \t\r\n"))
		if long, ok := compactNames[n]; ok {
			n = long
		}
		if ok && (name == "" || n == name) {
			found = append(found, field{n, strings.Trim(v, " \t\r\n"), l})
		}
	}
	return found
}

func valueOf(m, name string) string {
	if f := fieldsOf(m, name); len(f) > 0 {
		return f[0].value
	}
	return ""
}

var legalFold = regexp.MustCompile(`([^\r\n])\r\n[ \t]+([^\r\n])`)

// lenientFields is what the most lenient next hop could read: lines end at CRLF, LF or CR, and octets up to 20h and
// from 7Fh in a name do not count. A legal continuation belongs to the line above it.
func lenientFields(m string) map[string][]string {
	_, rest, _ := strings.Cut(headOf(m), "\r\n")
	rest = legalFold.ReplaceAllString("\r\n"+rest, "$1 $2")
	found := make(map[string][]string)
	for _, l := range strings.FieldsFunc(rest, func(r rune) bool { return r == '\r' || r == '\n' }) {
		n, v, ok := strings.Cut(l, ":")
		if !ok {
			continue
		}
		n = lenientName(n)
		found[n] = append(found[n], strings.TrimSpace(v))
	}
	return found
}

func lenientName(n string) string {
	var b strings.Builder
	for i := range len(n) {
		switch c := n[i]; {
		case c <= 0x20 || c >= 0x7f:
		case c == '_':
			b.WriteByte('-')
		default:
			b.WriteByte(c)
		}
	}
	return strings.ToLower(b.String())
}

func bodyOf(m string) string {
	_, b, _ := strings.Cut(m, "\r\n\r\n")
	n, err := strconv.Atoi(valueOf(m, "content-length"))
	if err == nil && n >= 0 && n < len(b) {
		return b[:n]
	}
	return b
}

func methodOf(m string) string {
	method, _, _ := strings.Cut(m, " ")
	return method
}

var statusLine = regexp.MustCompile(`^SIP/2\.0 (\d{3})[ \r]`)

// codeOf is a response's status code; 0 of a request.
func codeOf(m string) int {
	if s := statusLine.FindStringSubmatch(m); s != nil {
		n, _ := strconv.Atoi(s[1]) // three digits
		return n
	}
	return 0
}

func cseqMethod(m string) string {
	if f := strings.Fields(valueOf(m, "cseq")); len(f) > 0 {
		return f[len(f)-1]
	}
	return ""
}

var branchOf = regexp.MustCompile(`branch[ \t]*=[ \t]*([^;,\s]+)`)

func topBranch(m string) string {
	if s := branchOf.FindStringSubmatch(valueOf(m, "via")); s != nil {
		return s[1]
	}
	return ""
}

// squeeze drops white space.
func squeeze(s string) string { return strings.Join(strings.Fields(s), "") }

// answerBy writes a response the PBX gives, with what RFC 3261 8.2.6 copies.
func answerBy(req, status, tag string, extra ...string) string {
	lines := []string{"SIP/2.0 " + status}
	copied := map[string]bool{"via": true, "record-route": status[0] < '3'}
	first := map[string]bool{"from": true, "to": true, "call-id": true, "cseq": true}
	for _, f := range fieldsOf(req, "") {
		if !copied[f.name] && !first[f.name] {
			continue
		}
		delete(first, f.name)
		if f.name == "to" && !strings.Contains(f.line, "tag=") {
			f.line += ";tag=" + tag
		}
		lines = append(lines, f.line)
	}
	return crlf(append(append(lines, extra...), "Content-Length: 0", "", "")...)
}

// tortureAck acknowledges a final response. An ACK to a 2xx has a branch of its own.
func tortureAck(resp, uri, branch string, routes ...string) string {
	via, _, _ := strings.Cut(valueOf(resp, "via"), ",")
	if branch != "" {
		via = regexp.MustCompile(`branch=[^;]+`).ReplaceAllString(via, "branch="+branch)
	}
	number, _, _ := strings.Cut(valueOf(resp, "cseq"), " ")
	lines := append([]string{"ACK " + uri + " SIP/2.0", "Via: " + via, "Max-Forwards: 70"}, routes...)
	return crlf(append(lines, "From: "+valueOf(resp, "from"), "To: "+valueOf(resp, "to"), "Call-ID: "+valueOf(resp, "call-id"),
		"CSeq: "+number+" ACK", "Content-Length: 0", "", "")...)
}

// splitStream cuts complete messages off what came by a connection. Empty lines before a message are keep-alives.
func splitStream(buf string) (complete []string, pongs int, rest string) {
	for {
		for strings.HasPrefix(buf, "\r\n") {
			buf, pongs = buf[2:], pongs+1
		}
		head, body, ok := strings.Cut(buf, "\r\n\r\n")
		if !ok {
			return complete, pongs, buf
		}
		n, _ := strconv.Atoi(valueOf(buf, "content-length")) // none: nothing follows
		if n < 0 || len(body) < n {
			return complete, pongs, buf
		}
		end := len(head) + 4 + n
		complete, buf = append(complete, buf[:end]), buf[end:]
	}
}
