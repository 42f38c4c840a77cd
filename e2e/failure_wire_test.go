package e2e_test

import (
	"bytes"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// wire watches the loopback interface of the namespace and keeps what happened to each call, with the kernel's times. The
// verdicts of the failure tests are made of it, so that no peer is its own judge. It sees packets before nft drops them.
type wire struct {
	t     *testing.T
	fd    int
	begin time.Time
	ended chan struct{}

	mu     sync.Mutex
	trunks []netip.Addr // where calls come from
	stop   bool
	calls  map[string]*wireCall
	// identities are those seen.
	identities map[identity]identity
	first      map[string]time.Duration // when each event was seen first that somebody waits for
}

// wireCall is one call, as it passed. Times are since the wire's beginning; 0 is never.
type wireCall struct {
	invite           time.Duration // the trunk's
	status           int           // final status at the trunk; a 2xx is kept whatever comes later
	final            time.Duration
	ringing          time.Duration // first 18x of a PBX
	heard            time.Duration // first 18x at the trunk
	answered         time.Duration // first 2xx of a PBX
	legs             []wireLeg     // INVITEs at PBXs, one for each branch
	bye              time.Duration // the trunk's
	byeOK            bool
	cancelled, acked bool                         // a PBX got the CANCEL; the ACK to what it answered
	torn             bool                         // name and endpoint of two tables
	identity         identity                     // at the PBX that was offered it first
	changed          bool                         // another one had another identity
	asked            map[netip.Addr]time.Duration // when a sipid behind the edge got the INVITE first
	trying           map[netip.Addr]time.Duration // when it had said 100
	said             []string                     // who refused it on its way, and how
}

// identity is what a PBX was told of a call.
type identity struct{ access, serial, name string }

type wireLeg struct {
	pbx      netip.Addr
	branch   string
	at       time.Duration
	answered bool
	ended    bool // by BYE
}

// Roles are known by address: see failure_site_test.go.
func (w *wire) isTrunk(a netip.Addr) bool { return slices.Contains(w.trunks, a) }
func isPBX(a netip.Addr) bool             { b := a.As4(); return b[3] >= 21 && b[3] <= 29 }

func watchWire(t *testing.T) *wire {
	t.Helper()
	const ipv4 = 0x0008 // ETH_P_IP in network order
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, ipv4)
	if err != nil {
		t.Fatal(err)
	}
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 256<<20)
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1); err != nil {
		t.Fatal(err)
	}
	wait := unix.NsecToTimeval(int64(100 * time.Millisecond))
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &wait); err != nil {
		t.Fatal(err)
	}
	w := &wire{t: t, fd: fd, trunks: []netip.Addr{trunkIP, trunk2IP}, begin: time.Now(), ended: make(chan struct{}), calls: map[string]*wireCall{}, identities: map[identity]identity{}, first: map[string]time.Duration{}}
	go w.run()
	t.Cleanup(w.close)
	return w
}

func (w *wire) now() time.Duration { return time.Since(w.begin) }

// close ends watching and fails the test when the kernel dropped what should have been seen.
func (w *wire) close() {
	w.mu.Lock()
	again := w.stop
	w.stop = true
	w.mu.Unlock()
	if again {
		return
	}
	<-w.ended
	var stats struct{ packets, drops uint32 }
	size := uint32(unsafe.Sizeof(stats))
	_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(w.fd), unix.SOL_PACKET, unix.PACKET_STATISTICS,
		uintptr(unsafe.Pointer(&stats)), uintptr(unsafe.Pointer(&size)), 0)
	if errno != 0 || stats.drops > 0 {
		w.t.Errorf("the wire was not seen in full: %d packets missed, %v", stats.drops, errno)
	}
	_ = unix.Close(w.fd)
}

