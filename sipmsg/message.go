package sipmsg

import "iter"

// Limits of Parse. A datagram cannot be longer than MaxMessage; the other two
// keep the work per message bounded (reference: a SIP-I INVITE has 20 to 30
// headers, the longest line seen in practice is a Via list under 2 KB).
const (
	MaxMessage = 65535
	MaxLine    = 8192
	MaxHeaders = 128
)

// Span is a half-open range of offsets into Message.Raw.
type Span struct{ Start, End int }

// Empty reports whether the span covers nothing.
func (s Span) Empty() bool { return s.Start >= s.End }

// Header is one header line.
type Header struct {
	ID    HeaderID
	Line  Span // from the first octet of the name to behind the last CRLF, folds included
	Name  Span
	Value Span // without the white space around it; folds inside are kept
	// Cut is only set in responses: the line must not go further. It is either
	// malformed, a second copy of a single-value header, or a trusted name.
	Cut bool
}

// Message is one SIP message, indexed in place. The zero value is ready for
// Parse and may be used again for the next message. A Message must not be
// copied: Headers points into it. Raw, and so every span, is valid only as long
// as the octets given to Parse stay as they are.
type Message struct {
	Raw        []byte // from the start line to the end of the body; leading CRLFs and octets beyond the body are not in it
	Request    bool
	Method     Method // MethodUnknown in responses
	MethodName Span
	URI        Span // the Request-URI
	Status     int  // of a response
	Reason     Span // of a response, may be empty
	Headers    []Header
	HeadEnd    int  // offset of the empty line that ends the head
	Body       Span // by Content-Length, else to the end (RFC 3261 section 18.3)

	CSeq       uint32
	CSeqMethod Span
	CallID     Span
	FromTag    Span
	ToTag      Span
	HasToTag   bool
	// MaxForwards is -1 when absent.
	MaxForwards int
	TopVia      Via

	base  int            // offset of Raw in the datagram, for Error.Offset
	first [idCount]uint8 // index of the first header of each ID, plus 1
	count int            // of headers in store
	store [MaxHeaders]Header
	fault Error // the first thing found wrong
	viaOK bool  // TopVia can be used to answer
	toOK  bool  // To could be read, a tag can be added
}

// Bytes gives the octets of a span.
func (m *Message) Bytes(s Span) []byte { return m.Raw[s.Start:s.End] }

// First gives the first header of an ID that is not cut.
func (m *Message) First(id HeaderID) (Header, bool) {
	if int(id) >= len(m.first) || m.first[id] == 0 {
		return Header{}, false
	}
	return m.Headers[m.first[id]-1], true
}

// begins is the index where headers of an ID may begin; len(Headers): there is
// none.
func (m *Message) begins(id HeaderID) int {
	switch {
	case int(id) >= len(m.first):
		return 0
	case m.first[id] == 0:
		return len(m.Headers)
	}
	return int(m.first[id]) - 1
}

// All goes over the headers of an ID that are not cut, in order, with their
// index in Headers.
func (m *Message) All(id HeaderID) iter.Seq2[int, Header] {
	return func(yield func(int, Header) bool) {
		for i := m.begins(id); i < len(m.Headers); i++ {
			if h := &m.Headers[i]; h.ID == id && !h.Cut && !yield(i, *h) {
				return
			}
		}
	}
}

// Answerable reports, after Parse refused a request, whether AppendAnswer can
// build an answer that finds its way: the method and the top Via could be read.
// Headers that are missing or malformed are then missing in the answer too.
// An ACK is never answered (RFC 3261 section 17).
func (m *Message) Answerable() bool {
	return m.Request && m.viaOK && m.Method != MethodAck && !m.MethodName.Empty()
}

// BeginsDialog tells whether a request is of no dialog yet: its To has no tag. Of
// one that Parse refused for its To that is not known, and it is false.
func (m *Message) BeginsDialog() bool { return m.toOK && !m.HasToTag }

// reset makes the message ready for the next datagram. The store keeps its old
// octets: zeroing 7 KB would cost more than the index itself.
func (m *Message) reset() {
	m.Raw, m.Headers = nil, m.store[:0]
	m.Request, m.Method, m.Status = false, MethodUnknown, 0
	m.MethodName, m.URI, m.Reason, m.Body = Span{}, Span{}, Span{}, Span{}
	m.HeadEnd, m.CSeq, m.CSeqMethod = 0, 0, Span{}
	m.CallID, m.FromTag, m.ToTag, m.HasToTag = Span{}, Span{}, Span{}, false
	m.MaxForwards, m.TopVia = -1, Via{}
	m.base, m.count, m.first = 0, 0, [idCount]uint8{}
	m.fault, m.viaOK, m.toOK = Error{}, false, false
}

// fail keeps the first fault; what comes after it is only read to be able to answer.
func (m *Message) fail(err error, at int) {
	if m.fault.Err == nil {
		status, reason := verdict(err)
		m.fault = Error{Status: status, Reason: reason, Offset: at, Err: err}
	}
}

// failHeader is fail with the header named in the reason.
func (m *Message) failHeader(err error, id HeaderID, at int) {
	if m.fault.Err == nil {
		m.fail(err, at)
		m.fault.Reason += " " + id.String()
	}
}
