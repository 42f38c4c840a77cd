package routertest

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"sipid/router"
)

func (s *suite) empty() {
	s.want()
	s.wantChanges("")
	s.wantChanges("1001")
	_, err := s.store.Client(s.ctx, "1001")
	s.wantErr("Client", err, router.ErrNoClient)
}

func (s *suite) addAndRead() {
	full, bare := client("1001"), router.Client{AccessID: "0002", Name: "a\u0085b\n,\"", Endpoint: "sip:x.example", SerialDigits: 32}
	s.add(full, bare)
	s.want(bare, full)
	for _, c := range []router.Client{full, bare} {
		if got, err := s.store.Client(s.ctx, c.AccessID); err != nil || !got.Equal(&c) {
			s.Errorf("Client(%s) = %+v, %v", c.AccessID, got, err)
		}
	}
	_, err := s.store.Client(s.ctx, "2") // leading zeros count
	s.wantErr("Client(2)", err, router.ErrNoClient)
}

func (s *suite) addErrExists() {
	s.add(client("1001"))
	other := client("1001")
	other.Name = "other"
	s.wantErr("AddClient", s.store.AddClient(s.ctx, other, by), router.ErrClientExists)
	s.want(client("1001"))
	s.wantChanges("", "add 1001")
}

func (s *suite) set() {
	s.add(client("1001"))
	changed := client("1001")
	changed.Name, changed.Calling, changed.PBX, changed.SerialDigits, changed.Enabled = "new", nil, "", 4, false
	changed.ValidFrom, changed.ValidTo, changed.MaxCPS, changed.MaxCalls, changed.HeaderProfile, changed.Notes = 0, 0, 0, 0, "", ""
	if err := s.store.SetClient(s.ctx, changed, by); err != nil {
		s.Fatalf("SetClient: %v", err)
	}
	s.want(changed)
	if err := s.store.SetClient(s.ctx, changed, by); err != nil {
		s.Errorf("SetClient to what is there: %v", err)
	}
	s.wantChanges("1001", "set 1001", "add 1001")
}

// everyColumn sets one column at a time: each is kept, each is a change.
func (s *suite) everyColumn() {
	to, _ := router.ParseMoment("2099-01-01")
	want := client("1001")
	s.add(want)
	for _, change := range []func(*router.Client){
		func(c *router.Client) { c.Name = "x" },
		func(c *router.Client) { c.Endpoint = "https://x.example/" },
		func(c *router.Client) { c.SerialDigits = 9 },
		func(c *router.Client) { c.PBX = "x" },
		func(c *router.Client) { c.Calling = nil },
		func(c *router.Client) { c.Enabled = false },
		func(c *router.Client) { c.ValidFrom = 0 },
		func(c *router.Client) { c.ValidTo = to },
		func(c *router.Client) { c.MaxCPS = 0.5 },
		func(c *router.Client) { c.MaxCalls = 1 },
		func(c *router.Client) { c.HeaderProfile = "x" },
		func(c *router.Client) { c.Notes = "x" },
	} {
		change(&want)
		if err := s.store.SetClient(s.ctx, want, by); err != nil {
			s.Fatalf("SetClient: %v", err)
		}
		s.want(want)
		if got := s.changes("", 0); got[0] != "set 1001" {
			s.Errorf("no change in the history for %+v", want)
		}
	}
	if n := len(s.changes("", 0)); n != 13 {
		s.Errorf("%d changes, want 13", n)
	}
}

func (s *suite) setErrNoClient() {
	s.wantErr("SetClient", s.store.SetClient(s.ctx, client("1001"), by), router.ErrNoClient)
	s.want()
	s.wantChanges("")
}

func (s *suite) remove() {
	s.add(client("1001"), client("1002"))
	if err := s.store.RemoveClient(s.ctx, "1001", by); err != nil {
		s.Fatalf("RemoveClient: %v", err)
	}
	s.want(client("1002"))
	s.wantErr("RemoveClient again", s.store.RemoveClient(s.ctx, "1001", by), router.ErrNoClient)
	s.wantChanges("1001", "remove 1001", "add 1001")
	s.add(client("10012")) // 1001 would have been in the way
}

