package sipsim

import (
	"crypto/rand"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// dialog is what a side needs to make requests inside a call, RFC 3261
// section 12.
type dialog struct {
	callID string
	local  string   // From of our requests, with our tag
	remote string   // To of our requests, with the other side's tag
	target string   // Contact of the other side
	routes []string // Route values, in the order a request carries them
	cseq   uint32
}

// answered is the caller's dialog after a response to its INVITE.
func answered(invite *sip.Request, m *message, cseq uint32) *dialog {
	d := &dialog{
		callID: m.callID(),
		local:  m.values("From")[0],
		remote: m.values("To")[0],
		target: invite.Recipient.String(),
		routes: m.values("Record-Route"),
		cseq:   cseq,
	}
	slices.Reverse(d.routes)
	d.retarget(m)
	return d
}

// invited is the called side's dialog, from the INVITE and the tag it answers
// with.
func invited(m *message, tag string) *dialog {
	d := &dialog{
		callID: m.callID(),
		local:  m.values("To")[0] + ";tag=" + tag,
		remote: m.values("From")[0],
		target: uriOf(m.values("From")[0]),
		routes: m.values("Record-Route"),
	}
	d.retarget(m)
	return d
}

// retarget takes over the other side's Contact, which a re-INVITE or a response
// to one may change.
func (d *dialog) retarget(m *message) {
	if contacts := m.values("Contact"); len(contacts) > 0 {
		d.target = uriOf(contacts[0])
	}
}

// outgoing is a request on its way: what is sent, where to and by which branch
// its responses are known.
type outgoing struct {
	*sip.Request
	branch string
	to     netip.AddrPort
}

// request makes the next request of the dialog. An ACK has its INVITE's number,
// which the caller gives as cseq; 0 takes the next one.
func (d *dialog) request(e *endpoint, method string, cseq uint32) (*outgoing, error) {
	var uri sip.Uri
	if err := sip.ParseUri(d.target, &uri); err != nil {
		return nil, fmt.Errorf("contact %q: %w", d.target, err)
	}
	next := d.target
	if len(d.routes) > 0 {
		next = uriOf(d.routes[0])
	}
	to, err := hop(next)
	if err != nil {
		return nil, err
	}
	if cseq == 0 {
		d.cseq++
		cseq = d.cseq
	}
	o := newRequest(e, method, uri, to)
	for _, route := range d.routes {
		o.AppendHeader(sip.NewHeader("Route", route))
	}
	o.identify(d.local, d.remote, d.callID, cseq)
	return o, nil
}

// newRequest makes a request with a Via of its own and Max-Forwards.
func newRequest(e *endpoint, method string, uri sip.Uri, to netip.AddrPort) *outgoing {
	o := &outgoing{Request: sip.NewRequest(sip.RequestMethod(method), uri), branch: newBranch(), to: to}
	o.AppendHeader(sip.NewHeader("Via", fmt.Sprintf("SIP/2.0/UDP %s;branch=%s;rport", e.hostFor(to), o.branch)))
	o.AppendHeader(sip.NewHeader("Max-Forwards", "70"))
	return o
}

// identify adds the headers that say which call and which request this is.
func (o *outgoing) identify(from, to, callID string, cseq uint32) {
	o.AppendHeader(sip.NewHeader("From", from))
	o.AppendHeader(sip.NewHeader("To", to))
	o.AppendHeader(sip.NewHeader("Call-ID", callID))
	o.AppendHeader(sip.NewHeader("CSeq", fmt.Sprintf("%d %s", cseq, o.Method)))
}

// sibling is the CANCEL, or the ACK of a response other than 2xx, of an INVITE:
// same Request-URI, branch, From, Call-ID and number, one Via, RFC 3261
// sections 9.1 and 17.1.1.3. The ACK's To is the response's.
func (o *outgoing) sibling(method, to string) *outgoing {
	s := &outgoing{Request: sip.NewRequest(sip.RequestMethod(method), o.Recipient), branch: o.branch, to: o.to}
	for _, h := range o.Headers() {
		switch h.Name() {
		case "Via", "Max-Forwards", "Route", "From", "Call-ID":
			s.AppendHeader(sip.NewHeader(h.Name(), h.Value()))
		case "To":
			s.AppendHeader(sip.NewHeader("To", to))
		case "CSeq":
			number, _, _ := strings.Cut(h.Value(), " ")
			s.AppendHeader(sip.NewHeader("CSeq", number+" "+method))
		}
	}
	return s
}

// addLines adds header lines "Name: value".
func addLines(m sip.Message, lines []string) {
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ":")
		m.AppendHeader(sip.NewHeader(strings.TrimSpace(name), strings.TrimSpace(value)))
	}
}

// octets is the message as it is sent. SetBody writes the Content-Length, so it
// comes last.
func octets(m sip.Message, contentType string, body []byte) []byte {
	if len(body) > 0 && contentType != "" {
		m.AppendHeader(sip.NewHeader("Content-Type", contentType))
	}
	m.SetBody(body)
	return []byte(m.String())
}

// newBranch begins with the cookie that RFC 3261 section 8.1.1.7 wants.
func newBranch() string { return "z9hG4bK" + newToken() }

func newToken() string { return rand.Text()[:16] }
