package proxy

import (
	"time"

	"sipid/transport"
)

// streamSize is the largest request that may go by UDP where the target takes TCP
// (RFC 3261 18.1.1: the path's MTU is not known).
const streamSize = 1300

// mayGrow is more than a request grows on its way through us, but for a client's
// name and endpoint: shorter ones are not measured.
const mayGrow = 800

// chooseStream sends a request by TCP to a UDP target that takes it, if it is too
// large for UDP. Via, branch and Record-Route follow from the listener.
func (w *worker) chooseStream(n *next) {
	t := n.target
	if t == nil || len(w.msg.Raw) < streamSize-mayGrow || n.down.By.Network != transport.UDP || !t.WantsStream() {
		return
	}
	other, ok := w.p.transport.Outgoing(w.from.By, transport.TCP, t.At.Addr)
	if ok && len(w.rewrite(&w.msg, *n, w.branch(n.down, 0))) > streamSize {
		n.down = other
	}
}

// byStream tells whether the attempt went by TCP to a UDP target, for its size.
func (a *attempt) byStream() bool {
	return a.target != nil && a.target.Network == transport.UDP && a.down.Reliable()
}

// byDatagram sends the INVITE that no connection took by UDP, where a datagram
// holds it.
func (w *worker) byDatagram(a *attempt) {
	switch {
	case w.tryAt(a.tx, a.target, true):
	case a.tx.canTryNext() && w.tryNext(a.tx):
	case !a.tx.pending() && a.tx.refusedBefore():
		w.finalBest(a.tx)
	case !a.tx.pending():
		w.finalKept(a.tx, errTooLong)
	}
}

// done tells the target what came of a probe. By TCP only that it was answered
// counts, whatever the answer, and says nothing of how the target is by UDP.
func (p *probing) done(status int, rtt time.Duration) {
	if p.stream {
		p.target.SetStream(status != 0)
		return
	}
	p.target.Probed(status, rtt)
}
