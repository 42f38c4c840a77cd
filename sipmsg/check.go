package sipmsg

import "bytes"

// maxCSeq is the largest sequence number (RFC 3261 section 8.1.1.5).
const maxCSeq = 1<<31 - 1

// check reads the headers that are needed to route, match and frame a message.
func (m *Message) check() {
	m.checkVia()
	m.checkAddress(IDFrom)
	m.checkAddress(IDTo)
	m.checkCallID()
	m.checkCSeq()
	if m.Request {
		m.checkMaxForwards()
		m.checkContacts()
	}
	m.checkLength()
}

// checkVia reads the top via-parm only: the others are not ours to judge (RFC
// 3261 section 16.3), a response's second one is read by SecondVia.
func (m *Message) checkVia() {
	h, ok := m.First(IDVia)
	if !ok {
		m.failHeader(ErrMissing, IDVia, m.HeadEnd)
		return
	}
	m.TopVia.Header = int(m.first[IDVia]) - 1
	bad, ours := m.TopVia.scan(m.Raw, h.Value.Start, h.Value.End)
	m.viaOK = m.TopVia.ParamsEnd > 0 // the sent-by could be read: enough to answer
	if bad >= 0 {
		m.failHeader(ErrVia, IDVia, bad)
		return
	}
	if !ours {
		m.fail(ErrVersion, h.Value.Start)
	}
	// The magic cookie with nothing behind it identifies no transaction, though
	// it says it does (RFC 4475 section 3.2.1). No cookie at all is RFC 2543.
	if m.Request && equalFold(m.Bytes(m.TopVia.Branch), "z9hG4bK") {
		m.failHeader(ErrVia, IDVia, m.TopVia.Branch.Start)
	}
}

// checkAddress reads From or To. In a response it only takes the tag, if it can:
// what the far end wrote there has been seen by the caller's side before.
func (m *Message) checkAddress(id HeaderID) {
	h, ok := m.First(id)
	if !ok {
		if m.Request {
			m.failHeader(ErrMissing, id, m.HeadEnd)
		}
		return
	}
	var a address
	at := a.scan(m.Bytes(h.Value))
	if at >= 0 || a.tags > 1 || a.tags == 1 && a.tag.Empty() {
		if m.Request {
			m.failHeader(ErrAddress, id, h.Value.Start+max(at, 0))
		}
		return
	}
	tag := Span{h.Value.Start + a.tag.Start, h.Value.Start + a.tag.End}
	switch {
	case id == IDTo:
		m.toOK = true
		if a.tags == 1 {
			m.ToTag, m.HasToTag = tag, true
		}
	case a.tags == 1:
		m.FromTag = tag
	}
}

func (m *Message) checkCallID() {
	h, ok := m.First(IDCallID)
	switch {
	case !ok && m.Request:
		m.failHeader(ErrMissing, IDCallID, m.HeadEnd)
		return
	case !ok:
		return
	}
	m.CallID = h.Value
	if !m.Request {
		return
	}
	id := m.Bytes(h.Value)
	for i, c := range id {
		if c-0x21 > 0x7e-0x21 { // one comparison for both ends
			m.failHeader(ErrCallID, IDCallID, h.Value.Start+i)
			return
		}
	}
	if len(id) == 0 {
		m.failHeader(ErrCallID, IDCallID, h.Value.Start)
	}
}

// checkCSeq reads 1*DIGIT LWS Method (RFC 3261 section 20.16).
func (m *Message) checkCSeq() {
	h, ok := m.First(IDCSeq)
	if !ok {
		m.failHeader(ErrMissing, IDCSeq, m.HeadEnd)
		return
	}
	v := m.Bytes(h.Value)
	digits := 0
	for digits < len(v) && !isLWS(v[digits]) {
		digits++
	}
	n, ok := number(v[:digits], maxCSeq)
	method := trimSpan(m.Raw, Span{h.Value.Start + digits, h.Value.End})
	if !ok || method.Empty() || span(m.Bytes(method), isToken) != method.End-method.Start {
		m.failHeader(ErrCSeq, IDCSeq, h.Value.Start)
		return
	}
	m.CSeq, m.CSeqMethod = uint32(n), method
	if m.Request && !bytes.Equal(m.Bytes(method), m.Bytes(m.MethodName)) {
		m.failHeader(ErrCSeq, IDCSeq, method.Start)
		// RFC 4475 section 3.1.2.18: of two faults the unknown method is the better answer.
		if m.Method == MethodUnknown && m.fault.Offset == method.Start {
			m.fault.Status, m.fault.Reason = 501, "Not Implemented"
		}
	}
}

func (m *Message) checkMaxForwards() {
	h, ok := m.First(IDMaxForwards)
	if !ok {
		return // RFC 2543 had none
	}
	n, ok := number(m.Bytes(h.Value), 255)
	if !ok {
		m.failHeader(ErrMaxForwards, IDMaxForwards, h.Value.Start)
		return
	}
	m.MaxForwards = int(n)
}

// checkContacts reads the contacts of a request, as RFC 4475 sections 3.1.2.1
// and 3.1.2.13 ask for: the peer will send the rest of the dialog there.
func (m *Message) checkContacts() {
	if m.first[IDContact] == 0 {
		return
	}
	for i := range m.Headers {
		h := &m.Headers[i]
		if h.ID != IDContact {
			continue
		}
		list := m.Bytes(h.Value)
		if len(list) == 1 && list[0] == '*' { // section 10.2.2
			continue
		}
		if new(address).scan(list) < 0 { // nearly always: one value, no comma
			continue
		}
		for more := true; more; {
			var value []byte
			value, list, more = nextValue(list)
			if new(address).scan(value) >= 0 {
				m.failHeader(ErrAddress, IDContact, h.Value.Start)
				return
			}
		}
	}
}

// checkLength finds the body (RFC 3261 section 18.3): by Content-Length, and
// without one to the end of the datagram.
func (m *Message) checkLength() {
	start := min(m.HeadEnd+2, len(m.Raw))
	m.Body = Span{start, len(m.Raw)}
	h, ok := m.First(IDContentLength)
	if !ok {
		return
	}
	n, ok := number(m.Bytes(h.Value), uint64(len(m.Raw)-start))
	if !ok {
		m.failHeader(ErrContentLength, IDContentLength, h.Value.Start)
		return
	}
	m.Body.End = start + int(n)
}
