package sipsim

import (
	"context"
	"time"
)

// waiting is the time between INVITE and final response: repeating, giving up.
type waiting struct {
	*placed
	heard  bool        // a response came: no more repeating, and CANCEL is allowed
	reason *CallError  // set once the call is being given up
	repeat *time.Timer // timer A until heard
	wait   time.Duration
	final  *time.Timer // when to stop waiting for a final response
}

// await sends the INVITE and waits for its final response. gaveUp is set when
// the call was cancelled on the way, and says why.
func (p *placed) await(ctx context.Context) (m *message, gaveUp *CallError, err error) {
	w := &waiting{placed: p, wait: p.trunk.t1}
	w.repeat, w.final = time.NewTimer(w.wait), time.NewTimer(64*w.wait)
	defer w.repeat.Stop()
	defer w.final.Stop()
	patience := p.call.Timeout
	if patience == 0 {
		patience = defaultTimeout
	}
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	if err := w.send(""); err != nil {
		return nil, nil, err
	}
	interrupted := ctx.Done()
	for {
		select {
		case m := <-p.invite.responses:
			if w.response(m) {
				return m, w.reason, nil
			}
		case <-w.repeat.C:
			w.wait *= 2
			w.repeat.Reset(w.wait)
			err = w.send("again: no response yet")
		case <-w.final.C:
			return nil, nil, w.silence()
		case <-p.refused:
			if !w.heard {
				return nil, nil, callError(ErrUnreachable, "%s is not reachable: %v (ICMP port unreachable)", p.call.To, ErrUnreachable)
			}
		case <-timeout.C:
			err = w.expired(patience)
		case <-interrupted:
			interrupted = nil
			w.giveUp(callError(ErrCancelled, "cancelled after %s", seconds(time.Since(p.began))))
		}
		if err != nil {
			return nil, nil, err
		}
	}
}

func (w *waiting) send(note string) error {
	if note == "" {
		note = w.carries
	}
	w.emit(Event{Sent: true, Method: "INVITE", Peer: w.call.To, Note: note})
	if err := w.trunk.send(w.invite.raw, w.call.To); err != nil {
		return callError(err, "INVITE to %s could not be sent: %v", w.call.To, err)
	}
	return nil
}

// response handles one response and says whether it was the final one.
func (w *waiting) response(m *message) bool {
	status := m.response.StatusCode
	w.received(m)
	if status >= 200 {
		return true
	}
	w.result.Provisional = append(w.result.Provisional, status)
	if status >= 180 && w.result.RingAfter == 0 {
		w.result.RingAfter = time.Since(w.began)
	}
	if !w.heard {
		w.heard = true
		w.repeat.Stop()
		w.final.Stop()
		if w.reason != nil {
			w.cancel()
		}
	}
	if status == w.call.CancelOn {
		w.giveUp(callError(ErrCancelled, "cancelled after %s", statusLine(status, m.response.Reason)))
	}
	return false
}

// expired ends the caller's patience.
func (w *waiting) expired(patience time.Duration) error {
	if !w.heard {
		return callError(ErrNoResponse, "no response from %s within %s", w.call.To, patience)
	}
	w.giveUp(callError(ErrNoAnswer, "no answer within %s; cancelled", patience))
	return nil
}

// giveUp cancels the call. A CANCEL must wait until a response shows that the
// INVITE arrived (RFC 3261 section 9.1); when there is none within T1, nobody
// has the call.
func (w *waiting) giveUp(why *CallError) {
	if w.reason != nil {
		return
	}
	w.reason = why
	if !w.heard {
		w.final.Reset(w.trunk.t1)
		return
	}
	w.cancel()
}

// cancel sends the CANCEL beside the INVITE, whose final response still comes.
func (w *waiting) cancel() {
	w.final.Reset(64 * w.trunk.t1)
	ctx, stop := context.WithCancel(context.Background())
	answered := make(chan struct{})
	w.endCancel = func() {
		select {
		case <-answered:
		case <-time.After(4 * w.trunk.t1):
		}
		stop()
		<-answered
	}
	go func() {
		defer close(answered)
		out := w.invite.sibling("CANCEL", w.invite.GetHeader("To").Value())
		// Without an answer the INVITE's own timer ends the call.
		_, _ = w.roundTrip(ctx, out, "", nil)
	}()
}

// silence is why no final response came at all.
func (w *waiting) silence() error {
	if w.reason != nil && w.heard {
		w.reason.Detail += ", and the cancelled INVITE got no final response"
	}
	if w.reason != nil {
		return w.reason
	}
	return callError(ErrNoResponse, "no response from %s within %s", w.call.To, 64*w.trunk.t1)
}
