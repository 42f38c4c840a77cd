package locator_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"

	"sipid/locator"
	"sipid/router"
)

// zone is a DNS server on loopback.
type zone struct {
	addr  string
	asked atomic.Int32

	mu      sync.Mutex
	records map[string][]dns.RR // by name and type
	rcode   int                 // of all answers
	silent  string              // part of names that get no answer
	change  func(*dns.Msg)      // of each answer
}

func newZone(t *testing.T, records ...string) *zone {
	t.Helper()
	z := &zone{}
	z.set(t, records...)
	packets, streams := listenBoth(t)
	z.addr = packets.LocalAddr().String()
	for _, s := range []*dns.Server{{PacketConn: packets}, {Listener: streams}} {
		s.Handler = dns.HandlerFunc(z.answer)
		go func() { _ = s.ActivateAndServe() }()
		t.Cleanup(func() { _ = s.Shutdown() })
	}
	return z
}

// listenBoth takes a port that is free for UDP and for TCP. The kernel gives a port that is free for one of them, and
// another test may hold it for the other.
func listenBoth(t *testing.T) (net.PacketConn, net.Listener) {
	t.Helper()
	var err error
	for range 50 {
		var packets net.PacketConn
		if packets, err = net.ListenPacket("udp", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		var streams net.Listener
		if streams, err = net.Listen("tcp", packets.LocalAddr().String()); err == nil {
			return packets, streams
		}
		_ = packets.Close()
	}
	t.Fatalf("no port free for UDP and TCP: %v", err)
	return nil, nil
}

// set replaces all records.
func (z *zone) set(t *testing.T, records ...string) {
	t.Helper()
	z.mu.Lock()
	defer z.mu.Unlock()
	z.records = make(map[string][]dns.RR)
	for _, text := range records {
		rr, err := dns.NewRR(text)
		if err != nil {
			t.Fatal(err)
		}
		key := strings.ToLower(rr.Header().Name) + dns.TypeToString[rr.Header().Rrtype]
		z.records[key] = append(z.records[key], rr)
	}
}

func (z *zone) with(f func()) {
	z.mu.Lock()
	defer z.mu.Unlock()
	f()
}

func (z *zone) answer(w dns.ResponseWriter, q *dns.Msg) {
	z.asked.Add(1)
	z.mu.Lock()
	defer z.mu.Unlock()
	name, kind := strings.ToLower(q.Question[0].Name), dns.TypeToString[q.Question[0].Qtype]
	if z.silent != "" && strings.Contains(name+kind, z.silent) {
		return
	}
	m := new(dns.Msg)
	m.SetRcode(q, z.rcode)
	if alias := z.records[name+"CNAME"]; len(alias) > 0 {
		m.Answer = append(m.Answer, alias...)
		name = strings.ToLower(alias[0].(*dns.CNAME).Target)
	}
	m.Answer = append(m.Answer, z.records[name+kind]...)
	if z.change != nil {
		z.change(m)
	}
	if _, byUDP := w.RemoteAddr().(*net.UDPAddr); byUDP {
		m.Truncate(512)
	}
	_ = w.WriteMsg(m)
}

func newLocator(t *testing.T, z *zone, n locator.Name, change func(*locator.Options)) *locator.Locator {
	t.Helper()
	o := locator.Options{Names: []locator.Name{n}, Servers: []string{z.addr}, Transports: []string{"udp", "tcp", "tls"}}
	if change != nil {
		change(&o)
	}
	l, err := locator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// text is where a name is, in the order of trying.
func text(s locator.State) string {
	var list []string
	at := slices.Clone(s.At)
	slices.SortStableFunc(at, func(a, b router.Endpoint) int { return a.Priority - b.Priority })
	for _, e := range at {
		list = append(list, e.Transport+":"+e.Addr.String())
	}
	return strings.Join(list, " ")
}

func TestRFC3263(t *testing.T) {
	for name, tc := range map[string]struct {
		name    locator.Name
		records []string
		want    string
		err     error
	}{
		"PortMeansNoSRV": {
			locator.Name{Host: "pbx.test", Port: 5070},
			[]string{"_sip._udp.pbx.test. 60 SRV 0 0 5080 a.test.", "a.test. 60 A 10.0.0.9", "pbx.test. 60 A 10.0.0.1"},
			"udp:10.0.0.1:5070", nil,
		},
		"PortAndTransport": {
			locator.Name{Host: "pbx.test", Port: 5070, Transport: "tcp"}, []string{"pbx.test. 60 A 10.0.0.1"}, "tcp:10.0.0.1:5070", nil,
		},
		"TransportMeansItsSRV": {
			locator.Name{Host: "pbx.test", Transport: "tls"},
			[]string{"pbx.test. 60 NAPTR 1 1 \"s\" \"SIP+D2U\" \"\" _sip._udp.pbx.test.", "_sips._tcp.pbx.test. 60 SRV 0 0 5081 a.test.", "a.test. 60 A 10.0.0.9"},
			"tls:10.0.0.9:5081", nil,
		},
		"NAPTROrder": {
			locator.Name{Host: "pbx.test"},
			[]string{
				"pbx.test. 60 NAPTR 20 1 \"s\" \"SIP+D2U\" \"\" _sip._udp.pbx.test.", "pbx.test. 60 NAPTR 10 2 \"s\" \"SIP+D2T\" \"\" tcp.test.",
				"pbx.test. 60 NAPTR 10 1 \"S\" \"sips+d2t\" \"\" tls.test.", "pbx.test. 60 NAPTR 1 1 \"u\" \"E2U+sip\" \"!x!y!\" .",
				"_sip._udp.pbx.test. 60 SRV 0 0 5060 a.test.", "tcp.test. 60 SRV 0 0 5070 a.test.", "tls.test. 60 SRV 0 0 5071 a.test.", "a.test. 60 A 10.0.0.9",
			},
			"tls:10.0.0.9:5071 tcp:10.0.0.9:5070 udp:10.0.0.9:5060", nil,
		},
		"NoNAPTRThenSRVOfUDP": {
			locator.Name{Host: "pbx.test"},
			[]string{"_sip._udp.pbx.test. 60 SRV 0 0 5080 a.test.", "_sip._tcp.pbx.test. 60 SRV 0 0 5090 a.test.", "a.test. 60 A 10.0.0.9"}, "udp:10.0.0.9:5080", nil,
		},
		"SRVOfTCPAlone": {
			locator.Name{Host: "pbx.test"}, []string{"_sip._tcp.pbx.test. 60 SRV 0 0 5090 a.test.", "a.test. 60 A 10.0.0.9"}, "tcp:10.0.0.9:5090", nil,
		},
		"SRVPriorities": {
			locator.Name{Host: "pbx.test"},
			[]string{
				"_sip._udp.pbx.test. 60 SRV 20 5 5080 b.test.", "_sip._udp.pbx.test. 60 SRV 10 5 5080 a.test.",
				"a.test. 60 A 10.0.0.9", "b.test. 60 A 10.0.0.1", "a.test. 60 AAAA 2001:db8::9",
			},
			"udp:10.0.0.9:5080 udp:[2001:db8::9]:5080 udp:10.0.0.1:5080", nil,
		},
		"NoSRV": {locator.Name{Host: "pbx.test"}, []string{"pbx.test. 60 A 10.0.0.2", "pbx.test. 60 A 10.0.0.1"}, "udp:10.0.0.1:5060 udp:10.0.0.2:5060", nil},
		"Alias": {
			locator.Name{Host: "pbx.test"}, []string{"pbx.test. 60 CNAME real.test.", "real.test. 60 A 10.0.0.1"}, "udp:10.0.0.1:5060", nil,
		},
		"TLSPort":      {locator.Name{Host: "pbx.test", Transport: "tls"}, []string{"pbx.test. 60 AAAA 2001:db8::1"}, "tls:[2001:db8::1]:5061", nil},
		"NoSuchName":   {locator.Name{Host: "pbx.test"}, nil, "", locator.ErrNotFound},
		"TakesNoCalls": {locator.Name{Host: "pbx.test"}, []string{"_sip._udp.pbx.test. 60 SRV 0 0 0 .", "pbx.test. 60 A 10.0.0.1"}, "", locator.ErrRefused},
		"OddAddresses": {locator.Name{Host: "pbx.test"}, []string{"pbx.test. 60 A 0.0.0.0", "pbx.test. 60 A 224.2.0.1", "pbx.test. 60 A 255.255.255.255"}, "", locator.ErrNotFound},
		"AliasLoop":    {locator.Name{Host: "pbx.test"}, []string{"pbx.test. 60 CNAME pbx.test."}, "", locator.ErrNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLocator(t, newZone(t, tc.records...), tc.name, nil)
			s := l.Locate(context.Background())[0]
			if text(s) != tc.want || !errors.Is(s.Err, tc.err) || (s.Err == nil) != (tc.err == nil) {
				t.Errorf("at %q, %v; want %q, %v", text(s), s.Err, tc.want, tc.err)
			}
		})
	}
}

// TestWeights: of three servers of one priority each gets its share of the calls.
func TestWeights(t *testing.T) {
	z := newZone(t, "_sip._udp.pbx.test. 60 SRV 1 60 5060 a.test.", "_sip._udp.pbx.test. 60 SRV 1 30 5060 b.test.", "_sip._udp.pbx.test. 60 SRV 1 10 5060 c.test.",
		"a.test. 60 A 10.0.0.1", "a.test. 60 A 10.0.0.11", "b.test. 60 A 10.0.0.2", "c.test. 60 A 10.0.0.3")
	at := newLocator(t, z, locator.Name{Host: "pbx.test"}, nil).Locate(context.Background())[0].At
	got := map[string]int{}
	for i := range 10000 {
		id := fmt.Appendf(nil, "call-%d", i)
		best := slices.MinFunc(at, func(a, b router.Endpoint) int { return a.Compare(&b, id) })
		got[best.Addr.Addr().String()]++
	}
	for addr, want := range map[string]int{"10.0.0.1": 3000, "10.0.0.11": 3000, "10.0.0.2": 3000, "10.0.0.3": 1000} {
		if n := got[addr]; n < want-200 || n > want+200 {
			t.Errorf("%s gets %d of 10000 calls, want about %d", addr, n, want)
		}
	}
}

// TestLargeAnswer: one that fits no datagram is asked for by TCP.
func TestLargeAnswer(t *testing.T) {
	var records []string
	for i := range 40 {
		records = append(records, fmt.Sprintf("pbx.test. 60 A 10.0.0.%d", i+1))
	}
	s := newLocator(t, newZone(t, records...), locator.Name{Host: "pbx.test", Port: 5060}, nil).Locate(context.Background())[0]
	if len(s.At) != 32 {
		t.Errorf("%d places, want 32, the most that are taken (%v)", len(s.At), s.Err)
	}
}

// TestForeignAnswer: an answer to another question, or of a server that says it
// cannot, is none.
func TestForeignAnswer(t *testing.T) {
	z := newZone(t, "pbx.test. 60 A 10.0.0.1")
	l := newLocator(t, z, locator.Name{Host: "pbx.test", Port: 5060}, nil)
	z.with(func() { z.change = func(m *dns.Msg) { m.Question[0].Name = "other.test." } })
	if s := l.Locate(context.Background())[0]; !errors.Is(s.Err, locator.ErrNoAnswer) || len(s.At) != 0 {
		t.Errorf("%v %v", s.At, s.Err)
	}
	z.with(func() { z.change = func(m *dns.Msg) { m.Rcode = dns.RcodeServerFailure } })
	if s := l.Locate(context.Background())[0]; !errors.Is(s.Err, locator.ErrNoAnswer) {
		t.Errorf("%v", s.Err)
	}
}

// found collects what a Locator tells.
type found struct {
	mu  sync.Mutex
	all []string
}

func (f *found) tell(_ string, at []router.Endpoint) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.all = append(f.all, text(locator.State{At: at}))
}

