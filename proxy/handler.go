package proxy

import (
	"bytes"
	"net/netip"

	"sipid/sipmsg"
	"sipid/transport"
)

// handler is the proxy as its transport sees it.
type handler struct{ p *Proxy }

// Message handles one message in a worker of its own. What overload sheds, of
// what would begin calls, is not even read.
func (h handler) Message(b []byte, from transport.Flow) bool {
	if from.Waited > refuseAge && bytes.HasPrefix(b, []byte("INVITE ")) && !transport.Within(b) && h.p.overload.sheds(&from) {
		h.p.metrics.drop(dropOverload)
		return true
	}
	w := h.p.workers.Get().(*worker)
	defer h.p.workers.Put(w)
	return w.handle(b, from)
}

// Broken answers, where that is possible, a stream whose framing broke.
func (h handler) Broken(b []byte, from transport.Flow) {
	w := h.p.workers.Get().(*worker)
	defer h.p.workers.Put(w)
	defer w.survive()
	w.from = from
	err := w.msg.Parse(b)
	if err == nil {
		err = &sipmsg.Error{Status: 400, Reason: "Bad Framing", Err: sipmsg.ErrContentLength}
	}
	w.malformed(err, h.p.peers().of(from.Addr))
}

// Knows tells whether a peer may connect: for edges and PBXs there is always room.
func (h handler) Knows(a netip.AddrPort) transport.Acquaintance {
	switch h.p.peers().of(a).side {
	case sideNobody:
		return transport.Stranger
	case sideTrunk:
		return transport.Guest
	default:
		return transport.Partner
	}
}

// Unreachable ends the attempt whose request found no connection.
func (h handler) Unreachable(owner any) {
	w := h.p.workers.Get().(*worker)
	defer h.p.workers.Put(w)
	w.unreachable(owner.(*attempt))
}

// Dropped counts what the transport lost.
func (h handler) Dropped(d transport.Drop) {
	switch d {
	case transport.DropReadError:
		h.p.metrics.drop(dropReadError)
	case transport.DropStranger:
		h.p.metrics.drop(dropUnknownSource)
	case transport.DropConnections:
		h.p.metrics.drop(dropConnections)
	case transport.DropHandshake:
		h.p.metrics.drop(dropHandshake)
	case transport.DropWriteError:
		h.p.metrics.sendErrors.Inc()
	}
}
