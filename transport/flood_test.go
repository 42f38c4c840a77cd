package transport

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"
)

// rests counts them.
type rests int

func (r *rests) rest(time.Duration) { *r++ }

// The reader rests where one after the other is good for nothing and nothing is
// behind, and nowhere else.
func TestFlood(t *testing.T) { synctest.Test(t, testFlood) } // no time passes

func testFlood(t *testing.T) {
	const soon, late = floodQueue / 2, floodQueue * 2
	for _, c := range []struct {
		what   string
		good   func(i int) bool
		waited time.Duration
		want   rests
	}{
		{"good", func(int) bool { return true }, soon, 0},
		{"good for nothing", func(int) bool { return false }, soon, 100 - floodAfter + 1},
		{"good for nothing, with others behind", func(int) bool { return false }, late, 0},
		{"one good in seven", func(i int) bool { return i%7 == 0 }, soon, 0},
		{"one good in twenty", func(i int) bool { return i%20 == 19 }, soon, 5 * (19 - floodAfter + 1)},
	} {
		var got rests
		f := flood{rester: &got}
		for i := range 100 {
			before := got
			if rested := f.note(c.good(i), c.waited); rested != (got > before) {
				t.Errorf("%s: it says %v of a rest", c.what, rested)
			}
		}
		if got != c.want {
			t.Errorf("%s: rested %d times, not %d", c.what, got, c.want)
		}
	}
	f := flood{} // where it cannot rest
	for range 100 {
		f.note(false, soon)
	}
}

// What comes now and then is no flood.
func TestFloodNowAndThen(t *testing.T) { synctest.Test(t, testFloodNowAndThen) }

func testFloodNowAndThen(t *testing.T) {
	var got rests
	f := flood{rester: &got}
	for i := range 4 * floodAfter {
		if i%(floodAfter-1) == 0 {
			time.Sleep(floodPause + time.Millisecond)
		}
		f.note(false, 0)
	}
	if got != 0 {
		t.Errorf("rested %d times", got)
	}
}

// bad is a handler for which every message is good for nothing.
type bad struct {
	Handler
	got chan string
}

func (b bad) Message(text []byte, _ Flow) bool {
	b.got <- string(text)
	return false
}

// badPeer is a peer of a layer where every message is good for nothing.
func badPeer(t *testing.T, most int) (bad, *net.UDPConn) {
	t.Helper()
	layer, err := Open([]Listen{{Network: "udp", Addr: netip.MustParseAddrPort("127.0.0.1:0")}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	h := bad{got: make(chan string, most)}
	layer.Handle(h)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- layer.Serve(ctx) }()
	t.Cleanup(func() { stop(); <-done })
	peer, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(layer.Listeners()[0].Local))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { peer.Close() })
	return h, peer
}

// Empty datagrams are nobody's message, and hold up nobody.
func TestFloodOfEmpty(t *testing.T) {
	h, peer := badPeer(t, 1)
	for range 1000 {
		if _, err := peer.Write(nil); err != nil {
			t.Fatal(err)
		}
	}
	sent := time.Now()
	fmt.Fprint(peer, "x")
	<-h.got
	if took := time.Since(sent); took > 400*time.Millisecond {
		t.Errorf("a message after 1000 empty ones took %v", took)
	}
}

// What comes while the reader rests is handled, in its order.
func TestFloodLosesNothing(t *testing.T) {
	const n = 1000
	h, peer := badPeer(t, n)
	for i := range n {
		if _, err := fmt.Fprint(peer, i); err != nil {
			t.Fatal(err)
		}
		if i%50 == 0 {
			time.Sleep(time.Millisecond)
		}
	}
	for i := range n {
		select {
		case got := <-h.got:
			if got != fmt.Sprint(i) {
				t.Fatalf("got %s as number %d", got, i)
			}
		case <-time.After(time.Second):
			t.Fatalf("got %d of %d", i, n)
		}
	}
}
