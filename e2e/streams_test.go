package e2e_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A source may have 32 connections and all of them 2 048, so many peers need many addresses.
const (
	perSource = 32
	inAll     = 2048
	manyPeers = "127.0.1.0/24"
)

// manyIP is one of the addresses of manyPeers.
func manyIP(i int) netip.Addr { return netip.AddrFrom4([4]byte{127, 0, 1, byte(1 + i)}) }

func manyTrunks(o *options) {
	o.tcp = true
	o.trunks = fmt.Sprintf("  - {name: alpha, sources: [%s/32, %s], identify: [isup-original-called]}\n", trunkIP, manyPeers)
}

// connect opens a TCP connection from an address.
func connect(from netip.Addr, to netip.AddrPort) (*net.TCPConn, error) {
	d := net.Dialer{LocalAddr: net.TCPAddrFromAddrPort(netip.AddrPortFrom(from, 0)), Timeout: 5 * time.Second}
	c, err := d.Dial("tcp4", to.String())
	if err != nil {
		return nil, err
	}
	return c.(*net.TCPConn), nil
}

// usage is what sipid holds. Of live, what the last calls left behind and nobody needs is part until it is collected.
type usage struct{ resident, heap, live, goroutines, files float64 }

func (r *rig) usage() usage {
	r.t.Helper()
	return usage{r.metric("process_resident_memory_bytes"), r.metric("go_memstats_heap_inuse_bytes"), r.metric("go_memstats_heap_alloc_bytes"),
		r.metric("go_goroutines"), r.metric("process_open_fds")}
}

// held is the least of what sipid holds while its memory is collected four times: the first may have begun before, and what
// is kept to be used again outlives two.
func (r *rig) held() usage {
	r.t.Helper()
	const collections = "go_gc_duration_seconds_count"
	least, first := r.usage(), r.metric(collections)
	eventually(r.t, 60*time.Second, "memory is collected", func() bool {
		now := r.usage()
		least = usage{min(least.resident, now.resident), min(least.heap, now.heap), min(least.live, now.live),
			min(least.goroutines, now.goroutines), min(least.files, now.files)}
		return r.metric(collections) >= first+4
	})
	return least
}

// backTo waits until nothing is left of what was held above the baseline. Memory that the process has free is given
// back to the system slowly, so what is in use is looked at.
func (r *rig) backTo(base usage) {
	r.t.Helper()
	eventually(r.t, 40*time.Second, "goroutines, descriptors and heap are back", func() bool {
		now := r.usage()
		return now.goroutines <= base.goroutines+3 && now.files <= base.files+3 && now.heap <= base.heap*1.05+(4<<20)
	})
	r.t.Logf("before %.0f, after %.0f", base, r.usage())
}

// TestSlowPeers (T14): 1 000 peers send an octet now and then, 50 of them never read, beside 100 calls/s. No call is lost.
// What sipid holds afterwards is what another one holds after the same calls without such peers: records, and transactions
// unless there is time to wait for their end.
func TestSlowPeers(t *testing.T) {
	need(t)                      // not beside others: what is late on a busy machine is refused, and that is not what is looked at
	duration := 14 * time.Second // longer than a head may take
	rest := time.Duration(0)
	if long() {
		duration, rest = 5*time.Minute, 40*time.Second
	}
	calls := func(l *load) {
		l.run("-cps", "100", "-duration", duration.String()).mustBeGood(t, int(duration.Seconds()*100*0.9))
	}
	alone := newLoad(t, manyTrunks)
	calls(alone)
	time.Sleep(rest)
	base := alone.held()
	alone.sipid.stop()

	l := newLoad(t, manyTrunks)
	s := &slowPeers{node: l.node, end: time.Now().Add(duration)}
	for i := range 1000 {
		s.running.Go(func() { s.peer(manyIP(i/25), i < 50) })
	}
	calls(l)
	peak := l.usage()
	s.running.Wait()
	t.Logf("%d connections made, %d cut off by sipid", s.made.Load(), s.cut.Load())
	if s.made.Load() < 1000 || s.cut.Load() < 500 {
		t.Error("the peers did not do their part")
	}
	if grown := peak.resident - base.resident; grown > 64<<20 { // beyond what the calls take
		t.Errorf("memory grew by %.0f MB", grown/(1<<20))
	}
	eventually(t, 20*time.Second, "goroutines and descriptors are back", func() bool {
		now := l.usage()
		return now.goroutines <= base.goroutines+3 && now.files <= base.files+3
	})
	time.Sleep(rest)
	after := l.held()
	t.Logf("resident, heap, live, goroutines, descriptors: with the peers %.0f, afterwards %.0f, without the peers %.0f", peak, after, base)
	// A thousand peers at once leave 2 KB each behind, for good and once: the runtime keeps what their goroutines were.
	if after.live > base.live*1.05+(2<<20) {
		t.Errorf("%.1f MB stay, %.1f after the same calls alone", after.live/(1<<20), base.live/(1<<20))
	}
}

type slowPeers struct {
	node      netip.AddrPort
	end       time.Time
	running   sync.WaitGroup
	made, cut atomic.Int32
}

// peer connects, and connects again when it was cut off, until the end.
func (s *slowPeers) peer(ip netip.Addr, deaf bool) {
	for time.Now().Before(s.end) {
		c, err := connect(ip, s.node)
		if err != nil {
			time.Sleep(100 * time.Millisecond)
			continue
		}
		s.made.Add(1)
		if deaf {
			s.neverRead(c)
		} else {
			s.oneByOne(c)
		}
		c.Close()
		time.Sleep(50 * time.Millisecond)
	}
}

