package sipsim

import (
	"context"
	"fmt"
	"net/netip"
	"time"
)

// state of a call at the PBX.
type state int

const (
	proceeding state = iota // no final response to the INVITE yet
	completed               // final response sent, no ACK yet
	confirmed               // answered and acknowledged
	over
)

// incoming is a call at the PBX. Everything happens under PBX.calling.
type incoming struct {
	pbx      *PBX
	invite   *message
	received *Received
	script   Script
	tag      string
	dialog   *dialog
	version  uint64 // of our SDP
	acked    time.Time
	state    state
	status   int               // of the final response to the first INVITE
	latest   []byte            // the last response to the first INVITE,
	latestTo netip.AddrPort    // and where it went
	finals   map[uint32]*final // by CSeq number
	reported bool
	clearing bool // our BYE is under way
}

func newIncoming(p *PBX, m *message) *incoming {
	c := &incoming{pbx: p, invite: m, received: receive(m, time.Now()), script: p.config.Script,
		tag: newToken(), version: 1, finals: make(map[uint32]*final)}
	c.dialog = invited(m, c.tag)
	if p.config.Choose != nil {
		c.script = p.config.Choose(c.received)
	}
	return c
}

func (c *incoming) key() string { return c.invite.callID() + " " + c.invite.fromTag() }

// after runs do later, unless the call has been forgotten.
func (c *incoming) after(wait time.Duration, do func()) {
	if wait <= 0 {
		do()
		return
	}
	time.AfterFunc(wait, func() {
		c.pbx.calling.Lock()
		defer c.pbx.calling.Unlock()
		do()
	})
}

// begin runs the script.
func (c *incoming) begin() {
	if c.pbx.config.OnInvite != nil {
		c.pbx.config.OnInvite(c.received)
	}
	c.event(c.invite, false, 0, "")
	if c.script.Silent {
		return
	}
	if !c.script.NoTrying {
		c.provisional(100)
	}
	c.after(c.script.RingAfter, c.ring)
}

func (c *incoming) ring() {
	if c.state != proceeding {
		return
	}
	if !c.script.NoRinging {
		c.provisional(180)
	}
	if !c.script.NoAnswer {
		c.after(c.script.AnswerAfter, func() { c.finish(c.script.status(), "") })
	}
}

func (c *incoming) provisional(status int) {
	c.latest, c.latestTo = c.response(c.invite, status)
	c.event(c.invite, true, status, "")
	_ = c.pbx.send(c.latest, c.latestTo)
}

// inDialog answers what the caller sends inside the call.
func (c *incoming) inDialog(m *message) {
	method := string(m.request.Method)
	c.event(m, false, 0, "")
	switch {
	case method == "INVITE":
		c.reinvite(m)
		return
	case method == "BYE":
		c.end("cleared by the caller (BYE)")
		c.state = over
	}
	c.event(m, true, 200, "")
	c.pbx.answer(m, 200, c.tag)
}

func (c *incoming) reinvite(m *message) {
	if f := c.finals[m.sip().CSeq().SeqNo]; f != nil {
		_ = c.pbx.send(f.raw, f.to)
		return
	}
	c.dialog.retarget(m)
	c.version++
	c.sendFinal(m, 200)
}

// hangUp sends a BYE; the call ends when it is answered, or never is.
func (c *incoming) hangUp(why string) {
	if c.reported || c.clearing {
		return
	}
	c.clearing = true
	if why != "" {
		why = ": " + why
	}
	bye, err := c.dialog.request(c.pbx.endpoint, "BYE", 0)
	if err != nil {
		c.end(fmt.Sprintf("left%s, and no BYE could be sent: %v", why, err))
		return
	}
	c.emit(Event{Sent: true, Method: "BYE", Peer: bye.to})
	go c.clear(bye, why)
}

func (c *incoming) clear(bye *outgoing, why string) {
	m, err := c.pbx.roundTrip(context.Background(), octets(bye, "", nil), bye.branch, "BYE", bye.to)
	c.pbx.calling.Lock()
	defer c.pbx.calling.Unlock()
	c.state = over
	if err != nil {
		c.end(fmt.Sprintf("cleared by the PBX%s; its BYE was not answered: %v", why, err))
		return
	}
	c.emit(Event{Method: "BYE", Status: m.response.StatusCode, Reason: m.response.Reason, Peer: m.from})
	c.end("cleared by the PBX (BYE)" + why)
}

// end reports the call, once, and forgets it when no repetition can come any
// more.
func (c *incoming) end(outcome string) {
	if c.reported {
		return
	}
	c.reported = true
	c.pbx.live--
	now := time.Now()
	report := Report{Invite: c.received, Status: c.status, Duration: now.Sub(c.received.At), Outcome: outcome}
	if !c.acked.IsZero() {
		report.Talk = now.Sub(c.acked)
	}
	if c.pbx.config.OnEnd != nil {
		c.pbx.config.OnEnd(report)
	}
	c.after(64*c.pbx.t1, func() {
		if c.pbx.calls[c.key()] == c {
			delete(c.pbx.calls, c.key())
		}
	})
	c.pbx.checkIdle()
}

// response makes the PBX's response to an INVITE of this call.
func (c *incoming) response(m *message, status int) ([]byte, netip.AddrPort) {
	r, to := reply(m, status, ReasonPhrase(status), c.tag)
	if status == 100 {
		return octets(r, "", nil), to
	}
	host := c.pbx.hostFor(m.from)
	addLines(r, []string{"Contact: <sip:pbx@" + host.String() + ">", allow})
	addLines(r, c.script.Headers)
	var contentType string
	var body []byte
	if c.script.Body != nil {
		contentType, body = c.script.Body(status)
	}
	if contentType == "" && status >= 200 && status < 300 {
		contentType, body = c.description(m, host.Addr())
	}
	return octets(r, contentType, body), to
}

// description is the SDP answer to a request's offer.
func (c *incoming) description(m *message, host netip.Addr) (string, []byte) {
	parts, _ := takeApart(m) // what cannot be read is answered with an offer of ours
	body, err := answer(parts.sdp, host, c.pbx.mediaPort(), c.version)
	if err != nil {
		body, _ = offer(host, c.pbx.mediaPort(), c.version, "sendrecv")
	}
	return "application/sdp", body
}

// event reports a request, or a response to it.
func (c *incoming) event(m *message, sent bool, status int, note string) {
	ev := Event{Sent: sent, Method: m.cseqMethod(), Status: status, Peer: m.from, Note: note}
	if status == 0 {
		ev.Method = string(m.request.Method)
	} else {
		ev.Reason = ReasonPhrase(status)
	}
	c.emit(ev)
}

func (c *incoming) emit(ev Event) {
	ev.At = time.Since(c.received.At)
	if c.pbx.config.OnEvent != nil {
		c.pbx.config.OnEvent(c.received.CallID, ev)
	}
}
