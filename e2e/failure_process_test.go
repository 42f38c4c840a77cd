package e2e_test

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Two sipid processes behind Kamailio are restarted by turns: no call is lost, and no PBX is called twice for one.
func TestFailureT10RollingRestart(t *testing.T) {
	if !failure(t) {
		return
	}
	s := newSite(t, siteOptions{nodes: 2, pbxs: 2, edge: true})
	for _, n := range s.nodes {
		n.start()
	}
	s.edge()
	rounds, ring, talk := 2, 1000, 4000
	pause := 3 * time.Second
	if long() {
		rounds, ring, talk, pause = 10, 5000, 20_000, 10*time.Second
	}
	c := hi(ring, talk)
	s.pbx(0, "failure-pbx.xml", c)
	s.pbx(1, "failure-pbx.xml", c)
	trunk := s.trunk(c, 200, 1_000_000)
	time.Sleep(2 * time.Second)
	prober := dialUDP(t, netip.AddrPortFrom(trunk2IP, 5099))
	for range rounds {
		for _, n := range s.nodes {
			n.signal(syscall.SIGTERM) // to itself: timeout would kill it two seconds later, and its calls ring for longer
			if !refusesProbes(prober, n) {
				t.Errorf("not met: OPTIONS at %s get no 503 while it drains", n.addr)
			}
			if err := n.wait(40 * time.Second); err != nil {
				t.Errorf("drain: %v", err)
			}
			n.start()
			time.Sleep(pause)
		}
	}
	end := s.wire.now()
	s.quit(trunk, time.Duration(ring+talk)*time.Millisecond+10*time.Second)
	s.wire.close()
	all := s.tally(0, end)
	s.want(all.calls > 1000 && all.lost == 0, "%d rounds at 200/s: %d of %d calls lost %v", rounds, all.lost, all.calls, all.why)
	s.want(all.secondInvite == 0, "%d with a second INVITE at a PBX %v", all.secondInvite, s.twice())
	s.want(all.inDialogLost == 0, "%d BYEs without an answer", all.inDialogLost)
	s.note("p99 to the PBX %s", ms(all.quantile(0.99)))
}

// refusesProbes tells whether OPTIONS get 503 now, or before the process is gone.
func refusesProbes(p *peer, n *node) bool {
	for i := 0; i < 100 && !n.exited(); i++ {
		probe := inviteTo(n.addr, p.addr(), fmt.Sprintf("probe-%s-%d-%d", n.addr, n.starts, i))
		p.send(n.addr, strings.NewReplacer("INVITE sip:95165@", "OPTIONS sip:", "1 INVITE", "1 OPTIONS").Replace(probe))
		if m, ok := p.tryReceive(100 * time.Millisecond); ok && strings.HasPrefix(m.text, "SIP/2.0 503 ") {
			return true
		}
	}
	return false
}

// twice tells, of each call that met a PBX twice, how long each sipid took to say 100: the edge waits for two seconds.
func (s *site) twice() (how []string) {
	s.wire.each(0, s.wire.now(), func(c *wireCall) {
		met := map[netip.Addr]bool{}
		for _, l := range c.legs {
			if met[l.pbx] {
				var each []string
				for node, at := range c.asked {
					late := "said nothing"
					if trying, ok := c.trying[node]; ok {
						late = fmt.Sprintf("said 100 after %.2f s", (trying - at).Seconds())
					}
					each = append(each, fmt.Sprintf("%s, asked at %.2f s, %s", node, (at-c.invite).Seconds(), late))
				}
				how = append(how, strings.Join(each, "; "))
				return
			}
			met[l.pbx] = true
		}
	})
	return how
}

// quit has a trunk begin no more calls and waits for those it has.
func (s *site) quit(p *sipp, d time.Duration) {
	p.signal(syscall.SIGUSR1)
	s.settle(p, d)
}

// signal reaches the program itself, and not timeout, which runs it.
func (p *process) signal(sig syscall.Signal) {
	children := fmt.Sprintf("/proc/%d/task/%d/children", p.cmd.Process.Pid, p.cmd.Process.Pid)
	for child := range strings.FieldsSeq(string(must(os.ReadFile(children)))) {
		if pid, err := strconv.Atoi(child); err == nil {
			_ = syscall.Kill(pid, sig)
		}
	}
}

