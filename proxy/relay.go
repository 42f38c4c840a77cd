package proxy

import (
	"net/netip"

	"sipid/router"
	"sipid/sipmsg"
)

// next says where a request goes on, and what is done to it on the way.
type next struct {
	src    netip.AddrPort // who sent it
	target netip.AddrPort
	sock   *socket // it leaves by; nil: no socket reaches the target

	uri         []byte           // the new Request-URI; nil: as it came
	token       []byte           // of a new Record-Route; nil: none
	recordRoute []byte           // the URI of one that is written again; nil: none
	decision    *router.Decision // whose headers are added; nil: none
	toPBX       bool
	unwrap      bool // the body loses its ISUP
}

// relay carries a request on in a transaction of its own.
func (w *worker) relay(n next) {
	m := &w.msg
	if n.sock == nil {
		w.refuse(errNextHop, n.src)
		return
	}
	tx := &transaction{
		p: w.p, method: m.Method, sock: w.sock, src: n.src, reply: replyTo(&m.TopVia, n.src),
	}
	tx.entry.tx = tx
	tx.waiting.Store(true)
	tx.mu.Lock()
	defer tx.mu.Unlock()
	if other := w.p.table.addServer(w.key, tx); other != nil {
		w.again(other)
		return
	}
	if n.decision != nil {
		tx.counted, tx.identified = true, n.decision.Status
		if w.p.observer != nil {
			tx.callID = string(m.Bytes(m.CallID))
		}
	}
	if tx.method == sipmsg.MethodInvite {
		tx.request = append([]byte(nil), m.Raw...)
		w.trying(tx)
	}
	w.attempt(tx, n)
	tx.arm()
}

// attempt sends the request being handled to one target.
func (w *worker) attempt(tx *transaction, n next) {
	m := &w.msg
	a := tx.newAttempt()
	h := hop{target: n.target, listener: n.sock.index, attempt: uint8(len(tx.more))}
	branch := w.sign.branch(h, upstreamOf(m, &m.TopVia, tx.reply))
	a.branch = string(branch)
	a.sock, a.target = n.sock, n.target
	a.out = append([]byte(nil), w.rewrite(m, n, n.sock.hostPort(n.target.Addr()), branch)...)
	a.start()
}

// forwardAck sends the ACK to a 2xx on. It has no transaction and no answer.
func (w *worker) forwardAck(n next) {
	if n.sock == nil {
		w.p.metrics.drop(dropStrayAck)
		return
	}
	m := &w.msg
	h := hop{target: n.target, listener: n.sock.index}
	branch := w.sign.branch(h, upstreamOf(m, &m.TopVia, replyTo(&m.TopVia, n.src)))
	w.p.send(n.sock, w.rewrite(m, n, n.sock.hostPort(n.target.Addr()), branch), n.target)
}
