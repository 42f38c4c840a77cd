package proxy

import (
	"bytes"
	"net/netip"

	"sipid/router"
	"sipid/sipmsg"
)

// ownRoutes walks the Route values from the top. Those that name us are marked
// for removal (16.4); the first of them with a token of ours is the dialog's.
// The URI of the first value that names somebody else is the next hop.
func (w *worker) ownRoutes() (token, uri, nextHop []byte) {
	m := &w.msg
	w.drop = w.drop[:0]
	for _, h := range m.All(sipmsg.IDRoute) {
		whole := m.Bytes(h.Value)
		for list := whole; len(list) > 0; {
			value, rest := sipmsg.NextValue(list)
			addr, err := sipmsg.ParseNameAddr(value)
			if err != nil {
				return token, uri, value // goes nowhere: no host can be read from it
			}
			own, ours := w.namesUs(addr.URI)
			if !ours {
				if len(list) < len(whole) {
					w.drop = append(w.drop, sipmsg.Span{Start: h.Value.Start, End: h.Value.Start + len(whole) - len(list)})
				}
				return token, uri, addr.URI
			}
			if token == nil {
				token, uri = own, addr.URI
			}
			list = rest
		}
		w.drop = append(w.drop, h.Line)
	}
	return token, uri, nil
}

// namesUs tells whether a Route URI is ours, and gives its token.
func (w *worker) namesUs(uri []byte) (token []byte, ours bool) {
	u, err := sipmsg.ParseURI(uri)
	if err != nil {
		return nil, false
	}
	token, _ = sipmsg.Param(u.Params, routeParam)
	w.name = appendHostPort(w.name[:0], u.Host, defaultPort(u.Port))
	return token, w.p.names[string(w.name)]
}

// dropOwnRoute removes the Routes that name us from a request outside a dialog.
// It is false when others are left.
func (w *worker) dropOwnRoute() bool {
	_, _, nextHop := w.ownRoutes()
	return nextHop == nil
}

// onInDialog carries a request along its dialog, by the token that we put into
// the Record-Route of its INVITE. Without one it is of no dialog of ours.
func (w *worker) onInDialog(who peer, src netip.AddrPort) {
	m := &w.msg
	token, own, nextHop := w.ownRoutes()
	r, from := w.sign.readRoute(token, m)
	trunk, group := w.p.peers.trunks[r.trunk], w.p.peers.groups[r.group]
	if from == fromNobody || trunk == nil || group == nil {
		w.refuse(errNoDialog, src)
		return
	}
	if !w.maySpeak(from, trunk, group, src.Addr()) {
		w.refuse(errForbidden, src)
		return
	}
	if nextHop == nil {
		nextHop = m.Bytes(m.URI)
	}
	n := next{src: src, toPBX: from == fromTrunk, recordRoute: own}
	n.unwrap = n.toPBX && r.flags&flagKeepBody == 0
	var ok bool
	if n.target, ok = w.nextHop(nextHop, n.toPBX, group); !ok {
		w.refuse(errNextHop, src)
		return
	}
	if n.toPBX && !inGroup(group, n.target.Addr()) || !n.toPBX && !w.p.peers.onTrunkSide(trunk, n.target.Addr()) {
		w.refuse(errForbidden, src)
		return
	}
	n.sock = w.p.outgoing(w.sock, n.target.Addr())
	w.splitForeign(n)
	if m.Method == sipmsg.MethodAck {
		w.forwardAck(n)
		return
	}
	w.observeDialog(from)
	w.relay(n)
}

// maySpeak tells whether the sender stands on the side its tag says.
func (w *worker) maySpeak(from direction, t *router.Trunk, g *router.Group, src netip.Addr) bool {
	if from == fromTrunk {
		return w.p.peers.onTrunkSide(t, src)
	}
	return inGroup(g, src)
}

// nextHop is the address a Route or Request-URI names. A name that the
// configuration does not know is not looked up here, where calls wait: toward
// the PBX it means the target that the call was offered first.
func (w *worker) nextHop(uri []byte, toPBX bool, g *router.Group) (netip.AddrPort, bool) {
	u, err := sipmsg.ParseURI(uri)
	if err != nil || len(u.Host) == 0 {
		return netip.AddrPort{}, false
	}
	if addr, ok := parseHost(u.Host); ok {
		return netip.AddrPortFrom(addr, defaultPort(u.Port)), true
	}
	if addr, ok := w.p.peers.hosts[string(u.Host)]; ok {
		return netip.AddrPortFrom(addr, defaultPort(u.Port)), true
	}
	if toPBX {
		return g.Targets[g.First(w.msg.Bytes(w.msg.CallID))].Addr, true
	}
	return netip.AddrPort{}, false
}

// routeToken makes the Record-Route token of a new call.
func (w *worker) routeToken(t *router.Trunk, g *router.Group) []byte {
	m := &w.msg
	r := route{trunk: w.p.peers.trunkID[t], group: w.p.peers.groupID[g], listener: w.sock.index}
	if len(w.id.signals.ISUP) > 0 {
		r.flags |= flagISUP
	}
	if g.Body == router.BodyKeep {
		r.flags |= flagKeepBody
	}
	w.token = append(w.token[:0], w.sign.routeToken(r, m.Bytes(m.CallID), m.Bytes(m.FromTag))...)
	return w.token
}

// nextParam splits the first ";name=value" off URI parameters.
func nextParam(params []byte) (one, rest []byte) {
	if end := bytes.IndexByte(params[1:], ';'); end >= 0 {
		return params[:1+end], params[1+end:]
	}
	return params, nil
}

// misleads tells whether a parameter of a Request-URI names a way to its host.
func misleads(param []byte) bool {
	for _, name := range [...]string{"maddr", "transport", "ttl"} {
		if _, ok := sipmsg.Param(param, name); ok {
			return true
		}
	}
	return false
}