// The process is killed again and again under load, without any chance to say goodbye.
func TestFailureT11Kill9(t *testing.T) {
	if !failure(t) {
		return
	}
	s := newSite(t, siteOptions{edge: true})
	n := s.nodes[0]
	n.start()
	s.edge()
	kills, talk := 3, 2000
	if long() {
		kills, talk = 20, 15_000
	}
	c := hi(2000, talk)
	s.pbx(0, "failure-pbx.xml", c)
	trunk := s.trunk(c, 200, 1_000_000)
	time.Sleep(4 * time.Second)
	var killed []time.Duration
	serving := time.Duration(0)
	for range kills {
		killed = append(killed, s.wire.now())
		n.kill()
		s.wire.arm()
		n.launch()
		eventually(t, 30*time.Second, "an answer", func() bool { return s.wire.firstAnswer(n.addr.Addr()) > 0 })
		serving = max(serving, s.wire.firstAnswer(n.addr.Addr())-killed[len(killed)-1])
		time.Sleep(full(3*time.Second, 2*time.Second) + rand.N(time.Second))
	}
	end := s.wire.now()
	s.quit(trunk, time.Duration(2000+talk)*time.Millisecond+15*time.Second)
	s.wire.close()
	ringing, ringingLost, up, upLost, begun, begunLost := s.overKills(killed, end)
	s.want(up > 0 && upLost == 0, "%d kills at 200/s: %d of %d answered calls lost", kills, upLost, up)
	s.want(ringing > 0 && ringingLost == 0, "%d of %d ringing ones", ringingLost, ringing)
	s.note("%d of %d just beginning", begunLost, begun)
	s.want(serving <= within(2*time.Second, 15*time.Second), "serving again after at most %s", ms(serving))
	all := s.tally(0, end)
	s.note("%d calls in all, %d lost %v", all.calls, all.lost, all.why)
}

// overKills sorts the calls by where they were when a process was killed. An answered call is lost when its BYE gets no
// answer, another when the trunk gets no 200.
func (s *site) overKills(killed []time.Duration, end time.Duration) (ringing, ringingLost, up, upLost, begun, begunLost int) {
	lost := func(c *wireCall) int {
		if c.status != 200 || c.bye > 0 && !c.byeOK {
			return 1
		}
		return 0
	}
	s.wire.each(0, end, func(c *wireCall) {
		for _, k := range killed {
			switch {
			case c.invite > k || c.bye > 0 && c.bye < k:
			case c.final > 0 && c.final < k:
				up, upLost = up+1, upLost+lost(c)
				return
			case c.ringing > 0 && c.ringing < k:
				ringing, ringingLost = ringing+1, ringingLost+lost(c)
				return
			default:
				begun, begunLost = begun+1, begunLost+lost(c)
				return
			}
		}
	})
	return
}

// T11: the process is killed while calls ring that their callers then give up: the next one carries each CANCEL to the PBX,
// and its refusal back.
func TestFailureT11Cancelled(t *testing.T) {
	if !failure(t) {
		return
	}
	s := newSite(t, siteOptions{edge: true})
	n := s.nodes[0]
	n.start()
	s.edge()
	c := hi(3000, 0)
	s.pbx(0, "pbx-cancelled.xml", c)
	kills, pause := int(full(10, 2)), 4*time.Second
	trunk := startSIPp(t, "failure-trunk-gives-up.xml", c, netip.AddrPortFrom(trunkIP, 5090), s.entry, "-m", "1000000", "-r", "50", "-recv_timeout", "60000")
	trunk.rude = true
	var killed []time.Duration
	for range kills {
		time.Sleep(pause)
		killed = append(killed, s.wire.now())
		n.kill()
		n.start()
	}
	end := s.wire.now()
	s.quit(trunk, 3*time.Second+trunkTail)
	s.wire.close()
	ringing, lost, all, otherwise := 0, 0, 0, map[string]int{}
	s.wire.each(0, end, func(c *wireCall) {
		all++
		well := c.status == 487 && c.cancelled && c.acked
		if !well {
			otherwise[fmt.Sprintf("%d at the trunk, CANCEL at the PBX %v, its 487 acknowledged %v", c.status, c.cancelled, c.acked)]++
		}
		for _, k := range killed {
			// A trunk that did not hear yet that it rings sends no CANCEL.
			if c.heard > 0 && c.heard < k && (c.final == 0 || c.final > k) {
				ringing++
				if !well {
					lost++
				}
				return
			}
		}
	})
	s.want(ringing > 0 && lost == 0, "%d kills: %d of %d ringing calls not cancelled at the PBX and refused with 487 at the trunk", kills, lost, ringing)
	s.note("of all %d calls otherwise: %v", all, otherwise)
}

