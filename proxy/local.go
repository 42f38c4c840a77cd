package proxy

import (
	"crypto/rand"
	"time"

	"sipid/pbx"
	"sipid/router"
	"sipid/sipmsg"
	"sipid/transport"
)

// A local request is one of ours: it has a client side only, and nobody who
// waits for its answer but, for a probe, the target's health.

// startLocal sends a request of ours to a target. The request's top Via is ours.
func (w *worker) startLocal(method sipmsg.Method, branch string, down transport.Flow, out []byte, probe *pbx.Target) {
	tx := &transaction{p: w.p, method: method, state: serverEnded}
	if probe != nil {
		tx.probe = &probing{target: probe, began: w.p.wheel.now(), stream: down.By.Network != probe.Network}
	}
	tx.entry.tx = tx
	tx.mu.Lock()
	defer tx.mu.Unlock()
	a := tx.newAttempt()
	a.key, a.down, a.out = w.p.table.keyOf(branch), wayOf(down), out
	a.start(nil)
	if probe != nil {
		a.expire = w.p.wheel.now() + probeTimeout(probe.Group.Probe)
	}
	tx.arm()
}

// local tells whether a transaction is a request of ours.
func (tx *transaction) local() bool { return tx.up.by == nil }

// newBranch is the branch of a request of ours.
func newBranch() string { return branchCookie + rand.Text() }

// hangUpSecond ends a call that a second target answered: one has the caller
// already, or the caller is gone. Its 2xx is acknowledged and the call ended
// with BYE (RFC 3261 16.7 step 5 is for forks that the caller knows of; this one
// it does not).
func (w *worker) hangUpSecond(a *attempt) {
	m := &w.msg
	contact, ok := m.First(sipmsg.IDContact)
	if !ok {
		return
	}
	value, _ := sipmsg.NextValue(m.Bytes(contact.Value))
	addr, err := sipmsg.ParseNameAddr(value)
	if err != nil {
		return
	}
	w.p.metrics.secondAnswers.Inc()
	ack, _ := w.buildLocal("ACK", addr.URI, a.down.flow(), m.CSeq)
	a.send(ack)
	if a.hungUp {
		return
	}
	a.hungUp = true
	bye, branch := w.buildLocal("BYE", addr.URI, a.down.flow(), m.CSeq+1)
	w.startLocal(sipmsg.MethodBye, branch, a.down.flow(), bye, nil)
}

// buildLocal makes a request in the dialog that the 2xx being handled began.
func (w *worker) buildLocal(method string, uri []byte, down transport.Flow, cseq uint32) (out []byte, branch string) {
	m := &w.msg
	branch = newBranch()
	b := make([]byte, 0, 512)
	b = append(append(append(b, method...), ' '), uri...)
	b = append(b, " SIP/2.0\r\n"...)
	b = appendOwnVia(b, down, branch)
	for i := range m.Headers {
		switch h := &m.Headers[i]; h.ID {
		case sipmsg.IDFrom, sipmsg.IDTo, sipmsg.IDCallID:
			b = append(b, m.Bytes(h.Line)...)
		}
	}
	b = append(append(b, "CSeq: "...), w.digits(int(cseq))...)
	b = append(append(append(b, ' '), method...), "\r\n"...)
	return append(b, "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"...), branch
}

// appendOwnVia writes our Via.
func appendOwnVia(b []byte, down transport.Flow, branch string) []byte {
	b = append(append(b, "Via: SIP/2.0/"...), down.By.Network.Via()...)
	b = append(append(b, ' '), down.By.HostPort(down.Addr.Addr())...)
	return append(append(append(b, ";rport;branch="...), branch...), "\r\n"...)
}

// probeTimeout is how long a probe waits for its answer.
func probeTimeout(p router.Probe) time.Duration {
	if p.Timeout == 0 {
		return 2 * time.Second
	}
	return p.Timeout
}

// probe asks a target how it is.
func (w *worker) probe(t *pbx.Target, by transport.Network) {
	down, ok := w.p.transport.Outgoing(nil, by, t.At.Addr)
	if !ok {
		return
	}
	branch := newBranch()
	b := append([]byte("OPTIONS "), t.Conf.URI...)
	b = append(b, " SIP/2.0\r\n"...)
	b = appendOwnVia(b, down, branch)
	from := down.By.HostPort(t.At.Addr.Addr())
	b = append(append(append(b, "From: <sip:sipid@"...), from...), ">;tag="...)
	b = append(append(b, branch[len(branchCookie):]...), "\r\nTo: <"...)
	b = append(append(b, t.Conf.URI...), ">\r\nCall-ID: "...)
	b = append(append(b, rand.Text()...), "\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nAccept: application/sdp\r\nContent-Length: 0\r\n\r\n"...)
	w.startLocal(sipmsg.MethodOptions, branch, down, b, t)
}

// toTarget is the way to a PBX.
func (w *worker) toTarget(t *pbx.Target) next {
	w.uri = appendTargetURI(w.uri[:0], w.msg.Bytes(w.msg.URI), t.Conf)
	n := next{uri: w.uri, toPBX: true, unwrap: t.Group.Body == router.BodySDP, target: t}
	n.down, _ = w.p.transport.Outgoing(w.from.By, t.Network, t.At.Addr)
	return n
}
