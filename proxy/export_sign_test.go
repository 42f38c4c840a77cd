package proxy

import (
	"net/netip"

	"sipid/sipmsg"
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
