package sipsim

import (
	"context"
	"fmt"
	"time"
)

// Session is an answered call, for what a script does during it.
type Session struct{ placed *placed }

// Response is a final response to a request inside a call.
type Response struct {
	Status int
	Reason string
	Raw    []byte
}

// Request sends a request inside the call (INFO, UPDATE, OPTIONS, ...) and waits
// for its final response. The lines are further headers.
func (s *Session) Request(ctx context.Context, method, contentType string, body []byte, lines ...string) (Response, error) {
	out, err := s.placed.dialog.request(s.placed.trunk.endpoint, method, 0)
	if err != nil {
		return Response{}, err
	}
	addLines(out, lines)
	m, err := s.placed.roundTrip(ctx, out, contentType, body)
	if err != nil {
		return Response{}, err
	}
	return Response{Status: m.response.StatusCode, Reason: m.response.Reason, Raw: m.raw}, nil
}

// Reinvite offers the media anew, with the direction given: "sendrecv",
// "sendonly", "inactive". A 2xx is acknowledged.
func (s *Session) Reinvite(ctx context.Context, direction string) (Response, error) {
	p := s.placed
	out, err := p.dialog.request(p.trunk.endpoint, "INVITE", 0)
	if err != nil {
		return Response{}, err
	}
	cseq := p.dialog.cseq
	host := p.trunk.hostFor(out.to)
	p.version++
	body, err := offer(host.Addr(), p.trunk.mediaPort(), p.version, direction)
	if err != nil {
		return Response{}, fmt.Errorf("make SDP: %w", err)
	}
	addLines(out, []string{"Contact: <sip:trunk@" + host.String() + ">", allow})
	invite := newInvitation(p.trunk.endpoint, out, octets(out, "application/sdp", body))
	invite.listen()
	m, err := s.final(ctx, invite)
	if err != nil {
		invite.forget()
		return Response{}, err
	}
	ack := out.sibling("ACK", m.values("To")[0])
	if m.response.StatusCode < 300 {
		p.dialog.retarget(m)
		if ack, err = p.dialog.request(p.trunk.endpoint, "ACK", cseq); err != nil {
			return Response{}, err
		}
	}
	p.emit(Event{Sent: true, Method: "ACK", Peer: ack.to})
	return Response{Status: m.response.StatusCode, Reason: m.response.Reason, Raw: m.raw}, invite.acknowledge(ack)
}

// final sends a re-INVITE until something comes back, and waits for the end.
func (s *Session) final(ctx context.Context, invite *invitation) (*message, error) {
	e := s.placed.trunk.endpoint
	deadline := time.NewTimer(64 * e.t1)
	defer deadline.Stop()
	heard := false
	for wait := e.t1; ; wait *= 2 {
		if !heard {
			s.placed.emit(Event{Sent: true, Method: "INVITE", Peer: invite.to, Note: "inside the call"})
			if err := e.send(invite.raw, invite.to); err != nil {
				return nil, fmt.Errorf("send INVITE to %s: %w", invite.to, err)
			}
		}
		select {
		case m := <-invite.responses:
			s.placed.received(m)
			if m.response.StatusCode >= 200 {
				return m, nil
			}
			heard = true
		case <-time.After(wait):
		case <-deadline.C:
			return nil, fmt.Errorf("%w to INVITE from %s", ErrNoResponse, invite.to)
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}
