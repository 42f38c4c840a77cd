package router

import "math/bits"

// callerIndex finds a client by a number it calls with: a hash table like
// Table's own, over the numbers of all clients in their canonical form. Keys and
// rows stand apart, as together they would take a third more.
type callerIndex struct {
	keys []uint64
	rows []uint32
	long map[string]uint32 // numbers that do not fit a key; few, if any
}

// severalRows stands for a number that more than one client lists: it names none.
const severalRows = ^uint32(0)

// maxPacked is how many digits fit a key behind its mark, four bits each.
const maxPacked = 15

func newCallerIndex(clients []Client) callerIndex {
	n := 0
	for i := range clients {
		n += len(clients[i].Calling)
	}
	if n == 0 {
		return callerIndex{}
	}
	x := callerIndex{keys: make([]uint64, n+n/2+1), rows: make([]uint32, n+n/2+1)}
	var room [maxNumber]byte
	for i := range clients {
		for _, number := range clients[i].Calling {
			x.insert(room[:copy(room[:], number)], uint32(i))
		}
	}
	return x
}

func (x *callerIndex) insert(number []byte, row uint32) {
	key, packed := callerKey(number)
	if !packed {
		x.insertLong(longKey(number), row)
		return
	}
	at := x.place(key)
	for x.keys[at] != 0 && x.keys[at] != key {
		at = x.next(at)
	}
	switch {
	case x.keys[at] == 0:
		x.keys[at], x.rows[at] = key, row
	case x.rows[at] != row:
		x.rows[at] = severalRows
	}
}

func (x *callerIndex) insertLong(key string, row uint32) {
	if x.long == nil {
		x.long = make(map[string]uint32)
	}
	if other, ok := x.long[key]; ok && other != row {
		row = severalRows
	}
	x.long[key] = row
}

// find gives the row that lists number. It allocates for a number that no key
// holds, and only where a client has such a one.
func (x *callerIndex) find(number []byte) (row uint32, ok bool) {
	key, packed := callerKey(number)
	if !packed {
		if len(x.long) == 0 {
			return 0, false
		}
		row, ok = x.long[longKey(number)]
		return row, ok
	}
	if len(x.keys) == 0 {
		return 0, false
	}
	for at := x.place(key); x.keys[at] != 0; at = x.next(at) {
		if x.keys[at] == key {
			return x.rows[at], true
		}
	}
	return 0, false
}

func (x *callerIndex) place(key uint64) int {
	at, _ := bits.Mul64(mix(key), uint64(len(x.keys)))
	return int(at)
}

func (x *callerIndex) next(at int) int {
	if at++; at < len(x.keys) {
		return at
	}
	return 0
}

// callerKey packs a number's canonical form: a mark for what its country is,
// then four bits a digit. The mark is not 0, so it shows how long the number is.
func callerKey(number []byte) (key uint64, packed bool) {
	country, rest := canonical(number)
	if len(rest) > maxPacked {
		return 0, false
	}
	switch country {
	case countryCode:
		key = 0x1
	case "+":
		key = 0x2
	default:
		key = 0x3
	}
	for _, d := range rest {
		key = key<<4 | uint64(d-'0')
	}
	return key, true
}

func longKey(number []byte) string {
	country, rest := canonical(number)
	return country + "." + string(rest)
}

// caller finds the client that calls with number; several says that more than
// one does.
func (t *Table) caller(number []byte) (c *Client, several bool) {
	if t == nil {
		return nil, false
	}
	row, ok := t.callers.find(number)
	switch {
	case !ok:
		return nil, false
	case row == severalRows:
		return nil, true
	}
	return &t.clients[row], false
}