// oneByOne sends an octet every second and a half.
func (s *slowPeers) oneByOne(c net.Conn) {
	for i := 0; time.Now().Before(s.end); i++ {
		const head = "INVITE sip:95165@127.0.0.1 SIP/2.0\r\nX-Slow: "
		if _, err := c.Write([]byte{head[i%len(head)]}); err != nil {
			s.cut.Add(1)
			return
		}
		_ = c.SetReadDeadline(time.Now().Add(1500 * time.Millisecond))
		if _, err := c.Read(make([]byte, 64)); err != nil && !isTimeout(err) {
			s.cut.Add(1)
			return
		}
	}
}

func isTimeout(err error) bool {
	e, ok := err.(net.Error)
	return ok && e.Timeout()
}

// neverRead asks for answers and takes none.
func (s *slowPeers) neverRead(c *net.TCPConn) {
	_ = c.SetReadBuffer(4096)
	ask := []byte(strings.Repeat(optionsOver("TCP", c.RemoteAddr(), c.LocalAddr()), 16))
	for time.Now().Before(s.end) {
		_ = c.SetWriteDeadline(time.Now().Add(time.Second))
		if _, err := c.Write(ask); err != nil && !isTimeout(err) {
			s.cut.Add(1)
			return
		}
		time.Sleep(100 * time.Millisecond) // the answers that nobody takes are the attack, not their number
	}
}

// optionsOver is an OPTIONS for sipid itself.
func optionsOver(transport string, to, from net.Addr) string {
	return crlf(fmt.Sprintf("OPTIONS sip:%s SIP/2.0", to), fmt.Sprintf("Via: SIP/2.0/%s %s;branch=z9hG4bK%d", transport, from, rand.Uint64()),
		"Max-Forwards: 70", "From: <sip:a@b.example>;tag=1", fmt.Sprintf("To: <sip:%s>", to), fmt.Sprintf("Call-ID: %d", rand.Uint64()),
		"CSeq: 1 OPTIONS", "Content-Length: 0", "", "")
}

// TestEndlessStreams (T15): a line, headers and continuations without end, by 100 connections at once.
func TestEndlessStreams(t *testing.T) {
	need(t)
	t.Parallel()
	o := options{direct: true, plain: true}
	manyTrunks(&o)
	r := newRig(t, o)
	base := r.usage()
	units := []string{"b", "X-More: a\r\n", " c\r\n", "INVITE "}
	var running sync.WaitGroup
	for i := range 100 {
		running.Go(func() {
			c, err := connect(manyIP(i/20), r.node)
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			if !endless(c, units[i%len(units)]) {
				t.Errorf("%q: not closed", units[i%len(units)])
			}
		})
	}
	running.Wait()
	if grown := r.usage().heap - base.heap; grown > 100*128<<10 {
		t.Errorf("the heap grew by %.1f MB", grown/(1<<20))
	}
	r.backTo(base)
}

// endless sends one thing for ever, and tells whether the peer closed soon.
func endless(c *net.TCPConn, unit string) bool {
	b := []byte(strings.Repeat(unit, 8192/len(unit)))
	if _, err := c.Write([]byte("INVITE sip:95165@127.0.0.1 SIP/2.0\r\nX-Long: ")); err != nil {
		return true
	}
	for end := time.Now().Add(8 * time.Second); time.Now().Before(end); {
		_ = c.SetWriteDeadline(time.Now().Add(time.Second))
		if _, err := c.Write(b); err != nil && !isTimeout(err) {
			return true
		}
		time.Sleep(5 * time.Millisecond)
	}
	return false
}

// TestConnectionLimits: 32 connections from a source, 2 048 in all; UDP is served beside them, and room that is given
// up can be taken.
func TestConnectionLimits(t *testing.T) {
	need(t)
	t.Parallel()
	o := options{direct: true, plain: true}
	manyTrunks(&o)
	r := newRig(t, o)
	base := r.usage()
	open := func(from netip.Addr) (*net.TCPConn, bool) {
		c, err := connect(from, r.node)
		if err != nil {
			t.Fatal(err)
		}
		return c, served(c)
	}
	var all []*net.TCPConn
	for i := range inAll {
		c, ok := open(manyIP(i / perSource))
		if !ok {
			t.Fatalf("connection %d from %v is not served", i, manyIP(i/perSource))
		}
		all = append(all, c)
		if i == perSource-1 {
			if _, ok := open(manyIP(0)); ok {
				t.Errorf("one more than %d from a source", perSource)
			}
		}
	}
	if _, ok := open(manyIP(inAll / perSource)); ok {
		t.Errorf("one more than %d in all", inAll)
	}
	var kept []*net.TCPConn
	// For PBXs there is room of their own, which trunks cannot take up.
	for i := range perSource {
		c, ok := open(pbxIP)
		if !ok {
			t.Fatalf("connection %d of the PBX is not served when trunks have all of theirs", i)
		}
		kept = append(kept, c)
	}
	for _, c := range kept {
		c.Close()
	}
	udp := dialUDP(t, at(t, trunkIP))
	udp.send(r.node, optionsTo(r.node, udp.addr()))
	udp.receive(2*time.Second, "SIP/2.0 200")
	all[0].Close()
	eventually(t, 5*time.Second, "there is room again", func() bool { _, ok := open(manyIP(0)); return ok })
	for _, c := range all {
		c.Close()
	}
	// A stranger is not served at all.
	if _, ok := open(strayIP); ok {
		t.Error("a stranger is served")
	}
	r.backTo(base)
}

// served tells whether the peer answers a keep-alive.
func served(c *net.TCPConn) bool {
	_ = c.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := c.Write([]byte("\r\n\r\n")); err != nil {
		return false
	}
	pong := make([]byte, 2)
	_, err := io.ReadFull(c, pong)
	return err == nil && bytes.Equal(pong, []byte("\r\n"))
}
