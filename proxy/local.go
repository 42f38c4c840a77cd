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
	tx := w.p.transaction()
	defer tx.mu.Unlock()
	tx.method, tx.state = method, serverEnded
	if probe != nil {
		tx.probe = &probing{target: probe, began: w.p.wheel.now(), stream: down.By.Network != probe.Network}
	}
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
	w.uri = appendTargetURI(w.uri[:0], w.msg.Bytes(w.msg.URI), t.Conf, t.Network)
	n := next{uri: w.uri, toPBX: true, unwrap: t.Group.Body == router.BodySDP, target: t}
	n.down, _ = w.p.transport.Outgoing(w.from.By, t.Network, t.At.Addr)
	return n
}
