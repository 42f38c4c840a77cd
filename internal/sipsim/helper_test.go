package sipsim_test

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"sipid/internal/sipsim"
)

// quick is a timer T1 for tests in which something is repeated.
const quick = 20 * time.Millisecond

// recorder keeps what a PBX tells.
type recorder struct {
	mu      sync.Mutex
	invites []*sipsim.Received
	events  []string
	reports []sipsim.Report
	ended   chan struct{}
}

func (r *recorder) wait(t *testing.T) sipsim.Report {
	t.Helper()
	select {
	case <-r.ended:
	case <-time.After(5 * time.Second):
		t.Fatalf("the PBX reports no end of the call; events:\n%s", strings.Join(r.log(), "\n"))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.reports[len(r.reports)-1]
}

func (r *recorder) log() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.events...)
}

func (r *recorder) first(t *testing.T) *sipsim.Received {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.invites) == 0 {
		t.Fatal("no INVITE reached the PBX")
	}
	return r.invites[0]
}

// startPBX runs a PBX until the test ends. stop ends it earlier.
func startPBX(t *testing.T, config sipsim.PBXConfig) (pbx *sipsim.PBX, r *recorder, stop func()) {
	t.Helper()
	r = &recorder{ended: make(chan struct{}, 100)}
	if config.Listen == "" {
		config.Listen = "127.0.0.1:0"
	}
	config.OnInvite = func(i *sipsim.Received) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.invites = append(r.invites, i)
	}
	config.OnEvent = func(_ string, ev sipsim.Event) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.events = append(r.events, line(ev))
	}
	config.OnEnd = func(report sipsim.Report) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.reports = append(r.reports, report)
		select {
		case r.ended <- struct{}{}:
		default: // nobody waits for that many
		}
	}
	pbx, err := sipsim.NewPBX(config)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- pbx.Serve(ctx) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if err := <-done; err != nil {
				t.Errorf("Serve: %v", err)
			}
		})
	}
	t.Cleanup(stop)
	return pbx, r, stop
}

func startTrunk(t *testing.T, t1 time.Duration) *sipsim.Trunk {
	t.Helper()
	trunk, err := sipsim.NewTrunk(sipsim.TrunkConfig{Listen: "127.0.0.1:0", T1: t1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := trunk.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return trunk
}

// callTo is the call of the examples, to this address.
func callTo(to netip.AddrPort) sipsim.Call {
	return sipsim.Call{To: to, AccessID: "1001", Serial: "00000042", Called: "95165", Calling: "57188888888"}
}

// line prints an event for comparison: "-> INVITE", "<- 180 Ringing".
func line(ev sipsim.Event) string {
	direction := "<-"
	if ev.Sent {
		direction = "->"
	}
	text := direction + " " + ev.Message()
	if ev.Status != 0 {
		text += " (" + ev.Method + ")"
	}
	if strings.HasPrefix(ev.Note, "again") {
		text += " again"
	}
	return text
}

// trace keeps a call's events.
type trace struct {
	mu    sync.Mutex
	lines []string
}

func (tr *trace) add(ev sipsim.Event) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.lines = append(tr.lines, line(ev))
}

func (tr *trace) String() string {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return strings.Join(tr.lines, "\n")
}

// want compares the trace with lines indented by tabs.
func (tr *trace) want(t *testing.T, text string) {
	t.Helper()
	want := strings.TrimSpace(strings.ReplaceAll(text, "\t", ""))
	if got := tr.String(); got != want {
		t.Errorf("the call went:\n%s\nwanted:\n%s", got, want)
	}
}

// peer is a bare socket that a test speaks SIP on by hand.
type peer struct {
	*net.UDPConn
	t *testing.T
}

func newPeer(t *testing.T) *peer {
	t.Helper()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &peer{conn, t}
}

func (p *peer) addr() netip.AddrPort { return p.LocalAddr().(*net.UDPAddr).AddrPort() }

// receive waits for one datagram.
func (p *peer) receive() (string, netip.AddrPort) {
	p.t.Helper()
	buf := make([]byte, 65535)
	if err := p.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		p.t.Fatal(err)
	}
	n, from, err := p.ReadFromUDPAddrPort(buf)
	if err != nil {
		p.t.Fatalf("nothing came: %v", err)
	}
	return string(buf[:n]), from
}

func (p *peer) send(to netip.AddrPort, format string, args ...any) {
	p.t.Helper()
	text := strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", "\r\n")
	if _, err := p.WriteToUDPAddrPort([]byte(text), to); err != nil {
		p.t.Fatal(err)
	}
}

// header gives the lines of a message that begin with name.
func header(text, name string) []string {
	var values []string
	head, _, _ := strings.Cut(text, "\r\n\r\n")
	for _, l := range strings.Split(head, "\r\n") {
		if value, ok := strings.CutPrefix(l, name+": "); ok {
			values = append(values, value)
		}
	}
	return values
}