func (w *wire) run() {
	defer close(w.ended)
	b, control := make([]byte, 1<<16), make([]byte, 64)
	for {
		w.mu.Lock()
		stop := w.stop
		w.mu.Unlock()
		if stop {
			return
		}
		n, cn, _, from, err := unix.Recvmsg(w.fd, b, control, 0)
		if err != nil {
			continue // nothing for a while
		}
		if ll, ok := from.(*unix.SockaddrLinklayer); !ok || ll.Pkttype == unix.PACKET_OUTGOING {
			continue // loopback shows each packet going and coming
		}
		w.packet(b[:n], stamp(control[:cn]).Sub(w.begin))
	}
}

func stamp(control []byte) time.Time {
	messages, err := syscall.ParseSocketControlMessage(control)
	if err == nil && len(messages) > 0 && len(messages[0].Data) >= 16 {
		ts := (*unix.Timespec)(unsafe.Pointer(&messages[0].Data[0]))
		return time.Unix(ts.Unix())
	}
	return time.Now()
}

// packet files one IPv4 packet, if it is SIP over UDP and whole.
func (w *wire) packet(b []byte, at time.Duration) {
	if len(b) < 28 || b[9] != 17 || (uint16(b[6])<<8|uint16(b[7]))&0x3fff != 0 {
		return
	}
	head := int(b[0]&15) * 4
	src, dst := netip.AddrFrom4([4]byte(b[12:16])), netip.AddrFrom4([4]byte(b[16:20]))
	m := readWire(b[min(head+8, len(b)):])
	if m.callID == "" {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if m.method != "" {
		w.request(m, src, dst, at)
	} else {
		w.response(m, src, dst, at)
	}
}

func (w *wire) request(m wireMessage, src, dst netip.Addr, at time.Duration) {
	c := w.calls[m.callID]
	switch {
	case m.method == "INVITE" && w.isTrunk(src) && c == nil && !m.toTag:
		w.calls[m.callID] = &wireCall{invite: at}
	case c == nil:
	case m.method == "INVITE" && src == edgeIP && !m.toTag:
		c.first(&c.asked, dst, at)
	case m.method == "INVITE" && isPBX(dst) && !m.toTag:
		if !slices.ContainsFunc(c.legs, func(l wireLeg) bool { return l.branch == m.branch && l.pbx == dst }) {
			c.legs = append(c.legs, wireLeg{pbx: dst, branch: m.branch, at: at})
		}
		c.torn = c.torn || m.nameTag != m.endpointTag
		c.changed = c.changed || len(c.legs) > 1 && c.identity != m.identity
		c.identity = w.intern(m.identity)
	case m.method == "CANCEL" && isPBX(dst):
		c.cancelled = true
	case m.method == "ACK" && isPBX(dst):
		c.acked = true
	case m.method == "BYE" && w.isTrunk(src) && c.bye == 0:
		c.bye = at
	case m.method == "BYE" && isPBX(dst):
		for i := range c.legs {
			c.legs[i].ended = c.legs[i].ended || c.legs[i].pbx == dst
		}
	}
}

func (w *wire) response(m wireMessage, src, dst netip.Addr, at time.Duration) {
	c := w.calls[m.callID]
	if c == nil {
		return
	}
	if m.cseq == "INVITE" && m.status >= 300 {
		said := fmt.Sprintf("%s: %d %s", src, m.status, m.reason)
		if !slices.Contains(c.said, said) {
			c.said = append(c.said, said)
		}
	}
	if m.cseq == "INVITE" && m.status == 100 && dst == edgeIP {
		c.first(&c.trying, src, at)
	}
	switch {
	case m.cseq == "BYE" && w.isTrunk(dst) && m.status < 300:
		c.byeOK = true
	case m.cseq != "INVITE":
	case w.isTrunk(dst) && m.status >= 200 && (c.status == 0 || c.status >= 300 && m.status < 300):
		c.status, c.final = m.status, at
	case w.isTrunk(dst) && m.status > 100 && m.status < 200 && c.heard == 0:
		c.heard = at
	case isPBX(src) && m.status > 100 && m.status < 200 && c.ringing == 0:
		c.ringing = at
	case isPBX(src) && m.status >= 200 && m.status < 300:
		if c.answered == 0 {
			c.answered = at
		}
		for i := range c.legs {
			c.legs[i].answered = c.legs[i].answered || c.legs[i].pbx == src
		}
	}
	if key := "answer of " + src.String(); w.first[key] == 0 && !isPBX(src) {
		if armed, ok := w.first["armed"]; ok && at >= armed {
			w.first[key] = at
		}
	}
}

// intern keeps one copy of each identity: there are few, and hundreds of thousands of calls.
func (w *wire) intern(i identity) identity {
	if known, ok := w.identities[i]; ok {
		return known
	}
	w.identities[i] = i
	return i
}

// first keeps when something happened first.
func (c *wireCall) first(at *map[netip.Addr]time.Duration, who netip.Addr, when time.Duration) {
	if *at == nil {
		*at = map[netip.Addr]time.Duration{}
	}
	if _, ok := (*at)[who]; !ok {
		(*at)[who] = when
	}
}

// arm forgets who has answered so far; firstAnswer tells when an address sent its first answer since.
func (w *wire) arm() {
	w.mu.Lock()
	defer w.mu.Unlock()
	clear(w.first)
	w.first["armed"] = w.now()
}

func (w *wire) firstAnswer(of netip.Addr) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.first["answer of "+of.String()]
}

