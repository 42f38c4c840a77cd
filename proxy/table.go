package proxy

import (
	"hash/maphash"
	"sync"
)

// tableShards spreads the lock; a power of two.
const tableShards = 64

// tableKey stands for a key of RFC 3261: a hash of 128 bits, by seeds that only
// this process knows and never shows. The texts themselves would be a good part
// of what a held transaction takes.
type tableKey [2]uint64

// table finds transactions: the server side by the key of RFC 3261 section
// 17.2.3, the client side by the branch of our Via (section 17.1.3).
type table struct {
	seeds  [2]maphash.Seed
	shown  maphash.Seed // of hash, whose results peers see
	shards [tableShards]tableShard
}

type tableShard struct {
	mu     sync.Mutex
	server map[tableKey]*transaction
	client map[tableKey]*attempt
}

func newTable() *table {
	t := &table{seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}, shown: maphash.MakeSeed()}
	for i := range t.shards {
		t.shards[i].server = make(map[tableKey]*transaction)
		t.shards[i].client = make(map[tableKey]*attempt)
	}
	return t
}

func (t *table) key(text []byte) tableKey {
	return tableKey{maphash.Bytes(t.seeds[0], text), maphash.Bytes(t.seeds[1], text)}
}

func (t *table) keyOf(text string) tableKey {
	return tableKey{maphash.String(t.seeds[0], text), maphash.String(t.seeds[1], text)}
}

func (t *table) shard(k tableKey) *tableShard { return &t.shards[k[0]%tableShards] }

// hash is a number for a key that stays the same while the process runs.
func (t *table) hash(key []byte) uint64 { return maphash.Bytes(t.shown, key) }

// server returns the server transaction of this key with its mutex held, or nil.
func (t *table) server(key []byte) *transaction {
	k := t.key(key)
	s := t.shard(k)
	s.mu.Lock()
	tx := s.server[k]
	s.mu.Unlock()
	if tx == nil {
		return nil
	}
	tx.mu.Lock()
	if tx.key != k { // it is over, and another request's by now
		tx.mu.Unlock()
		return nil
	}
	return tx
}

// addServer files tx, whose mutex is held, under key. When another reader was
// faster it is false and files nothing.
func (t *table) addServer(key []byte, tx *transaction) bool {
	k := t.key(key)
	s := t.shard(k)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.server[k] != nil {
		return false
	}
	tx.key = k
	s.server[k] = tx
	return true
}

func (t *table) removeServer(tx *transaction) {
	s := t.shard(tx.key)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.server[tx.key] == tx {
		delete(s.server, tx.key)
	}
}

// client returns the attempt with this branch, with the mutex of its transaction
// held, or nil.
func (t *table) client(branch []byte) *attempt {
	k := t.key(branch)
	s := t.shard(k)
	s.mu.Lock()
	a := s.client[k]
	s.mu.Unlock()
	if a == nil {
		return nil
	}
	a.tx.mu.Lock()
	if a.key != k { // as in server
		a.tx.mu.Unlock()
		return nil
	}
	return a
}

func (t *table) addClient(a *attempt) {
	s := t.shard(a.key)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.client[a.key] = a
}

func (t *table) removeClient(a *attempt) {
	s := t.shard(a.key)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.client[a.key] == a {
		delete(s.client, a.key)
	}
}

// open counts the transactions that still wait for a response or an ACK.
func (t *table) open() int {
	n := 0
	for i := range t.shards {
		s := &t.shards[i]
		s.mu.Lock()
		for _, tx := range s.server {
			if tx.waiting.Load() {
				n++
			}
		}
		s.mu.Unlock()
	}
	return n
}

// size counts the server transactions that live.
func (t *table) size() int {
	n := 0
	for i := range t.shards {
		s := &t.shards[i]
		s.mu.Lock()
		n += len(s.server)
		s.mu.Unlock()
	}
	return n
}
