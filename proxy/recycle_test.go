package proxy

import (
	"net/netip"
	"sync"
	"testing"
	"time"

	"sipid/transport"
)

// over is a transaction that is over, and still in the table: as a reader found it
// that waits for its mutex. It is held.
func over(p *Proxy, by *transport.Listener) *transaction {
	tx := p.transaction()
	p.table.addServer([]byte("old"), tx)
	a := tx.newAttempt()
	a.key, a.down = p.table.keyOf("old"), wayOf(transport.Flow{By: by, Addr: netip.MustParseAddrPort("10.2.0.10:5060")})
	p.table.addClient(a)
	tx.state, a.state = serverEnded, clientEnded
	return tx
}

func newRecycling() *Proxy {
	p := &Proxy{table: newTable(), wheel: newWheel()}
	p.idle.New = func() any { return newTransaction(p) }
	return p
}

// Whoever found a transaction that is another request's by the time he has its
// mutex has found none.
func TestRecycledIsNotFound(t *testing.T) {
	p := newRecycling()
	tx := over(p, &transport.Listener{})
	tx.recycle()
	if tx.key != (tableKey{}) {
		t.Fatal("a transaction that is over was not recycled")
	}
	look := func(when string) {
		if p.table.server([]byte("old")) != nil || p.table.client([]byte("old")) != nil {
			t.Fatalf("%s: it was found by the key that it had", when)
		}
		if !tx.mu.TryLock() {
			t.Fatalf("%s: who does not find it has its mutex", when)
		}
		tx.mu.Unlock()
	}
	tx.mu.Unlock()
	look("while it waits")
	tx.mu.Lock()
	p.table.addServer([]byte("new"), tx)
	tx.newAttempt().key = p.table.keyOf("new")
	tx.mu.Unlock()
	look("when it serves another request")
}

// One that fires once more while it waits serves no two requests for that.
func TestRecycledOnce(t *testing.T) {
	p := newRecycling()
	tx := over(p, &transport.Listener{})
	tx.recycle()
	tx.mu.Unlock()
	w := &worker{p: p}
	for range 8 {
		w.fire(tx)
	}
	served := map[*transaction]bool{}
	for range 8 {
		next := p.transaction()
		if served[next] {
			t.Fatal("a transaction serves two requests")
		}
		served[next] = true
	}
}

// What somebody may still come to is left alone.
func TestNotRecycled(t *testing.T) {
	udp, tcp := &transport.Listener{}, &transport.Listener{Network: transport.TCP}
	for name, tc := range map[string]struct {
		by     *transport.Listener
		change func(*transaction)
	}{
		"its server side lives": {udp, func(tx *transaction) { tx.state = serverAccepted }},
		"its attempt lives":     {udp, func(tx *transaction) { tx.first.state = clientAccepted }},
		"it fires again":        {udp, func(tx *transaction) { tx.armed = time.Second }},
		"a second attempt":      {udp, func(tx *transaction) { tx.newAttempt().state = clientEnded }},
		"by a connection":       {tcp, func(*transaction) {}},
	} {
		tx := over(newRecycling(), tc.by)
		tc.change(tx)
		if tx.recycle(); tx.key == (tableKey{}) {
			t.Errorf("%s: it was recycled", name)
		}
	}
}

// Who looks for a transaction does so while it is given back and taken again. For
// the race detector: what is read without the mutex is never written.
func TestRecycledWhileSought(t *testing.T) {
	p := newRecycling()
	tx := over(p, &transport.Listener{})
	tx.mu.Unlock()
	var seeking sync.WaitGroup
	for _, seek := range []func(){
		func() {
			if tx := p.table.server([]byte("old")); tx != nil {
				tx.mu.Unlock()
			}
		},
		func() {
			if a := p.table.client([]byte("old")); a != nil {
				a.tx.mu.Unlock()
			}
		},
	} {
		seeking.Go(func() {
			for range 1000 {
				seek()
			}
		})
	}
	for range 1000 {
		tx.mu.Lock()
		tx.rest()
		tx.key, tx.first.key = p.table.keyOf("old"), p.table.keyOf("old")
		tx.mu.Unlock()
	}
	seeking.Wait()
}
