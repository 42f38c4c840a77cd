package sipsim

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"time"
)

// stopWithin is how long Serve waits at its end for the calls it clears.
const stopWithin = 2 * time.Second

// PBXConfig says how a PBX is built. The callbacks are called one at a time, in
// the order of the messages; they must not block for long.
type PBXConfig struct {
	Listen string                 // "HOST:PORT", port 0 picks one; "udp:" in front is allowed
	Script Script                 // for every call,
	Choose func(*Received) Script // unless this is set
	T1     time.Duration          // RFC 3261 timer T1; 0: 500 ms

	OnInvite func(*Received)               // before anything is sent
	OnEvent  func(callID string, ev Event) // each message of a call
	OnEnd    func(Report)                  // before the call's last message is sent, where that is ours
}

// PBX answers calls by a script: INVITE, re-INVITE, ACK, CANCEL, BYE, OPTIONS
// and what else comes inside a call. Responses to an INVITE are repeated as RFC
// 3261 section 13.3.1.4 says until the ACK is there.
type PBX struct {
	*endpoint
	config PBXConfig

	calling  sync.Mutex           // held while a message or a timer is handled
	calls    map[string]*incoming // by Call-ID and caller's tag
	live     int                  // calls that have not been reported
	draining bool
	idle     chan struct{} // closed when draining and nothing is live
}

// NewPBX binds the PBX's socket; Serve answers.
func NewPBX(config PBXConfig) (*PBX, error) {
	e, err := listen(config.Listen, config.T1)
	if err != nil {
		return nil, err
	}
	p := &PBX{endpoint: e, config: config, calls: make(map[string]*incoming), idle: make(chan struct{})}
	e.onRequest = p.request
	e.onUnreachable = func(netip.AddrPort) {} // the caller is gone; the timers end the call
	return p, nil
}

// Addr is the address the PBX listens on.
func (p *PBX) Addr() netip.AddrPort { return p.addr }

// Serve answers calls until ctx is done. Then calls that ring are refused with
// 503, answered ones get a BYE, and Serve returns nil after at most two seconds.
func (p *PBX) Serve(ctx context.Context) error {
	failed := make(chan error, 1)
	go func() { failed <- p.read() }()
	select {
	case err := <-failed:
		return errors.Join(err, p.close())
	case <-ctx.Done():
	}
	p.drain()
	select {
	case <-p.idle:
	case <-time.After(stopWithin):
	}
	p.abandon()
	return errors.Join(p.close(), <-failed)
}

// drain clears what is under way.
func (p *PBX) drain() {
	p.calling.Lock()
	defer p.calling.Unlock()
	p.draining = true
	for _, c := range p.calls {
		switch c.state {
		case proceeding:
			c.finish(503, "refused with 503: the PBX is stopping")
		case confirmed:
			c.hangUp("the PBX is stopping")
		}
	}
	p.checkIdle()
}

// abandon reports the calls whose other side did not react in time.
func (p *PBX) abandon() {
	p.calling.Lock()
	defer p.calling.Unlock()
	for _, c := range p.calls {
		c.end("left: the PBX stopped and the other side did not react")
	}
}

func (p *PBX) checkIdle() {
	if !p.draining || p.live > 0 {
		return
	}
	select {
	case <-p.idle:
	default:
		close(p.idle)
	}
}

// request handles one request, in the reading goroutine.
func (p *PBX) request(m *message) {
	p.calling.Lock()
	defer p.calling.Unlock()
	c := p.calls[m.callID()+" "+m.fromTag()]
	switch method := string(m.request.Method); {
	case method == "INVITE" && m.toTag() == "":
		p.invite(c, m)
	case method == "CANCEL":
		p.cancel(c, m)
	case method == "ACK":
		if c != nil {
			c.ack(m)
		}
	case m.toTag() != "" && (c == nil || m.toTag() != c.tag):
		p.answer(m, 481, "")
	case m.toTag() != "":
		c.inDialog(m)
	case method == "OPTIONS" || method == "MESSAGE":
		p.answer(m, 200, newToken())
	default:
		p.answer(m, 405, newToken())
	}
}

// invite starts a call, or repeats what was sent when the INVITE is a
// repetition. The same INVITE by another way is refused, RFC 3261 section 8.2.2.2.
func (p *PBX) invite(c *incoming, m *message) {
	switch {
	case c != nil && c.invite.branch() == m.branch():
		c.repeat()
		return
	case c != nil && !c.reported:
		p.answer(m, 482, newToken())
		return
	case p.draining:
		p.answer(m, 503, newToken())
		return
	}
	c = newIncoming(p, m)
	p.calls[c.key()] = c
	p.live++
	c.begin()
}

// cancel answers the CANCEL of a call that has no final response yet with 200
// and the INVITE with 487, RFC 3261 section 9.2.
func (p *PBX) cancel(c *incoming, m *message) {
	if c == nil || c.invite.branch() != m.branch() {
		p.answer(m, 481, newToken())
		return
	}
	if c.script.Silent {
		return
	}
	c.event(m, false, 0, "")
	if c.state == proceeding && c.script.AnswerOnCancel {
		c.finish(200, "")
	}
	c.event(m, true, 200, "")
	p.answer(m, 200, c.tag)
	if c.state == proceeding {
		c.finish(487, "cancelled by the caller")
	}
}

// answer sends a response that needs no memory.
func (p *PBX) answer(m *message, status int, tag string) {
	r, to := reply(m, status, ReasonPhrase(status), tag)
	addLines(r, []string{allow})
	// A response that cannot be sent is one that was lost: the request comes again.
	_ = p.send(octets(r, "", nil), to)
}

const allow = "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE, INFO, MESSAGE"
