// Package screenpoptest holds what every screenpop.AuditStore has to do.
package screenpoptest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"sipid/screenpop"
)

// AuditStore checks a store; open gives an empty one and closes it when the test
// ends.
func AuditStore(t *testing.T, open func(t *testing.T) screenpop.AuditStore) {
	for name, test := range map[string]func(*suite){
		"Empty": (*suite).empty, "Order": (*suite).order, "Limit": (*suite).limit, "Whole": (*suite).whole,
		"Concurrent": (*suite).concurrent, "ErrCanceled": (*suite).canceled,
	} {
		t.Run(name, func(t *testing.T) { test(&suite{T: t, store: open(t), ctx: t.Context()}) })
	}
}

type suite struct {
	*testing.T
	store screenpop.AuditStore
	ctx   context.Context //nolint:containedctx // of one test
}

// noon is the time of the first showing; stores keep microseconds.
var noon = time.Date(2026, 11, 24, 12, 0, 0, 1000, time.UTC)

func showing(agent string, n int) screenpop.Showing {
	return screenpop.Showing{
		At: noon.Add(time.Duration(n) * time.Second), Who: agent, Agent: agent, CallID: fmt.Sprintf("call-%d@x", n),
		AccessID: "0010", Serial: "*****042", Data: n%2 == 1,
	}
}

func (s *suite) append(list ...screenpop.Showing) {
	s.Helper()
	if err := s.store.AppendShowings(s.ctx, list); err != nil {
		s.Fatalf("AppendShowings: %v", err)
	}
}

func (s *suite) want(agent string, limit int, want ...screenpop.Showing) {
	s.Helper()
	got, err := s.store.Showings(s.ctx, agent, limit)
	if err != nil {
		s.Fatalf("Showings: %v", err)
	}
	same := func(a, b screenpop.Showing) bool {
		at := a.At.Equal(b.At)
		a.At, b.At = time.Time{}, time.Time{}
		return at && a == b
	}
	if !slices.EqualFunc(got, want, same) {
		s.Errorf("Showings(%q, %d) = %+v\nwant %+v", agent, limit, got, want)
	}
}

func (s *suite) empty() {
	s.want("", 0)
	s.append()
	s.want("8001", 10)
}

func (s *suite) order() {
	a, b, c := showing("8001", 1), showing("8002", 2), showing("8001", 3)
	twin := c
	twin.CallID = "another"
	s.append(b, c)
	s.append(a, twin)
	s.want("", 0, twin, c, b, a)
	s.want("8001", 0, twin, c, a)
	s.want("800", 0)
}

func (s *suite) limit() {
	a, b, c := showing("8001", 1), showing("8001", 2), showing("8002", 3)
	s.append(a, b, c)
	s.want("", 2, c, b)
	s.want("8001", 1, b)
}

// whole: every field comes back, also such as a PBX or a trunk may send.
func (s *suite) whole() {
	odd := screenpop.Showing{At: noon, Who: "local", Agent: "a'b\"", CallID: "衢州;DROP TABLE\x01", AccessID: "", Serial: "", Data: true}
	s.append(odd)
	s.want("", 0, odd)
	s.want(odd.Agent, 0, odd)
}

func (s *suite) concurrent() {
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			list := []screenpop.Showing{showing("8001", i), showing("8002", i)}
			if err := s.store.AppendShowings(s.ctx, list); err != nil {
				s.Errorf("AppendShowings: %v", err)
			}
			if _, err := s.store.Showings(s.ctx, "8001", 3); err != nil {
				s.Errorf("Showings: %v", err)
			}
		})
	}
	group.Wait()
	if list, err := s.store.Showings(s.ctx, "8002", 0); err != nil || len(list) != 8 {
		s.Errorf("%d showings, %v, want 8", len(list), err)
	}
}

// canceled: none of what was refused is kept.
func (s *suite) canceled() {
	ctx, cancel := context.WithCancel(s.ctx)
	cancel()
	if err := s.store.AppendShowings(ctx, []screenpop.Showing{showing("8001", 1)}); !errors.Is(err, context.Canceled) {
		s.Errorf("AppendShowings: %v, want context.Canceled", err)
	}
	s.want("", 0)
}
