package sipsim

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// defaultTimeout is how long a call may ring: a minute is what most networks
// allow.
const defaultTimeout = time.Minute

// placed is a call of a trunk.
type placed struct {
	trunk   *Trunk
	call    Call
	tag     string // ours
	invite  *invitation
	carries string // what is in the INVITE's body, for people
	dialog  *dialog
	version uint64 // of our SDP
	began   time.Time
	refused chan struct{} // the other host says nobody listens
	bye     chan struct{} // closed when the called side hangs up
	byeOnce sync.Once
	result  Result
	// endCancel waits a little for the answer to our CANCEL, which is sent
	// beside the INVITE; nil: none was sent.
	endCancel func()

	emitting sync.Mutex
	over     bool // no events any more
}

// run is the call from INVITE to the end.
func (p *placed) run(ctx context.Context) error {
	p.began = time.Now()
	defer p.end()
	p.invite.listen()
	m, gaveUp, err := p.await(ctx)
	if err != nil {
		p.invite.forget()
		return err
	}
	p.result.Status, p.result.Reason, p.result.Answer = m.response.StatusCode, m.response.Reason, m.raw
	p.result.AnswerAfter = time.Since(p.began)
	if m.response.StatusCode >= 300 {
		return p.rejected(m, gaveUp)
	}
	if err := p.establish(m); err != nil {
		return err
	}
	return p.talk(ctx, gaveUp)
}

// end makes sure that nothing is reported once the call is over.
func (p *placed) end() {
	if p.endCancel != nil {
		p.endCancel()
	}
	p.emitting.Lock()
	defer p.emitting.Unlock()
	p.over = true
}

// establish acknowledges the answer, along the route it came by.
func (p *placed) establish(m *message) error {
	p.dialog = answered(p.invite.Request, m, 1)
	ack, err := p.dialog.request(p.trunk.endpoint, "ACK", 1)
	if err != nil {
		return callError(err, "answered, but no ACK could be made: %v", err)
	}
	p.emit(Event{Sent: true, Method: "ACK", Peer: ack.to})
	if err := p.invite.acknowledge(ack); err != nil {
		return callError(err, "answered, but the ACK to %s could not be sent: %v", ack.to, err)
	}
	return nil
}

// rejected acknowledges a refusal and says what it was.
func (p *placed) rejected(m *message, gaveUp *CallError) error {
	ack := p.invite.sibling("ACK", m.values("To")[0])
	p.emit(Event{Sent: true, Method: "ACK", Peer: ack.to})
	if err := p.invite.acknowledge(ack); err != nil {
		return callError(err, "ACK to %s could not be sent: %v", ack.to, err)
	}
	if gaveUp != nil {
		gaveUp.Status, gaveUp.Reason = m.response.StatusCode, m.response.Reason
		return gaveUp
	}
	line := statusLine(m.response.StatusCode, m.response.Reason)
	failure := callError(ErrRejected, "rejected with %s by %s after %s", line, m.from, seconds(p.result.AnswerAfter))
	if reasons := m.values("Reason"); len(reasons) > 0 {
		failure.Detail += " (Reason: " + reasons[0] + ")"
	}
	failure.Status, failure.Reason = m.response.StatusCode, m.response.Reason
	return failure
}

// talk holds the call and clears it, or sees it cleared. A call that was
// answered while it was being given up is cleared at once.
func (p *placed) talk(ctx context.Context, gaveUp *CallError) error {
	began := time.Now()
	var failure error
	if gaveUp == nil {
		failure = p.hold(ctx)
	} else {
		gaveUp.Status, gaveUp.Reason = p.result.Status, p.result.Reason
		gaveUp.Detail += ", but it was answered meanwhile; cleared"
		failure = gaveUp
	}
	p.result.Talk = time.Since(began)
	select {
	case <-p.bye:
		p.result.ClearedBy = "called side"
		return failure
	default:
	}
	p.result.ClearedBy = "caller"
	if err := p.clear(); failure == nil {
		return err
	}
	return failure
}

func (p *placed) hold(ctx context.Context) error {
	if p.call.During != nil {
		if err := p.call.During(ctx, &Session{placed: p}); err != nil {
			return fmt.Errorf("during the call: %w", err)
		}
	}
	select {
	case <-time.After(p.call.Hold):
	case <-p.bye:
	case <-ctx.Done():
	}
	return nil
}

// clear sends a BYE. It must go out although the call was interrupted.
func (p *placed) clear() error {
	bye, err := p.dialog.request(p.trunk.endpoint, "BYE", 0)
	if err != nil {
		return callError(err, "answered, but no BYE could be made: %v", err)
	}
	m, err := p.roundTrip(context.Background(), bye, "", nil)
	if err != nil {
		return callError(err, "answered, but not cleared: %v", err)
	}
	if status := m.response.StatusCode; status >= 300 {
		return &CallError{Status: status, Reason: m.response.Reason, Err: ErrRejected,
			Detail: fmt.Sprintf("answered, but the BYE was rejected with %s", statusLine(status, m.response.Reason))}
	}
	return nil
}

// roundTrip sends a request inside the call, with its events.
func (p *placed) roundTrip(ctx context.Context, out *outgoing, contentType string, body []byte) (*message, error) {
	method := string(out.Method)
	raw := octets(out, contentType, body)
	p.emit(Event{Sent: true, Method: method, Peer: out.to})
	m, err := p.trunk.roundTrip(ctx, raw, out.branch, method, out.to)
	if err == nil {
		p.received(m)
	}
	return m, err
}

// received reports a response.
func (p *placed) received(m *message) {
	p.emit(Event{Method: m.cseqMethod(), Status: m.response.StatusCode, Reason: m.response.Reason,
		Peer: m.from, Note: describe(m)})
}

// inDialog answers a request of the called side.
func (p *placed) inDialog(m *message) {
	method := m.cseqMethod()
	p.emit(Event{Method: method, Peer: m.from})
	var contentType string
	var body []byte
	if method == "INVITE" {
		contentType, body = p.reinvited(m)
	}
	p.emit(Event{Sent: true, Method: method, Status: 200, Reason: ReasonPhrase(200), Peer: m.from})
	p.trunk.respond(m, 200, contentType, body)
	if method == "BYE" {
		p.byeOnce.Do(func() { close(p.bye) })
	}
}

// reinvited gives the answer to an offer of the called side.
func (p *placed) reinvited(m *message) (string, []byte) {
	found, _ := takeApart(m) // what cannot be read is answered with an offer of ours
	host, port := p.trunk.hostFor(m.from).Addr(), p.trunk.mediaPort()
	body, err := answer(found.sdp, host, port, 2)
	if err != nil {
		body, _ = offer(host, port, 2, "sendrecv")
	}
	return "application/sdp", body
}

func (p *placed) emit(ev Event) {
	p.emitting.Lock()
	defer p.emitting.Unlock()
	ev.At = time.Since(p.began)
	if p.call.OnEvent != nil && !p.over {
		p.call.OnEvent(ev)
	}
}

// seconds prints a duration as people read it in a call's log.
func seconds(d time.Duration) string { return fmt.Sprintf("%.3f s", d.Seconds()) }
