package transport_test

import (
	"context"
	"net"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"sipid/transport"
)

// priorities tells by which priority each message was handled.
type priorities struct {
	idle
	seen chan int
}

func (p priorities) Message([]byte, transport.Flow) bool {
	prio, err := unix.Getpriority(unix.PRIO_PROCESS, 0)
	if err != nil {
		prio = 0
	}
	p.seen <- 20 - prio // nice
	return true
}

// mayHave tells whether a thread of this process may have this nice.
func mayHave(nice int) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and it ends with the goroutine
		done <- unix.Setpriority(unix.PRIO_PROCESS, 0, nice)
	}()
	return <-done
}

func TestPrecede(t *testing.T) {
	layer, err := transport.Open([]transport.Listen{{Network: "udp", Addr: netip.MustParseAddrPort("127.0.0.1:0")}}, transport.Options{})
	if err != nil {
		t.Fatal(err)
	}
	h := priorities{seen: make(chan int)}
	layer.Handle(h)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- layer.Serve(ctx) }()
	defer func() { stop(); <-done }()
	peer, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(layer.Listeners()[0].Local))
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	handled := func() int {
		t.Helper()
		if _, err := peer.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
		select {
		case nice := <-h.seen:
			return nice
		case <-time.After(10 * time.Second):
			t.Fatal("a message was not handled")
			return 0
		}
	}
	was := handled()
	first := was - 10
	err = mayHave(first)
	if err != nil {
		first = was
	}
	t.Logf("nice %d, preceding %d (%v)", was, first, err)
	for _, on := range []bool{true, false, true, false} {
		layer.Precede(on)
		want := was
		if on {
			want = first
		}
		for range 3 {
			if nice := handled(); nice != want {
				t.Errorf("precede %t: handled with a nice of %d, want %d", on, nice, want)
			}
		}
	}
}
