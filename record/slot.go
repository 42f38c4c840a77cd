package record

import (
	"bytes"
	"net/netip"
	"sync"
	"time"

	"sipid/router"
)

// slot is the place of a call. It holds no pointer: it lies in memory that the
// collector does not see.
type slot struct {
	number   uint64 // 0: free
	hash     uint64 // of the Call-ID
	at       int64  // nanoseconds since the log's start
	revision int64
	message  uint64 // where it begins in the shard's stream of messages
	size     int32
	prev     int32 // the next newer call of the same bucket
	next     int32 // the next older one
	from     [16]byte
	port     uint16
	trunk    uint16
	group    uint16
	refused  uint16
	status   router.Status
	source   router.Source

	callIDLen, accessIDLen, serialLen, callingLen uint8
	events, lost                                  uint8

	callID                    [maxCallID]byte
	accessID, serial, calling [maxDigits]byte
	happened                  [maxEvents]event
}

// decide keeps what was decided.
func (c *slot) decide(d *router.Decision) {
	c.status, c.source = d.Status, d.Source
	c.accessIDLen = 0
	if d.Client != nil {
		c.accessIDLen = uint8(copy(c.accessID[:], d.Client.AccessID))
	}
	c.serialLen = uint8(copy(c.serial[:], d.Serial()))
	c.callingLen = uint8(copy(c.calling[:], d.CallingNumber()))
}

// add appends an event. A full slot counts: the last place is taken by whatever
// comes last, so that the end of a call is there.
func (c *slot) add(e event) {
	if c.events == maxEvents {
		c.lost = min(c.lost, 254) + 1
		c.happened[maxEvents-1] = e
		return
	}
	c.happened[c.events] = e
	c.events++
}

func (c *slot) has(k Kind) bool {
	for i := range c.happened[:c.events] {
		if c.happened[i].kind == k {
			return true
		}
	}
	return false
}

const (
	none    = -1
	buckets = 1024 // a power of two above perShard
)

// shard is a sixteenth of a Log: a ring of slots, an index of them by Call-ID,
// and a ring of messages.
type shard struct {
	mu      sync.Mutex
	slots   []slot
	next    int            // the slot that is used next
	text    []byte         // of the messages
	end     uint64         // of all messages ever kept, as if text had no end
	buckets [buckets]int32 // the newest slot of each
}

func (s *shard) clear() {
	for i := range s.buckets {
		s.buckets[i] = none
	}
}

// bucket uses other bits of the hash than the choice of the shard.
func bucket(hash uint64) uint64 { return hash >> 32 % buckets }

// find gives the newest slot of a Call-ID.
func (s *shard) find(hash uint64) int32 {
	i := s.buckets[bucket(hash)]
	for i != none && s.slots[i].hash != hash {
		i = s.slots[i].next
	}
	return i
}

// take frees the oldest slot and files it under a hash.
func (s *shard) take(hash uint64) int32 {
	i := int32(s.next)
	s.next = (s.next + 1) % len(s.slots)
	c := &s.slots[i]
	if c.number != 0 {
		s.unlink(i, c.hash)
	}
	c.events, c.lost, c.hash = 0, 0, hash
	head := &s.buckets[bucket(hash)]
	if *head != none {
		s.slots[*head].prev = i
	}
	c.prev, c.next, *head = none, *head, i
	return i
}

// unlink takes the oldest slot out of its bucket, where it is the last.
func (s *shard) unlink(i int32, hash uint64) {
	if prev := s.slots[i].prev; prev != none {
		s.slots[prev].next = none
		return
	}
	s.buckets[bucket(hash)] = none
}

// keep copies a message in one piece and says where it begins.
func (s *shard) keep(m []byte) uint64 {
	size := uint64(len(s.text))
	if room := size - s.end%size; uint64(len(m)) > room {
		s.end += room
	}
	at := s.end
	copy(s.text[at%size:], m)
	s.end += uint64(len(m))
	return at
}

// kept gives a copy of a slot's message; nil when newer ones took its place.
func (s *shard) kept(c *slot) []byte {
	size := uint64(len(s.text))
	if s.end-c.message > size {
		return nil
	}
	at := c.message % size
	return bytes.Clone(s.text[at : at+uint64(c.size)])
}

// copyOf gives the first slot that is the one asked for, and its message.
func (s *shard) copyOf(is func(*slot) bool) (slot, []byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.slots {
		if c := &s.slots[i]; c.number != 0 && is(c) {
			return *c, s.kept(c), true
		}
	}
	return slot{}, nil, false
}

// open makes a Call of a copied slot.
func (l *Log) open(c *slot) Call {
	group := l.router.Groups()[c.group]
	call := Call{
		Number: c.number, At: l.start.Add(time.Duration(c.at)), CallID: string(c.callID[:c.callIDLen]),
		From:  netip.AddrPortFrom(netip.AddrFrom16(c.from).Unmap(), c.port),
		Trunk: l.router.Trunks()[c.trunk].Name, Group: group.Name,
		Status: c.status, Source: c.source, Revision: c.revision, Refused: int(c.refused), Lost: int(c.lost),
		AccessID: string(c.accessID[:c.accessIDLen]), Serial: string(c.serial[:c.serialLen]), Calling: string(c.calling[:c.callingLen]),
	}
	for _, e := range c.happened[:c.events] {
		out := Event{After: time.Duration(e.after), Kind: e.kind, Attempt: int(e.try), Status: int(e.status)}
		if e.target > 0 && int(e.target) <= len(group.Targets) {
			out.Target = group.Targets[e.target-1].URI
		}
		call.Events = append(call.Events, out)
	}
	return call
}
