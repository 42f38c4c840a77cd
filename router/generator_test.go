package router_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"sipid/isupbody"
	"sipid/router"
)

// line is a telephone line: + and country code, or a short number. Few digits
// vary, so that lines are close to each other.
func (g *generator) line() string {
	switch g.IntN(6) {
	case 0:
		return "+861380000" + g.digits(4, 3)
	case 1:
		return "+1415555" + g.digits(4, 2)
	case 2:
		return "88" + g.digits(4, 2)
	case 3:
		return "+864008" + g.digits(6, 2)
	case 4:
		return "+86571880012345678" + g.digits(3, 2) // too long for a key
	default:
		return "+86571880" + g.digits(5, 2)
	}
}

// spelling is one of the ways to write a line.
func (g *generator) spelling(line string) string {
	national, ours := strings.CutPrefix(line, "+86")
	switch {
	case line[0] != '+' || g.IntN(4) == 0:
		return line
	case !ours:
		return "00" + line[1:]
	}
	return []string{"0086", "86", "", "0"}[g.IntN(4)] + national
}

// caller is a number to call from: nobody's at times, nearly a client's at others.
func (g *generator) caller() string {
	c := &g.clients[g.IntN(len(g.clients))]
	if g.IntN(6) == 0 || len(c.Calling) == 0 {
		return []string{"", g.spelling(g.line())}[g.IntN(2)]
	}
	n := g.spelling(c.Calling[g.IntN(len(c.Calling))])
	g.seen.numbers++
	if g.IntN(2) == 0 {
		return n
	}
	g.seen.misses++
	if n = g.nearly(strings.TrimPrefix(n, "+"), "8"); n == "" {
		return "8"
	}
	return n
}

// called is the access number with a caller behind it, or nearly so.
func (g *generator) called() string {
	n := []string{"95165", "951650", "95166", ""}[g.IntN(4)]
	switch g.IntN(8) {
	case 0:
		return n
	case 1:
		n += "571880" + g.digits(5, 10)
	case 2:
		n += "0571880" + g.digits(5, 10)
	case 3:
		n += "1380" + g.digits(7, 10)
	case 4:
		n += "01380" + g.digits(7, 10)
	case 5:
		n += "0108" + g.digits(7, 10)
	case 6:
		n += g.digits(1+g.IntN(14), 10)
	default:
		return "95165"
	}
	g.seen.numbers++
	if g.IntN(2) == 0 {
		return n
	}
	g.seen.misses++
	return g.nearly(n, "9516")
}

// call makes a call: what its sources say, and the message that says it.
func (g *generator) call() (*found, *router.Signals) {
	f, s := new(found), new(router.Signals)
	g.headers(f, s)
	if f.uri = g.called(); g.IntN(3) > 0 {
		f.uri = "95165"
	}
	if !strings.ContainsAny(f.uri, "0123456789") {
		f.uri = ""
	}
	plus := []string{"", "+9"}[g.IntN(2)]
	s.RequestURI = []byte("sip:" + plus + f.uri + "@10.0.0.5")
	f.uri = plus + f.uri
	f.called, f.calling = f.uri, g.sipCaller(s)
	g.isup(f, s)
	if f.body = g.IntN(30) == 0; f.body {
		s.BodyErr = errors.New("no boundary")
		g.allISUP(f, router.StatusMalformedBody)
	}
	return f, s
}

// sipCaller writes the calling number into headers; numbers that do not count
// stand there too.
func (g *generator) sipCaller(s *router.Signals) string {
	n := g.caller()
	if !strings.ContainsAny(n, "0123456789") {
		n = ""
	}
	if g.IntN(2) == 0 {
		s.From = fmt.Appendf(nil, "<sip:%s@a>;tag=1", n)
		return n
	}
	other := g.caller()
	s.From = fmt.Appendf(nil, "<sip:%s@a>;tag=1", other)
	if n == "" {
		if !strings.ContainsAny(other, "0123456789") {
			return ""
		}
		return other
	}
	s.Asserted = [][]byte{[]byte("<sip:anonymous@a>, " + `"x" <tel:` + n + ">"), fmt.Appendf(nil, "<sip:%s@a>", g.caller())}
	return n
}

