package router_test

import (
	"fmt"
	"net/netip"
	"runtime"
	"testing"

	"sipid/isupbody"
	"sipid/router"
)

// rows gives n clients with access IDs of six digits or more.
func rows(n int) []router.Client {
	clients := make([]router.Client, n)
	for i := range clients {
		id := fmt.Sprintf("%07d", i)
		clients[i] = router.Client{
			AccessID: id, Name: "Hangzhou switchboard " + id, Endpoint: "https://vas" + id + ".example/sipid",
			SerialDigits: 8, PBX: "default", Enabled: true,
		}
	}
	return clients
}

// callFixture is a router with n clients and the signals of one call that
// resolves.
func callFixture(tb testing.TB, n int) (*router.Router, *router.Signals) {
	tb.Helper()
	r := newRouter(tb, config(), rows(n)...)
	s := &router.Signals{
		ISUP:       [][]byte{original(tb, fmt.Sprintf("%07d00000042", n/2))},
		ISUPLabel:  []byte("application/isup;version=itu-t92+;base=itu-t92+"),
		RequestURI: []byte("sip:95165@10.0.0.5"),
		To:         []byte("<sip:95165@10.0.0.5>"),
	}
	return r, s
}

// BenchmarkRoute is the way from the ISUP octets to the header lines, each time
// for another client: what a large table costs is that it is not in the caches.
func BenchmarkRoute(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 1_000_000} {
		b.Run(fmt.Sprintf("clients=%d", n), func(b *testing.B) {
			r, s := callFixture(b, n)
			messages := make([][]byte, 1<<16) // as many for every table
			for i := range messages {
				messages[i] = original(b, fmt.Sprintf("%07d00000042", i*(n>>16+1)%n))
			}
			var d router.Decision
			headers := make([]byte, 0, 1024)
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				s.ISUP[0] = messages[i%len(messages)]
				i++
				r.Route(r.Trunks()[0], s, &d)
				headers, _ = d.AppendHeaders(headers[:0])
			}
			if d.Status != router.StatusResolved || len(headers) == 0 {
				b.Fatalf("status %s", d.Status)
			}
		})
	}
}

// BenchmarkRouteSources is one call for each source, with every source configured
// and a million clients that have a calling number each.
func BenchmarkRouteSources(b *testing.B) {
	const n = 1_000_000
	c := config()
	c.Trunks[0].StripPrefix = []string{"+86", "86"}
	c.Trunks[0].AccessNumbers = []string{"95165"}
	clients := rowsThatCall(n)
	address := []byte("<sip:+86" + clients[n/2].AccessID + "00000042@10.1.0.1;user=phone>")
	digits, from := clients[n/2].AccessID+"00000042", clients[n/2].Calling[0]
	uri := []byte("sip:95165@10.0.0.5")
	for source, s := range map[router.Source]*router.Signals{
		router.SourceISUPOriginalCalled: {ISUP: [][]byte{original(b, digits)}, RequestURI: uri},
		router.SourceISUPRedirecting:    {ISUP: [][]byte{iam(b, number(b, isupbody.ParamRedirectingNumber, digits))}, RequestURI: uri},
		router.SourceISUPGeneric:        {ISUP: [][]byte{iam(b, number(b, isupbody.ParamGenericNumber, digits))}, RequestURI: uri},
		router.SourceISUPCalledIN:       {ISUP: [][]byte{iam(b, number(b, isupbody.ParamCalledINNumber, digits))}, RequestURI: uri},
		router.SourceDiversion:          {Diversion: [][]byte{address}, RequestURI: uri},
		router.SourceHistoryInfo:        {HistoryInfo: [][]byte{append(address[:len(address):len(address)], ";index=1, <sip:95165@a>;index=1.1;mp=1"...)}, RequestURI: uri},
		router.SourceTo:                 {To: address, RequestURI: uri},
		router.SourceUserToUser:         {UserToUser: [][]byte{[]byte("\"" + digits + "\"")}, RequestURI: uri},
		router.SourceCalledSuffix:       {ISUP: [][]byte{iamTo(b, "9516513800138000F", callingParty(b, from, false))}, RequestURI: []byte("sip:9516513800138000@10.0.0.5")},
		router.SourceCalling:            {ISUP: [][]byte{iam(b, callingParty(b, from, false))}, RequestURI: uri},
	} {
		c.Trunks[0].Identify = router.Sources()
		r := newRouter(b, c, clients...)
		b.Run(source.String(), func(b *testing.B) {
			var d router.Decision
			b.ReportAllocs()
			for b.Loop() {
				r.Route(r.Trunks()[0], s, &d)
			}
			if d.Source != source {
				b.Fatalf("%s by %s: %v", d.Status, d.Source, d.Err)
			}
		})
	}
}

