package vastest

import (
	"bytes"
	"slices"
	"sync"

	"sipid/vas"
)

func (s *suite) key() {
	keys := map[string]int{}
	for _, digits := range []int{8, 8, 9, 8} {
		key, err := s.store.Key(s.ctx, digits)
		if err != nil || len(key) != 32 || bytes.Equal(key, make([]byte, 32)) {
			s.Fatalf("Key(%d): %d octets, %v", digits, len(key), err)
		}
		if was, ok := keys[string(key)]; ok && was != digits {
			s.Errorf("%d and %d digits have the same key", was, digits)
		}
		keys[string(key)] = digits
	}
	if len(keys) != 2 {
		s.Errorf("%d keys, want 2", len(keys))
	}
}

func (s *suite) lease() {
	for _, want := range []uint64{0, 10, 20} {
		if got := s.lease1(10); got != want {
			s.Errorf("Lease = %d, want %d", got, want)
		}
	}
	// Each count of digits has its own counter.
	if first, err := s.store.Lease(s.ctx, 9, 1); err != nil || first != 0 {
		s.Errorf("Lease(9 digits) = %d, %v", first, err)
	}
}

func (s *suite) leaseConcurrent() {
	const workers, each, size = 8, 20, 7
	var mu sync.Mutex
	var all []uint64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for range each {
				first, err := s.store.Lease(s.ctx, 8, size)
				if err != nil {
					s.Errorf("Lease: %v", err)
					return
				}
				mu.Lock()
				all = append(all, first)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	slices.Sort(all)
	for i, first := range all {
		if first != uint64(i)*size {
			s.Fatalf("block %d begins at %d: blocks overlap or leave a gap", i, first)
		}
	}
}

// insertErrStale lets half a round of counters pass between lease and insert.
func (s *suite) insertErrStale() {
	size := vas.MaxLag(4)
	if first, err := s.store.Lease(s.ctx, 4, size); err != nil || first != 0 {
		s.Fatalf("Lease = %d, %v", first, err)
	}
	s.insert(row("1234", 0)) // exactly half a round is leased: the last moment
	if _, err := s.store.Lease(s.ctx, 4, 1); err != nil {
		s.Fatal(err)
	}
	s.wantErr("Insert of counter 0", s.store.Insert(s.ctx, row("4321", 0), noon), vas.ErrStale)
	s.insert(row("0001", 1))
	s.wantList(noon, "0001", "1234")
}
