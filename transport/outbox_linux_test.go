package transport

import (
	"bytes"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"sync"
	"testing"
	"time"
)

// holding is a socket that sends to a peer, and what the peer gets.
func holding(t *testing.T, size int) (s *udpSocket, peer *net.UDPConn, to netip.AddrPort) {
	t.Helper()
	conn, err := listenUDP(netip.MustParseAddrPort("127.0.0.1:0"))
	if err != nil {
		t.Fatal(err)
	}
	s = conn.(*udpSocket)
	t.Cleanup(func() { s.Close() })
	peer, err = net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { peer.Close() })
	if err := peer.SetReadBuffer(size); err != nil {
		t.Fatal(err)
	}
	return s, peer, netip.MustParseAddrPort(peer.LocalAddr().String())
}

// gets is the next datagram, or "" where none comes.
func gets(t *testing.T, peer *net.UDPConn, within time.Duration) string {
	t.Helper()
	if err := peer.SetReadDeadline(time.Now().Add(within)); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, maxDatagram)
	n, err := peer.Read(b)
	if err != nil {
		return ""
	}
	return string(b[:n])
}

// What is held stays until it is released or the outbox is full, and goes in its
// order, by copies of its own.
func TestOutbox(t *testing.T) {
	s, peer, to := holding(t, 1<<20)
	s.hold()
	text := []byte("00")
	for i := range outboxMost {
		copy(text, fmt.Sprintf("%02d", i))
		if n, err := s.WriteToUDPAddrPort(text, to); n != 2 || err != nil {
			t.Fatal(n, err)
		}
	}
	if got := gets(t, peer, 20*time.Millisecond); got != "" {
		t.Fatalf("%q left while it was held", got)
	}
	if n, err := s.WritePair(Datagram{[]byte("a"), to}, Datagram{[]byte("b"), to}); n != 2 || err != nil {
		t.Fatal(n, err)
	}
	for i := range outboxMost {
		if got := gets(t, peer, time.Second); got != fmt.Sprintf("%02d", i) {
			t.Fatalf("got %q as number %d of a full outbox", got, i)
		}
	}
	if got := gets(t, peer, 20*time.Millisecond); got != "" {
		t.Fatalf("%q left with those before", got)
	}
	if failed := s.release(); failed != 0 {
		t.Errorf("%d failed", failed)
	}
	if _, err := s.WriteToUDPAddrPort([]byte("c"), to); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"a", "b", "c"} {
		if got := gets(t, peer, time.Second); got != want {
			t.Fatalf("got %q, wanted %q", got, want)
		}
	}
}

// The largest datagrams find room, however many there are.
func TestOutboxOfLarge(t *testing.T) {
	s, peer, to := holding(t, 4<<20)
	s.hold()
	large := bytes.Repeat([]byte("x"), 65507)
	for range 5 {
		if _, err := s.WriteToUDPAddrPort(large, to); err != nil {
			t.Fatal(err)
		}
	}
	if failed := s.release(); failed != 0 {
		t.Errorf("%d failed", failed)
	}
	for i := range 5 {
		if got := gets(t, peer, time.Second); len(got) != len(large) {
			t.Fatalf("number %d has %d octets", i, len(got))
		}
	}
}

// What was held when the socket is closed leaves before.
func TestOutboxClosed(t *testing.T) {
	s, peer, to := holding(t, 1<<20)
	s.hold()
	if _, err := s.WriteToUDPAddrPort([]byte("a"), to); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got := gets(t, peer, time.Second); got != "a" {
		t.Errorf("got %q", got)
	}
	s.release()
}

