package vas_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"sipid/vas"
	"sipid/vas/vastest"
)

var errDisk = errors.New("disk fault")

// memory is a Store without a disk, and one whose disk can fail.
type memory struct {
	mu   sync.Mutex
	next map[int]uint64
	rows map[int64]vas.Row

	fail    bool // writes are refused
	written bool // and happen all the same
}

func newMemory() *memory { return &memory{next: map[int]uint64{}, rows: map[int64]vas.Row{}} }

func TestMemoryConformance(t *testing.T) {
	vastest.TestStore(t, func(*testing.T) vas.Store { return newMemory() })
}

// write runs f as a write, with the fault of the moment.
func (m *memory) write(ctx context.Context, f func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail && !m.written {
		return errDisk
	}
	err := f()
	if m.fail {
		return errDisk
	}
	return err
}

func (m *memory) setFault(fail, written bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fail, m.written = fail, written
}

// count is how many rows there are, live or not.
func (m *memory) count() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.rows)
}

func (m *memory) leased(digits int) uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.next[digits]
}

func (m *memory) Key(_ context.Context, digits int) ([]byte, error) {
	return bytes.Repeat([]byte{byte(digits)}, 32), nil
}

func (m *memory) Lease(ctx context.Context, digits int, n uint64) (first uint64, err error) {
	err = m.write(ctx, func() error {
		first = m.next[digits]
		m.next[digits] += n
		return nil
	})
	return first, err
}

func (m *memory) Insert(ctx context.Context, r vas.Row, now time.Time) error {
	key, ok := vas.SerialKey(r.Serial)
	if !ok {
		return vas.ErrInvalid
	}
	return m.write(ctx, func() error {
		if m.next[len(r.Serial)] > r.Counter+vas.MaxLag(len(r.Serial)) {
			return vas.ErrStale
		}
		if old, ok := m.rows[key]; ok && now.Before(old.ExpiresAt) {
			return vas.ErrTaken
		}
		r.Data, r.Bound, r.ClaimedAt = slices.Clone(r.Data), vas.Binding{}, time.Time{}
		m.rows[key] = r
		return nil
	})
}

func (m *memory) Claim(ctx context.Context, serial string, b vas.Binding, now time.Time) (data json.RawMessage, err error) {
	key, _ := vas.SerialKey(serial)
	err = m.write(ctx, func() error {
		r, ok := m.rows[key]
		switch {
		case !ok || !now.Before(r.ExpiresAt):
			return vas.ErrNotFound
		case r.Bound == vas.Binding{}:
			r.Bound, r.ClaimedAt = b, now
			m.rows[key] = r
		case r.Bound != b:
			return vas.ErrClaimed
		}
		data = slices.Clone(r.Data)
		return nil
	})
	return data, err
}

func (m *memory) Delete(ctx context.Context, serial string) error {
	key, _ := vas.SerialKey(serial)
	return m.write(ctx, func() error { delete(m.rows, key); return nil })
}

func (m *memory) List(ctx context.Context, after string, limit int, now time.Time) (list []vas.Row, err error) {
	first, _ := vas.SerialKey(after)
	err = m.write(ctx, func() error {
		var keys []int64
		for key, r := range m.rows {
			if key > first && now.Before(r.ExpiresAt) {
				keys = append(keys, key)
			}
		}
		slices.Sort(keys)
		for _, key := range keys[:min(limit, len(keys))] {
			list = append(list, m.rows[key])
		}
		return nil
	})
	return list, err
}

func (m *memory) DeleteExpired(ctx context.Context, limit int, now time.Time) (n int, err error) {
	err = m.write(ctx, func() error {
		var keys []int64
		for key, r := range m.rows {
			if !now.Before(r.ExpiresAt) {
				keys = append(keys, key)
			}
		}
		slices.SortFunc(keys, func(a, b int64) int { return m.rows[a].ExpiresAt.Compare(m.rows[b].ExpiresAt) })
		for _, key := range keys[:min(limit, len(keys))] {
			delete(m.rows, key)
			n++
		}
		return nil
	})
	return n, err
}