// headers puts a number into each header. Other numbers stand where nobody may
// look.
func (g *generator) headers(f *found, s *router.Signals) {
	in := func(source router.Source) string {
		n := g.number()
		if !strings.ContainsAny(n, "0123456789") {
			n = "" // a user without a digit is no number
		}
		f.numbers[source] = []string{n}
		return n
	}
	if n := in(router.SourceDiversion); n != "" {
		s.Diversion = [][]byte{fmt.Appendf(nil, "<sip:%s@a>", g.number()), fmt.Appendf(nil, "<sip:7@a>, <sip:+9%s@a>", n)}
	}
	if n := in(router.SourceHistoryInfo); n != "" {
		s.HistoryInfo = [][]byte{fmt.Appendf(nil, "<sip:7@a>;index=1, <sip:+9%s@a>;index=1.1", n), []byte("<sip:95165@b>;index=1.2;mp=1.1")}
	}
	if n := in(router.SourceTo); n != "" {
		s.To = fmt.Appendf(nil, "<tel:%s>", n)
	}
	if n := in(router.SourceUserToUser); n != "" {
		s.UserToUser = [][]byte{fmt.Appendf(nil, "04%s;encoding=hex", hex.EncodeToString([]byte(n)))}
	}
}

// isup puts numbers into the parameters of an IAM, or of two, or of one that is
// broken.
func (g *generator) isup(f *found, s *router.Signals) {
	var parameters []isupbody.Parameter
	in := func(source router.Source, name isupbody.ParameterName, n string) {
		f.numbers[source] = append(f.numbers[source], n)
		if n != "" {
			parameters = append(parameters, number(g.t, name, n+[]string{"", "F"}[g.IntN(2)]))
		}
	}
	original := g.number()
	in(router.SourceISUPOriginalCalled, isupbody.ParamOriginalCalledNumber, original)
	if second := original; g.IntN(10) == 0 {
		if g.IntN(2) == 0 {
			second = g.number()
		}
		in(router.SourceISUPOriginalCalled, isupbody.ParamOriginalCalledNumber, second)
		if original != second && original != "" && second != "" {
			f.fault[router.SourceISUPOriginalCalled] = router.StatusAmbiguous
		}
	}
	in(router.SourceISUPRedirecting, isupbody.ParamRedirectingNumber, g.number())
	in(router.SourceISUPCalledIN, isupbody.ParamOriginalCalledINNumber, g.number())
	in(router.SourceISUPCalledIN, isupbody.ParamCalledINNumber, g.number())
	in(router.SourceISUPGeneric, isupbody.ParamGenericNumber, g.number())
	in(router.SourceISUPGeneric, isupbody.ParamGenericNumber, g.number())
	if g.IntN(8) == 0 {
		f.forgetISUP()
		return // as plain SIP: what stands in headers counts, ISUP says nothing
	}
	called, calling := g.called(), g.caller()
	restricted := calling != "" && g.IntN(8) == 0
	if calling != "" {
		parameters = append(parameters, callingParty(g.t, calling, restricted))
	}
	if calling != "" && g.IntN(20) == 0 {
		again := calling
		if g.IntN(2) == 0 {
			again = "+" + g.digits(12, 2)
		}
		parameters = append(parameters, callingParty(g.t, again, restricted))
		if again != calling {
			f.callers = true
		}
	}
	s.ISUP = [][]byte{iamTo(g.t, called+[]string{"", "F"}[g.IntN(2)], parameters...)}
	f.iam, f.called, f.calling, f.restricted = true, called, calling, restricted
	g.breakISUP(f, s)
}

func (g *generator) breakISUP(f *found, s *router.Signals) {
	switch g.IntN(40) {
	case 0:
		s.ISUP[0][0] = byte(isupbody.MessageACM)
		g.allISUP(f, router.StatusMalformedISUP)
	case 1:
		s.ISUP = append(s.ISUP, iam(g.t))
		g.allISUP(f, router.StatusAmbiguous)
	}
}

// forgetISUP is for a message without an ISUP part.
func (f *found) forgetISUP() {
	for _, source := range isupSources {
		f.numbers[source], f.fault[source] = nil, router.StatusNoIdentity
	}
}

var isupSources = []router.Source{
	router.SourceISUPOriginalCalled, router.SourceISUPRedirecting,
	router.SourceISUPGeneric, router.SourceISUPCalledIN,
}

// allISUP is for an ISUP part that nobody can rely on. Who calls is asked there
// first, so those sources cannot be relied on either.
func (g *generator) allISUP(f *found, status router.Status) {
	f.iam, f.restricted = false, false
	for _, source := range append(isupSources[:4:4], router.SourceCalledSuffix, router.SourceCalling) {
		f.fault[source] = status
	}
}
