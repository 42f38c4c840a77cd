package sipsim

import (
	"bytes"
	"net/netip"
	"strings"
	"time"
)

// Received is an INVITE as it reached the PBX.
type Received struct {
	At        time.Time
	From      netip.AddrPort
	Raw       []byte // the datagram
	StartLine string
	CallID    string
	Headers   []Header // all of them, in order

	ContentType string
	Body        []byte
	SDP         []byte // the body, or its part, that is SDP; nil: none
	ISUP        []byte // the ISUP that is left in the body; nil: none
	Media       string // the first media line and its address, or why there is none
	BodyErr     error  // why the body could not be taken apart
}

// Value gives the first header field of this name, in any case.
func (r *Received) Value(name string) (string, bool) {
	for _, h := range r.Headers {
		if strings.EqualFold(h.Name, name) {
			return h.Value, true
		}
	}
	return "", false
}

// Extensions gives the header fields whose names begin with X-, in order.
func (r *Received) Extensions() []Header {
	var list []Header
	for _, h := range r.Headers {
		if len(h.Name) > 2 && strings.EqualFold(h.Name[:2], "X-") {
			list = append(list, h)
		}
	}
	return list
}

// Report is a call the PBX is done with.
type Report struct {
	Invite   *Received
	Status   int           // the final response to the INVITE; 0: none was sent
	Duration time.Duration // from the INVITE to the end
	Talk     time.Duration // from the ACK to the end; 0: was not answered
	Outcome  string        // one line: who ended it and how
}

// receive takes an INVITE apart.
func receive(m *message, at time.Time) *Received {
	r := &Received{
		At: at, From: m.from, Raw: m.raw, StartLine: m.startLine(), CallID: m.callID(),
		Headers: m.headers(), Body: m.request.Body(),
	}
	if ct := m.request.ContentType(); ct != nil {
		r.ContentType = ct.Value()
	}
	parts, err := takeApart(m)
	r.SDP, r.ISUP, r.BodyErr = parts.sdp, parts.isup, err
	r.Media = mediaLine(r.SDP)
	if err != nil && bytes.Contains(bytes.ToLower(m.raw), []byte("application/isup")) {
		r.ISUP = r.Body // it cannot be cut out, but it is there
	}
	return r
}
