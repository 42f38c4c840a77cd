package daemon_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"sipid/config"
	"sipid/daemon"
	"sipid/screenpop"
	"sipid/vas"
)

func claimReason(err error) screenpop.Reason {
	var claim *screenpop.ClaimError
	if !errors.As(err, &claim) {
		return screenpop.Reason(fmt.Sprint(err))
	}
	return claim.Reason
}

// TestClaimer: each client system is shown its own token only, and every reason
// of package vas has its name on the screen.
func TestClaimer(t *testing.T) {
	t.Setenv("CLAIM_1001", "token-of-1001")
	t.Setenv("CLAIM_1002", "token-of-1002")
	var seen []string
	status := http.StatusOK
	system := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.Header.Get("Authorization"))
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		fmt.Fprint(w, `{"data":{"b":1,"a":2}}`)
	}))
	defer system.Close()
	c := daemon.NewClaimer(config.Claims{Token: "env:CLAIM_{access_id}", Claimant: "us", Clients: map[string]config.ClaimClient{
		"1002": {HTTP: vas.ClientConfig{Token: "env:CLAIM_1002"}},
	}})
	defer c.Close()
	claim := func(id, endpoint string) (string, error) {
		data, err := c.Claim(context.Background(), screenpop.Claim{AccessID: id, Endpoint: endpoint, Serial: "00000042", CallID: "c"})
		return string(data), err
	}
	for _, id := range []string{"1001", "1002"} {
		if data, err := claim(id, system.URL); err != nil || data != `{"b":1,"a":2}` {
			t.Errorf("%s: %s, %v", id, data, err)
		}
	}
	if got := strings.Join(seen, ","); got != "Bearer token-of-1001,Bearer token-of-1002" {
		t.Errorf("tokens seen: %s", got)
	}
	if _, err := claim("1003", system.URL); claimReason(err) != screenpop.ReasonCredentials {
		t.Errorf("no token: %v", err)
	}
	if _, err := claim("1001", "sip:b.example"); claimReason(err) != screenpop.ReasonNotClaimable {
		t.Errorf("sip endpoint: %v", err)
	}
	for code, want := range map[int]screenpop.Reason{
		401: screenpop.ReasonUnauthorized, 404: screenpop.ReasonNotFound, 409: screenpop.ReasonClaimed, 429: screenpop.ReasonBusy,
	} {
		status = code
		if _, err := claim("1001", system.URL); claimReason(err) != want {
			t.Errorf("%d: %v, want %s", code, err, want)
		}
	}
}
