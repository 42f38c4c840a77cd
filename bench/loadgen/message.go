package main

import "bytes"

// maxVias is how many Via and Record-Route values are kept; more are counted.
const maxVias = 5

// message is one SIP message; all slices point into the packet. Folded header
// lines are not read: no peer here folds.
type message struct {
	request bool
	method  []byte // of a response: from its CSeq
	status  int

	vias         [maxVias][]byte // single values
	viaCount     int
	recordRoutes [maxVias][]byte // whole lines
	recordCount  int
	routeCount   int

	from, to, callID, cseq []byte
	contact, contentType   []byte
	maxForwards            []byte
	trusted                [trustedCount][]byte
	trustedTwice           bool
	contentLength          int
	body                   []byte
}

// The headers that sipid writes.
const (
	xAccessID = iota
	xSerial
	xClientName
	xClientEndpoint
	xIdentifyStatus
	xIdentifySource
	trustedCount
)

// trustedName returns the index of a trusted header, or -1.
func trustedName(name []byte) int {
	switch {
	case nameIs(name, "x-access-id"):
		return xAccessID
	case nameIs(name, "x-serial"):
		return xSerial
	case nameIs(name, "x-client-name"):
		return xClientName
	case nameIs(name, "x-client-endpoint"):
		return xClientEndpoint
	case nameIs(name, "x-identify-status"):
		return xIdentifyStatus
	case nameIs(name, "x-identify-source"):
		return xIdentifySource
	default:
		return -1
	}
}

// parse fills m; false: p is no whole SIP message.
func (m *message) parse(p []byte) bool {
	*m = message{contentLength: -1}
	line, rest, ok := bytes.Cut(p, []byte("\n"))
	if !ok || !m.startLine(trim(line)) {
		return false
	}
	for {
		line, rest, ok = bytes.Cut(rest, []byte("\n"))
		if !ok {
			return false // no end of the head
		}
		if len(line) == 0 || len(line) == 1 && line[0] == '\r' {
			break
		}
		name, value, ok := bytes.Cut(line, []byte(":"))
		name = trim(name)
		if !ok || len(name) == 0 {
			return false
		}
		m.header(name, trim(value))
	}
	if m.contentLength < 0 {
		m.contentLength = len(rest)
	}
	if m.contentLength > len(rest) {
		return false
	}
	m.body = rest[:m.contentLength]
	if !m.request {
		_, method, _ := bytes.Cut(m.cseq, []byte(" "))
		m.method = trim(method)
	}
	return m.callID != nil && m.cseq != nil && m.from != nil && m.to != nil && m.viaCount > 0
}

func (m *message) startLine(line []byte) bool {
	if rest, ok := bytes.CutPrefix(line, []byte("SIP/2.0 ")); ok {
		m.status = number3(rest)
		return m.status >= 100 && m.status <= 699
	}
	m.request = true
	method, rest, _ := bytes.Cut(line, []byte(" "))
	m.method = method
	return len(method) > 0 && bytes.HasSuffix(rest, []byte(" SIP/2.0"))
}

// header takes one header line; the first letter keeps the comparisons few.
func (m *message) header(name, value []byte) {
	compact := len(name) == 1
	switch c := lower(name[0]); {
	case c == 'x':
		m.setTrusted(name, value)
	case c == 'c':
		m.headerC(name, value)
	case c == 'v' && (compact || nameIs(name, "via")):
		m.addVias(value)
	case c == 'f' && (compact || nameIs(name, "from")):
		m.from = value
	case c == 't' && (compact || nameIs(name, "to")):
		m.to = value
	case c == 'i' && compact:
		m.callID = value
	case c == 'l' && compact:
		m.contentLength = atoi(value)
	case c == 'm' && compact:
		m.contact = value
	case nameIs(name, "max-forwards"):
		m.maxForwards = value
	case nameIs(name, "route"):
		m.routeCount++
	case nameIs(name, "record-route"):
		if m.recordCount < maxVias {
			m.recordRoutes[m.recordCount] = value
		}
		m.recordCount++
	}
}

func (m *message) headerC(name, value []byte) {
	switch {
	case nameIs(name, "call-id"):
		m.callID = value
	case nameIs(name, "cseq"):
		m.cseq = value
	case nameIs(name, "contact"):
		m.contact = value
	case nameIs(name, "content-length"):
		m.contentLength = atoi(value)
	case len(name) == 1, nameIs(name, "content-type"):
		m.contentType = value
	}
}

func (m *message) setTrusted(name, value []byte) {
	i := trustedName(name)
	if i < 0 {
		return
	}
	m.trustedTwice = m.trustedTwice || m.trusted[i] != nil
	m.trusted[i] = value
}

func (m *message) addVias(value []byte) {
	for more := true; more; {
		var one []byte
		one, value, more = bytes.Cut(value, []byte(","))
		if m.viaCount < maxVias {
			m.vias[m.viaCount] = trim(one)
		}
		m.viaCount++
	}
}

// routeSet splits the Record-Route lines into single values, in order.
func (m *message) routeSet() (out [][]byte) {
	for _, v := range m.recordRoutes[:min(m.recordCount, maxVias)] {
		depth, from := 0, 0
		for i, c := range v {
			switch {
			case c == '<':
				depth++
			case c == '>':
				depth--
			case c == ',' && depth == 0:
				out = append(out, trim(v[from:i]))
				from = i + 1
			}
		}
		out = append(out, trim(v[from:]))
	}
	return out
}

// uriOf takes the URI out of a name-addr or addr-spec; nil: there is none.
func uriOf(v []byte) []byte {
	if _, rest, ok := bytes.Cut(v, []byte("<")); ok {
		uri, _, ok := bytes.Cut(rest, []byte(">"))
		if !ok {
			return nil
		}
		return uri
	}
	uri, _, _ := bytes.Cut(v, []byte(";"))
	if uri = trim(uri); len(uri) == 0 {
		return nil
	}
	return uri
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// nameIs compares a header name with a lower-case one.
func nameIs(name []byte, want string) bool {
	if len(name) != len(want) {
		return false
	}
	for i, c := range name {
		if lower(c) != want[i] {
			return false
		}
	}
	return true
}

func trim(b []byte) []byte { return bytes.Trim(b, " \t\r") }

// number3 reads the three digits of a status; 0: they are none.
func number3(b []byte) int {
	if len(b) < 3 {
		return 0
	}
	return max(atoi(b[:3]), 0)
}

// atoi reads a decimal number of up to nine digits; -1: it is none.
func atoi(b []byte) int {
	if len(b) == 0 || len(b) > 9 {
		return -1
	}
	n := 0
	for _, c := range b {
		if c < '0' || c > '9' {
			return -1
		}
		n = n*10 + int(c-'0')
	}
	return n
}
