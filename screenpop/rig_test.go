package screenpop_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sipid/screenpop"
)

// rig is a service in a bubble of fake time, with agents 8001 to 8003.
type rig struct {
	*testing.T
	*screenpop.Service
	system *system
	audit  *memory
	web    http.Handler
}

// system is the client systems: what each serial's claim answers.
type system struct {
	mu    sync.Mutex
	asked []screenpop.Claim
	reply func(context.Context, screenpop.Claim) (json.RawMessage, error)
}

func (s *system) Claim(ctx context.Context, c screenpop.Claim) (json.RawMessage, error) {
	s.mu.Lock()
	s.asked = append(s.asked, c)
	reply := s.reply
	s.mu.Unlock()
	return reply(ctx, c)
}

func (s *system) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.asked)
}

func (s *system) answer(object string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reply = func(context.Context, screenpop.Claim) (json.RawMessage, error) { return json.RawMessage(object), err }
}

// memory is an audit log.
type memory struct {
	mu   sync.Mutex
	list []screenpop.Showing
}

func (m *memory) AppendShowings(_ context.Context, list []screenpop.Showing) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.list = append(m.list, list...)
	return nil
}

func (m *memory) Showings(context.Context, string, int) ([]screenpop.Showing, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]screenpop.Showing(nil), m.list...), nil
}

func token(name string) string { return "token of " + name }

func hash(name string) []screenpop.TokenHash {
	return []screenpop.TokenHash{screenpop.HashToken(token(name))}
}

func options() screenpop.Options {
	o := screenpop.Options{Supervisor: hash("supervisor"), PBX: hash("pbx")}
	for _, e := range []string{"8001", "8002", "8003"} {
		o.Agents = append(o.Agents, screenpop.AgentAccess{Extension: e, Tokens: hash(e)})
	}
	return o
}

// run gives a test its rig; change may change the options.
func run(t *testing.T, change func(*screenpop.Options), test func(r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := &rig{T: t, system: new(system), audit: new(memory)}
		r.system.answer(`{"name":"王小明","level":3}`, nil)
		o := options()
		o.Claimer, o.Audit = r.system, r.audit
		if change != nil {
			change(&o)
		}
		var err error
		if r.Service, err = screenpop.New(o); err != nil {
			t.Fatal(err)
		}
		r.web = r.Handler()
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); r.Service.Run(ctx) }()
		defer func() { stop(); <-ended }()
		test(r)
	})
}

// call is a new call of client 1001.
func (r *rig) call(id string) {
	r.event(screenpop.Event{Kind: screenpop.EventIdentified, CallID: id, Call: &screenpop.Call{
		Resolved: true, Status: "resolved", Source: "isup-original-called", AccessID: "1001", Client: "Hangzhou",
		Endpoint: "https://a.example", Serial: "00000042", Called: "95165",
	}})
}

func (r *rig) event(e screenpop.Event) {
	r.Observe(e)
	time.Sleep(20 * time.Millisecond) // events are taken in breaths
	synctest.Wait()
}

// says is a message of the PBX that names an agent by P-Asserted-Identity.
func (r *rig) says(kind screenpop.EventKind, id, agent string) {
	e := screenpop.Event{Kind: kind, CallID: id}
	if agent != "" {
		e.Agent.AssertedIdentity = "<sip:" + agent + "@pbx>"
	}
	r.event(e)
}

// reader is an open stream.
type reader struct {
	r    *rig
	mu   sync.Mutex
	head http.Header
	code int
	text bytes.Buffer
	fail error // of the next writes
	stop context.CancelFunc
	done chan struct{}
}

func (s *reader) Header() http.Header { return s.head }
func (s *reader) WriteHeader(c int)   { s.code = c }
func (s *reader) Flush()              {}
func (s *reader) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		return 0, s.fail
	}
	return s.text.Write(b)
}

func (s *reader) said() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// stream opens an agent's stream as the agent.
func (r *rig) stream(agent string, change ...func(*http.Request)) *reader {
	r.Helper()
	ctx, stop := context.WithCancel(r.Context())
	s := &reader{r: r, head: http.Header{}, stop: stop, done: make(chan struct{})}
	q := httptest.NewRequestWithContext(ctx, "GET", "/v1/pops/stream?agent="+agent, nil)
	q.Header.Set("Authorization", "Bearer "+token(agent))
	for _, c := range change {
		c(q)
	}
	go func() { defer close(s.done); r.web.ServeHTTP(s, q) }()
	r.Cleanup(stop)
	synctest.Wait()
	return s
}

func (s *reader) ended() bool {
	synctest.Wait()
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

// pops are all the pops a stream told of so far.
func (s *reader) pops() []screenpop.Pop {
	s.r.Helper()
	synctest.Wait()
	var list []screenpop.Pop
	for block := range strings.SplitSeq(s.said(), "\n\n") {
		_, data, ok := strings.Cut(block, "event: pop\ndata: ")
		if !ok {
			continue
		}
		var p screenpop.Pop
		if err := json.Unmarshal([]byte(data), &p); err != nil {
			s.r.Fatalf("%q: %v", data, err)
		}
		list = append(list, p)
	}
	return list
}

// last is the last word on the one call of a stream: "state event data/reason".
func (s *reader) last() string {
	s.r.Helper()
	list := s.pops()
	if len(list) == 0 {
		return ""
	}
	p := list[len(list)-1]
	return strings.TrimSuffix(p.State+" "+p.Event+" "+string(p.Data.Status)+"/"+string(p.Data.Reason), "/")
}

func (s *reader) want(last string) {
	s.r.Helper()
	if got := s.last(); got != last {
		s.r.Errorf("stream says %q, want %q", got, last)
	}
}

func (r *rig) ask(method, path, body, bearer string) *httptest.ResponseRecorder {
	q := httptest.NewRequest(method, path, strings.NewReader(body))
	if bearer != "" {
		q.Header.Set("Authorization", "Bearer "+token(bearer))
	}
	w := httptest.NewRecorder()
	r.web.ServeHTTP(w, q)
	synctest.Wait()
	return w
}

var errDown = errors.New("down")

const long = 10 * time.Minute