func (s *suite) enable() {
	s.add(client("1001"))
	for _, enabled := range []bool{false, false, true} {
		if err := s.store.SetEnabled(s.ctx, "1001", enabled, by); err != nil {
			s.Fatalf("SetEnabled(%v): %v", enabled, err)
		}
		want := client("1001")
		want.Enabled = enabled
		s.want(want)
	}
	s.wantErr("SetEnabled", s.store.SetEnabled(s.ctx, "1002", true, by), router.ErrNoClient)
	s.wantChanges("", "enable 1001", "disable 1001", "add 1001")
}

func (s *suite) errInvalid() {
	early, _ := router.ParseMoment("2025-12-31")
	s.add(client("1001"))
	for field, change := range map[string]func(*router.Client){
		"access_id":     func(c *router.Client) { c.AccessID = "10O2" },
		"name":          func(c *router.Client) { c.Name = "" },
		"endpoint":      func(c *router.Client) { c.Endpoint = "https://u@a.example" },
		"serial_digits": func(c *router.Client) { c.SerialDigits = 0 },
		"valid_to":      func(c *router.Client) { c.ValidTo = early },
		"max_cps":       func(c *router.Client) { c.MaxCPS = -1 },
		"max_calls":     func(c *router.Client) { c.MaxCalls = -1 },
		"notes":         func(c *router.Client) { c.Notes = "\xff" },
	} {
		added, set := client("1002"), client("1001")
		change(&added)
		change(&set)
		for what, err := range map[string]error{
			"AddClient": s.store.AddClient(s.ctx, added, by),
			"SetClient": s.store.SetClient(s.ctx, set, by),
		} {
			var fault *router.FieldError
			if !errors.As(err, &fault) || fault.Field != field {
				s.Errorf("%s: %v, want a fault of %s", what, err, field)
			}
		}
	}
	s.want(client("1001"))
	s.wantChanges("", "add 1001")
}

func (s *suite) errPrefix() {
	disabled := client("1001")
	disabled.Enabled = false
	s.add(disabled, client("2"))
	s.wantPrefix("AddClient(10)", s.store.AddClient(s.ctx, client("10"), by), "10", "1001")
	s.wantPrefix("AddClient(10012)", s.store.AddClient(s.ctx, client("10012"), by), "1001", "10012")
	s.want(disabled, client("2"))
	s.wantChanges("", "add 2", "add 1001")
	s.add(client("1002"), client("0"))
}

func (s *suite) sorted() {
	s.add(client("20"), client("1001"), client("0001"), client("999"), client("1000"))
	s.want(client("0001"), client("1000"), client("1001"), client("20"), client("999"))
}

func (s *suite) ownership() {
	given := client("1001")
	s.add(given)
	given.Calling[0] = "0"
	got, err := s.store.Clients(s.ctx)
	if err != nil {
		s.Fatalf("Clients: %v", err)
	}
	got[0].Calling[0], got[0].Name = "1", "changed"
	s.want(client("1001"))
}

// concurrent adds different clients at once, and one client many times: each
// write is seen whole, and only one of equal additions wins.
func (s *suite) concurrent() {
	const writers = 8
	var wg sync.WaitGroup
	var mu sync.Mutex
	won := 0
	for i := range writers {
		wg.Go(func() {
			if err := s.store.AddClient(s.ctx, client(fmt.Sprintf("20%02d", i)), by); err != nil {
				s.Errorf("AddClient: %v", err)
			}
			err := s.store.AddClient(s.ctx, client("1001"), by)
			if err != nil && !errors.Is(err, router.ErrClientExists) {
				s.Errorf("AddClient(1001): %v", err)
			}
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
			}
		})
	}
	wg.Wait()
	got, err := s.store.Clients(s.ctx)
	if err != nil || len(got) != writers+1 || won != 1 {
		s.Errorf("%d clients, 1001 was added %d times, %v", len(got), won, err)
	}
}

func (s *suite) errContext() {
	s.add(client("1001"))
	ended, cancel := context.WithCancel(s.ctx)
	cancel()
	s.wantErr("AddClient", s.store.AddClient(ended, client("1002"), by), context.Canceled)
	_, err := s.store.Clients(ended)
	s.wantErr("Clients", err, context.Canceled)
	s.want(client("1001"))
}
