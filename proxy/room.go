package proxy

import "sync/atomic"

// A request that waits for its answer is kept, to be sent again and to make
// answers from. What others can have us keep is bounded, or one trunk whose calls
// are 60 KB long and ring for minutes would take all memory, and everybody's calls
// with it.
const (
	// roomInAll is how many octets of requests may wait, roomEach how many of them a
	// trunk's: about 50 000 calls that ring. Twice as much memory goes with it, and some.
	roomInAll = 256 << 20
	roomEach  = roomInAll / 2
	// roomAlways is how long a request within a call may be to be taken in any case.
	roomAlways = largeBuffer
)

// room counts the octets of requests that wait.
type room struct {
	taken       atomic.Int64
	inAll, each int64
}

// roomFor tells whether the request being handled may wait here, too.
func (w *worker) roomFor(n *next) bool {
	size := int64(len(w.msg.Raw))
	if n.call != 0 && size <= roomAlways {
		return true
	}
	r, l := &w.p.room, w.p.trunkLimits[w.trunk]
	return r.taken.Load()+size <= r.inAll && (l == nil || l.waiting.Load()+size <= r.each)
}

// takeRoom counts the request being handled in, for its transaction.
func (w *worker) takeRoom(tx *transaction) {
	tx.size, tx.trunk = uint32(len(w.msg.Raw)), w.p.trunkLimits[w.trunk]
	w.p.room.taken.Add(int64(tx.size))
	if tx.trunk != nil {
		tx.trunk.waiting.Add(int64(tx.size))
	}
}

// leaveRoom counts the request out, once it waits no more.
func (tx *transaction) leaveRoom() {
	if tx.size == 0 {
		return // it has, or never was in
	}
	tx.p.room.taken.Add(-int64(tx.size))
	if tx.trunk != nil {
		tx.trunk.waiting.Add(-int64(tx.size))
	}
	tx.size, tx.trunk = 0, nil
}