// each does f for every call that began between two moments.
func (w *wire) each(from, to time.Duration, f func(*wireCall)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.calls {
		if c.invite >= from && c.invite < to {
			f(c)
		}
	}
}

// eachNamed does f for every call, with its Call-ID.
func (w *wire) eachNamed(f func(callID string, c *wireCall)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for id, c := range w.calls {
		f(id, c)
	}
}

// only says that calls come from one address alone.
func (w *wire) only(trunk netip.Addr) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.trunks = []netip.Addr{trunk}
}

// wireMessage is what the verdicts need of a SIP message.
type wireMessage struct {
	method               string // of a request
	status               int
	reason               string // of a response
	callID, cseq, branch string
	toTag                bool
	identity             identity
	nameTag, endpointTag string // generation of the table, where the test puts it into the values
}

func readWire(p []byte) (m wireMessage) {
	head, _, _ := bytes.Cut(p, []byte("\r\n\r\n"))
	first, rest, ok := bytes.Cut(head, []byte("\r\n"))
	if !ok {
		return m
	}
	if s, isResponse := bytes.CutPrefix(first, []byte("SIP/2.0 ")); isResponse {
		m.status, _ = strconv.Atoi(string(s[:min(3, len(s))]))
		m.reason = string(s[min(4, len(s)):])
	} else {
		method, _, _ := bytes.Cut(first, []byte(" "))
		m.method = string(method)
	}
	for line := range bytes.SplitSeq(rest, []byte("\r\n")) {
		name, value, _ := bytes.Cut(line, []byte(":"))
		v := strings.TrimSpace(string(value))
		switch strings.ToLower(strings.TrimSpace(string(name))) {
		case "call-id", "i":
			m.callID = v
		case "cseq":
			m.cseq = v[strings.LastIndexByte(v, ' ')+1:]
		case "to", "t":
			m.toTag = strings.Contains(v, ";tag=")
		case "via", "v":
			if _, b, ok := strings.Cut(v, "branch="); ok && m.branch == "" {
				m.branch, _, _ = strings.Cut(b, ";")
			}
		case "x-access-id":
			m.identity.access = v
		case "x-serial":
			m.identity.serial = v
		case "x-client-name":
			m.nameTag = generation(v)
			m.identity.name, _, _ = strings.Cut(v, " gen-")
		case "x-client-endpoint":
			m.endpointTag = generation(v)
		}
	}
	return m
}

// generation is what stands behind "gen-" in a value of the client table.
func generation(v string) string {
	_, g, _ := strings.Cut(v, "gen-")
	return g
}
