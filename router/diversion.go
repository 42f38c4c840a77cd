package router

import "sipid/sipmsg"

// readDiversion takes the bottom-most Diversion value: the oldest one, where a
// gateway puts the original called number (RFC 5806 section 9.2.3).
func (c *call) readDiversion() {
	var bottom []byte
	for l := (values{headers: c.signals.Diversion}); l.next(); {
		bottom = l.value
	}
	c.offerAddress(bottom, "bottom-most Diversion")
}

// offerAddress offers the number in a name-addr or addr-spec.
func (c *call) offerAddress(value []byte, where string) {
	if len(value) == 0 {
		return
	}
	if a, err := sipmsg.ParseNameAddr(value); err == nil {
		c.offerURI(a.URI, where)
	}
}

// offerURI offers the number in a SIP or tel URI, under the trunk's rules.
func (c *call) offerURI(uri []byte, where string) {
	found := appendNumber(c.scratch[:0], uri)
	digits := c.trunk.strip(found)
	if len(found) > 0 {
		c.traceNumber(found, digits, where)
	}
	c.offer(digits)
}

// maxOpeners bounds the work on one header line: each '<', '"' or '(' that is
// never closed makes the splitter look through the rest of the line. A line of
// 8 KB that means anything has fewer.
const maxOpeners = 300

func tooManyOpeners(line []byte) bool {
	n := 0
	for _, c := range line {
		if c == '<' || c == '"' || c == '(' {
			n++
		}
	}
	return n > maxOpeners
}

// values goes through the values of a header that may be repeated and may be a
// comma list. Empty values are passed over, and so is a line with more opening
// marks than any list of addresses has.
type values struct {
	headers [][]byte
	rest    []byte
	value   []byte
}

func (l *values) next() bool {
	for {
		for len(l.rest) == 0 {
			if len(l.headers) == 0 {
				return false
			}
			if l.rest, l.headers = l.headers[0], l.headers[1:]; tooManyOpeners(l.rest) {
				l.rest = nil
			}
		}
		if l.value, l.rest = sipmsg.NextValue(l.rest); len(l.value) > 0 {
			return true
		}
	}
}
