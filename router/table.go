package router

import (
	"iter"
	"math/bits"
)

// Table is the client access table: immutable, safe for any number of readers.
//
// It is a hash table over the access IDs, with open addressing. As no access ID
// begins another, at most one of a number's beginnings is in it, so a look-up
// tries each length that occurs, shortest first.
type Table struct {
	clients  []Client
	revision int64
	slots    []slot
	lengths  uint16             // bit n: some access ID has n digits
	escaped  map[*Client]string // the names that need percent-encoding; few
	callers  callerIndex
}

// slot is one place of the hash table. Key 0 is an empty place.
type slot struct {
	key uint64
	row uint32
}

// NewTable builds a table and checks all of it: each client's Validate
// (*ClientError) and that no access ID begins another, disabled clients
// included (*PrefixError). The table takes clients over: the caller must not
// change them afterwards.
func NewTable(clients []Client, revision int64) (*Table, error) {
	t := &Table{clients: clients, revision: revision}
	t.slots = make([]slot, len(clients)+len(clients)/2+1)
	for i := range clients {
		if err := t.insert(uint32(i)); err != nil {
			return nil, err
		}
	}
	for i := range clients {
		if err := t.checkPrefixes(clients[i].AccessID); err != nil {
			return nil, err
		}
	}
	t.callers = newCallerIndex(clients)
	return t, nil
}

// insert checks a row and gives it its slot. Whether it begins another is seen
// when all rows are in: rows come in any order.
func (t *Table) insert(row uint32) error {
	c := &t.clients[row]
	if err := c.Validate(); err != nil {
		return &ClientError{Index: int(row), AccessID: clip(c.AccessID), Err: err}
	}
	key := idKey(c.AccessID)
	at := t.place(key)
	for t.slots[at].key != 0 {
		if t.slots[at].key == key {
			return &PrefixError{Shorter: c.AccessID, Longer: c.AccessID}
		}
		at = t.next(at)
	}
	t.slots[at] = slot{key: key, row: row}
	t.lengths |= 1 << len(c.AccessID)
	if needsEscape(c.Name) {
		if t.escaped == nil {
			t.escaped = make(map[*Client]string)
		}
		t.escaped[c] = escapeName(c.Name)
	}
	return nil
}

// checkPrefixes looks for another access ID that begins this one.
func (t *Table) checkPrefixes(id string) error {
	key := uint64(1)
	for n := 1; n < len(id); n++ {
		key = key<<4 | uint64(id[n-1]-'0')
		if t.lengths>>n&1 == 1 && t.find(key) != nil {
			return &PrefixError{Shorter: id[:n], Longer: id}
		}
	}
	return nil
}

// Resolve finds the client whose access ID begins digits. It allocates nothing,
// and its time does not depend on the number of clients.
func (t *Table) Resolve(digits []byte) (*Client, bool) {
	if t == nil {
		return nil, false
	}
	key := uint64(1)
	for n := 1; n <= len(digits) && n <= maxAccessID; n++ {
		d := digits[n-1] - '0'
		if d > 9 {
			break
		}
		key = key<<4 | uint64(d)
		if t.lengths>>n&1 == 1 {
			if c := t.find(key); c != nil {
				return c, true
			}
		}
	}
	return nil, false
}

// Client finds the client with exactly this access ID.
func (t *Table) Client(accessID string) (*Client, bool) {
	c, ok := t.Resolve([]byte(accessID))
	if !ok || c.AccessID != accessID {
		return nil, false
	}
	return c, true
}

// Len is the number of clients.
func (t *Table) Len() int { return len(t.clients) }

// Revision is the number the store gave this state.
func (t *Table) Revision() int64 { return t.revision }

// All goes through the clients in the order NewTable got them. They must not
// be changed.
func (t *Table) All() iter.Seq[*Client] {
	return func(yield func(*Client) bool) {
		for i := range t.clients {
			if !yield(&t.clients[i]) {
				return
			}
		}
	}
}

// headerName is the client's name as the header shows it.
func (t *Table) headerName(c *Client) string {
	if t.escaped != nil {
		if name, ok := t.escaped[c]; ok {
			return name
		}
	}
	return c.Name
}

// find follows the slots from the key's own place to the first empty one. A
// third of the slots is empty, so the way is short.
func (t *Table) find(key uint64) *Client {
	for at := t.place(key); t.slots[at].key != 0; at = t.next(at) {
		if t.slots[at].key == key {
			return &t.clients[t.slots[at].row]
		}
	}
	return nil
}

// place spreads the keys, which are often consecutive numbers, over the slots.
func (t *Table) place(key uint64) int {
	at, _ := bits.Mul64(mix(key), uint64(len(t.slots)))
	return int(at)
}

// next is the slot behind, around the end.
func (t *Table) next(at int) int {
	if at++; at < len(t.slots) {
		return at
	}
	return 0
}

// idKey packs an access ID, four bits a digit behind a leading 1 that keeps
// lengths and leading zeros apart.
func idKey(id string) uint64 {
	key := uint64(1)
	for i := range len(id) {
		key = key<<4 | uint64(id[i]-'0')
	}
	return key
}