// A fault in the handling of one call in a hundred costs those calls.
func TestFailureT12Panic(t *testing.T) {
	if !failure(t) {
		return
	}
	faulty := filepath.Join(t.TempDir(), "sipid-faulty")
	if err := goBuild(repoRoot(t), faulty, "./cmd/sipid", "-tags", "sipid_fault"); err != nil {
		t.Fatal(err)
	}
	s := newSite(t, siteOptions{bin: faulty})
	s.nodes[0].start()
	c := hi(200, 500)
	s.pbx(0, "failure-pbx.xml", c)
	seconds := int(full(60*time.Second, 5*time.Second) / time.Second)
	good := s.trunk(c, 99, 99*seconds)
	bad := startSIPp(t, "failure-trunk.xml", c, netip.AddrPortFrom(trunk2IP, 5091), s.entry, "-m", fmt.Sprint(seconds), "-r", "1",
		"-recv_timeout", "5000", "-cid_str", "sipid-fault-%u-%p@%s")
	bad.rude = true
	s.settle(good, time.Duration(seconds)*time.Second+trunkTail)
	s.settle(bad, trunkTail)
	s.wire.close()
	calls, lost, provoked, refused := 0, 0, 0, 0
	s.wire.eachNamed(func(id string, c *wireCall) {
		switch {
		case !strings.HasPrefix(id, "sipid-fault"):
			calls++
			if c.status != 200 || !c.byeOK {
				lost++
			}
		default:
			provoked++
			if c.status == 500 {
				refused++
			}
		}
	})
	s.want(calls > 0 && lost == 0, "%d of %d other calls lost", lost, calls)
	s.want(provoked > 0 && refused == provoked, "%d of %d calls with a fault got 500", refused, provoked)
	s.want(!s.nodes[0].exited(), "the process lives")
	s.note("sipid_faults_total %s", s.metric("sipid_faults_total"))
}

// All descriptors are gone: calls by UDP and the database go on.
func TestFailureT13Descriptors(t *testing.T) {
	if !failure(t) {
		return
	}
	s := newSite(t, siteOptions{})
	n := s.nodes[0]
	n.prefix = []string{"prlimit", "--nofile=64:64"}
	s.write(n.config, strings.Replace(string(must(os.ReadFile(n.config))), "listen:\n", fmt.Sprintf("listen:\n  - {on: \"tcp:%s\"}\n", n.addr), 1))
	n.start()
	c := hi(200, 500)
	s.pbx(0, "failure-pbx.xml", c)
	seconds := int(full(60*time.Second, 6*time.Second) / time.Second)
	trunk := s.trunk(c, 100, 100*seconds)
	time.Sleep(time.Second)
	dialer := net.Dialer{Timeout: 200 * time.Millisecond, LocalAddr: &net.TCPAddr{IP: net.IP(trunkIP.AsSlice())}}
	var open []net.Conn
	for i := range 500 {
		to := n.addr.String()
		if i%5 == 0 {
			to = n.http // the HTTP side takes them as well
		}
		if conn, err := dialer.Dial("tcp4", to); err == nil {
			open = append(open, conn)
		}
		if i == 250 {
			command(t, s.dir, s.bin, "client", "set", "--db", "sipid.db", "1001", "--name", "Hangzhou 2")
		}
	}
	time.Sleep(2 * time.Second)
	for _, conn := range open {
		conn.Close()
	}
	s.settle(trunk, time.Duration(seconds)*time.Second+trunkTail)
	s.wire.close()
	all := s.tally(0, s.wire.now())
	s.want(all.calls > 0 && all.lost == 0 && all.inDialogLost == 0, "64 descriptors, %d connections: %d of %d calls lost %v", len(open), all.lost, all.calls, all.why)
	eventually(t, 30*time.Second, "HTTP answers again", func() bool { return n.status("/readyz") == 200 })
	eventually(t, 30*time.Second, "the table is well", func() bool { return s.metric("sipid_table_error") == "0" })
	s.note("HTTP and table well again")
}

// Packets are lost on every hop; then they are doubled, delayed and overtake each other.
func TestFailureT25Loss(t *testing.T) {
	if !failure(t) {
		return
	}
	for _, percent := range []int{1, 3, 10} {
		t.Run(fmt.Sprint(percent), func(t *testing.T) { lossy(t, percent) })
	}
	t.Run("disorder", disorderly)
}

func lossy(t *testing.T, percent int) {
	s := newSite(t, siteOptions{edge: true})
	s.nodes[0].start()
	s.edge()
	c := hi(500, 1000)
	s.pbx(0, "failure-pbx.xml", c)
	s.drop(fmt.Sprintf("meta l4proto udp numgen random mod 100 < %d", percent))
	seconds := int(full(120*time.Second, 8*time.Second) / time.Second)
	trunk := s.trunk(c, 50, 50*seconds)
	s.settle(trunk, time.Duration(seconds)*time.Second+25*time.Second)
	command(t, s.dir, "nft", "delete table inet failure")
	s.wire.close()
	all := s.tally(0, s.wire.now())
	allowed := 0
	if percent == 10 {
		allowed = (all.calls + 999) / 1000
	}
	s.want(all.calls > 0 && all.lost <= allowed, "%d %% of all packets dropped: %d of %d calls lost %v", percent, all.lost, all.calls, all.why)
	// Where three INVITEs or their 100s in a row are lost, the edge takes the node for dead and begins anew.
	s.want(all.secondInvite == 0 || percent == 10, "%d with a second INVITE transaction at the PBX", all.secondInvite)
}

