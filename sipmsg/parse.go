package sipmsg

import "bytes"

// Parse indexes one datagram in place and checks it. On good input it allocates
// nothing. Any error is an *Error; after one in a request, see Answerable.
// CRLFs before the start line are skipped (RFC 3261 section 7.5); a datagram of
// nothing else gives ErrKeepAlive.
func (m *Message) Parse(b []byte) error {
	m.reset()
	for m.base+1 < len(b) && b[m.base] == '\r' && b[m.base+1] == '\n' {
		m.base += 2
	}
	m.Raw = b[m.base:]
	if onlyLineEnds(m.Raw) {
		return &Error{Err: ErrKeepAlive}
	}
	if len(m.Raw) > MaxMessage {
		m.fail(ErrTooLong, MaxMessage)
		m.Raw = m.Raw[:MaxMessage] // enough to answer
	}
	if start, ok := m.startLine(); ok {
		m.index(start)
		m.check()
	}
	if m.fault.Err == nil {
		m.Raw = m.Raw[:m.Body.End]
		return nil
	}
	fault := m.fault
	fault.Offset += m.base
	if !m.Request {
		fault.Status, fault.Reason = 0, "" // a response is never answered, and what is neither has no Via
	}
	return &fault
}

func onlyLineEnds(b []byte) bool {
	for _, c := range b {
		if c != '\r' && c != '\n' {
			return false
		}
	}
	return true
}

// startLine reads the first line. It gives false when nothing after it can be
// trusted, not even to answer.
func (m *Message) startLine() (next int, ok bool) {
	nl := bytes.IndexByte(m.Raw, '\n')
	switch {
	case nl < 0:
		m.fail(ErrStartLine, 0)
		return 0, false
	case nl == 0 || m.Raw[nl-1] != '\r':
		m.fail(ErrBareLF, nl)
		return 0, false
	case nl+1 > MaxLine:
		m.fail(ErrLineTooLong, MaxLine)
		return 0, false
	}
	line := m.Raw[:nl-1]
	if len(line) >= 4 && equalFold(line[:4], "SIP/") { // '/' is no token octet, so this is no method
		return nl + 1, m.statusLine(line)
	}
	return nl + 1, m.requestLine(line)
}

// requestLine reads Method SP Request-URI SP SIP-Version (RFC 3261 section
// 7.1): two spaces, no more. Once the method is known the headers are worth
// reading, to answer.
func (m *Message) requestLine(line []byte) bool {
	sp := bytes.IndexByte(line, ' ')
	if sp <= 0 || span(line[:sp], isToken) != sp {
		m.fail(ErrStartLine, span(line, isToken))
		return false
	}
	m.Request, m.MethodName, m.Method = true, Span{0, sp}, MethodOf(line[:sp])
	last := bytes.LastIndexByte(line, ' ')
	if err := checkVersion(line[last+1:]); err != nil {
		m.fail(err, last+1)
	}
	if last <= sp+1 {
		m.fail(ErrStartLine, sp+1)
		return true
	}
	m.URI = Span{sp + 1, last}
	// A headers part in a Request-URI is forbidden (section 19.1.1, table 1):
	// it would smuggle header values past everyone who looks at headers.
	var u URI
	if bad := u.scan(line[sp+1 : last]); bad >= 0 || len(u.Headers) > 0 {
		m.fail(ErrURI, sp+1+max(bad, 0))
	}
	return true
}

// statusLine reads SIP-Version SP Status-Code SP Reason-Phrase (section 7.2).
// The second space may be missing when there is no phrase: that hides nothing,
// and a lost answer is a lost call.
func (m *Message) statusLine(line []byte) bool {
	if len(line) < len("SIP/2.0 200") || checkVersion(line[:7]) != nil || line[7] != ' ' {
		m.fail(ErrVersion, 0)
		return false
	}
	// A request line has no room for these; a reason phrase has.
	if i := bytes.IndexByte(line, '\r'); i >= 0 {
		m.fail(ErrBareCR, i)
		return false
	}
	if i := bytes.IndexByte(line, 0); i >= 0 {
		m.fail(ErrNUL, i)
		return false
	}
	n, ok := number(line[8:11], 699)
	if !ok || n < 100 || len(line) > 11 && line[11] != ' ' {
		m.fail(ErrStatus, 8)
		return false
	}
	m.Status = int(n)
	m.Reason = Span{min(12, len(line)), len(line)}
	return true
}

// checkVersion tells another version of SIP from no version at all.
func checkVersion(b []byte) error {
	if equalFold(b, "SIP/2.0") {
		return nil
	}
	if len(b) > 4 && equalFold(b[:4], "SIP/") {
		major, minor, ok := bytes.Cut(b[4:], []byte("."))
		_, majorOK := number(major, 1<<31)
		_, minorOK := number(minor, 1<<31)
		if ok && majorOK && minorOK {
			return ErrVersion
		}
	}
	return ErrStartLine
}
