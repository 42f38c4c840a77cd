package isupbody

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
	p, err := m.contents(ParamBackwardCallIndicators, 0, 2)
	if err != nil {
		return BackwardCall{}, err
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
