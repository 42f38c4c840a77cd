package router_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"sipid/isupbody"
	"sipid/router"
)

// TestRandomDecisions compares a million random calls with the oracle. Half of
// the numbers are near misses: a digit too few, too many, changed, or a letter.
// Numbers stand in several sources at once, and messages are broken at times.
func TestRandomDecisions(t *testing.T) {
	calls := 1_000_000
	if raced || testing.Short() {
		calls = 50_000
	}
	const callsPerTable = 500
	seed := rand.Uint64()
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 1)), t: t}
	seen := make(map[router.Status]int)
	var d router.Decision
	for n := range calls {
		if n%callsPerTable == 0 {
			g.newTable()
		}
		f, s := g.call()
		trunk := g.router.Trunks()[0]
		g.router.Route(trunk, s, &d)
		want := oracle(g.clients, trunk, f)
		if got := answerOf(&d); got != want {
			t.Fatalf("seed %d, call %d:\ngot  %+v\nwant %+v\nfound %+v\ntrunk %+v\nclients %+v", seed, n, got, want, f, trunk, g.clients)
		}
		seen[d.Status]++
	}
	t.Logf("seed %d: %v", seed, seen)
	for _, s := range router.Statuses() {
		if seen[s] < calls/2000 {
			t.Errorf("%s was seen %d times only: the generator does not test it", s, seen[s])
		}
	}
}

func answerOf(d *router.Decision) answer {
	a := answer{status: d.Status, source: d.Source, serial: string(d.Serial()), refuse: d.RejectStatus}
	if d.Client != nil {
		a.id = d.Client.AccessID
	}
	return a
}

type generator struct {
	*rand.Rand
	t       *testing.T
	clients []router.Client
	router  *router.Router
}

// newTable makes up to 64 clients and a trunk. Access IDs are drawn from few
// digits, so that they are close to each other.
func (g *generator) newTable() {
	g.clients = g.clients[:0:0]
	for range 1 + g.IntN(64) {
		c := row(g.digits(1+g.IntN(5), 3))
		c.SerialDigits, c.Enabled = 1+g.IntN(10), g.IntN(8) > 0
		if g.prefixFree(c.AccessID) {
			g.clients = append(g.clients, c)
		}
	}
	c := config()
	trunk := &c.Trunks[0]
	trunk.Identify = router.Sources()
	g.Shuffle(len(trunk.Identify), func(i, j int) {
		trunk.Identify[i], trunk.Identify[j] = trunk.Identify[j], trunk.Identify[i]
	})
	trunk.Identify = trunk.Identify[:1+g.IntN(len(trunk.Identify))]
	trunk.StripPrefix = []string{"+", "+9"}
	trunk.Reject = g.IntN(2) == 0
	if g.IntN(3) == 0 {
		trunk.AccessIDs = []string{"0*", g.digits(2, 3) + "*", g.clients[0].AccessID}
	}
	g.router = newRouter(g.t, c, append([]router.Client(nil), g.clients...)...)
}

func (g *generator) prefixFree(id string) bool {
	for _, c := range g.clients {
		if strings.HasPrefix(id, c.AccessID) || strings.HasPrefix(c.AccessID, id) {
			return false
		}
	}
	return true
}

func (g *generator) digits(n, base int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = '0' + byte(g.IntN(base))
	}
	return string(b)
}

// number is empty at times; of the others half are a client's, half nearly.
func (g *generator) number() string {
	if g.IntN(3) == 0 {
		return ""
	}
	c := g.clients[g.IntN(len(g.clients))]
	n := c.AccessID + g.digits(c.SerialDigits, 10)
	at := g.IntN(len(n))
	switch g.IntN(10) {
	case 0:
		return n[:at] + n[at+1:] // empty at times, too
	case 1:
		return n[:at] + g.digits(1, 10) + n[at:]
	case 2:
		return n[:at] + g.digits(1, 10) + n[at+1:]
	case 3:
		return n[:at] + "B" + n[at+1:]
	case 4:
		return c.AccessID[:g.IntN(len(c.AccessID))]
	}
	return n
}

// call makes a call: what its sources say, and the message that says it.
func (g *generator) call() (*found, *router.Signals) {
	f := &found{numbers: make(map[router.Source][]string), fault: make(map[router.Source]router.Status)}
	s := &router.Signals{RequestURI: []byte("sip:95165@10.0.0.5")}
	g.headers(f, s)
	g.isup(f, s)
	if f.body = g.IntN(30) == 0; f.body {
		s.BodyErr = errors.New("no boundary")
		g.allISUP(f, router.StatusMalformedBody)
	}
	return f, s
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
	s.ISUP = [][]byte{iam(g.t, parameters...)}
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
	case 2:
		s.ISUP = nil
		for _, source := range isupSources {
			delete(f.numbers, source)
			delete(f.fault, source)
		}
	}
}

var isupSources = []router.Source{
	router.SourceISUPOriginalCalled, router.SourceISUPRedirecting,
	router.SourceISUPGeneric, router.SourceISUPCalledIN,
}

func (g *generator) allISUP(f *found, status router.Status) {
	for _, source := range isupSources {
		f.fault[source] = status
	}
}