// rowsThatCall are rows that have a calling number each.
func rowsThatCall(n int) []router.Client {
	clients := rows(n)
	for i := range clients {
		clients[i].Calling = []string{fmt.Sprintf("0571%08d", 80000000+i)}
	}
	return clients
}

// allSignals is a call that carries its number everywhere.
func allSignals(tb testing.TB) *router.Signals {
	tb.Helper()
	const uri = "<sip:+86100100000042@10.1.0.1;user=phone>"
	return &router.Signals{
		ISUP:        [][]byte{original(tb, "100100000042")},
		RequestURI:  []byte("sip:95165@10.0.0.5"),
		To:          []byte(uri),
		Diversion:   [][]byte{[]byte(uri + ";reason=unconditional"), []byte(uri)},
		HistoryInfo: [][]byte{[]byte(uri + ";index=1, <sip:95165@10.0.0.5>;index=1.1;mp=1")},
		UserToUser:  [][]byte{[]byte("04313030313030303030303432;encoding=hex")},
	}
}

func TestRouteAllocatesNothing(t *testing.T) {
	if raced {
		t.Skip("the race detector allocates")
	}
	c := config()
	c.Trunks[0].Identify = router.Sources()
	c.Trunks[0].AccessNumbers = []string{"95165"}
	c.Trunks[0].StripPrefix = []string{"+86", "86"}
	c.Trunks[0].AccessIDs = []string{"20*", "10*"}
	escaped := row("1001")
	escaped.Name = "100 %\t杭州"
	r := newRouter(t, c, escaped)
	onlyISUP := &router.Signals{ISUP: allSignals(t).ISUP, RequestURI: []byte("sip:95165@10.0.0.5")}
	for name, s := range map[string]*router.Signals{"every source": allSignals(t), "ISUP only": onlyISUP} {
		t.Run(name, func(t *testing.T) {
			var d router.Decision
			headers := make([]byte, 0, 1024)
			allocs := testing.AllocsPerRun(1000, func() {
				r.Route(r.Trunks()[0], s, &d)
				headers, _ = d.AppendHeaders(headers[:0])
			})
			if d.Status != router.StatusResolved {
				t.Fatalf("status %s: %v", d.Status, d.Err)
			}
			if allocs != 0 {
				t.Errorf("%v allocations a call", allocs)
			}
		})
	}
}

func TestLookupsAllocateNothing(t *testing.T) {
	if raced {
		t.Skip("the race detector allocates")
	}
	r := newRouter(t, config(), row("1001"))
	callID, number := []byte("a84b4c76e66710@pc33.example"), []byte("100100000042")
	source := netip.MustParseAddr("::ffff:127.0.0.1")
	for name, f := range map[string]func(){
		"First":   func() { r.DefaultGroup().First(callID) },
		"Resolve": func() { r.Table().Resolve(number) },
		"Trunk":   func() { r.Trunk(source) },
	} {
		if n := testing.AllocsPerRun(1000, f); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func BenchmarkResolve(b *testing.B) {
	for _, n := range []int{1_000, 1_000_000} {
		b.Run(fmt.Sprintf("rows=%d", n), func(b *testing.B) {
			t := newTable(b, rows(n)...)
			numbers := make([][]byte, min(n, 1<<16)) // enough to miss the caches
			for i := range numbers {
				numbers[i] = fmt.Appendf(nil, "%07d00000042", i*(n/len(numbers)+1)%n)
			}
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				if _, ok := t.Resolve(numbers[i%len(numbers)]); !ok {
					b.Fatal("not found")
				}
				i++
			}
		})
	}
}

func BenchmarkNewTable(b *testing.B) {
	for _, n := range []int{1_000, 1_000_000} {
		b.Run(fmt.Sprintf("rows=%d", n), func(b *testing.B) {
			clients := rows(n)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := router.NewTable(clients, 1); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkTableMemory measures what a table of a million rows keeps alive, the
// rows and their strings included.
func BenchmarkTableMemory(b *testing.B) {
	const n = 1_000_000
	for name, make := range map[string]func(int) []router.Client{"plain": rows, "calling": rowsThatCall} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				before := heap()
				t := newTable(b, make(n)...)
				b.ReportMetric(float64(heap()-before)/(1<<20), "MB")
				runtime.KeepAlive(t)
			}
		})
	}
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
