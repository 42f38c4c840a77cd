package transport

import (
	"context"
	"net"
	"net/netip"
	"time"
)

// Turning tells whether each UDP listener is being read: it sends an empty
// datagram to each and waits until something was read there, for at most
// patience. Where nothing can be sent to ourselves it cannot tell, and says yes.
func (t *Layer) Turning(patience time.Duration) bool {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for _, l := range t.listeners {
		if l.Network == UDP && !l.turning(ctx) {
			return false
		}
	}
	return true
}

func (l *Listener) turning(ctx context.Context) bool {
	before := l.turns.Load()
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(l.self()))
	if err != nil {
		return true
	}
	defer conn.Close()
	if _, err := conn.Write(nil); err != nil {
		return true
	}
	for l.turns.Load() == before {
		select {
		case <-ctx.Done():
			return false
		case <-time.After(time.Millisecond):
		}
	}
	return true
}

// self is an address by which this machine reaches the listener.
func (l *Listener) self() netip.AddrPort {
	switch a := l.Local.Addr(); {
	case !a.IsUnspecified():
		return l.Local
	case a.Is4():
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), l.Local.Port())
	default:
		return netip.AddrPortFrom(netip.IPv6Loopback(), l.Local.Port())
	}
}
