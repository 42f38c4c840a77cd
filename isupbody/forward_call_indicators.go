package isupbody

import "io"

// ForwardCall is the forward call indicators, clause 3.23, as the two octets
// they are sent as:
//
//	   8   7   6   5   4   3   2   1
//	 +-------+---+---+---+-------+---+
//	1|  H G  | F | E | D |  C B  | A |
//	 +-------+---+---+---+-------+---+
//	2| P   O | N | M | - |  K J  | I |
//	 +-------+---+---+---+-------+---+
//
// Bits O and P are national use.
type ForwardCall [2]byte

// ForwardCall is the forward call indicators, clause 3.23.
func (m *Message) ForwardCall() (ForwardCall, error) {
	return first(m, ParamForwardCallIndicators, Parameter.ForwardCall)
}

// ForwardCall reads the contents as forward call indicators; the name is not looked at.
func (p Parameter) ForwardCall() (ForwardCall, error) {
	if len(p.Contents) < 2 {
		return ForwardCall{}, io.ErrUnexpectedEOF
	}
	return ForwardCall(p.Contents[:2]), nil
}

// International gives bit A: the call is to be treated as an international call.
func (f ForwardCall) International() bool { return f[0]&0x01 != 0 }

// EndToEndMethod gives bits CB: 0 none, 1 pass-along, 2 SCCP, 3 both.
func (f ForwardCall) EndToEndMethod() int { return int(f[0] >> 1 & 3) }

// Interworking gives bit D: interworking was encountered.
func (f ForwardCall) Interworking() bool { return f[0]&0x08 != 0 }

// EndToEndInformation gives bit E: end-to-end information is available.
func (f ForwardCall) EndToEndInformation() bool { return f[0]&0x10 != 0 }

// ISUPAllTheWay gives bit F: ISUP was used all the way.
func (f ForwardCall) ISUPAllTheWay() bool { return f[0]&0x20 != 0 }

// Preference gives bits HG: ISUP all the way is 0 preferred, 1 not required, 2
// required.
func (f ForwardCall) Preference() int { return int(f[0] >> 6) }

// ISDNAccess gives bit I: the originating access is ISDN.
func (f ForwardCall) ISDNAccess() bool { return f[1]&0x01 != 0 }

// SCCPMethod gives bits KJ: 0 no indication, 1 connectionless, 2 connection
// oriented, 3 both.
func (f ForwardCall) SCCPMethod() int { return int(f[1] >> 1 & 3) }

// PortedNumberTranslated gives bit M: the called number was translated for
// number portability.
func (f ForwardCall) PortedNumberTranslated() bool { return f[1]&0x10 != 0 }

// QueryOnRelease gives bit N: a query on release routing attempt is in progress.
func (f ForwardCall) QueryOnRelease() bool { return f[1]&0x20 != 0 }

// AppendContents appends the parameter's contents.
func (f ForwardCall) AppendContents(dst []byte) []byte { return append(dst, f[:]...) }

// The With methods give the indicators with one of them changed; values that do
// not fit are cut to the bits there are.

// WithInternational sets bit A.
func (f ForwardCall) WithInternational(v bool) ForwardCall { return f.with(0, 0, 1, one(v)) }

// WithEndToEndMethod sets bits CB.
func (f ForwardCall) WithEndToEndMethod(v int) ForwardCall { return f.with(0, 1, 2, v) }

// WithInterworking sets bit D.
func (f ForwardCall) WithInterworking(v bool) ForwardCall { return f.with(0, 3, 1, one(v)) }

// WithEndToEndInformation sets bit E.
func (f ForwardCall) WithEndToEndInformation(v bool) ForwardCall { return f.with(0, 4, 1, one(v)) }

// WithISUPAllTheWay sets bit F.
func (f ForwardCall) WithISUPAllTheWay(v bool) ForwardCall { return f.with(0, 5, 1, one(v)) }

// WithPreference sets bits HG.
func (f ForwardCall) WithPreference(v int) ForwardCall { return f.with(0, 6, 2, v) }

// WithISDNAccess sets bit I.
func (f ForwardCall) WithISDNAccess(v bool) ForwardCall { return f.with(1, 0, 1, one(v)) }

// WithSCCPMethod sets bits KJ.
func (f ForwardCall) WithSCCPMethod(v int) ForwardCall { return f.with(1, 1, 2, v) }

// WithPortedNumberTranslated sets bit M.
func (f ForwardCall) WithPortedNumberTranslated(v bool) ForwardCall { return f.with(1, 4, 1, one(v)) }

// WithQueryOnRelease sets bit N.
func (f ForwardCall) WithQueryOnRelease(v bool) ForwardCall { return f.with(1, 5, 1, one(v)) }

func (f ForwardCall) with(octet, shift, width, v int) ForwardCall {
	f[octet] = withBits(f[octet], shift, width, v)
	return f
}
