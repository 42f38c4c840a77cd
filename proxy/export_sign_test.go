package proxy

import (
	"bytes"
	"net/netip"

	"sipid/router"
	"sipid/sipmsg"
	"sipid/transport"
)

// TestSigner is the signer as tests use it.
type TestSigner struct{ s *signer }

// NewTestSigner makes one.
func NewTestSigner(key []byte) *TestSigner { return &TestSigner{newSigner(key)} }

// Binding is what a branch is bound to.
type Binding struct {
	CallID, FromTag, Transport, Host, Branch []byte
	CSeq                                     uint32
	Port                                     int
	Reply                                    netip.AddrPort
}

func (b Binding) upstream() upstream {
	return upstream{callID: b.CallID, fromTag: b.FromTag, cseq: b.CSeq, transport: b.Transport, host: b.Host, branch: b.Branch, port: b.Port, reply: b.Reply}
}

// Branch makes a branch that outlives the next call.
func (t *TestSigner) Branch(target netip.AddrPort, attempt, listener uint8, b Binding) []byte {
	return append([]byte(nil), t.s.branch(hop{target: target, attempt: attempt, listener: listener}, b.upstream())...)
}

// ReadBranch reads one.
func (t *TestSigner) ReadBranch(branch []byte, b Binding) (target netip.AddrPort, attempt, listener uint8, ok bool) {
	h, ok := t.s.readBranch(branch, b.upstream())
	return h.target, h.attempt, h.listener, ok
}

// RouteToken makes the token of a Record-Route.
func (t *TestSigner) RouteToken(trunk, group uint32, flags uint8, callID, caller []byte) []byte {
	r := route{trunk: trunk, group: group, flags: flags}
	return append([]byte(nil), t.s.routeToken(r, callID, caller)...)
}

// ReadRoute reads one; side is "trunk", "pbx", or "" for a token that is not ours.
func (t *TestSigner) ReadRoute(token, callID, fromTag, toTag []byte) (trunk, group uint32, flags uint8, side string) {
	raw := append(append(append([]byte(nil), callID...), fromTag...), toTag...)
	m := &sipmsg.Message{Raw: raw, CallID: sipmsg.Span{End: len(callID)},
		FromTag: sipmsg.Span{Start: len(callID), End: len(callID) + len(fromTag)}, ToTag: sipmsg.Span{Start: len(callID) + len(fromTag), End: len(raw)}}
	r, from := t.s.readRoute(token, m)
	return r.trunk, r.group, r.flags, map[direction]string{fromTrunk: "trunk", fromPBX: "pbx"}[from]
}

// ViaReader takes a request by its Via down and its answer up again, for
// fuzzing.
type ViaReader struct {
	w   *worker
	raw []byte
}

// NewViaReader makes one.
func NewViaReader(r *router.Router, own string) *ViaReader {
	w := newExplainer(r, nil)
	w.p.names = map[string]bool{own: true}
	w.p.table = newTable()
	return &ViaReader{w: w}
}

// Read says where answers to a request with this Via go (asked), where the same
// Via sends the answer of another process (read), and whether the request has
// been here before. It is false for a request that the gate refuses.
func (v *ViaReader) Read(via []byte, src netip.AddrPort) (asked, read netip.AddrPort, looped, ok bool) {
	w := v.w
	rest := "\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\n"
	v.raw = append(append(append(v.raw[:0], "INVITE sip:c@d SIP/2.0\r\nVia: "...), via...), rest+"Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"...)
	if w.msg.Parse(v.raw) != nil || w.msg.TopVia.Header != 0 {
		return asked, read, false, false
	}
	w.from.Addr = src
	w.serverKey(src.Addr())
	asked, looped = w.replyTo(), w.looped()
	branch := string(w.branch(transport.Flow{By: w.from.By, Addr: src}, 0))
	out := w.rewrite(&w.msg, next{down: transport.Flow{By: w.from.By, Addr: src}}, []byte(branch))
	head, _, _ := bytes.Cut(out, []byte("\r\nFrom:"))
	_, head, _ = bytes.Cut(head, []byte("\r\n"))
	answer := append(append([]byte("SIP/2.0 200 OK\r\n"), head...), rest+"Content-Length: 0\r\n\r\n"...)
	if err := w.msg.Parse(answer); err != nil {
		panic(err)
	}
	second, found := w.msg.SecondVia()
	if !found {
		panic("no second Via")
	}
	if read, found = replyBy(&w.msg, &second); found {
		if _, found = w.sign.readBranch([]byte(branch), upstreamOf(&w.msg, &second, read)); !found {
			panic("the branch does not verify for the answer")
		}
	}
	return asked, read, looped, true
}
