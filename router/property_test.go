package router_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"sipid/router"
)

var (
	decisions = flag.Int("decisions", 0, "random decisions to compare with the oracle; 0: a million, fewer with -short and -race")
	judges    = flag.Int("judges", 1, "goroutines that compare decisions")
)

// TestRandomDecisions compares random calls with the oracle. At least half of
// the numbers are near misses: a digit too few, too many, changed, or a letter.
// Numbers stand in several sources at once, and messages are broken at times.
// Each message is decided by trunks with different orders and permissions.
//
// scripts/decisions runs 10^8 of them.
func TestRandomDecisions(t *testing.T) {
	calls := *decisions
	if calls == 0 {
		calls = 1_000_000
		if raced || testing.Short() {
			calls = 50_000
		}
	}
	seed := rand.Uint64()
	var wg sync.WaitGroup
	var mu sync.Mutex
	var all census
	for worker := range *judges {
		wg.Go(func() {
			g := &generator{Rand: rand.New(rand.NewPCG(seed, uint64(worker))), t: t}
			seen := g.judge(seed, worker, calls / *judges)
			mu.Lock()
			defer mu.Unlock()
			all.add(seen)
		})
	}
	wg.Wait()
	t.Logf("seed %d: %d decisions, %v, by source %v; %d of %d numbers near misses", seed, all.total, all.byStatus, all.bySource, all.misses, all.numbers)
	if t.Failed() {
		return
	}
	all.check(t)
}

// census says what a run has seen.
type census struct {
	total, misses, numbers int
	byStatus               map[router.Status]int
	bySource               map[router.Source]int
}

func (c *census) add(o *census) {
	if c.byStatus == nil {
		c.byStatus, c.bySource = map[router.Status]int{}, map[router.Source]int{}
	}
	c.total, c.misses, c.numbers = c.total+o.total, c.misses+o.misses, c.numbers+o.numbers
	for s, n := range o.byStatus {
		c.byStatus[s] += n
	}
	for s, n := range o.bySource {
		c.bySource[s] += n
	}
}

func (c *census) check(t *testing.T) {
	t.Helper()
	for _, s := range router.Statuses() {
		if c.byStatus[s] < c.total/2000 {
			t.Errorf("%s was seen %d times only: the generator does not test it", s, c.byStatus[s])
		}
	}
	for _, s := range router.Sources() {
		if c.bySource[s] < c.total/2000 {
			t.Errorf("%s resolved %d times only: the generator does not test it", s, c.bySource[s])
		}
	}
	if 2*c.misses < c.numbers {
		t.Errorf("%d of %d numbers were near misses, want half", c.misses, c.numbers)
	}
}

func answerOf(d *router.Decision) answer {
	a := answer{
		status: d.Status, source: d.Source, serial: string(d.Serial()), caller: string(d.CallingNumber()),
		refuse: d.RejectStatus, differs: d.CalledDiffers,
	}
	if d.Client != nil {
		a.id = d.Client.AccessID
	}
	return a
}

// generator makes tables, trunks and calls.
type generator struct {
	*rand.Rand
	t       *testing.T
	clients []router.Client
	router  *router.Router
	seen    census
}

// judge compares n decisions and stops at the first that is wrong.
func (g *generator) judge(seed uint64, worker, n int) *census {
	const callsPerTable = 100
	g.seen.byStatus, g.seen.bySource = map[router.Status]int{}, map[router.Source]int{}
	var d router.Decision
	for round := 0; g.seen.total < n && !g.t.Failed(); round++ {
		if round%callsPerTable == 0 {
			g.newTable()
		}
		f, s := g.call()
		heard := voices(g.clients, g.router.Trunks()[0], f)
		for _, trunk := range g.router.Trunks() {
			g.router.Route(trunk, s, &d)
			want := oracle(&heard, trunk, f)
			if got := answerOf(&d); got != want {
				g.t.Errorf("seed %d, worker %d, decision %d:\ngot  %+v\nwant %+v\nfound %+v\ntrunk %+v\nclients %+v",
					seed, worker, g.seen.total, got, want, f, trunk, g.clients)
				return &g.seen
			}
			g.seen.total++
			g.seen.byStatus[d.Status]++
			if d.Status == router.StatusResolved {
				g.seen.bySource[d.Source]++
			}
		}
	}
	return &g.seen
}

// trunksPerTable is how many trunks decide each message.
const trunksPerTable = 8

// newTable makes up to 64 clients and some trunks. Access IDs are drawn from few
// digits, so that they are close to each other; so are calling numbers, which
// some clients share.
func (g *generator) newTable() {
	g.clients = g.clients[:0:0]
	for range 1 + g.IntN(64) {
		c := row(g.digits(1+g.IntN(5), 3))
		c.SerialDigits, c.Enabled = 1+g.IntN(10), g.IntN(8) > 0
		for range g.IntN(3) {
			c.Calling = append(c.Calling, g.spelling(g.line()))
		}
		if g.prefixFree(c.AccessID) {
			g.clients = append(g.clients, c)
		}
	}
	c := config()
	c.Trunks = nil
	rule := g.rule()
	for i := range trunksPerTable {
		one := trunk(fmt.Sprint(i), netip.AddrFrom4([4]byte{10, byte(i)}).String()+"/16")
		one.Calling = rule
		one.AccessNumbers = []string{"95165", "951650"}
		g.configure(&one)
		c.Trunks = append(c.Trunks, one)
	}
	direct := []string{"", g.clients[0].AccessID, "99999"}[g.IntN(3)]
	for i := range c.Trunks {
		c.Trunks[i].DirectClient = direct
	}
	g.router = newRouter(g.t, c, append([]router.Client(nil), g.clients...)...)
}

// configure draws what differs between the trunks.
func (g *generator) configure(t *router.Trunk) {
	t.Identify = router.Sources()
	g.Shuffle(len(t.Identify), func(i, j int) { t.Identify[i], t.Identify[j] = t.Identify[j], t.Identify[i] })
	t.Identify = t.Identify[:1+g.IntN(len(t.Identify))]
	t.StripPrefix = []string{"+", "+9"}
	t.Reject, t.FirstWins = g.IntN(2) == 0, g.IntN(4) == 0
	if g.IntN(3) == 0 {
		t.AccessIDs = []string{"0*", g.digits(2, 3) + "*", g.clients[0].AccessID}
	}
	if g.IntN(4) == 0 {
		t.MayUse = router.Sources()[g.IntN(4):][:5]
	}
}

func (g *generator) rule() router.NumberRule {
	switch g.IntN(5) {
	case 0:
		return router.NumberRule{Form: router.FormNational}
	case 1:
		return router.NumberRule{Form: router.FormInternational}
	case 2:
		return router.NumberRule{Strip: []string{"0", "+", "057"}, Add: "0"}
	default:
		return router.NumberRule{}
	}
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
	c := &g.clients[g.IntN(len(g.clients))]
	n := c.AccessID + g.digits(c.SerialDigits, 10)
	g.seen.numbers++
	if g.IntN(5) < 2 {
		return n
	}
	g.seen.misses++
	return g.nearly(n, c.AccessID[:g.IntN(len(c.AccessID))])
}

// nearly is n with a fault, or short.
func (g *generator) nearly(n, short string) string {
	at := g.IntN(len(n))
	switch g.IntN(5) {
	case 0:
		return n[:at] + n[at+1:] // empty at times, too
	case 1:
		return n[:at] + g.digits(1, 10) + n[at:]
	case 2:
		return n[:at] + g.digits(1, 10) + n[at+1:]
	case 3:
		return n[:at] + "B" + n[at+1:]
	}
	return short
}
