package proxy

// A transaction is held for half a minute after its end, and there are thousands
// of them: made anew for each request they are nearly all that the collector has to
// collect. So one that is over serves another request.

func newTransaction(p *Proxy) *transaction {
	tx := &transaction{p: p}
	tx.entry.tx, tx.first.tx = tx, tx
	return tx
}

// transaction gives one for a new request. Its mutex is held.
func (p *Proxy) transaction() *transaction {
	tx := p.idle.Get().(*transaction)
	tx.mu.Lock()
	return tx
}

// recycle has a transaction that is over wait for another request. Only who fires
// it calls this, so that it happens once. What somebody may still tell of by its
// address is left to the collector: further attempts, and what was handed to a
// connection (handler.Unreachable).
func (tx *transaction) recycle() {
	a := &tx.first
	over := tx.armed == 0 && tx.state == serverEnded && a.state == clientEnded
	if !over || len(tx.more) > 0 || a.down.Reliable() {
		return
	}
	tx.rest()
	tx.p.idle.Put(tx)
}

// rest makes a transaction one that waits for a request. It looks like one that has
// just begun, not like one that is over: it may still have a place in the wheel, and
// when that fires nothing is due, and nothing is recycled once more.
func (tx *transaction) rest() {
	tx.key, tx.course, tx.first.leg = tableKey{}, course{}, leg{}
}
