package proxy

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"hash"
	"net/netip"

	"sipid/sipmsg"
)

// What a branch and a Record-Route token have in common: an octet of version, one
// that names the key, and at the end a MAC of 80 bits.
const (
	tokenVersion = 1
	macLength    = 10
	// branchCookie begins every branch of RFC 3261 (section 8.1.1.7).
	branchCookie = "z9hG4bK"
	// MinKeyLength is the shortest signing key New takes.
	MinKeyLength = 16
)

var tokenText = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// signer makes and checks the signed values that a later process can read: our
// branch and our Record-Route. One worker's own; not for concurrent use.
type signer struct {
	mac   hash.Hash
	keyID byte
	raw   []byte // the value being made or read
	text  []byte // its text
	sum   []byte

	signed []byte // what a MAC is over
}

func newSigner(key []byte) *signer {
	id := sha256.Sum256(append([]byte("sipid key id "), key...))
	return &signer{
		mac:   hmac.New(sha256.New, key),
		keyID: id[0],
		raw:   make([]byte, 0, 64),
		text:  make([]byte, 0, 128),
		sum:   make([]byte, 0, sha256.Size),

		signed: make([]byte, 0, 512),
	}
}

// hop is where a request was sent: what its branch tells whoever reads it again.
type hop struct {
	target   netip.AddrPort
	listener uint8 // index of the socket it left by
	attempt  uint8 // 0 for the first target tried
}

// upstream is what a branch is bound to beside the hop: the call, and the way its
// answers go back. In a response the Via is the second one.
type upstream struct {
	callID, fromTag         []byte
	cseq                    uint32
	transport, host, branch []byte // of the Via of the hop before us
	port                    int
	reply                   netip.AddrPort // where that Via sends answers
}

// upstreamOf reads the binding out of a message, given the Via of the hop before
// us and where it sends answers.
func upstreamOf(m *sipmsg.Message, via *sipmsg.Via, reply netip.AddrPort) upstream {
	return upstream{
		callID: m.Bytes(m.CallID), fromTag: m.Bytes(m.FromTag), cseq: m.CSeq,
		transport: m.Bytes(via.Transport), host: m.Bytes(via.Host), branch: m.Bytes(via.Branch),
		port: via.Port, reply: reply,
	}
}

// branch returns the branch for this hop, cookie included. It is the same for a
// retransmitted request, in this process and in the next one; CANCEL and the ACK
// to a refusal have the CSeq number of their INVITE, so they share it
// (RFC 3261 9.1, 17.1.1.3). The result is valid until the next call.
func (s *signer) branch(h hop, up upstream) []byte {
	s.raw = append(s.raw[:0], tokenVersion, s.keyID)
	s.raw = appendHop(s.raw, h)
	s.raw = append(s.raw, s.hopMAC(up)...)
	s.text = append(s.text[:0], branchCookie...)
	s.text = tokenText.AppendEncode(s.text, s.raw)
	return s.text
}

// readBranch returns the hop of a branch that we made for this binding.
func (s *signer) readBranch(branch []byte, up upstream) (hop, bool) {
	raw, ok := s.open(branch, branchCookie)
	if !ok || len(raw) < 2+macLength {
		return hop{}, false
	}
	h, ok := parseHop(raw[2 : len(raw)-macLength])
	if !ok {
		return hop{}, false
	}
	mac := raw[len(raw)-macLength:]
	s.raw = raw[:len(raw)-macLength]
	return h, hmac.Equal(mac, s.hopMAC(up))
}

// open decodes the text of one of our values behind its prefix, if it is of our
// version and key.
func (s *signer) open(text []byte, prefix string) ([]byte, bool) {
	if len(text) <= len(prefix) || len(text) > cap(s.text) || string(text[:len(prefix)]) != prefix {
		return nil, false
	}
	raw, ok := appendToken(s.raw[:0], text[len(prefix):])
	s.raw = raw
	if !ok || len(raw) < 2 || raw[0] != tokenVersion || raw[1] != s.keyID {
		return nil, false
	}
	return raw, true
}

// appendToken decodes base32 as tokenText writes it, and no other spelling of
// the same octets: a value of ours is compared as text, too.
func appendToken(dst, text []byte) (raw []byte, ok bool) {
	var bits, kept uint32
	for _, c := range text {
		var v byte
		switch {
		case c >= 'a' && c <= 'z':
			v = c - 'a'
		case c >= '2' && c <= '7':
			v = c - '2' + 26
		default:
			return dst, false
		}
		bits, kept = bits<<5|uint32(v), kept+5
		if kept >= 8 {
			kept -= 8
			dst = append(dst, byte(bits>>kept))
			bits &= 1<<kept - 1
		}
	}
	return dst, kept < 5 && bits == 0
}

// hopMAC is the MAC over s.raw and the binding.
func (s *signer) hopMAC(up upstream) []byte {
	s.begin('b')
	s.field(up.callID)
	s.field(up.fromTag)
	s.number(up.cseq)
	s.number(uint32(up.port))
	s.field(up.transport)
	s.field(up.host)
	s.field(up.branch)
	addr := up.reply.Addr().As16()
	s.signed = binary.BigEndian.AppendUint16(append(s.signed, addr[:]...), up.reply.Port())
	return s.end()
}

// begin begins the text of a MAC with its kind and s.raw. It is written as a
// whole: a hash that is fed field by field costs twice as much.
func (s *signer) begin(kind uint32) {
	s.signed = s.signed[:0]
	s.number(kind)
	s.signed = append(s.signed, s.raw...)
}

// end is the MAC over all that was written.
func (s *signer) end() []byte {
	s.mac.Reset()
	s.mac.Write(s.signed)
	s.sum = s.mac.Sum(s.sum[:0])
	return s.sum[:macLength]
}

func (s *signer) number(n uint32) { s.signed = binary.BigEndian.AppendUint32(s.signed, n) }

// field adds f with its length, so that no two lists of fields look alike.
func (s *signer) field(f []byte) {
	s.number(uint32(len(f)))
	s.signed = append(s.signed, f...)
}

// appendHop writes: family (4 or 6), address, port, attempt, listener.
func appendHop(b []byte, h hop) []byte {
	addr := h.target.Addr()
	if addr.Is4() {
		a := addr.As4()
		b = append(append(b, 4), a[:]...)
	} else {
		a := addr.As16()
		b = append(append(b, 6), a[:]...)
	}
	b = binary.BigEndian.AppendUint16(b, h.target.Port())
	return append(b, h.attempt, h.listener)
}

func parseHop(b []byte) (hop, bool) {
	if len(b) == 0 {
		return hop{}, false
	}
	n := map[byte]int{4: 4, 6: 16}[b[0]]
	if n == 0 || len(b) != 1+n+4 {
		return hop{}, false
	}
	addr, _ := netip.AddrFromSlice(b[1 : 1+n])
	port := binary.BigEndian.Uint16(b[1+n:])
	return hop{target: netip.AddrPortFrom(addr, port), attempt: b[3+n], listener: b[4+n]}, true
}
