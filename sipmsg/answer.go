package sipmsg

import "net/netip"

// Answer is what a local response says besides what it copies from the request.
type Answer struct {
	Status      int
	Reason      string
	ToTag       string         // added to To when it has none and Status is not 100
	Source      netip.AddrPort // where the request came from: fills received and rport of the top Via
	Extra       []byte         // complete header lines, made by AppendHeader
	ContentType string
	Body        []byte
}

// AppendAnswer writes a response to the request m (RFC 3261 section 8.2.6).
func (m *Message) AppendAnswer(dst []byte, a Answer) []byte { return dst }
