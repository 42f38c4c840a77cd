package sipsim

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/emiago/sipgo/sip"

	"sipid/sipi"
)

// place makes the INVITE and registers the call; nothing is sent yet.
func (t *Trunk) place(call Call) (*placed, error) {
	p := &placed{trunk: t, call: call, tag: newToken(), version: 1,
		refused: make(chan struct{}, 1), bye: make(chan struct{})}
	uri := call.RequestURI
	if uri == "" {
		uri = "sip:" + call.Called + "@" + call.To.String()
	}
	var target sip.Uri
	if err := sip.ParseUri(uri, &target); err != nil {
		return nil, fmt.Errorf("request-uri %q: %w", uri, err)
	}
	contentType, body, err := p.body()
	if err != nil {
		return nil, err
	}
	host := t.hostFor(call.To)
	from := "<sip:anonymous@anonymous.invalid>"
	if call.Calling != "" {
		from = "<sip:" + call.Calling + "@" + uriHost(host.Addr()) + ">"
	}
	p.result.CallID = newToken() + "@" + host.Addr().String()
	out := newRequest(t.endpoint, "INVITE", target, call.To)
	out.identify(from+";tag="+p.tag, "<"+uri+">", p.result.CallID, 1)
	addLines(out, []string{"Contact: <sip:trunk@" + host.String() + ">", allow,
		"Accept: application/sdp, application/isup, multipart/mixed"})
	addLines(out, call.Headers)
	if strings.HasPrefix(contentType, "multipart/") {
		out.AppendHeader(sip.NewHeader("MIME-Version", "1.0"))
	}
	p.invite = newInvitation(t.endpoint, out, octets(out, contentType, body))
	p.result.Invite = p.invite.raw
	t.placing.Lock()
	t.calls[p.result.CallID] = p
	t.placing.Unlock()
	return p, nil
}

// body is the call's own, or SDP with ISUP behind it: an entity that knows no
// multipart looks at the first part only.
func (p *placed) body() (contentType string, body []byte, err error) {
	if p.call.ContentType != "" {
		p.carries = p.call.ContentType
		return p.call.ContentType, p.call.Body, nil
	}
	description, err := offer(p.trunk.hostFor(p.call.To).Addr(), p.trunk.mediaPort(), p.version, "sendrecv")
	if err != nil {
		return "", nil, fmt.Errorf("make SDP: %w", err)
	}
	isup := p.call.ISUP
	if isup == nil {
		if isup, err = IAM(p.call); err != nil {
			return "", nil, err
		}
	}
	parts := []sipi.NewPart{
		{ContentType: sipi.TypeSDP, Content: description},
		{ContentType: sipi.TypeISUP, Disposition: sipi.SignalRequired, Content: isup},
	}
	p.carries = "SDP + " + isupName(isup)
	boundary := sipi.Boundary(parts...)
	if body, err = sipi.Append(nil, boundary, parts...); err != nil {
		return "", nil, fmt.Errorf("make multipart body: %w", err)
	}
	return sipi.MediaType(boundary), body, nil
}

// uriHost is an address as a URI has it: IPv6 in brackets.
func uriHost(a netip.Addr) string {
	if a.Is6() {
		return "[" + a.String() + "]"
	}
	return a.String()
}
