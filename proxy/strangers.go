package proxy

import (
	"net/netip"
	"sync"
	"time"

	"sipid/sipmsg"
)

// How many messages a second from one address are answered that break the rules,
// or come from somebody nobody knows, and how many in all. What is beyond is
// counted and costs no more than reading it.
const (
	faultsEach = 5000
	faultsAll  = 20000
)

// faults counts, in each second, whom we told that something is wrong. Addresses
// share places: two that meet in one get less, never more.
type faults struct {
	mu     sync.Mutex
	second int64
	all    int
	each   [256]int
}

// take tells whether one more may be told.
func (f *faults) take(a netip.Addr, now time.Duration) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if second := int64(now / time.Second); second != f.second {
		f.second, f.all, f.each = second, 0, [256]int{}
	}
	octets := a.As16()
	place := 0
	for _, b := range octets {
		place = place*31 + int(b)
	}
	n := &f.each[place&255]
	if f.all >= faultsAll || *n >= faultsEach {
		return false
	}
	f.all++
	*n++
	return true
}

// stranger handles a datagram from an address nobody knows. Nothing of it is
// read unless such are to be told; a connection is closed by its transport.
func (w *worker) stranger(b []byte) {
	w.p.metrics.drop(dropUnknownSource)
	if !w.p.strangers || w.from.Stream != nil || !w.p.faults.take(w.from.Addr.Addr(), w.p.wheel.now()) {
		return
	}
	if w.msg.Parse(b) != nil || !w.msg.Request || w.msg.Method == sipmsg.MethodAck {
		w.msg.Request = false
		return
	}
	w.serverKey(w.from.Addr.Addr())
	w.answer(sipmsg.Answer{Status: errForbidden.status, Reason: errForbidden.reason, ToTag: w.toTag()})
}
