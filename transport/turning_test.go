package transport_test

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"sipid/transport"
)

// stuckHandler does not come back from its first message.
type stuckHandler struct {
	idle
	entered chan struct{}
	leave   chan struct{}
}

func (h *stuckHandler) Message([]byte, transport.Flow) bool {
	h.entered <- struct{}{}
	<-h.leave
	return true
}

// idle is a handler that nothing is told.
type idle struct{}

func (idle) Message([]byte, transport.Flow) bool         { return true }
func (idle) Broken([]byte, transport.Flow)               {}
func (idle) Knows(netip.AddrPort) transport.Acquaintance { return transport.Guest }
func (idle) Unreachable(any)                             {}
func (idle) Dropped(transport.Drop)                      {}

func TestTurning(t *testing.T) {
	for _, at := range []string{"127.0.0.1:0", "0.0.0.0:0"} {
		layer, err := transport.Open([]transport.Listen{{Network: "udp", Addr: netip.MustParseAddrPort(at)}}, transport.Options{})
		if err != nil {
			t.Fatal(err)
		}
		h := &stuckHandler{entered: make(chan struct{}), leave: make(chan struct{})}
		layer.Handle(h)
		if layer.Turning(50 * time.Millisecond) {
			t.Error("nobody reads, and it turns")
		}
		ctx, stop := context.WithCancel(context.Background())
		done := make(chan error)
		go func() { done <- layer.Serve(ctx) }()
		if !layer.Turning(5 * time.Second) {
			t.Error("it does not turn")
		}
		l := layer.Listeners()[0]
		to := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), l.Local.Port())
		layer.Send(transport.Flow{By: l, Addr: to}, []byte("hold"), nil)
		<-h.entered
		if layer.Turning(50 * time.Millisecond) {
			t.Error("the reader is stuck, and it turns")
		}
		close(h.leave)
		if !layer.Turning(5 * time.Second) {
			t.Error("the reader is free again, and it does not turn")
		}
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}
