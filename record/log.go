package record

import (
	"hash/maphash"
	"net/netip"
	"slices"
	"sync/atomic"
	"time"
	"unsafe"

	"sipid/router"
)

const (
	// Calls is how many calls are kept at least.
	Calls = 10000

	shards = 16
	// perShard leaves room above an even share: a call's place goes by its
	// Call-ID, and of 10 000 calls 780 or more fall on one of 16 places less than
	// once in 10^8 times.
	perShard  = 800
	messages  = 24 << 20 / shards
	maxEvents = 24
	maxCallID = 95
	maxDigits = 48 // more than any access ID, serial or number has
)

// Log keeps the last calls. Make one with New. A nil Log keeps nothing.
type Log struct {
	start  time.Time
	seed   maphash.Seed
	number atomic.Uint64
	trunks map[*router.Trunk]uint16
	groups map[*router.Group]uint16
	router *router.Router
	memory []byte
	shards [shards]shard
}

// New takes the memory for the calls that r routes: 32 MiB, real once used. It
// fails when the system has none.
func New(r *router.Router) (*Log, error) {
	size := int(unsafe.Sizeof(slot{})) * perShard
	b, err := memory(shards * (size + messages))
	if err != nil {
		return nil, err
	}
	l := &Log{start: time.Now(), seed: maphash.MakeSeed(), router: r, memory: b, trunks: map[*router.Trunk]uint16{}, groups: map[*router.Group]uint16{}}
	for i, t := range r.Trunks() {
		l.trunks[t] = uint16(i)
	}
	for i, g := range r.Groups() {
		l.groups[g] = uint16(i)
	}
	for i := range l.shards {
		s := &l.shards[i]
		// A slot holds no pointer, and sizes are multiples of 8: the memory of the
		// system may be used as slots.
		s.slots = unsafe.Slice((*slot)(unsafe.Pointer(&b[0])), perShard)
		s.text, b = b[size:size+messages:size+messages], b[size+messages:]
		s.clear()
	}
	return l, nil
}

// Close gives the memory back. Nothing may be written or read any more.
func (l *Log) Close() { release(l.memory) }

// Ref names a call in a Log. The zero value names none.
type Ref struct {
	number uint64
	shard  uint16
	slot   uint16
}

// Beginning is a new call, as the call path has it. Nothing of it is kept.
type Beginning struct {
	Message  []byte
	CallID   []byte
	From     netip.AddrPort
	Trunk    *router.Trunk
	Decision *router.Decision
	Refused  int // the SIP status of a refusal by the trunk's policy
}

// Begin keeps a new call. One that is refused and came before, with the same
// Call-ID and still refused, is that call once more.
func (l *Log) Begin(b *Beginning) Ref {
	if l == nil {
		return Ref{}
	}
	hash := maphash.Bytes(l.seed, b.CallID)
	n := uint16(hash % shards)
	s := &l.shards[n]
	now := int64(time.Since(l.start))
	var revision int64
	if t := l.router.Table(); t != nil {
		revision = t.Revision()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if b.Refused != 0 {
		if old := s.find(hash); old != none && s.slots[old].refused != 0 {
			s.slots[old].add(event{after: now - s.slots[old].at, kind: KindAgain})
			return Ref{}
		}
	}
	i := s.take(hash)
	c := &s.slots[i]
	c.number = l.number.Add(1)
	c.at, c.revision, c.refused = now, revision, uint16(b.Refused)
	c.trunk, c.group = l.trunks[b.Trunk], l.groups[b.Decision.Group]
	c.from, c.port = b.From.Addr().As16(), b.From.Port()
	c.decide(b.Decision)
	c.callIDLen = uint8(copy(c.callID[:], b.CallID))
	c.message, c.size = s.keep(b.Message), int32(len(b.Message))
	c.add(event{kind: KindInvite})
	if b.Refused != 0 {
		c.add(event{kind: KindUp, status: uint16(b.Refused)})
	}
	return Ref{number: c.number, shard: n, slot: uint16(i)}
}

// Add notes what happened to a call; one that is not kept any more is left alone.
func (l *Log) Add(r Ref, e Step) {
	if l == nil || r.number == 0 {
		return
	}
	now := int64(time.Since(l.start))
	s := &l.shards[r.shard]
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := &s.slots[r.slot]; c.number == r.number {
		c.add(packed(now-c.at, e))
	}
}

// AddTo notes what happened to the newest call with this Call-ID.
func (l *Log) AddTo(callID []byte, k Kind) {
	if l == nil {
		return
	}
	hash := maphash.Bytes(l.seed, callID)
	now := int64(time.Since(l.start))
	s := &l.shards[hash%shards]
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := s.find(hash); i != none {
		c := &s.slots[i]
		if k == KindAck && c.has(k) {
			return // the ACK to a 2xx sent again, or to a re-INVITE's
		}
		c.add(event{after: now - c.at, kind: k})
	}
}

func packed(after int64, e Step) event {
	p := event{after: after, kind: e.Kind, status: uint16(e.Status)}
	if e.Attempt > 0 {
		p.try, p.target = uint8(min(e.Attempt, 255)), uint16(e.Target+1)
	}
	return p
}

// Last gives the calls kept, newest first, without their messages: all that
// keep says yes to, at most limit.
func (l *Log) Last(limit int, keep func(*Call) bool) []Call {
	if l == nil {
		return nil
	}
	newest := l.number.Load()
	var all []Call
	for i := range l.shards {
		s := &l.shards[i]
		for j := range s.slots {
			s.mu.Lock()
			c := s.slots[j]
			s.mu.Unlock()
			if c.number == 0 || c.number+Calls <= newest {
				continue
			}
			if call := l.open(&c); keep(&call) {
				all = append(all, call)
			}
		}
	}
	slices.SortFunc(all, func(a, b Call) int { return int(int64(b.Number - a.Number)) })
	return all[:min(limit, len(all))]
}

// Call gives the call with this number, with its message.
func (l *Log) Call(number uint64) (Call, bool) {
	return l.first(func(c *slot) bool { return c.number == number })
}

// ByCallID gives the newest call with this Call-ID, with its message.
func (l *Log) ByCallID(callID string) (Call, bool) {
	if l == nil {
		return Call{}, false
	}
	hash := maphash.String(l.seed, callID)
	s := &l.shards[hash%shards]
	s.mu.Lock()
	i := s.find(hash)
	var number uint64
	if i != none {
		number = s.slots[i].number
	}
	s.mu.Unlock()
	if number == 0 {
		return Call{}, false
	}
	return l.Call(number)
}

func (l *Log) first(is func(*slot) bool) (Call, bool) {
	if l == nil {
		return Call{}, false
	}
	for i := range l.shards {
		if c, message, ok := l.shards[i].copyOf(is); ok {
			call := l.open(&c)
			call.Message = message
			return call, true
		}
	}
	return Call{}, false
}
