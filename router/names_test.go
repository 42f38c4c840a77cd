package router_test

import (
	"strings"
	"testing"

	"sipid/router"
)

func TestParseSource(t *testing.T) {
	for _, s := range router.Sources() {
		if got, err := router.ParseSource(s.String()); err != nil || got != s {
			t.Errorf("ParseSource(%s) = %s, %v", s, got, err)
		}
	}
	for _, name := range []string{"", "To", "isup", "p-asserted-identity"} {
		if _, err := router.ParseSource(name); err == nil {
			t.Errorf("ParseSource(%q): %v", name, err)
		}
	}
}

// TestNames holds the names that others read in headers and configuration.
func TestNames(t *testing.T) {
	var sources, statuses []string
	for _, s := range router.Sources() {
		sources = append(sources, s.String())
	}
	for _, s := range router.Statuses() {
		statuses = append(statuses, s.String())
	}
	for got, want := range map[string]string{
		strings.Join(sources, " "):    "isup-original-called isup-redirecting isup-generic isup-called-in diversion history-info to user-to-user called-suffix calling",
		strings.Join(statuses, " "):   "no-identity resolved malformed-body malformed-isup ambiguous unknown-access-id bad-serial client-disabled not-allowed",
		router.Source(99).String():    "source-99",
		router.Status(99).String():    "status-99",
		router.BodySDP.String():       "sdp",
		router.BodyKeep.String():      "keep",
		router.ImportUpsert.String():  "upsert",
		router.ImportReplace.String(): "replace",
		router.DefaultSources()[0].String() + " " + router.DefaultSources()[1].String(): "isup-original-called diversion",
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestErrors(t *testing.T) {
	for _, tc := range []struct {
		err  error
		want string
	}{
		{&router.PrefixError{Shorter: "10", Longer: "1001"}, `access ID "10" begins access ID "1001"`},
		{&router.PrefixError{Shorter: "10", Longer: "10"}, `access ID "10" is there twice`},
		{&router.FieldError{Field: "name", Rule: "must not be empty"}, "name: must not be empty"},
		{&router.ClientError{Index: 3, AccessID: "1001", Err: router.ErrNoClient}, `client "1001": router: no such client`},
		{&router.ShrinkError{Removed: 30, Of: 100}, "would remove 30 of 100 clients, more than 20 %"},
	} {
		if tc.err.Error() != tc.want {
			t.Errorf("got %s, want %s", tc.err, tc.want)
		}
	}
}
