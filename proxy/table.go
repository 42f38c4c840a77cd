package proxy

import (
	"hash/maphash"
	"sync"
)

// tableShards spreads the lock; a power of two.
const tableShards = 64

// table finds transactions: the server side by the key of RFC 3261 section
// 17.2.3, the client side by the branch of our Via (section 17.1.3).
type table struct {
	seed   maphash.Seed
	shards [tableShards]tableShard
}

type tableShard struct {
	mu     sync.Mutex
	server map[string]*transaction
	client map[string]*attempt
}

func newTable() *table {
	t := &table{seed: maphash.MakeSeed()}
	for i := range t.shards {
		t.shards[i].server = make(map[string]*transaction)
		t.shards[i].client = make(map[string]*attempt)
	}
	return t
}

func (t *table) shard(key []byte) *tableShard {
	return &t.shards[maphash.Bytes(t.seed, key)%tableShards]
}

func (t *table) shardOf(key string) *tableShard {
	return &t.shards[maphash.String(t.seed, key)%tableShards]
}

// hash is a number for a key that stays the same while the process runs.
func (t *table) hash(key []byte) uint64 { return maphash.Bytes(t.seed, key) }

// server returns the server transaction of this key, or nil.
func (t *table) server(key []byte) *transaction {
	s := t.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.server[string(key)]
}

// addServer files tx under key. When another reader was faster it returns that
// one's transaction and files nothing.
func (t *table) addServer(key []byte, tx *transaction) *transaction {
	s := t.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	if other := s.server[string(key)]; other != nil {
		return other
	}
	tx.key = string(key)
	s.server[tx.key] = tx
	return nil
}

func (t *table) removeServer(tx *transaction) {
	s := t.shardOf(tx.key)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.server[tx.key] == tx {
		delete(s.server, tx.key)
	}
}

// client returns the attempt with this branch, or nil.
func (t *table) client(branch []byte) *attempt {
	s := t.shard(branch)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.client[string(branch)]
}

func (t *table) addClient(a *attempt) {
	s := t.shardOf(a.branch)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.client[a.branch] = a
}

func (t *table) removeClient(a *attempt) {
	s := t.shardOf(a.branch)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.client[a.branch] == a {
		delete(s.client, a.branch)
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
