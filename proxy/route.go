package proxy

import (
	"bytes"

	"sipid/router"
	"sipid/sipmsg"
	"sipid/transport"
)

// ownRoutes walks the Route values from the top. Those that name us are marked
// for removal (16.4) and collected in w.own; the first token among them is the
// dialog's. The URI of the first value that names somebody else is the next hop.
func (w *worker) ownRoutes() (token, nextHop []byte) {
	m := &w.msg
	w.drop, w.own = w.drop[:0], w.own[:0]
	for _, h := range m.All(sipmsg.IDRoute) {
		whole := m.Bytes(h.Value)
		for list := whole; len(list) > 0; {
			value, rest := sipmsg.NextValue(list)
			addr, err := sipmsg.ParseNameAddr(value)
			if err != nil {
				return token, value // goes nowhere: no host can be read from it
			}
			own, ours := w.namesUs(addr.URI)
			if !ours {
				if len(list) < len(whole) {
					w.drop = append(w.drop, sipmsg.Span{Start: h.Value.Start, End: h.Value.Start + len(whole) - len(list)})
				}
				return token, addr.URI
			}
			if token == nil {
				token = own
			}
			w.own = append(w.own, addr.URI)
			list = rest
		}
		w.drop = append(w.drop, h.Line)
	}
	return token, nil
}

// namesUs tells whether a Route URI is ours, and gives its token.
func (w *worker) namesUs(uri []byte) (token []byte, ours bool) {
	u, err := sipmsg.ParseURI(uri)
	if err != nil {
		return nil, false
	}
	token, _ = sipmsg.Param(u.Params, routeParam)
	w.name = appendHostPort(w.name[:0], u.Host, portOr(u.Port, networkOf(&u)))
	return token, w.p.names[string(w.name)]
}

// networkOf is the transport a URI asks for (RFC 3263 4.1).
func networkOf(u *sipmsg.URI) transport.Network {
	if lower(u.Scheme) == "sips" {
		return transport.TLS
	}
	name, _ := sipmsg.Param(u.Params, "transport")
	n, _ := transport.ParseNetwork(string(name))
	return n
}

// dropOwnRoute removes the Routes that name us from a request outside a dialog.
// It is false when others are left.
func (w *worker) dropOwnRoute() bool {
	_, nextHop := w.ownRoutes()
	return nextHop == nil
}

// routeToken makes the Record-Route token of a new call.
func (w *worker) routeToken(t *router.Trunk, g *router.Group) []byte {
	m := &w.msg
	r := route{trunk: w.p.peers().trunkID[t], group: w.p.peers().groupID[g], listener: w.from.By.Index}
	if len(w.id.signals.ISUP) > 0 {
		r.flags |= flagISUP | uint8(w.id.base)<<baseShift
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
// A name with an escape may be one of those to whoever resolves it
// (RFC 3261 19.1.4), and is of no use to anybody else.
func misleads(param []byte) bool {
	name, _, _ := bytes.Cut(param, []byte{'='})
	if bytes.IndexByte(name, '%') >= 0 {
		return true
	}
	for _, name := range [...]string{"maddr", "transport", "ttl"} {
		if _, ok := sipmsg.Param(param, name); ok {
			return true
		}
	}
	return false
}
