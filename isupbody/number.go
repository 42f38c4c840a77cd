package isupbody

import (
	"io"
	"strconv"
)

// Number is the contents of a number parameter. Which of the fields a parameter
// really has is drawn in the file named after it; the others are zero when read
// and left out when written.
//
// The address signals are a view over the message's octets, or over octets that
// NewNumber made.
type Number struct {
	Nature       NatureOfAddress
	Plan         NumberingPlan
	Presentation Presentation
	Screening    Screening
	Qualifier    NumberQualifier // generic number only
	INN          bool            // routing to an internal network number is not allowed
	Incomplete   bool            // number incomplete indicator
	odd          bool
	signals      []byte
}

// NewNumber makes a national number of the ISDN numbering plan. Digits are the
// characters 0 to 9 and A to E (B and C are codes 11 and 12); a last F is ST,
// end of dialling.
func NewNumber(digits string) (Number, error) {
	n := Number{Nature: NatureNational, Plan: PlanISDN, odd: len(digits)%2 == 1}
	n.signals = make([]byte, (len(digits)+1)/2)
	for i := range len(digits) {
		v, ok := signal(digits[i])
		if !ok || v == stopSending && i != len(digits)-1 {
			return Number{}, ErrDigit
		}
		n.signals[i/2] |= v << (4 * (i % 2))
	}
	return n, nil
}

// stopSending is the address signal ST. Only the called party number has it by
// the letter of Q.763; switches copy it into the original called number.
const stopSending = 0xF

func signal(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10, true
	}
	return 0, false
}

// count gives how many address signals there are, ST included. The odd bit
// says that the last half octet is filler. Its value is not looked at: the
// standard wants 0, kamailio/kamailio#4817 shows an IAM with F.
func (n *Number) count() int {
	c := 2 * len(n.signals)
	if n.odd && c > 0 {
		c--
	}
	return c
}

func (n *Number) at(i int) byte { return n.signals[i/2] >> (4 * (i % 2)) & 0xF }

// Len gives how many digits AppendDigits appends.
func (n Number) Len() int {
	c := n.count()
	if n.ST() {
		c--
	}
	return c
}

// ST says whether the last address signal is end of dialling.
func (n Number) ST() bool {
	c := n.count()
	return c > 0 && n.at(c-1) == stopSending
}

// AppendDigits appends the address signals as characters 0 to 9 and A to F. One
// trailing ST is left out; ST reports it. An F elsewhere is kept, so that a
// broken number cannot pass for a sound one.
func (n Number) AppendDigits(dst []byte) []byte {
	const characters = "0123456789ABCDEF"
	last := n.Len()
	for i, octet := range n.signals {
		if 2*i < last {
			dst = append(dst, characters[octet&0xF])
		}
		if 2*i+1 < last {
			dst = append(dst, characters[octet>>4])
		}
	}
	return dst
}

// Is says whether the digits are text, as AppendDigits writes them.
func (n Number) Is(text []byte) bool {
	const characters = "0123456789ABCDEF"
	if n.Len() != len(text) {
		return false
	}
	for i, c := range text {
		if characters[n.at(i)] != c {
			return false
		}
	}
	return true
}

// Digits is AppendDigits as a string. There is no String method: numbers are
// personal data and should not get into logs by a stray %v.
func (n Number) Digits() string { return string(n.AppendDigits(nil)) }

// numberFields says which fields a number parameter has.
type numberFields uint8

const (
	hasQualifier    numberFields = 1 << iota // an octet in front
	hasNature                                // bits 1 to 7 of the octet with the odd bit
	hasPlan                                  // a second octet, bits 5 to 7
	hasINN                                   // bit 8 of that octet
	hasIncomplete                            // bit 8 of that octet
	hasPresentation                          // bits 3 and 4 of that octet
	hasScreening                             // bits 1 and 2 of that octet
	isNumber                                 // set for every number parameter
)

