package router

import (
	"bytes"
	"fmt"
	"strings"

	"sipid/isupbody"
)

// NumberRule says what a trunk's numbers are made into before they are looked
// at: first Strip, then Add, then Form. The zero value leaves a number as it is.
//
// A number here is digits, with + in front where it says that it is an
// international one: a SIP number with +, an ISUP number of that nature of
// address. Filler and ST are not part of it.
type NumberRule struct {
	Strip []string // prefixes; the longest that fits is taken off
	Add   string   // digits, with or without + in front
	Form  string   // FormAsSent, FormNational or FormInternational; empty: FormAsSent
}

// The values of NumberRule.Form.
const (
	FormAsSent        = "as-sent"
	FormNational      = "national"      // as dialled in the country: 057188001234, 13800138000, 0014155550100
	FormInternational = "international" // +8657188001234
)

// The country whose numbers need no country code. A table and its trunks must
// agree on it, or a number would have several names.
const (
	countryCode = "86"
	trunkPrefix = "0" // in front of a fixed line's area code
)

// A number below this length is a service number or lacks its area code.
const minNational = 10

func (r *NumberRule) isZero() bool {
	return len(r.Strip) == 0 && r.Add == "" && (r.Form == "" || r.Form == FormAsSent)
}

// apply appends what the rule makes of number, which dst must not overlap.
func (r *NumberRule) apply(dst, number []byte) []byte {
	number = number[longestPrefix(r.Strip, number):]
	mark := len(dst)
	dst = append(append(dst, r.Add...), number...)
	if r.Form == "" || r.Form == FormAsSent || !isNumber(dst[mark:]) {
		return dst
	}
	var room [maxNumber]byte
	number = room[:copy(room[:], dst[mark:])]
	if r.Form == FormNational {
		return appendNational(dst[:mark], number)
	}
	return appendInternational(dst[:mark], number)
}

func (r *NumberRule) validate(f *faults, path string) {
	for i, p := range r.Strip {
		if p != "+" && !isDigits(strings.TrimPrefix(p, "+")) {
			f.add(fmt.Sprintf("%s.strip[%d]", path, i), "%q is neither digits, with or without + in front, nor +", p)
		}
	}
	if r.Add != "" && !isDigits(strings.TrimPrefix(r.Add, "+")) {
		f.add(path+".add", "%q is not digits, with or without + in front", r.Add)
	}
	oneOf(f, path+".form", r.Form, FormAsSent, FormNational, FormInternational)
}

// maxNumber is + and as many digits as a client's calling number may have.
const maxNumber = maxCalling + 1

// isNumber says whether text is digits, with or without + in front.
func isNumber(text []byte) bool {
	digits := bytes.TrimPrefix(text, []byte("+"))
	return len(digits) > 0 && len(digits) <= maxCalling && allDecimal(digits)
}

func longestPrefix(prefixes []string, text []byte) int {
	longest := 0
	for _, p := range prefixes {
		if len(p) > longest && len(p) <= len(text) && string(text[:len(p)]) == p {
			longest = len(p)
		}
	}
	return longest
}

// canonical splits a number into country code and what follows, so that all
// spellings of a number are one: +86571..., 0086571..., 86571..., 0571... and
// 571... are the same line. A service number or one without its area code has
// none, and stays as it is.
//
// 86 in front is the country code where a whole number follows it: no area code
// of the country begins with 86.
func canonical(number []byte) (country string, rest []byte) {
	switch {
	case number[0] == '+':
		return splitCountry(number[1:])
	case bytes.HasPrefix(number, []byte("00")):
		return splitCountry(number[2:])
	case len(number) > minNational && bytes.HasPrefix(number, []byte(countryCode)):
		return splitCountry(number)
	case len(number) >= minNational:
		return countryCode, bytes.TrimPrefix(number, []byte(trunkPrefix))
	}
	return "", number
}

// splitCountry takes our country code off an international number; another's is
// part of the rest, behind a + that keeps it apart from a number of ours.
func splitCountry(international []byte) (country string, rest []byte) {
	if rest, ok := bytes.CutPrefix(international, []byte(countryCode)); ok {
		return countryCode, bytes.TrimPrefix(rest, []byte(trunkPrefix))
	}
	return "+", international
}

func appendInternational(dst, number []byte) []byte {
	switch country, rest := canonical(number); country {
	case countryCode:
		return append(append(append(dst, '+'), country...), rest...)
	case "+":
		return append(append(dst, '+'), rest...)
	default:
		return append(dst, rest...)
	}
}

func appendNational(dst, number []byte) []byte {
	switch country, rest := canonical(number); {
	case country == "+":
		return append(append(dst, "00"...), rest...)
	case country == countryCode && hasAreaCode(rest):
		return append(append(dst, trunkPrefix...), rest...)
	default:
		return append(dst, rest...)
	}
}

// hasAreaCode tells fixed lines from mobile ones, and from the service numbers
// that begin with 400 and 800.
func hasAreaCode(national []byte) bool {
	mobile := len(national) == 11 && national[0] == '1' && national[1] >= '3'
	service := len(national) == 10 && (national[0] == '4' || national[0] == '8') && national[1] == '0' && national[2] == '0'
	return len(national) >= minNational && !mobile && !service
}

// appendISUPNumber appends an ISUP number's digits, + in front where its nature
// of address says international.
func appendISUPNumber(dst []byte, n *isupbody.Number) []byte {
	if n.Nature == isupbody.NatureInternational && n.Len() > 0 {
		dst = append(dst, '+')
	}
	return n.AppendDigits(dst)
}
