package transport_test

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"sipid/transport"
)

// slow is a handler that is busy with the first message until the test lets it
// go on, and remembers what it got in what order.
type slow struct {
	echo
	busy, goOn chan struct{}

	mu   sync.Mutex
	got  []string
	from []transport.Flow
}

func (s *slow) Message(b []byte, from transport.Flow) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.got) == 0 {
		close(s.busy)
		<-s.goOn
	}
	s.got, s.from = append(s.got, string(b)), append(s.from, from)
	return true
}

// all waits until so many messages came.
func (s *slow) all(t *testing.T, n int) ([]string, []transport.Flow) {
	t.Helper()
	for range 2000 {
		s.mu.Lock()
		got, from := s.got, s.from
		s.mu.Unlock()
		if len(got) >= n {
			return got, from
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("only %d messages came of %d", len(s.got), n)
	return nil, nil
}

// Where datagrams had to wait, those of running calls come before those that
// begin new ones; each kind keeps its order, and all of them come. An empty one,
// such as Turning sends, is nobody's message.
func TestBacklog(t *testing.T) {
	layer, err := transport.Open([]transport.Listen{udp("127.0.0.1:0")}, transport.Options{})
	if err != nil {
		t.Fatal(err)
	}
	h := &slow{echo: echo{layer, make(chan transport.Drop, 10)}, busy: make(chan struct{}), goOn: make(chan struct{})}
	layer.Handle(h)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- layer.Serve(ctx) }()
	defer func() { cancel(); <-done }()
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(layer.Listeners()[0].Local))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	const n = 10 // 61 datagrams, which are read at once
	first := "INVITE first"
	want := []string{first}
	var opening []string
	fmt.Fprint(conn, first)
	<-h.busy
	for i := range n {
		for _, line := range []string{"INVITE %d", "INVITE within %d " + transport.RouteMark, "CANCEL %d", "SIP/2.0 200 %d", "BYE %d " + strings.Repeat("x", 20000), "ACK %d"} {
			text := fmt.Sprintf(line, i)
			fmt.Fprint(conn, text)
			if strings.HasPrefix(text, "INVITE") && !strings.Contains(text, "within") || strings.HasPrefix(text, "CANCEL") {
				opening = append(opening, text)
			} else {
				want = append(want, text)
			}
		}
	}
	if _, err := conn.Write(nil); err != nil {
		t.Fatal(err)
	}
	want = append(want, opening...)
	time.Sleep(20 * time.Millisecond) // the last one waits too
	close(h.goOn)
	got, from := h.all(t, len(want))
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("message %d is %.20q, want %.20q", i, got[i], want[i])
		}
		if from[i].Addr != netip.MustParseAddrPort(conn.LocalAddr().String()) {
			t.Fatalf("message %d is from %s", i, from[i].Addr)
		}
		if w := from[i].Waited; i > 0 && (w < 10*time.Millisecond || w > time.Minute) {
			t.Errorf("message %d had waited %s", i, w)
		}
	}
}
