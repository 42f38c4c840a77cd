package screenpop_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"sipid/screenpop"
)

// TestTwoHundredCallsAtTwentyAgents: all at once, over real connections; each
// stream tells of its own ten calls, with their own data, and of no others.
func TestTwoHundredCallsAtTwentyAgents(t *testing.T) {
	const agents, calls = 20, 200
	o := screenpop.Options{Claimer: claimerFunc(func(_ context.Context, c screenpop.Claim) (json.RawMessage, error) {
		return json.RawMessage(fmt.Sprintf(`{"of":%q}`, c.Serial)), nil
	})}
	for n := range agents {
		e := fmt.Sprint(8001 + n)
		o.Agents = append(o.Agents, screenpop.AgentAccess{Extension: e, Tokens: hash(e)})
	}
	s, err := screenpop.New(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
	var running sync.WaitGroup
	running.Go(func() { s.Run(ctx) })
	server := httptest.NewServer(s.Handler())
	defer func() { stop(); running.Wait(); server.Close() }()

	got := make(chan screenpop.Pop, 20*calls)
	var readers sync.WaitGroup
	for n := range agents {
		body := openStream(t, ctx, server.URL, fmt.Sprint(8001+n))
		readers.Go(func() { readStream(t, body, fmt.Sprint(8001+n), calls/agents, got) })
	}
	var lines sync.WaitGroup
	for n := range calls {
		lines.Go(func() {
			id, agent := fmt.Sprintf("call-%d", n), fmt.Sprint(8001+n%agents)
			s.Observe(screenpop.Event{Kind: screenpop.EventIdentified, CallID: id, Call: &screenpop.Call{
				Resolved: true, Status: "resolved", AccessID: "1001", Endpoint: "https://a.example", Serial: fmt.Sprint(n)}})
			s.Observe(screenpop.Event{Kind: screenpop.EventRinging, CallID: id, Agent: screenpop.Agent{Contact: "<sip:" + agent + "@pbx>"}})
		})
	}
	lines.Wait()
	readers.Wait()
	close(got)
	whole := 0
	for p := range got {
		var n int
		if _, err := fmt.Sscanf(p.CallID, "call-%d", &n); err != nil || p.Agent != fmt.Sprint(8001+n%agents) || p.Serial != fmt.Sprint(n) {
			t.Fatalf("pop %+v", p)
		}
		if p.Data.Status == screenpop.DataOK {
			whole++
			if p.Data.Fields[0].Value != fmt.Sprint(n) {
				t.Fatalf("%s has the data of %s", p.CallID, p.Data.Fields[0].Value)
			}
		}
	}
	if whole != calls {
		t.Errorf("%d calls came with their data, want %d", whole, calls)
	}
}

type claimerFunc func(context.Context, screenpop.Claim) (json.RawMessage, error)

func (f claimerFunc) Claim(ctx context.Context, c screenpop.Claim) (json.RawMessage, error) {
	return f(ctx, c)
}

func openStream(t *testing.T, ctx context.Context, url, agent string) *http.Response {
	t.Helper()
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/v1/pops/stream?agent="+agent, nil)
	if err != nil {
		t.Fatal(err)
	}
	q.Header.Set("Authorization", "Bearer "+token(agent))
	response, err := http.DefaultClient.Do(q)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("stream of %s: %v, %v", agent, response, err)
	}
	return response
}

// readStream reads until an agent has the data of so many calls. A pop of
// another agent fails.
func readStream(t *testing.T, response *http.Response, agent string, calls int, got chan<- screenpop.Pop) {
	defer response.Body.Close()
	whole := map[string]bool{}
	for lines := bufio.NewScanner(response.Body); len(whole) < calls && lines.Scan(); {
		data, ok := bytes.CutPrefix(lines.Bytes(), []byte("data: "))
		var p screenpop.Pop
		if !ok || json.Unmarshal(data, &p) != nil || p.PopID == "" {
			continue
		}
		if p.Agent != agent {
			t.Errorf("%s is on the stream of %s", p.CallID, agent)
		}
		got <- p
		if p.Data.Status == screenpop.DataOK {
			whole[p.CallID] = true
		}
	}
}

// TestLanguagesSayTheSame: what one language has words for, the other has too.
func TestLanguagesSayTheSame(t *testing.T) {
	var keys [2][]string
	for i, language := range []string{"en", "zh"} {
		text, err := os.ReadFile("desk/words." + language + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var words map[string]string
		if err := json.Unmarshal(text, &words); err != nil {
			t.Fatal(err)
		}
		for k := range words {
			keys[i] = append(keys[i], k)
		}
		slices.Sort(keys[i])
	}
	if !slices.Equal(keys[0], keys[1]) || len(keys[0]) < 60 {
		t.Errorf("en %q\nzh %q", keys[0], keys[1])
	}
	for _, reason := range []screenpop.Reason{
		screenpop.ReasonNotFound, screenpop.ReasonClaimed, screenpop.ReasonUnauthorized, screenpop.ReasonCredentials, screenpop.ReasonTimeout,
		screenpop.ReasonUnreachable, screenpop.ReasonTLS, screenpop.ReasonTooLarge, screenpop.ReasonNotJSON, screenpop.ReasonRedirect,
		screenpop.ReasonBusy, screenpop.ReasonFault, screenpop.ReasonMapping, screenpop.ReasonBreakerOpen, screenpop.ReasonNotClaimable,
		screenpop.ReasonQueueFull, screenpop.ReasonFailed,
	} {
		if !slices.Contains(keys[0], "reason_"+string(reason)) {
			t.Errorf("no words for %s", reason)
		}
	}
}
