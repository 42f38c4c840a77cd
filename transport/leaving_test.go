package transport

import (
	"net/netip"
	"testing"
	"testing/synctest"
	"time"
)

// A peer that ends its connections as fast as it makes them has no more than twice
// as many as it may, and nothing is left of it.
func TestRoomOfLeaving(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ss, by := newStreams(Options{}), &Listener{Network: TCP}
		most := 0
		for port := range uint16(10 * streamsPerIP) {
			s := &Stream{all: ss, by: by, remote: netip.AddrPortFrom(netip.IPv6Loopback(), port), gone: make(chan struct{})}
			if _, ok := ss.add(s, guestRoom); !ok {
				continue
			}
			go func() {
				defer ss.remove(s)
				ss.hangUp(s)
			}()
			synctest.Wait()
			most = max(most, ss.count())
		}
		if most != 2*streamsPerIP {
			t.Errorf("%d connections of one peer at a time", most)
		}
		time.Sleep(time.Second)
		if ss.count() != 0 || len(ss.perIP)+len(ss.leaving) != 0 {
			t.Errorf("%d connections left, and counts %v, %v", ss.count(), ss.perIP, ss.leaving)
		}
	})
}
