package router

import (
	"fmt"
	"strings"
)

// NumberPlan says which numbers are plausible: those that fit one of its
// patterns. The zero value fits nothing.
type NumberPlan struct {
	patterns [][]uint16 // for each place the digits that may stand there, bit n for digit n
}

// ChinaPlan is the plan a trunk has when its configuration names none: mobile
// numbers, with 0 in front too, and fixed lines with 0 and their area code, whose
// own number does not begin with 0.
func ChinaPlan() []string {
	return []string{
		"1[3-9]xxxxxxxxx", "01[3-9]xxxxxxxxx",
		"010[1-9]xxxxxxx", "02x[1-9]xxxxxxx", "0[3-9]xx[1-9]xxxxxx", "0[3-9]xx[1-9]xxxxxxx",
	}
}

// ParseNumberPlan reads patterns: a digit stands for itself, x for any digit,
// [13-9] for one of those. A pattern fits numbers of its own length.
func ParseNumberPlan(patterns []string) (NumberPlan, error) {
	var plan NumberPlan
	for _, text := range patterns {
		p, err := parsePattern(text)
		if err != nil {
			return plan, err
		}
		plan.patterns = append(plan.patterns, p)
	}
	return plan, nil
}

func parsePattern(text string) (pattern []uint16, err error) {
	wrong := fmt.Errorf("%q is no pattern of a number like 1[3-9]xxxxxxxxx: digits, x and [13-9] are expected", clip(text))
	for rest := text; rest != ""; {
		var place uint16
		switch c := rest[0]; {
		case c == 'x' || c == 'X':
			place, rest = 1<<10-1, rest[1:]
		case c >= '0' && c <= '9':
			place, rest = 1<<(c-'0'), rest[1:]
		case c == '[':
			inside, behind, ok := strings.Cut(rest[1:], "]")
			if place = digitSet(inside); !ok || place == 0 {
				return nil, wrong
			}
			rest = behind
		default:
			return nil, wrong
		}
		pattern = append(pattern, place)
	}
	if len(pattern) == 0 || len(pattern) > maxCalling {
		return nil, wrong
	}
	return pattern, nil
}

// digitSet reads the inside of [13-9]; 0 when it is no set of digits.
func digitSet(s string) (set uint16) {
	for i := 0; i < len(s); i++ {
		first, last := s[i], s[i]
		if i+2 < len(s) && s[i+1] == '-' {
			last = s[i+2]
			i += 2
		}
		if first < '0' || last > '9' || first > last {
			return 0
		}
		for d := first; d <= last; d++ {
			set |= 1 << (d - '0')
		}
	}
	return set
}

// fits says whether digits are a number of the plan.
func (p *NumberPlan) fits(digits []byte) bool {
	for _, pattern := range p.patterns {
		if len(pattern) == len(digits) && fitsPattern(pattern, digits) {
			return true
		}
	}
	return false
}

func fitsPattern(pattern []uint16, digits []byte) bool {
	for i, place := range pattern {
		if d := digits[i] - '0'; d > 9 || place>>d&1 == 0 {
			return false
		}
	}
	return true
}
