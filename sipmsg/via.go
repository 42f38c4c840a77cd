package sipmsg

// Via is one via-parm (RFC 3261 section 20.42). A header line may hold several,
// parted by commas.
type Via struct {
	Header    int  // index in Message.Headers
	Value     Span // this via-parm alone, without the comma and white space around it
	Transport Span
	Host      Span // with brackets for IPv6
	Port      int  // 0: absent
	Branch    Span
	Received  Span // value
	RPort     Span // value; empty, behind the name, when rport has none (RFC 3581)
	HasRPort  bool
	ParamsEnd int  // where ";name=value" can be added
	Last      bool // no other via-parm follows in the same line
	Next      int  // where the next via-parm of the same line starts
}

// scan reads the via-parm that starts at from; the header's value ends at end.
// bad is the offset of the octet that does not fit, -1 when all do; ours says
// that the protocol is SIP/2.0. White space, folds included, may stand nearly
// anywhere (RFC 4475 section 3.1.1.1).
func (v *Via) scan(raw []byte, from, end int) (bad int, ours bool) {
	*v = Via{Header: v.Header, Value: Span{from, from}}
	s := scanner{b: raw, i: from, end: end}
	if end-from > 8 && string(raw[from:from+8]) == "SIP/2.0/" { // as nearly everybody spells it
		s.i += 8
		return v.scanTransport(&s), true
	}
	if !s.run(isToken) {
		return s.i, false
	}
	ours = equalFold(raw[from:s.i], "SIP")
	if !s.slash() {
		return s.i, ours
	}
	from = s.i
	if !s.run(isToken) {
		return s.i, ours
	}
	ours = ours && string(raw[from:s.i]) == "2.0"
	if !s.slash() {
		return s.i, ours
	}
	return v.scanTransport(&s), ours
}

// scanTransport reads the transport and all that follows.
func (v *Via) scanTransport(s *scanner) (bad int) {
	s.lws()
	v.Transport.Start = s.i
	if !s.run(isToken) {
		return s.i
	}
	v.Transport.End = s.i
	if s.lws(); s.i == v.Transport.End {
		return s.i
	}
	if bad = v.scanSentBy(s); bad >= 0 {
		return bad
	}
	return v.scanParams(s)
}

// scanSentBy reads host [ COLON port ].
func (v *Via) scanSentBy(s *scanner) (bad int) {
	v.Host.Start = s.i
	if !s.host() {
		return s.i
	}
	v.Host.End, v.ParamsEnd = s.i, s.i
	if s.lws(); !s.take(':') {
		return -1
	}
	s.lws()
	from := s.i
	for s.i < s.end && '0' <= s.b[s.i] && s.b[s.i] <= '9' {
		s.i++
	}
	n, ok := number(s.b[from:s.i], 65535)
	if !ok || n == 0 {
		return from
	}
	v.Port, v.ParamsEnd = int(n), s.i
	return -1
}

// scanParams reads *( SEMI via-params ) and the comma, if any. Empty parameters
// are refused here, unlike in addresses (RFC 4475 section 3.1.2.1): this line we
// edit.
func (v *Via) scanParams(s *scanner) (bad int) {
	for {
		s.lws()
		v.Value.End = v.ParamsEnd
		if s.i == s.end {
			v.Last = true
			return -1
		}
		if s.take(',') {
			s.lws()
			if v.Next = s.i; s.i == s.end {
				return s.i
			}
			return -1
		}
		if !s.take(';') {
			return s.i
		}
		s.lws()
		name := Span{s.i, s.i}
		if !s.run(isToken) {
			return s.i
		}
		name.End = s.i
		end := s.i
		s.lws()
		value := Span{end, end}
		if s.take('=') {
			var ok bool
			if value, ok = s.value(); !ok || value.Empty() {
				return value.Start
			}
			end = s.i
		}
		if !v.param(s.b, name, value) {
			return name.Start
		}
		v.ParamsEnd = end
	}
}

// param keeps the parameters that decide where an answer goes. A second copy of
// one is refused: who knows which one the next reader takes.
func (v *Via) param(raw []byte, name, value Span) bool {
	b := raw[name.Start:name.End]
	switch {
	case len(b) == 6 && equalFold(b, "branch"):
		if value.Empty() || !v.Branch.Empty() {
			return false
		}
		v.Branch = value
	case len(b) == 8 && equalFold(b, "received"):
		if value.Empty() || !v.Received.Empty() {
			return false
		}
		v.Received = value
	case len(b) == 5 && equalFold(b, "rport"):
		if _, ok := number(raw[value.Start:value.End], 65535); v.HasRPort || !ok && !value.Empty() {
			return false
		}
		v.RPort, v.HasRPort = value, true
	}
	return true
}

// SecondVia reads the via-parm after TopVia, in the same line or in the next Via
// header. It is read when asked for: a proxy needs it in responses only. It
// gives false when there is none or it cannot be read.
func (m *Message) SecondVia() (Via, bool) {
	v := Via{Header: m.TopVia.Header}
	if !m.viaOK {
		return v, false
	}
	if !m.TopVia.Last {
		bad, ours := v.scan(m.Raw, m.TopVia.Next, m.Headers[v.Header].Value.End)
		return v, bad < 0 && ours
	}
	for v.Header++; v.Header < len(m.Headers); v.Header++ {
		if h := &m.Headers[v.Header]; h.ID == IDVia && !h.Cut {
			bad, ours := v.scan(m.Raw, h.Value.Start, h.Value.End)
			return v, bad < 0 && ours
		}
	}
	return v, false
}

// OneVia reports whether there is no other via-parm than TopVia.
func (m *Message) OneVia() bool {
	if !m.TopVia.Last {
		return false
	}
	for i := m.TopVia.Header + 1; i < len(m.Headers); i++ {
		if m.Headers[i].ID == IDVia {
			return false
		}
	}
	return true
}

// PopVia gives the octets to delete so that the top via-parm is gone: its line
// when it stands there alone, else the part up to the next one.
func (m *Message) PopVia() Span {
	if m.TopVia.Last {
		return m.Headers[m.TopVia.Header].Line
	}
	return Span{m.TopVia.Value.Start, m.TopVia.Next}
}
