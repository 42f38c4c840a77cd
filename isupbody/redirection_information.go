package isupbody

import "io"

// RedirectionInformation is the redirection information, clause 3.45:
//
//	   8   7   6   5   4   3   2   1
//	 +---------------+---+-----------+
//	1|    H G F E    | - |   C B A   |
//	 +---------------+---+-----------+
//	2|    H G F E    | - |   C B A   |
//	 +---------------+---+-----------+
type RedirectionInformation struct {
	Indicator      uint8 // octet 1, bits CBA: 3 call diverted, 4 diverted and all of it restricted, ...
	OriginalReason RedirectionReason
	Counter        uint8 // octet 2, bits CBA: 1 to 5 redirections
	Reason         RedirectionReason
	Short          bool // octet 2 was not there: older networks send one octet
}

// RedirectionReason is why a call was redirected, clause 3.45 b and d.
type RedirectionReason uint8

// String gives the reason in words, or its number.
func (r RedirectionReason) String() string {
	return named([]string{
		0: "unknown", 1: "user busy", 2: "no reply", 3: "unconditional", 4: "deflection during alerting",
		5: "deflection immediate response", 6: "mobile subscriber not reachable",
	}, uint8(r))
}

// RedirectionInformation is the redirection information, clause 3.45.
func (m *Message) RedirectionInformation() (RedirectionInformation, error) {
	return first(m, ParamRedirectionInformation, Parameter.RedirectionInformation)
}

// RedirectionInformation reads the contents as redirection information; the name is not looked at.
func (p Parameter) RedirectionInformation() (RedirectionInformation, error) {
	b := p.Contents
	if len(b) == 0 {
		return RedirectionInformation{}, io.ErrUnexpectedEOF
	}
	r := RedirectionInformation{
		Indicator: b[0] & 7, OriginalReason: RedirectionReason(b[0] >> 4), Short: len(b) == 1,
	}
	if !r.Short {
		r.Counter, r.Reason = b[1]&7, RedirectionReason(b[1]>>4)
	}
	return r, nil
}

// AppendContents appends the parameter's contents.
func (r RedirectionInformation) AppendContents(dst []byte) []byte {
	dst = append(dst, byte(r.OriginalReason)<<4|r.Indicator&7)
	if r.Short {
		return dst
	}
	return append(dst, byte(r.Reason)<<4|r.Counter&7)
}
