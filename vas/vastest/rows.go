package vastest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"sipid/vas"
)

func (s *suite) insertAndClaim() {
	s.insert(row("00000042", 0))
	s.wantClaim("00000042", asks(), noon)
	s.wantClaim("00000042", asks(), noon.Add(time.Second)) // the same claimant and call may ask again
}

func (s *suite) insertErrTaken() {
	s.insert(row("00000042", 0))
	other := row("00000042", 1)
	other.Data = []byte(`{}`)
	s.wantErr("Insert", s.store.Insert(s.ctx, other, noon), vas.ErrTaken)
	s.wantClaim("00000042", asks(), noon)
	// One that has expired is in nobody's way, and its binding is gone with it.
	next := row("00000042", 2)
	next.ExpiresAt = later.Add(time.Hour)
	if err := s.store.Insert(s.ctx, next, later); err != nil {
		s.Fatalf("Insert over an expired row: %v", err)
	}
	s.wantClaim("00000042", vas.Binding{Claimant: "other", CallID: "other"}, later)
}

func (s *suite) insertErrNoSerial() {
	for _, serial := range []string{"", "123", "1234567a", "1234567890123456789", "-1234567", "１２３４"} {
		if err := s.store.Insert(s.ctx, row(serial, 0), noon); err == nil {
			s.Errorf("Insert(%q) worked", serial)
		}
	}
	s.wantList(noon)
}