func (f *found) last() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.all) == 0 {
		return ""
	}
	return f.all[len(f.all)-1]
}

func eventually(t *testing.T, what string, f func() bool) {
	t.Helper()
	for until := time.Now().Add(10 * time.Second); time.Now().Before(until); time.Sleep(5 * time.Millisecond) {
		if f() {
			return
		}
	}
	t.Fatal(what)
}

// TestChanges: an answer that changes is told; one that is missing, wrong or cut
// in half changes nothing, whatever is the matter with DNS.
func TestChanges(t *testing.T) {
	z := newZone(t, "_sip._udp.pbx.test. 0 SRV 1 1 5060 a.test.", "_sip._udp.pbx.test. 0 SRV 1 1 5060 b.test.", "a.test. 0 A 10.0.0.1", "b.test. 0 A 10.0.0.2")
	var f found
	l := newLocator(t, z, locator.Name{URI: "sip:pbx.test", Host: "pbx.test"}, func(o *locator.Options) { o.Found = f.tell })
	l.Hurry(10 * time.Millisecond)
	const first = "udp:10.0.0.1:5060 udp:10.0.0.2:5060"
	if s := l.Locate(context.Background())[0]; text(s) != first {
		t.Fatalf("at %q, %v", text(s), s.Err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { l.Run(ctx) })
	defer running.Wait()
	defer stop()
	for what, harm := range map[string]func(){
		"no such name":       func() { z.rcode = dns.RcodeNameError; z.records = nil },
		"server failure":     func() { z.rcode = dns.RcodeServerFailure },
		"refused":            func() { z.rcode = dns.RcodeRefused },
		"silent":             func() { z.silent = "pbx" },
		"silent about one":   func() { z.silent = "b.test" },
		"nothing in it":      func() { z.change = func(m *dns.Msg) { m.Answer = nil } },
		"silent about SRV":   func() { z.silent = "SRV" },
		"silent about NAPTR": func() { z.silent = "NAPTR" },
	} {
		kept := z.records
		z.with(harm)
		eventually(t, what+": no error", func() bool { return l.States()[0].Err != nil })
		if s := l.States()[0]; text(s) != first {
			t.Errorf("%s: at %q", what, text(s))
		}
		z.with(func() { z.rcode, z.silent, z.change, z.records = 0, "", nil, kept })
		eventually(t, what+": no recovery", func() bool { return l.States()[0].Err == nil })
	}
	if f.last() != "" {
		t.Errorf("told of a change that was none: %q", f.last())
	}
	z.set(t, "_sip._udp.pbx.test. 0 SRV 1 1 5060 b.test.", "b.test. 0 A 10.0.0.3")
	eventually(t, "the change was not told", func() bool { return f.last() == "udp:10.0.0.3:5060" })
}

// TestTimeToLive: an answer that is good for a minute is not asked for again.
func TestTimeToLive(t *testing.T) {
	z := newZone(t, "pbx.test. 60 A 10.0.0.1")
	l := newLocator(t, z, locator.Name{Host: "pbx.test", Port: 5060}, nil)
	l.Hurry(5 * time.Millisecond)
	ctx, stop := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer stop()
	l.Run(ctx)
	if n := z.asked.Load(); n != 2 {
		t.Errorf("%d questions, want one for A and one for AAAA", n)
	}
}

// TestUsable: places that we cannot send to are left out.
func TestUsable(t *testing.T) {
	z := newZone(t, "pbx.test. 60 A 10.0.0.1", "pbx.test. 60 AAAA 2001:db8::1")
	noSix := func(e router.Endpoint) error {
		if e.Addr.Addr().Is6() {
			return errors.New("no IPv6")
		}
		return nil
	}
	l := newLocator(t, z, locator.Name{Host: "pbx.test"}, func(o *locator.Options) { o.Usable = noSix })
	if s := l.Locate(context.Background())[0]; text(s) != "udp:10.0.0.1:5060" {
		t.Errorf("at %q, %v", text(s), s.Err)
	}
	z.set(t, "pbx.test. 60 AAAA 2001:db8::1")
	if s := l.Locate(context.Background())[0]; text(s) != "udp:10.0.0.1:5060" || !errors.Is(s.Err, locator.ErrUnusable) {
		t.Errorf("at %q, %v; want the last good place and ErrUnusable", text(s), s.Err)
	}
}

// TestHostsFile: names of the hosts file need no DNS.
func TestHostsFile(t *testing.T) {
	z := newZone(t)
	s := newLocator(t, z, locator.Name{Host: "localhost", Port: 5080}, nil).Locate(context.Background())[0]
	if !strings.Contains(text(s), "udp:127.0.0.1:5080") {
		t.Errorf("at %q, %v", text(s), s.Err)
	}
}
