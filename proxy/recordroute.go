package proxy

import (
	"crypto/hmac"
	"encoding/binary"
	"hash/fnv"

	"sipid/isupbody"
	"sipid/sipmsg"
)

// routeParam is the URI parameter of our Record-Route that carries the token. It
// ends the transport.RouteMark.
const routeParam = "sd"

// Flags of a route token.
const (
	flagISUP     = 1 << iota // the INVITE carried ISUP
	flagKeepBody             // the PBX group takes bodies as they are

	baseShift = 4 // above it: the base of the INVITE's ISUP
)

// base is the base of the ISUP that the INVITE carried.
func (r route) base() isupbody.Base {
	if b := isupbody.Base(r.flags >> baseShift); int(b) < isupbody.BaseCount {
		return b
	}
	return isupbody.BaseUnknown
}

// route is what a Record-Route of ours says of its call, so that any process
// can serve the dialog. Trunk and group go by a hash of their name: another
// process may list them in another order.
type route struct {
	trunk, group uint32
	flags        uint8
	listener     uint8 // index of the socket the INVITE came in by
}

func nameHash(name string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(name))
	return h.Sum32()
}

// routeToken returns the token for a call, bound to its Call-ID and the tag of
// its caller. The result is valid until the next call of the signer.
func (s *signer) routeToken(r route, callID, callerTag []byte) []byte {
	s.raw = append(s.raw[:0], tokenVersion, s.keyID)
	s.raw = binary.BigEndian.AppendUint32(s.raw, r.trunk)
	s.raw = binary.BigEndian.AppendUint32(s.raw, r.group)
	s.raw = append(s.raw, r.flags, r.listener)
	s.raw = append(s.raw, s.routeMAC(callID, callerTag)...)
	s.text = tokenText.AppendEncode(s.text[:0], s.raw)
	return s.text
}

func (s *signer) routeMAC(callID, callerTag []byte) []byte {
	s.begin('r')
	s.field(callID)
	s.field(callerTag)
	return s.end()
}

// direction says which side of a dialog a request comes from.
type direction uint8

const (
	fromNobody direction = iota // no token of ours: no dialog we know
	fromTrunk                   // the side that called
	fromPBX                     // the side that was called
)

// other is the other side.
func (d direction) other() direction {
	switch d {
	case fromTrunk:
		return fromPBX
	case fromPBX:
		return fromTrunk
	}
	return fromNobody
}

// readRoute checks the token of a request's Route and tells by it which side
// sent the request: the caller's tag is in From when the caller speaks, in To
// when the called side does.
func (s *signer) readRoute(token []byte, m *sipmsg.Message) (route, direction) {
	raw, ok := s.open(token, "")
	if !ok || len(raw) != 2+4+4+2+macLength {
		return route{}, fromNobody
	}
	r := route{
		trunk: binary.BigEndian.Uint32(raw[2:]), group: binary.BigEndian.Uint32(raw[6:]),
		flags: raw[10], listener: raw[11],
	}
	mac := raw[len(raw)-macLength:]
	s.raw = raw[:len(raw)-macLength]
	callID := m.Bytes(m.CallID)
	if hmac.Equal(mac, s.routeMAC(callID, m.Bytes(m.FromTag))) {
		return r, fromTrunk
	}
	if hmac.Equal(mac, s.routeMAC(callID, m.Bytes(m.ToTag))) {
		return r, fromPBX
	}
	return route{}, fromNobody
}
