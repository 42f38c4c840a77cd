package isupbody

// TransitNetwork is the transit network selection, clause 3.53:
//
//	   8   7   6   5   4   3   2   1
//	 +---+-----------+---------------+
//	1|O/E|    type   |     plan      |
//	 +---+-----------+---------------+
//	2|   2nd signal  |   1st signal  |
//	 +---------------+---------------+
//
// ANSI T1.113 has no odd bit and puts a circuit code behind the carrier's digits;
// both come as they were sent.
type TransitNetwork struct {
	Type   uint8  // of network identification: 0 ITU-T, 2 national
	Plan   uint8  // with type 0: 3 X.121, 6 E.212; with type 2 a national matter
	Number Number // only the address signals of it count
}

// TransitNetwork is the transit network selection, clause 3.53.
func (m *Message) TransitNetwork() (TransitNetwork, error) {
	return first(m, ParamTransitNetworkSelection, Parameter.TransitNetwork)
}

// TransitNetwork reads the contents as a transit network selection; the name is
// not looked at.
func (p Parameter) TransitNetwork() (TransitNetwork, error) {
	b, err := p.octet()
	if err != nil {
		return TransitNetwork{}, err
	}
	return TransitNetwork{
		Type: b >> 4 & 7, Plan: b & 0xF,
		Number: Number{odd: b&0x80 != 0, signals: p.Contents[1:]},
	}, nil
}

// AppendContents appends the parameter's contents, the filler 0.
func (t TransitNetwork) AppendContents(dst []byte) []byte {
	signals := t.Number.signals
	odd := t.Number.odd && len(signals) > 0
	dst = append(dst, bit(odd, 0x80)|t.Type&7<<4|t.Plan&0xF)
	dst = append(dst, signals...)
	if odd {
		dst[len(dst)-1] &= 0x0F
	}
	return dst
}