// One that the kernel does not take is counted, and costs no other.
func TestOutboxFailure(t *testing.T) {
	s, peer, to := holding(t, 1<<20)
	s.hold()
	for _, d := range []Datagram{{[]byte("a"), to}, {make([]byte, 65508), to}, {[]byte("b"), netip.MustParseAddrPort("127.0.0.1:0")}, {[]byte("c"), to}} {
		if _, err := s.WriteToUDPAddrPort(d.Text, d.To); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.WriteToUDPAddrPort([]byte("6"), netip.MustParseAddrPort("[::1]:5060")); err != errFamily {
		t.Errorf("got %v for an address of another family", err)
	}
	if failed := s.release(); failed != 2 {
		t.Errorf("%d failed, not 2", failed)
	}
	for _, want := range []string{"a", "c"} {
		if got := gets(t, peer, time.Second); got != want {
			t.Fatalf("got %q, wanted %q", got, want)
		}
	}
	if failed := s.release(); failed != 0 {
		t.Errorf("%d failed again", failed)
	}
}

// Timers send while the reader holds and releases: nothing is lost, nothing stays.
func TestOutboxBeside(t *testing.T) {
	s, peer, to := holding(t, 8<<20)
	const each, senders = 300, 3
	var sending sync.WaitGroup
	for range senders {
		sending.Go(func() {
			for range each {
				if _, err := s.WriteToUDPAddrPort([]byte("x"), to); err != nil {
					t.Error(err)
				}
				runtime.Gosched()
			}
		})
	}
	sent := make(chan struct{})
	go func() { sending.Wait(); close(sent) }()
	for over := false; !over; {
		select {
		case <-sent:
			over = true
		default:
		}
		s.hold()
		runtime.Gosched()
		if failed := s.release(); failed != 0 {
			t.Fatalf("%d failed", failed)
		}
	}
	for i := range each * senders {
		if gets(t, peer, time.Second) == "" {
			t.Fatalf("got %d of %d", i, each*senders)
		}
	}
}

// What is sent just when the outbox is released leaves, and does not wait for the
// next backlog.
func TestOutboxReleasedMeanwhile(t *testing.T) {
	s, peer, to := holding(t, 1<<20)
	s.hold()
	s.outbox.mu.Lock()
	sent := make(chan struct{})
	go func() {
		_, _ = s.WriteToUDPAddrPort([]byte("x"), to)
		close(sent)
	}()
	time.Sleep(20 * time.Millisecond) // it waits for the mutex
	s.held.Store(nil)
	s.outbox.mu.Unlock()
	<-sent
	if got := gets(t, peer, time.Second); got != "x" {
		t.Errorf("got %q", got)
	}
}

// backlogged is a PacketConn with datagrams that waited, and a handler of them: it
// notes what is done with it.
type backlogged struct {
	PacketConn
	Handler
	did []string
}

func (b *backlogged) hold()        { b.did = append(b.did, "hold") }
func (b *backlogged) release() int { b.did = append(b.did, "release"); return 2 }

func (b *backlogged) Message(text []byte, _ Flow) bool {
	b.did = append(b.did, string(text))
	return true
}
func (b *backlogged) Dropped(d Drop) { b.did = append(b.did, fmt.Sprint(d == DropWriteError)) }

// What the messages of a backlog have us send is held meanwhile, and what the kernel
// did not take is counted. One message alone is no backlog.
func TestBacklogHolds(t *testing.T) {
	for _, c := range []struct {
		rest []datagram
		want string
	}{
		{[]datagram{{text: []byte("BYE")}}, "[hold BYE release true true hold INVITE 1 release true true]"},
		{nil, "[INVITE 1]"},
	} {
		b := &backlogged{}
		layer := &Layer{handler: b}
		layer.backlog(&Listener{packets: b}, datagram{text: []byte("INVITE 1")}, c.rest)
		if got := fmt.Sprint(b.did); got != c.want {
			t.Errorf("got %v, wanted %s", got, c.want)
		}
	}
}

func TestOutboxAllocates(t *testing.T) {
	s, _, to := holding(t, 1<<10)
	b := bytes.Repeat([]byte("x"), 500)
	s.hold()
	defer s.release()
	if n := testing.AllocsPerRun(200, func() {
		_, _ = s.WriteToUDPAddrPort(b, to)
		_, _ = s.WritePair(Datagram{b, to}, Datagram{b, to})
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
