package routertest

import (
	"errors"
	"fmt"

	"sipid/router"
)

func (s *suite) importAll(o router.ImportOptions, want router.ImportResult, clients ...router.Client) {
	s.Helper()
	o.By = by
	got, err := s.store.ImportClients(s.ctx, clients, o)
	if err != nil || got != want {
		s.Fatalf("ImportClients: %+v, %v, want %+v", got, err, want)
	}
}

func (s *suite) importErr(o router.ImportOptions, clients ...router.Client) error {
	s.Helper()
	o.By = by
	got, err := s.store.ImportClients(s.ctx, clients, o)
	if err == nil || got != (router.ImportResult{}) {
		s.Errorf("ImportClients: %+v, %v, want an error and no result", got, err)
	}
	return err
}

// renamed is a changed client.
func renamed(accessID string) router.Client {
	c := client(accessID)
	c.Name = "renamed"
	return c
}

func (s *suite) importUpsert() {
	s.add(client("1001"), client("1002"), client("1003"))
	s.importAll(router.ImportOptions{}, router.ImportResult{Added: 1, Changed: 1, Unchanged: 1},
		renamed("1002"), client("1004"), client("1001"))
	s.want(client("1001"), renamed("1002"), client("1003"), client("1004"))
	s.importAll(router.ImportOptions{}, router.ImportResult{})
}

func (s *suite) importReplace() {
	for i := range 10 {
		s.add(client(fmt.Sprintf("100%d", i)))
	}
	var kept []router.Client
	for i := range 9 {
		kept = append(kept, client(fmt.Sprintf("100%d", i)))
	}
	kept[8] = renamed("1008")
	s.importAll(router.ImportOptions{Mode: router.ImportReplace},
		router.ImportResult{Added: 1, Changed: 1, Unchanged: 8, Removed: 1}, append(kept, client("2"))...)
	s.want(append(kept, client("2"))...)
}

// importSwapsPrefixes: only the end of the transaction counts.
func (s *suite) importSwapsPrefixes() {
	s.add(client("10"))
	s.importAll(router.ImportOptions{Mode: router.ImportReplace, Force: true},
		router.ImportResult{Added: 2, Removed: 1}, client("1001"), client("1002"))
	s.want(client("1001"), client("1002"))
	s.importAll(router.ImportOptions{Mode: router.ImportReplace, Force: true},
		router.ImportResult{Added: 1, Removed: 2}, client("1"))
	s.want(client("1"))
}

func (s *suite) importDryRun() {
	s.add(client("1001"))
	s.importAll(router.ImportOptions{Mode: router.ImportReplace, DryRun: true, Force: true},
		router.ImportResult{Added: 1, Removed: 1}, client("2"))
	s.wantPrefix("dry run", s.importErr(router.ImportOptions{DryRun: true}, client("10")), "10", "1001")
	s.want(client("1001"))
	s.wantChanges("", "add 1001")
}

func (s *suite) importErrInvalid() {
	bad := client("1003")
	bad.Endpoint = "nowhere"
	err := s.importErr(router.ImportOptions{}, client("1001"), client("1002"), bad)
	var c *router.ClientError
	var field *router.FieldError
	if !errors.As(err, &c) || c.Index != 2 || c.AccessID != "1003" || !errors.As(err, &field) || field.Field != "endpoint" {
		s.Errorf("ImportClients: %v, want client 1003, index 2, field endpoint", err)
	}
	s.want()
	s.wantChanges("")
}

func (s *suite) importErrPrefix() {
	disabled := client("1001")
	disabled.Enabled = false
	s.add(disabled)
	s.wantPrefix("against the table", s.importErr(router.ImportOptions{}, client("2"), client("100")), "100", "1001")
	s.wantPrefix("within the file", s.importErr(router.ImportOptions{}, client("300"), client("3")), "3", "300")
	s.want(disabled)
	s.wantChanges("", "add 1001")
}

func (s *suite) importErrTwice() {
	s.wantPrefix("twice in the file", s.importErr(router.ImportOptions{}, client("1001"), client("2"), renamed("1001")), "1001", "1001")
	s.want()
}

func (s *suite) importErrShrink() {
	var all []router.Client
	for i := range 10 {
		all = append(all, client(fmt.Sprintf("100%d", i)))
	}
	s.add(all...)
	replace := router.ImportOptions{Mode: router.ImportReplace}
	var shrink *router.ShrinkError
	if err := s.importErr(replace, all[:7]...); !errors.As(err, &shrink) || shrink.Removed != 3 || shrink.Of != 10 {
		s.Errorf("ImportClients: %v, want that 3 of 10 would go", err)
	}
	s.want(all...)
	s.importAll(replace, router.ImportResult{Unchanged: 8, Removed: 2}, all[:8]...) // 20 % is not over 20 %
	replace.Force = true
	s.importAll(replace, router.ImportResult{Removed: 8})
	s.want()
}

func (s *suite) history() {
	s.add(client("1001"), client("2"))
	if err := s.store.SetClient(s.ctx, renamed("1001"), "another"); err != nil {
		s.Fatalf("SetClient: %v", err)
	}
	if err := s.store.RemoveClient(s.ctx, "1001", by); err != nil {
		s.Fatalf("RemoveClient: %v", err)
	}
	s.wantChanges("1001", "remove 1001", "set 1001", "add 1001")
	s.wantChanges("", "remove 1001", "set 1001", "add 2", "add 1001")
	got, err := s.store.History(s.ctx, "1001", 0)
	if err != nil {
		s.Fatalf("History: %v", err)
	}
	before, after := client("1001"), renamed("1001")
	for i, want := range []struct {
		by            string
		before, after *router.Client
	}{{by, &after, nil}, {"another", &before, &after}, {by, nil, &before}} {
		if got[i].By != want.by || !same(got[i].Before, want.before) || !same(got[i].After, want.after) {
			s.Errorf("change %d is %+v, want %+v", i, got[i], want)
		}
		if got[i].At.IsZero() || i > 0 && got[i].At.After(got[i-1].At) {
			s.Errorf("change %d was at %v", i, got[i].At)
		}
	}
}

func same(a, b *router.Client) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Equal(b)
}

func (s *suite) historyOfImport() {
	s.add(client("1001"), client("1002"), client("1003"))
	s.importAll(router.ImportOptions{Mode: router.ImportReplace, Force: true},
		router.ImportResult{Added: 1, Changed: 1, Unchanged: 1, Removed: 1},
		client("1001"), renamed("1002"), client("1004"))
	s.wantChanges("1001", "add 1001")
	s.wantChanges("1002", "set 1002", "add 1002")
	s.wantChanges("1003", "remove 1003", "add 1003")
	s.wantChanges("1004", "add 1004")
}

func (s *suite) historyLimit() {
	s.add(client("1"), client("2"), client("3"))
	if got := s.changes("", 2); len(got) != 2 || got[0] != "add 3" || got[1] != "add 2" {
		s.Errorf("the newest two changes are %q", got)
	}
	if got := s.changes("", 10); len(got) != 3 {
		s.Errorf("with room for ten: %q", got)
	}
}
