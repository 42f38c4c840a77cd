package proxy

import (
	"bytes"
	"net/netip"

	"sipid/pbx"
	"sipid/router"
	"sipid/sipmsg"
	"sipid/transport"
)

// onInDialog carries a request along its dialog, by the token that we put into
// the Record-Route of its INVITE. Without one it is of no dialog of ours.
func (w *worker) onInDialog() {
	token, hop := w.ownRoutes()
	target := w.msg.Bytes(w.msg.URI)
	strict, uri := w.fromStrict()
	if strict != nil {
		token, target = strict, uri
	}
	r, from := w.sign.readRoute(token, &w.msg)
	d := dialog{trunk: w.p.peers().trunks[r.trunk], group: w.p.peers().groups[r.group], route: r, from: from}
	if from == fromNobody || d.trunk == nil || d.group == nil {
		w.refuse(errNoDialog)
		return
	}
	if !w.p.peers().onSide(d, from, w.from.Addr.Addr()) || from == fromTrunk && !w.edgeAgrees(d.trunk) {
		w.refuse(errForbidden)
		return
	}
	n := next{toPBX: from == fromTrunk, recordRoute: w.own}
	n.unwrap = n.toPBX && r.flags&flagKeepBody == 0
	if strict != nil {
		n.uri = uri
		if bytes.Equal(hop, uri) {
			hop = nil // the only Route was the target
		}
	}
	if hop == nil {
		hop = target
	} else {
		w.toStrict(&n, hop, target)
	}
	w.follow(n, d, hop)
}

// toTaglessCaller tells whether a request of a PBX without a tag in To is within a
// call all the same: an RFC 2543 caller had none in From (RFC 3261 12.1.1), and the
// token says so.
func (w *worker) toTaglessCaller() bool {
	token, _ := w.ownRoutes()
	_, from := w.sign.readRoute(token, &w.msg)
	return from == fromPBX
}

// edgeAgrees tells whether a request that comes by an edge comes from the trunk
// whose dialog it names: two trunks behind one edge share its address, and one
// that has learned another's token must not end its calls. An edge that says
// nothing within dialogs is believed to have looked itself.
func (w *worker) edgeAgrees(t *router.Trunk) bool {
	if !within(w.p.peers().edges, w.from.Addr.Addr()) {
		return true
	}
	for _, h := range w.msg.All(sipmsg.IDEdgeSource) {
		source, err := netip.ParseAddrPort(string(w.msg.Bytes(h.Value)))
		if err != nil || !w.p.peers().onTrunkSide(t, source.Addr().Unmap()) {
			return false
		}
	}
	return true
}

// follow sends a request of a dialog to its next hop.
func (w *worker) follow(n next, d dialog, hop []byte) {
	network, target, ok := w.nextHop(hop, d)
	if !ok {
		w.refuse(errNextHop)
		return
	}
	if !w.p.peers().onSide(d, d.from.other(), target.Addr()) {
		w.refuse(errForbidden)
		return
	}
	n.down, _ = w.p.transport.Outgoing(w.from.By, network, target)
	w.noteDialog(d.from)
	w.splitForeign(n)
	switch {
	case w.msg.Method == sipmsg.MethodAck:
		w.forwardAck(n)
		return
	case n.unwrap && w.infoIsOurs(d.group):
		w.answer(sipmsg.Answer{Status: 200, Reason: "OK"})
		return
	}
	n.call = w.callOf(d.from)
	w.isupWithin(&n, d)
	w.observeDialog(d.from)
	w.relay(n)
}

// isupWithin says what becomes of ISUP in a request within a call, and in the
// answers to it.
func (w *worker) isupWithin(n *next, d dialog) {
	bye := w.msg.Method == sipmsg.MethodBye
	dialect := w.p.dialects.of(d.trunk)
	speaks := bye && dialect.speaks(d.route.flags&flagISUP != 0)
	n.backward = backward{dialect: dialect, base: d.route.base()}
	if d.from == fromTrunk {
		n.backward.speaks = speaks
		if n.unwrap {
			n.reason, _ = w.reasonOfREL(dialect)
		}
		return
	}
	n.release = speaks
	n.backward.unwrap = d.route.flags&flagKeepBody == 0
}

// dialog is what a route token says of a request's dialog.
type dialog struct {
	trunk *router.Trunk
	group *router.Group
	route route
	from  direction
}

// onSide tells whether an address belongs to the side of the dialog.
func (p *peers) onSide(d dialog, s direction, a netip.Addr) bool {
	if s == fromTrunk {
		return p.onTrunkSide(d.trunk, a)
	}
	return p.inGroup(d.group, a)
}

// nextHop is the transport and address that a Route or Request-URI names. A name
// that the configuration does not know is not looked up here, where calls wait:
// toward the PBX it means the target that the call was offered first.
func (w *worker) nextHop(uri []byte, d dialog) (transport.Network, netip.AddrPort, bool) {
	u, err := sipmsg.ParseURI(uri)
	if err != nil || len(u.Host) == 0 {
		return 0, netip.AddrPort{}, false
	}
	if maddr, given := sipmsg.Param(u.Params, "maddr"); given && len(maddr) > 0 {
		u.Host = maddr // it says where the host is (RFC 3263 4)
	}
	n := networkOf(&u)
	if addr, ok := parseHost(u.Host); ok {
		to := netip.AddrPortFrom(addr, portOr(u.Port, n))
		if known, ok := w.p.peers().targets[to]; ok && n == transport.UDP {
			n = known // a target that names no transport in its Contact means the configured one
		}
		return n, to, true
	}
	if d.from != fromTrunk {
		return 0, netip.AddrPort{}, false
	}
	t := w.targetOf(u.Host, d.group)
	switch {
	case t == nil:
		return 0, netip.AddrPort{}, false
	case hostOfTarget(t) != string(u.Host) || u.Port == 0 && (n == transport.UDP || n == t.Network):
		return t.Network, t.At.Addr, true
	}
	to := netip.AddrPortFrom(t.At.Addr.Addr(), portOr(u.Port, n))
	if known, ok := w.p.peers().targets[to]; ok && n == transport.UDP {
		n = known
	}
	return n, to, true
}

// targetOf is the place of the target whose URI has this host, as the call is
// offered to it; where no target has, the one the call was offered first.
func (w *worker) targetOf(host []byte, g *router.Group) *pbx.Target {
	callID := w.msg.Bytes(w.msg.CallID)
	var best *pbx.Target
	for _, t := range w.p.peers().hosts[string(host)] {
		if t.Group == g && (best == nil || t.At.Compare(&best.At, callID) < 0) {
			best = t
		}
	}
	if best != nil {
		return best
	}
	return w.p.groups.Of(g).First(callID)
}
