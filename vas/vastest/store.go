package vastest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"sipid/vas"
)

// TestStore checks that a store keeps the promises of vas.Store. open gives a
// new, empty store for each subtest and closes it with t.Cleanup.
func TestStore(t *testing.T, open func(t *testing.T) vas.Store) {
	t.Helper()
	for _, test := range []struct {
		name string
		run  func(s *suite)
	}{
		{"Key", (*suite).key},
		{"Lease", (*suite).lease},
		{"LeaseConcurrent", (*suite).leaseConcurrent},
		{"InsertAndClaim", (*suite).insertAndClaim},
		{"InsertErrTaken", (*suite).insertErrTaken},
		{"InsertErrStale", (*suite).insertErrStale},
		{"InsertErrNoSerial", (*suite).insertErrNoSerial},
		{"InsertConcurrent", (*suite).insertConcurrent},
		{"LeadingZerosCount", (*suite).leadingZeros},
		{"ClaimErrNotFound", (*suite).claimErrNotFound},
		{"ClaimErrClaimed", (*suite).claimErrClaimed},
		{"ClaimConcurrent", (*suite).claimConcurrent},
		{"Expiry", (*suite).expiry},
		{"Delete", (*suite).delete},
		{"List", (*suite).list},
		{"DeleteExpired", (*suite).deleteExpired},
		{"ReturnedValuesAreTheCallers", (*suite).ownership},
		{"ErrContext", (*suite).errContext},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.run(&suite{T: t, ctx: context.Background(), store: open(t)})
		})
	}
}

// suite is one subtest with its store.
type suite struct {
	*testing.T
	ctx   context.Context
	store vas.Store
}

// The suite has a clock of its own, and a binding that most claims use.
var (
	noon  = time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	later = noon.Add(time.Minute)
)

func asks() vas.Binding { return vas.Binding{Claimant: "callcentre-1", CallID: "a@b"} }

// row is a row that expires at later. Its data tells it from others.
func row(serial string, counter uint64) vas.Row {
	return vas.Row{Serial: serial, Counter: counter, ExpiresAt: later, Data: data(serial)}
}

func data(serial string) json.RawMessage {
	return json.RawMessage(fmt.Sprintf(`{"name":"王 \u0000 %s","n":1}`, serial))
}

func (s *suite) lease1(n uint64) uint64 {
	s.Helper()
	first, err := s.store.Lease(s.ctx, 8, n)
	if err != nil {
		s.Fatalf("Lease: %v", err)
	}
	return first
}

func (s *suite) insert(rows ...vas.Row) {
	s.Helper()
	for _, r := range rows {
		if err := s.store.Insert(s.ctx, r, noon); err != nil {
			s.Fatalf("Insert(%s): %v", r.Serial, err)
		}
	}
}

// wantClaim claims, and checks that the data is that of the serial.
func (s *suite) wantClaim(serial string, b vas.Binding, now time.Time) {
	s.Helper()
	got, err := s.store.Claim(s.ctx, serial, b, now)
	if err != nil || string(got) != string(data(serial)) {
		s.Errorf("Claim(%s) = %s, %v", serial, got, err)
	}
}

func (s *suite) wantNoClaim(serial string, b vas.Binding, now time.Time, want error) {
	s.Helper()
	got, err := s.store.Claim(s.ctx, serial, b, now)
	if !errors.Is(err, want) || len(got) != 0 {
		s.Errorf("Claim(%s) = %s, %v, want %v", serial, got, err, want)
	}
}

// wantList checks which serials are live.
func (s *suite) wantList(now time.Time, serials ...string) {
	s.Helper()
	rows, err := s.store.List(s.ctx, "", 1000, now)
	var got []string
	for _, r := range rows {
		got = append(got, r.Serial)
	}
	if err != nil || !slices.Equal(got, serials) {
		s.Errorf("List = %v, %v, want %v", got, err, serials)
	}
}

func (s *suite) wantErr(what string, err, want error) {
	s.Helper()
	if !errors.Is(err, want) {
		s.Errorf("%s: %v, want %v", what, err, want)
	}
}