// insertConcurrent inserts different rows at once, and one row many times: each
// is seen whole, and only one of equal inserts wins. What fails leaves the others
// alone.
func (s *suite) insertConcurrent() {
	const workers, each = 8, 25
	var mu sync.Mutex
	won, want := 0, []string{"99999999"}
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := range each {
				serial := fmt.Sprintf("%04d%04d", w, i)
				if err := s.store.Insert(s.ctx, row(serial, uint64(i)), noon); err != nil {
					s.Errorf("Insert(%s): %v", serial, err)
				}
				err := s.store.Insert(s.ctx, row("99999999", 1), noon)
				if err != nil && !errors.Is(err, vas.ErrTaken) {
					s.Errorf("Insert(99999999): %v", err)
				}
				mu.Lock()
				want = append(want, serial)
				if err == nil {
					won++
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	slices.Sort(want)
	if won != 1 {
		s.Errorf("the same serial was inserted %d times", won)
	}
	s.wantList(noon, want...)
}

func (s *suite) leadingZeros() {
	s.insert(row("0042", 0), row("00042", 0), row("00000042", 0), row("999999999999999999", 0), row("000000000000000000", 0))
	for _, serial := range []string{"0042", "00042", "00000042", "999999999999999999", "000000000000000000"} {
		s.wantClaim(serial, asks(), noon)
	}
	s.wantNoClaim("000042", asks(), noon, vas.ErrNotFound)
}

func (s *suite) claimErrNotFound() {
	s.insert(row("00000042", 0))
	for _, serial := range []string{"00000043", "42", "", "x", "00000042 ", "' OR 1=1", "0000000000000000000042"} {
		s.wantNoClaim(serial, asks(), noon, vas.ErrNotFound)
	}
}

func (s *suite) claimErrClaimed() {
	s.insert(row("00000042", 0))
	s.wantClaim("00000042", asks(), noon)
	for _, b := range []vas.Binding{
		{Claimant: "callcentre-2", CallID: asks().CallID},
		{Claimant: asks().Claimant, CallID: "c@d"},
		{Claimant: "Callcentre-1", CallID: asks().CallID},
	} {
		s.wantNoClaim("00000042", b, noon, vas.ErrClaimed)
	}
	s.wantClaim("00000042", asks(), noon)
	rows, err := s.store.List(s.ctx, "", 10, noon)
	if err != nil || len(rows) != 1 || rows[0].Bound != asks() || !rows[0].ClaimedAt.Equal(noon) {
		s.Errorf("List = %+v, %v", rows, err)
	}
}

// claimConcurrent claims each row for several calls at once: one gets it.
func (s *suite) claimConcurrent() {
	const rows, calls = 20, 8
	var mu sync.Mutex
	won := make(map[string]int)
	var wg sync.WaitGroup
	for i := range rows {
		serial := fmt.Sprintf("%08d", i)
		s.insert(row(serial, uint64(i)))
		for call := range calls {
			wg.Go(func() {
				got, err := s.store.Claim(s.ctx, serial, vas.Binding{Claimant: "c", CallID: fmt.Sprint(call)}, noon)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil && string(got) == string(data(serial)):
					won[serial]++
				case !errors.Is(err, vas.ErrClaimed):
					s.Errorf("Claim(%s) = %s, %v", serial, got, err)
				}
			})
		}
	}
	wg.Wait()
	for i := range rows {
		if serial := fmt.Sprintf("%08d", i); won[serial] != 1 {
			s.Errorf("%s was given to %d calls", serial, won[serial])
		}
	}
}

func (s *suite) expiry() {
	s.insert(row("00000001", 0), row("00000002", 1))
	last := later.Add(-time.Millisecond)
	s.wantClaim("00000001", asks(), last)
	s.wantNoClaim("00000001", asks(), later, vas.ErrNotFound) // claimed or not
	s.wantNoClaim("00000002", asks(), later, vas.ErrNotFound)
	s.wantList(last, "00000001", "00000002")
	s.wantList(later)
}

func (s *suite) delete() {
	s.insert(row("00000001", 0), row("00000002", 1))
	for _, serial := range []string{"00000001", "00000001", "00000003", "", "x"} {
		if err := s.store.Delete(s.ctx, serial); err != nil {
			s.Errorf("Delete(%q): %v", serial, err)
		}
	}
	s.wantNoClaim("00000001", asks(), noon, vas.ErrNotFound)
	s.wantList(noon, "00000002")
}

func (s *suite) list() {
	s.insert(row("00000003", 7), row("00000001", 8), row("0000000002", 9))
	s.wantList(noon, "00000001", "00000003", "0000000002")
	rows, err := s.store.List(s.ctx, "00000001", 1, noon)
	if err != nil || len(rows) != 1 {
		s.Fatalf("List = %+v, %v", rows, err)
	}
	got, want := rows[0], row("00000003", 7)
	if got.Serial != want.Serial || got.Counter != want.Counter || !got.ExpiresAt.Equal(want.ExpiresAt) ||
		string(got.Data) != string(want.Data) || got.Bound != (vas.Binding{}) || !got.ClaimedAt.IsZero() {
		s.Errorf("List = %+v, want %+v", got, want)
	}
}

func (s *suite) deleteExpired() {
	s.deletes(10, noon, 0)
	for i := range 5 {
		r := row(fmt.Sprintf("%08d", i), uint64(i))
		r.ExpiresAt = later.Add(time.Duration(-i) * time.Second)
		s.insert(r)
	}
	s.deletes(10, noon, 0)
	s.deletes(2, later, 2) // 00000004 and 00000003 expired first
	s.wantList(noon, "00000000", "00000001", "00000002")
	s.deletes(10, later.Add(-time.Second), 2)
	s.wantList(noon, "00000000")
	s.deletes(10, later, 1)
	s.deletes(10, later, 0)
	s.wantList(noon)
}

func (s *suite) deletes(limit int, now time.Time, want int) {
	s.Helper()
	if n, err := s.store.DeleteExpired(s.ctx, limit, now); err != nil || n != want {
		s.Errorf("DeleteExpired(%d) = %d, %v, want %d", limit, n, err, want)
	}
}

func (s *suite) ownership() {
	given := row("00000042", 0)
	s.insert(given)
	clear(given.Data)
	got, err := s.store.Claim(s.ctx, "00000042", asks(), noon)
	if err != nil {
		s.Fatal(err)
	}
	clear(got)
	s.wantClaim("00000042", asks(), noon)
}

func (s *suite) errContext() {
	ended, cancel := context.WithCancel(s.ctx)
	cancel()
	s.wantErr("Insert", s.store.Insert(ended, row("00000042", 0), noon), context.Canceled)
	_, err := s.store.Lease(ended, 8, 1)
	s.wantErr("Lease", err, context.Canceled)
	_, err = s.store.Claim(ended, "00000042", asks(), noon)
	s.wantErr("Claim", err, context.Canceled)
	_, err = s.store.List(ended, "", 1, noon)
	s.wantErr("List", err, context.Canceled)
	s.wantNoClaim("00000042", asks(), noon, vas.ErrNotFound)
}
