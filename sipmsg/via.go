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

// SecondVia reads the via-parm after TopVia, in the same or in the next Via
// header. It is read when asked for: a proxy needs it in responses only.
func (m *Message) SecondVia() (Via, bool) {
	return Via{}, false
}

// PopVia gives the octets to delete so that the top via-parm is gone: its line
// when it stands there alone, else the part up to the next one.
func (m *Message) PopVia() Span {
	if m.TopVia.Last {
		return m.Headers[m.TopVia.Header].Line
	}
	return Span{m.TopVia.Value.Start, m.TopVia.Next}
}
