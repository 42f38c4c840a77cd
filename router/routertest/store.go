package routertest

import (
	"context"
	"errors"
	"slices"
	"testing"

	"sipid/router"
)

// TestClientStore checks that a store keeps the promises of router.ClientStore.
// open gives a new, empty store for each subtest and closes it with t.Cleanup.
func TestClientStore(t *testing.T, open func(t *testing.T) router.ClientStore) {
	t.Helper()
	for _, test := range []struct {
		name string
		run  func(s *suite)
	}{
		{"Empty", (*suite).empty},
		{"AddAndRead", (*suite).addAndRead},
		{"AddErrExists", (*suite).addErrExists},
		{"Set", (*suite).set},
		{"SetEveryColumn", (*suite).everyColumn},
		{"SetErrNoClient", (*suite).setErrNoClient},
		{"Remove", (*suite).remove},
		{"Enable", (*suite).enable},
		{"ErrInvalid", (*suite).errInvalid},
		{"ErrPrefix", (*suite).errPrefix},
		{"Sorted", (*suite).sorted},
		{"ReturnedValuesAreTheCallers", (*suite).ownership},
		{"ImportUpsert", (*suite).importUpsert},
		{"ImportReplace", (*suite).importReplace},
		{"ImportSwapsPrefixes", (*suite).importSwapsPrefixes},
		{"ImportDryRun", (*suite).importDryRun},
		{"ImportErrInvalid", (*suite).importErrInvalid},
		{"ImportErrPrefix", (*suite).importErrPrefix},
		{"ImportErrTwice", (*suite).importErrTwice},
		{"ImportErrShrink", (*suite).importErrShrink},
		{"History", (*suite).history},
		{"HistoryOfImport", (*suite).historyOfImport},
		{"HistoryLimit", (*suite).historyLimit},
		{"Concurrent", (*suite).concurrent},
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
	store router.ClientStore
}

const by = "a tester"

// client is a row with every column filled.
func client(accessID string) router.Client {
	from, _ := router.ParseMoment("2026-01-01")
	to, _ := router.ParseMoment("2099-12-31T18:00:00+08:00")
	return router.Client{
		AccessID: accessID, Name: "杭州 " + accessID, Endpoint: "https://" + accessID + ".example/sipid",
		SerialDigits: 8, PBX: "hangzhou", Calling: []string{"057188001234", "+8657188001234"}, Enabled: true,
		ValidFrom: from, ValidTo: to, MaxCPS: 12.5, MaxCalls: 60, HeaderProfile: "avaya", Notes: "电话 0571,\r\n\"note\"",
	}
}

func (s *suite) add(clients ...router.Client) {
	s.Helper()
	for _, c := range clients {
		if err := s.store.AddClient(s.ctx, c, by); err != nil {
			s.Fatalf("AddClient(%s): %v", c.AccessID, err)
		}
	}
}

// want checks all of the table.
func (s *suite) want(clients ...router.Client) {
	s.Helper()
	got, err := s.store.Clients(s.ctx)
	if err != nil {
		s.Fatalf("Clients: %v", err)
	}
	same := slices.EqualFunc(got, clients, func(a, b router.Client) bool { return a.Equal(&b) })
	if !same {
		s.Fatalf("the table is\n%+v\nwant\n%+v", got, clients)
	}
}

// changes gives the history as action and access ID, newest first.
func (s *suite) changes(accessID string, limit int) []string {
	s.Helper()
	history, err := s.store.History(s.ctx, accessID, limit)
	if err != nil {
		s.Fatalf("History(%q): %v", accessID, err)
	}
	var list []string
	for _, c := range history {
		list = append(list, c.Action+" "+c.AccessID)
	}
	return list
}

func (s *suite) wantChanges(accessID string, want ...string) {
	s.Helper()
	if got := s.changes(accessID, 0); !slices.Equal(got, want) {
		s.Errorf("the history of %q is %q, want %q", accessID, got, want)
	}
}

func (s *suite) wantErr(what string, err, want error) {
	s.Helper()
	if !errors.Is(err, want) {
		s.Errorf("%s: %v, want %v", what, err, want)
	}
}

func (s *suite) wantPrefix(what string, err error, shorter, longer string) {
	s.Helper()
	var prefix *router.PrefixError
	if !errors.As(err, &prefix) || prefix.Shorter != shorter || prefix.Longer != longer {
		s.Errorf("%s: %v, want %s and %s named", what, err, shorter, longer)
	}
}
