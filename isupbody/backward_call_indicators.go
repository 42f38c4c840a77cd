package isupbody

import "io"

// BackwardCall is the backward call indicators, clause 3.5, as the two octets
// they are sent as:
//
//	   8   7   6   5   4   3   2   1
//	 +-------+-------+-------+-------+
//	1|  H G  |  F E  |  D C  |  B A  |
//	 +-------+---+---+---+---+---+---+
//	2|  P O  | N | M | L | K | J | I |
//	 +-------+---+---+---+---+---+---+
type BackwardCall [2]byte

// BackwardCall is the backward call indicators, clause 3.5: fixed in ACM and
// CON, optional in CPG, ANM and others.
func (m *Message) BackwardCall() (BackwardCall, error) {
	return first(m, ParamBackwardCallIndicators, Parameter.BackwardCall)
}

// BackwardCall reads the contents as backward call indicators; the name is not looked at.
func (p Parameter) BackwardCall() (BackwardCall, error) {
	if len(p.Contents) < 2 {
		return BackwardCall{}, io.ErrUnexpectedEOF
	}
	return BackwardCall(p.Contents[:2]), nil
}

// Charge gives bits BA: 0 no indication, 1 no charge, 2 charge.
func (b BackwardCall) Charge() int { return int(b[0] & 3) }

// CalledStatus gives bits DC, the called party's status: 0 no indication, 1
// subscriber free, 2 connect when free.
func (b BackwardCall) CalledStatus() int { return int(b[0] >> 2 & 3) }

// CalledCategory gives bits FE, the called party's category: 0 no indication, 1
// ordinary subscriber, 2 payphone.
func (b BackwardCall) CalledCategory() int { return int(b[0] >> 4 & 3) }

// EndToEndMethod gives bits HG: 0 none, 1 pass-along, 2 SCCP, 3 both.
func (b BackwardCall) EndToEndMethod() int { return int(b[0] >> 6) }

// Interworking gives bit I: interworking was encountered.
func (b BackwardCall) Interworking() bool { return b[1]&0x01 != 0 }

// EndToEndInformation gives bit J: end-to-end information is available.
func (b BackwardCall) EndToEndInformation() bool { return b[1]&0x02 != 0 }

// ISUPAllTheWay gives bit K: ISUP was used all the way.
func (b BackwardCall) ISUPAllTheWay() bool { return b[1]&0x04 != 0 }

// Holding gives bit L: holding is requested.
func (b BackwardCall) Holding() bool { return b[1]&0x08 != 0 }

// ISDNAccess gives bit M: the terminating access is ISDN.
func (b BackwardCall) ISDNAccess() bool { return b[1]&0x10 != 0 }

// EchoDevice gives bit N: an incoming echo control device is included.
func (b BackwardCall) EchoDevice() bool { return b[1]&0x20 != 0 }

// SCCPMethod gives bits PO: 0 no indication, 1 connectionless, 2 connection
// oriented, 3 both.
func (b BackwardCall) SCCPMethod() int { return int(b[1] >> 6) }

// AppendContents appends the parameter's contents.
func (b BackwardCall) AppendContents(dst []byte) []byte { return append(dst, b[:]...) }

// The With methods give the indicators with one of them changed; values that do
// not fit are cut to the bits there are.

// WithCharge sets bits BA.
func (b BackwardCall) WithCharge(v int) BackwardCall { return b.with(0, 0, 2, v) }

// WithCalledStatus sets bits DC.
func (b BackwardCall) WithCalledStatus(v int) BackwardCall { return b.with(0, 2, 2, v) }

// WithCalledCategory sets bits FE.
func (b BackwardCall) WithCalledCategory(v int) BackwardCall { return b.with(0, 4, 2, v) }

// WithEndToEndMethod sets bits HG.
func (b BackwardCall) WithEndToEndMethod(v int) BackwardCall { return b.with(0, 6, 2, v) }

// WithInterworking sets bit I.
func (b BackwardCall) WithInterworking(v bool) BackwardCall { return b.with(1, 0, 1, one(v)) }

// WithEndToEndInformation sets bit J.
func (b BackwardCall) WithEndToEndInformation(v bool) BackwardCall { return b.with(1, 1, 1, one(v)) }

// WithISUPAllTheWay sets bit K.
func (b BackwardCall) WithISUPAllTheWay(v bool) BackwardCall { return b.with(1, 2, 1, one(v)) }

// WithHolding sets bit L.
func (b BackwardCall) WithHolding(v bool) BackwardCall { return b.with(1, 3, 1, one(v)) }

// WithISDNAccess sets bit M.
func (b BackwardCall) WithISDNAccess(v bool) BackwardCall { return b.with(1, 4, 1, one(v)) }

// WithEchoDevice sets bit N.
func (b BackwardCall) WithEchoDevice(v bool) BackwardCall { return b.with(1, 5, 1, one(v)) }

// WithSCCPMethod sets bits PO.
func (b BackwardCall) WithSCCPMethod(v int) BackwardCall { return b.with(1, 6, 2, v) }

func (b BackwardCall) with(octet, shift, width, v int) BackwardCall {
	b[octet] = withBits(b[octet], shift, width, v)
	return b
}
