package isupbody

import "io"

// Cause is the cause indicators, clause 3.12, with the values of Q.850:
//
//	    8    7   6    5    4   3   2   1
//	 +-----+---------+---+----------------+
//	1| ext | coding  | - |    location    |
//	 +-----+---------+---+----------------+
//	1a 1   |  recommendation, if ext is 0 |
//	 +-----+------------------------------+
//	2| ext |         cause value          |
//	 +-----+------------------------------+
//	3| diagnostics, if any                |
//	 +------------------------------------+
type Cause struct {
	Coding            uint8 // 0 is ITU-T
	Location          Location
	Value             uint8 // Q.850
	HasRecommendation bool
	Recommendation    uint8
	Diagnostics       []byte // a view over the message's octets
}

// Location is where a cause was generated, Q.850 clause 2.2.3.
type Location uint8

// Locations, with the abbreviations of Q.850.
const (
	LocationUser               Location = 0  // U
	LocationPrivateLocal       Location = 1  // LPN
	LocationPublicLocal        Location = 2  // LN
	LocationTransit            Location = 3  // TN
	LocationPublicRemote       Location = 4  // RLN
	LocationPrivateRemote      Location = 5  // RPN
	LocationInternational      Location = 7  // INTL
	LocationBeyondInterworking Location = 10 // BI
)

// String gives the location in words, or its number.
func (l Location) String() string {
	return named([]string{
		0: "user", 1: "private network serving the local user", 2: "public network serving the local user",
		3: "transit network", 4: "public network serving the remote user",
		5: "private network serving the remote user", 7: "international network",
		10: "network beyond interworking point",
	}, uint8(l))
}

// Cause is the cause indicators, clause 3.12: of a REL, and of others that have
// them in the optional part.
func (m *Message) Cause() (Cause, error) {
	return first(m, ParamCauseIndicators, Parameter.Cause)
}

// Cause reads the contents as cause indicators; the name is not looked at.
func (p Parameter) Cause() (Cause, error) {
	b := p.Contents
	if len(b) < 2 || b[0]&0x80 == 0 && len(b) < 3 {
		return Cause{}, io.ErrUnexpectedEOF
	}
	c := Cause{Coding: b[0] >> 5 & 3, Location: Location(b[0] & 0xF)}
	if b[0]&0x80 == 0 {
		c.HasRecommendation, c.Recommendation = true, b[1]&0x7F
		b = b[1:]
	}
	c.Value, c.Diagnostics = b[1]&0x7F, b[2:]
	return c, nil
}

// AppendContents appends the parameter's contents.
func (c Cause) AppendContents(dst []byte) []byte {
	first := c.Coding&3<<5 | byte(c.Location)&0xF
	if c.HasRecommendation {
		dst = append(dst, first, 0x80|c.Recommendation&0x7F)
	} else {
		dst = append(dst, 0x80|first)
	}
	dst = append(dst, 0x80|c.Value&0x7F)
	return append(dst, c.Diagnostics...)
}
