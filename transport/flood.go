package transport

import "time"

// Whoever floods us wakes the reader for each datagram, which costs more than to
// read and drop it. So after floodAfter in a row that are good for nothing, with
// nothing behind the last, the reader rests for a moment, and then takes at once what
// came meanwhile. A message that is good waits that much longer, in a flood alone.
const (
	floodAfter = 8
	floodRest  = 500 * time.Microsecond
	// floodPause is from when on the last one was not of this flood.
	floodPause = 5 * time.Millisecond
	// floodQueue is what a datagram waits at most that has nothing behind it.
	floodQueue = 100 * time.Microsecond
)

// rester is a PacketConn whose reader can rest without the runtime's knowledge, as
// it reads: not for long.
type rester interface{ rest(time.Duration) }

// flood is what one listener's datagrams were good for, of late.
type flood struct {
	rester rester    // nil: it cannot rest
	row    int       // good for nothing, on end
	last   time.Time // when the last of them was
}

// note takes what the last datagram was good for, rests where they flood us, and
// tells whether it did.
func (f *flood) note(good bool, waited time.Duration) (rested bool) {
	if good {
		f.row = 0
		return false
	}
	now := time.Now()
	if now.Sub(f.last) > floodPause {
		f.row = 0
	}
	f.last = now
	f.row++
	if f.row < floodAfter || waited >= floodQueue || f.rester == nil {
		return false
	}
	f.rester.rest(floodRest)
	return true
}
