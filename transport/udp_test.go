package transport_test

import (
	"context"
	"net"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"sipid/transport"
)

// echo is a handler that sends back what it gets.
type echo struct {
	layer *transport.Layer
	drops chan transport.Drop
}

func (e echo) Message(b []byte, from transport.Flow) bool {
	e.layer.Send(from, b, nil)
	return true
}
func (e echo) Broken([]byte, transport.Flow)               {}
func (e echo) Knows(netip.AddrPort) transport.Acquaintance { return transport.Guest }
func (e echo) Unreachable(any)                             {}
func (e echo) Dropped(d transport.Drop) {
	select {
	case e.drops <- d:
	default:
	}
}

// serve starts a layer that echoes, and gives its first address.
func serve(t *testing.T, listens ...transport.Listen) (*transport.Layer, netip.AddrPort) {
	t.Helper()
	layer, err := transport.Open(listens, transport.Options{})
	if err != nil {
		t.Fatal(err)
	}
	layer.Handle(echo{layer, make(chan transport.Drop, 10)})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- layer.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return layer, layer.Listeners()[0].Local
}

func udp(addr string) transport.Listen {
	return transport.Listen{Network: "udp", Addr: netip.MustParseAddrPort(addr)}
}

// ask sends a datagram and wants it back.
func ask(t *testing.T, to netip.AddrPort, text string) {
	t.Helper()
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(to))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	back := make([]byte, 65535)
	n, err := conn.Read(back)
	if err != nil {
		t.Fatal(err)
	}
	if string(back[:n]) != text {
		t.Errorf("%d octets came back, not the %d sent", n, len(text))
	}
}

func TestUDP(t *testing.T) {
	for _, addr := range []string{"127.0.0.1:0", "0.0.0.0:0", "[::1]:0"} {
		t.Run(addr, func(t *testing.T) {
			_, local := serve(t, udp(addr))
			if local.Port() == 0 {
				t.Fatalf("bound to %s", local)
			}
			to := local
			if local.Addr().IsUnspecified() {
				to = netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), local.Port())
			}
			ask(t, to, "hello")
			ask(t, to, string(make([]byte, 60000)))
			// An idle socket is watched in another way than a busy one: both wake.
			time.Sleep(400 * time.Millisecond)
			ask(t, to, "after a while")
		})
	}
}

// The address is free as soon as the layer is closed.
func TestUDPCloseFreesTheAddress(t *testing.T) {
	for range 20 {
		layer, err := transport.Open([]transport.Listen{udp("127.0.0.1:0")}, transport.Options{})
		if err != nil {
			t.Fatal(err)
		}
		local := layer.Listeners()[0].Local
		layer.Close()
		layer.Close()
		again, err := transport.Open([]transport.Listen{udp(local.String())}, transport.Options{})
		if err != nil {
			t.Fatalf("bind again: %v", err)
		}
		again.Close()
	}
}

func TestUDPAddressInUse(t *testing.T) {
	_, local := serve(t, udp("127.0.0.1:0"))
	if _, err := transport.Open([]transport.Listen{udp(local.String())}, transport.Options{}); err == nil {
		t.Error("bound twice")
	}
}

// Many readers of the runtime's clock and collector beside a busy socket: a
// stop-the-world must not wait for the reader longer than its read.
func TestUDPStopTheWorld(t *testing.T) {
	_, local := serve(t, udp("127.0.0.1:0"))
	began := time.Now()
	for range 50 {
		ask(t, local, "x")
		runtime.GC()
	}
	if d := time.Since(began); d > 10*time.Second {
		t.Errorf("50 collections beside a waiting reader took %s", d)
	}
}

// Two messages sent with one call both come, and the second one also where the
// kernel refuses the first.
func TestUDPSendWith(t *testing.T) {
	for _, addr := range []string{"127.0.0.1:0", "[::1]:0"} {
		t.Run(addr, func(t *testing.T) {
			layer, _ := serve(t, udp(addr))
			peers := [2]*net.UDPConn{peerOn(t, addr), peerOn(t, addr)}
			flow := func(i int) transport.Flow {
				return transport.Flow{By: layer.Listeners()[0], Addr: peers[i].LocalAddr().(*net.UDPAddr).AddrPort()}
			}
			layer.SendWith(flow(0), []byte("request"), nil, flow(1), []byte("answer"))
			wantDatagram(t, peers[0], "request")
			wantDatagram(t, peers[1], "answer")
			layer.SendWith(flow(0), make([]byte, 70000), nil, flow(1), []byte("answer all the same"))
			wantDatagram(t, peers[1], "answer all the same")
			layer.SendWith(flow(0), []byte("request"), nil, flow(1), make([]byte, 70000))
			wantDatagram(t, peers[0], "request")
		})
	}
}

func peerOn(t *testing.T, addr string) *net.UDPConn {
	t.Helper()
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.MustParseAddrPort(addr)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func wantDatagram(t *testing.T, conn *net.UDPConn, want string) {
	t.Helper()
	_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	b := make([]byte, 2000)
	n, err := conn.Read(b)
	if err != nil || string(b[:n]) != want {
		t.Fatalf("got %q, %v, want %q", b[:n], err, want)
	}
}

// An idle process ends as fast as a busy one: a reader that wakes because its
// socket is closed must not begin to wait again.
func TestIdleSocketsClose(t *testing.T) {
	var listens []transport.Listen
	for range 4 {
		listens = append(listens, udp("127.0.0.1:0"))
	}
	layer, err := transport.Open(listens, transport.Options{})
	if err != nil {
		t.Fatal(err)
	}
	layer.Handle(echo{layer, make(chan transport.Drop, 10)})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- layer.Serve(ctx) }()
	time.Sleep(time.Second) // until all are idle
	cancel()
	select {
	case err := <-done:
		if err != nil {
			t.Errorf("Serve: %v", err)
		}
	case <-time.After(2 * time.Second):
		t.Fatal("a reader does not end")
	}
}
