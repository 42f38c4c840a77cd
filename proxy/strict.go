package proxy

import (
	"bytes"

	"sipid/sipmsg"
)

// Strict routers are RFC 2543's: they put the next hop into the Request-URI. A
// peer that is one sends us its requests with our URI there (16.4); to a next
// hop that is one we have to do the same (16.6 step 6).

// fromStrict gives the token and the real Request-URI of a request whose sender
// put our Record-Route into the Request-URI: it is the last Route value, which
// is taken out. It is nil for any other request.
func (w *worker) fromStrict() (token, uri []byte) {
	m := &w.msg
	token, ours := w.namesUs(m.Bytes(m.URI))
	if !ours || token == nil {
		return nil, nil
	}
	last, first, foreign := sipmsg.Header{}, 0, 0 // the last line, where its last value begins, how many are not ours
	var addr sipmsg.NameAddr
	for _, h := range m.All(sipmsg.IDRoute) {
		list := m.Bytes(h.Value)
		last, foreign = h, 0
		for rest := list; len(rest) > 0; {
			first = len(list) - len(rest)
			var value []byte
			value, rest = sipmsg.NextValue(rest)
			var err error
			if addr, err = sipmsg.ParseNameAddr(value); err != nil {
				return nil, nil
			}
			if _, own := w.namesUs(addr.URI); !own {
				foreign++
			}
		}
	}
	if addr.URI == nil {
		return nil, nil
	}
	if foreign <= 1 {
		w.drop = append(w.drop, last.Line)
	} else { // the comma before it goes too
		w.drop = append(w.drop, sipmsg.Span{Start: last.Value.Start + first - 1, End: last.Value.End})
	}
	return token, addr.URI
}

// toStrict changes n for a next hop whose Route says nothing of lr: its URI
// becomes the Request-URI, and the real one the last Route.
func (w *worker) toStrict(n *next, hop, target []byte) {
	if loose(hop) {
		return
	}
	if h, ok := w.firstForeignRoute(); ok {
		w.drop = append(w.drop, h)
		n.uri, n.lastRoute = hop, target
	}
}

// loose tells whether a Route's URI is a loose router's (16.12). One that cannot
// be read is nobody's, and changes nothing.
func loose(uri []byte) bool {
	u, err := sipmsg.ParseURI(uri)
	if err != nil {
		return true
	}
	_, lr := sipmsg.Param(u.Params, "lr")
	return lr
}

// firstForeignRoute is the first Route value that is not ours, with what parts
// it from the next one.
func (w *worker) firstForeignRoute() (sipmsg.Span, bool) {
	m := &w.msg
	for _, h := range m.All(sipmsg.IDRoute) {
		list := m.Bytes(h.Value)
		for rest := list; len(rest) > 0; {
			from := len(list) - len(rest)
			var value []byte
			value, rest = sipmsg.NextValue(rest)
			addr, err := sipmsg.ParseNameAddr(value)
			if err != nil {
				return sipmsg.Span{}, false
			}
			if _, ours := w.namesUs(addr.URI); ours {
				continue
			}
			if len(rest) == 0 { // what stands before it is ours, and goes too
				return h.Line, true
			}
			return sipmsg.Span{Start: h.Value.Start + from, End: h.Value.End - len(rest)}, true
		}
	}
	return sipmsg.Span{}, false
}

// looped tells whether a request has been here before: one of its Vias, other
// than the top one, is ours (16.3 step 4). We send no request anywhere it could
// come back from on purpose, so there are no spirals to let pass.
func (w *worker) looped() bool {
	m := &w.msg
	top := true
	for _, h := range m.All(sipmsg.IDVia) {
		for list := m.Bytes(h.Value); len(list) > 0; {
			var value []byte
			value, list = sipmsg.NextValue(list)
			if !top && w.namesOurVia(value) {
				return true
			}
			top = false
		}
	}
	return false
}

// namesOurVia reads the sent-by of a via-parm.
func (w *worker) namesOurVia(value []byte) bool {
	if end := bytes.IndexByte(value, ';'); end >= 0 {
		value = value[:end]
	}
	value = bytes.TrimRight(value, " \t")
	sentBy := value[bytes.LastIndexAny(value, " \t")+1:]
	if len(sentBy) > 0 && (bytes.LastIndexByte(sentBy, ':') > bytes.LastIndexByte(sentBy, ']')) {
		return w.p.names[string(sentBy)]
	}
	w.name = appendHostPort(w.name[:0], sentBy, 5060)
	return w.p.names[string(w.name)]
}