// disorderly puts a box between trunk and sipid that delays by 20 ± 10 ms, doubles one packet in twenty and holds another
// one in twenty back for 60 ms more.
func disorderly(t *testing.T) {
	s := newSite(t, siteOptions{})
	s.nodes[0].start()
	s.entry = netip.AddrPortFrom(netip.MustParseAddr("127.0.0.13"), 5070)
	go newBox(t, s.entry, netip.AddrPortFrom(trunk2IP, 5090), netip.AddrPortFrom(trunkIP, 5090), s.nodes[0].addr).run()
	s.wire.only(trunkIP)
	c := hi(500, 1000)
	s.pbx(0, "failure-pbx.xml", c)
	seconds := int(full(120*time.Second, 8*time.Second) / time.Second)
	trunk := s.trunk(c, 50, 50*seconds)
	s.settle(trunk, time.Duration(seconds)*time.Second+trunkTail)
	s.wire.close()
	all := s.tally(0, s.wire.now())
	s.want(all.calls > 0 && all.lost == 0, "delay 20±10 ms, 5 %% doubled, 5 %% overtaken: %d of %d calls lost %v", all.lost, all.calls, all.why)
	s.want(all.secondInvite == 0, "%d with a second INVITE transaction at the PBX", all.secondInvite)
}

// box relays between a trunk and sipid, badly.
type box struct {
	left, right *peer // towards the trunk, towards sipid
	trunk, node netip.AddrPort
}

func newBox(t *testing.T, left, right, trunk, node netip.AddrPort) *box {
	return &box{left: dialUDP(t, left), right: dialUDP(t, right), trunk: trunk, node: node}
}

func (b *box) run() {
	go b.carry(b.left, b.right, b.node)
	b.carry(b.right, b.left, b.trunk)
}

func (b *box) carry(from, to *peer, dst netip.AddrPort) {
	buffer := make([]byte, 1<<16)
	for {
		_ = from.conn.SetReadDeadline(time.Time{})
		n, _, err := from.conn.ReadFromUDPAddrPort(buffer)
		if err != nil {
			return // the test is over
		}
		p := append([]byte(nil), buffer[:n]...)
		send := func() { _, _ = to.conn.WriteToUDPAddrPort(p, dst) }
		delay := 10*time.Millisecond + rand.N(20*time.Millisecond)
		if rand.N(20) == 0 {
			delay += 60 * time.Millisecond
		}
		time.AfterFunc(delay, send)
		if rand.N(20) == 0 {
			time.AfterFunc(delay+rand.N(5*time.Millisecond), send)
		}
	}
}

// Kamailio goes and comes back: its own transactions suffer, sipid's come to their end.
func TestFailureT26EdgeRestart(t *testing.T) {
	if !failure(t) {
		return
	}
	s := newSite(t, siteOptions{edge: true})
	s.nodes[0].start()
	edge := s.edge()
	c := hi(500, 1000)
	s.pbx(0, "failure-pbx.xml", c)
	seconds := int(full(60*time.Second, 8*time.Second) / time.Second)
	trunk := s.trunk(c, 100, 100*seconds)
	time.Sleep(3 * time.Second)
	gone := s.wire.now()
	edge.kill()
	s.edge()
	back := s.wire.now()
	s.settle(trunk, time.Duration(seconds)*time.Second+trunkTail)
	s.wire.close()
	before, during, after := s.tally(0, gone-2*time.Second), s.tally(gone-2*time.Second, back), s.tally(back, s.wire.now())
	s.want(before.lost == 0 && after.lost == 0 && after.calls > 0, "away for %v: %d of %d earlier calls lost, %d of %d later ones", (back - gone).Round(10*time.Millisecond),
		before.lost, before.calls, after.lost, after.calls)
	s.note("%d of %d in between", during.lost, during.calls)
	ended := time.Now()
	eventually(t, 60*time.Second, "sipid has no transaction open", func() bool {
		out, err := tryCommand(s.dir, "curl", "-s", "-m", "2", "http://"+s.nodes[0].http+"/readyz")
		return err == nil && strings.Contains(out, `"transactions":0`)
	})
	s.note("sipid holds no open transaction %.0f s after the last call", time.Since(ended).Seconds())
}