func (n ParameterName) numberFields() numberFields {
	switch n {
	case ParamCalledPartyNumber:
		return calledPartyNumberFields
	case ParamCallingPartyNumber:
		return callingPartyNumberFields
	case ParamOriginalCalledNumber:
		return originalCalledNumberFields
	case ParamRedirectingNumber:
		return redirectingNumberFields
	case ParamRedirectionNumber:
		return redirectionNumberFields
	case ParamGenericNumber:
		return genericNumberFields
	case ParamLocationNumber:
		return locationNumberFields
	case ParamConnectedNumber:
		return connectedNumberFields
	case ParamCalledINNumber:
		return calledINNumberFields
	case ParamOriginalCalledINNumber:
		return originalCalledINNumberFields
	case ParamCallTransferNumber:
		return callTransferNumberFields
	case ParamSubsequentNumber:
		return subsequentNumberFields
	}
	return 0
}

// IsNumber says whether the parameter is a number this package reads.
func (n ParameterName) IsNumber() bool { return n.numberFields() != 0 }

// Number decodes the contents of any number parameter.
func (p Parameter) Number() (Number, error) {
	f := p.Name.numberFields()
	if f == 0 {
		return Number{}, ErrNotNumber
	}
	return decodeNumber(p.Contents, f)
}

func decodeNumber(b []byte, f numberFields) (Number, error) {
	var n Number
	if f&hasQualifier != 0 {
		if len(b) == 0 {
			return n, io.ErrUnexpectedEOF
		}
		n.Qualifier, b = NumberQualifier(b[0]), b[1:]
	}
	if len(b) == 0 || f&hasPlan != 0 && len(b) < 2 {
		return n, io.ErrUnexpectedEOF
	}
	n.odd = b[0]&0x80 != 0
	if f&hasNature != 0 {
		n.Nature = NatureOfAddress(b[0] & 0x7F)
	}
	b = b[1:]
	if f&hasPlan != 0 {
		n.Plan = NumberingPlan(b[0] >> 4 & 7)
		n.INN = f&hasINN != 0 && b[0]&0x80 != 0
		n.Incomplete = f&hasIncomplete != 0 && b[0]&0x80 != 0
		if f&hasPresentation != 0 {
			n.Presentation = Presentation(b[0] >> 2 & 3)
		}
		if f&hasScreening != 0 {
			n.Screening = Screening(b[0] & 3)
		}
		b = b[1:]
	}
	n.signals = b
	return n, nil
}

// AppendContents appends the number as the contents of that parameter: spare
// bits and filler 0, and only the fields the parameter has.
func (n Number) AppendContents(dst []byte, name ParameterName) ([]byte, error) {
	f := name.numberFields()
	if f == 0 {
		return dst, ErrNotNumber
	}
	if 3+len(n.signals) > maxLength {
		return dst, ErrTooLong
	}
	if f&hasQualifier != 0 {
		dst = append(dst, byte(n.Qualifier))
	}
	first := bit(n.odd && len(n.signals) > 0, 0x80)
	if f&hasNature != 0 {
		first |= byte(n.Nature) & 0x7F
	}
	dst = append(dst, first)
	if f&hasPlan != 0 {
		dst = append(dst, n.secondOctet(f))
	}
	dst = append(dst, n.signals...)
	if n.odd && len(n.signals) > 0 {
		dst[len(dst)-1] &= 0x0F
	}
	return dst, nil
}

func (n *Number) secondOctet(f numberFields) byte {
	b := byte(n.Plan) & 7 << 4
	if f&hasPresentation != 0 {
		b |= byte(n.Presentation) & 3 << 2
	}
	if f&hasScreening != 0 {
		b |= byte(n.Screening) & 3
	}
	b |= bit(n.INN && f&hasINN != 0, 0x80)
	return b | bit(n.Incomplete && f&hasIncomplete != 0, 0x80)
}

func bit(set bool, mask byte) byte {
	if set {
		return mask
	}
	return 0
}

// number is what every number getter does.
func (m *Message) number(name ParameterName, nth int) (Number, error) {
	p, ok := m.Find(name, nth)
	if !ok {
		return Number{}, ErrAbsent
	}
	n, err := decodeNumber(p.Contents, name.numberFields())
	if err != nil {
		return Number{}, m.short(p)
	}
	return n, nil
}

// named picks a name from a list, and the number in decimal where there is none.
func named(names []string, n uint8) string {
	if int(n) < len(names) && names[n] != "" {
		return names[n]
	}
	return strconv.Itoa(int(n))
}
