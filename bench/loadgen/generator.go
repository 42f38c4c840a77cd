package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// generator is one run: the calls, both sides of them, and what is counted.
type generator struct {
	c       *config
	clients []client
	calls   []call
	uac     []*socket
	uas     *socket
	target  address
	run     string // tells this run's calls from those of another
	sdp     []byte
	answers fifo // when to send a 200
	hangups fifo // when to send a BYE
	stop    atomic.Bool
	count   counters
	delays  delays
	vias    viaCache

	dumpBad, dumpGood sync.Once
}

// sdpText is the session description of both sides.
const sdpText = "v=0\r\no=- 20518 0 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 30000 RTP/AVP 8 0 18 101\r\n" +
	"a=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:18 G729/8000\r\na=fmtp:18 annexb=no\r\n" +
	"a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n"

// generate makes the calls of a configuration and says how they went.
func generate(c *config) (*result, error) {
	g := &generator{c: c, target: rawAddress(c.target), sdp: []byte(sdpText)}
	g.run = strconv.FormatInt(time.Now().UnixNano()%1e12, 36)
	var err error
	if g.clients, err = loadClients(c.clients); err != nil {
		return nil, fmt.Errorf("load client table: %w", err)
	}
	peers, err := findProcesses(c.pids)
	if err != nil {
		return nil, err
	}
	if err := g.listen(); err != nil {
		return nil, err
	}
	defer g.close()
	g.calls = make([]call, c.room())
	g.delays.reserve(c.room())
	return g.measure(peers), nil
}

func (g *generator) listen() (err error) {
	if g.uas, err = listen(g.c.uas); err != nil {
		return err
	}
	for i := range g.c.uacSockets {
		s, err := listen(portAfter(g.c.uac, i))
		if err != nil {
			g.close()
			return err
		}
		g.uac = append(g.uac, s)
	}
	return nil
}

func (g *generator) close() {
	g.uas.close()
	for _, s := range g.uac {
		s.close()
	}
}

// receivers starts a thread for each socket.
func (g *generator) receivers(wg *sync.WaitGroup) {
	for i := range g.uac {
		wg.Go(func() {
			runtime.LockOSThread()
			side := &callingSide{g: g, s: g.uac[i]}
			for !g.stop.Load() {
				side.s.receive(side.packet)
			}
		})
	}
	wg.Go(func() {
		runtime.LockOSThread()
		side := &answeringSide{g: g}
		for !g.stop.Load() {
			g.uas.receive(side.packet)
		}
	})
}

// measure runs all of it: warm-up, window, the calls' end.
func (g *generator) measure(peers processes) *result {
	idle := g.idle(peers)
	var wg sync.WaitGroup
	g.receivers(&wg)
	peerDrops, ownDrops := socketDrops(g.c.target.Port()), socketDrops(g.c.uas.Port())
	start := time.Now().Add(50 * time.Millisecond)
	paced := make(chan struct{})
	go func() {
		runtime.LockOSThread()
		g.pace(start)
		close(paced)
	}()
	time.Sleep(time.Until(start.Add(g.c.warmup)))
	first := g.snapshot(peers)
	time.Sleep(time.Until(start.Add(g.c.warmup + g.c.duration)))
	last := g.snapshot(peers)
	rss, pss, peak := peers.memory()
	<-paced
	time.Sleep(100 * time.Millisecond) // late copies come in before the sockets close
	g.stop.Store(true)
	wg.Wait()

	r := g.result(first, last)
	r.Procs, r.IdleCores = len(peers), round(idle, 4)
	r.RSSKiB, r.PSSKiB, r.PeakKiB = rss, pss, peak
	r.PeerDrops = socketDrops(g.c.target.Port()) - peerDrops
	r.OwnDrops = socketDrops(g.c.uas.Port()) - ownDrops
	return r
}

// idle measures what the processes use while nothing happens, in cores.
func (g *generator) idle(peers processes) float64 {
	if g.c.idle <= 0 || len(peers) == 0 {
		return 0
	}
	before := peers.usage()
	time.Sleep(g.c.idle)
	return peers.usage().sub(before).sched / g.c.idle.Seconds()
}

// snapshot is what is known at one end of the window.
type snapshot struct {
	at            time.Time
	peers, self   usage
	busy, steal   float64
	started, done int64
	packetsIn     int64
}

func (g *generator) snapshot(peers processes) snapshot {
	busy, steal := machine()
	return snapshot{
		at: time.Now(), peers: peers.usage(), self: processes{os.Getpid()}.usage(), busy: busy, steal: steal,
		started: g.count.started.Load(), done: g.count.done.Load(), packetsIn: g.count.packetsIn.Load(),
	}
}

func (g *generator) send(s *socket, p []byte, to *address) {
	if !s.send(p, to) {
		g.count.sendFailed.Add(1)
	}
}

// dump writes a message for a person to look at; the run does not depend on it.
func dump(file string, p []byte) {
	if err := os.WriteFile(file, p, 0o600); err != nil {
		fmt.Fprintln(os.Stderr, "loadgen:", err)
	}
}
