package screenpop

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"sipid/httpjson"
)

// watcher is an open stream. wake holds at most one signal: a stream asks for
// all that is new, so one is as good as many.
type watcher struct{ wake chan struct{} }

func (w *watcher) notify() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// watch puts a watcher at an agent's desk; false: there are too many.
func (s *Service) watch(agent string) (*watcher, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.desk(agent)
	if d == nil || len(d.watchers) >= s.o.Limits.Streams {
		return nil, false
	}
	w := &watcher{wake: make(chan struct{}, 1)}
	d.watchers[w] = struct{}{}
	s.metrics.streams.Inc()
	return w, true
}

func (s *Service) unwatch(agent string, w *watcher) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.desks[agent].watchers, w)
	s.metrics.streams.Dec()
}

// since gives an agent's pops that changed after the event with the number seq,
// in the order they changed, and the number of the last.
func (s *Service) since(agent string, seq uint64) ([]Pop, []uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.desks[agent]
	if d == nil {
		return nil, nil
	}
	var list []*pop
	for _, p := range d.pops {
		if p.seq > seq {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b *pop) int { return cmp.Compare(a.seq, b.seq) })
	views, ids := make([]Pop, len(list)), make([]uint64, len(list))
	for i, p := range list {
		views[i], ids[i] = s.view(p), p.seq
	}
	return views, ids
}

// stream is one reader of an agent's pops.
type stream struct {
	s       *Service
	agent   string
	who     string
	out     http.ResponseWriter
	control *http.ResponseController
	seq     uint64          // of the last event sent
	shown   map[string]bool // pops in the audit log: with the data, or without
	buffer  bytes.Buffer
}

// serveStream is GET /v1/pops/stream.
func (s *Service) serveStream(w http.ResponseWriter, r *http.Request, p person) {
	agent := r.URL.Query().Get("agent")
	if agent == "" && p.role == roleAgent {
		agent = p.extension
	}
	switch {
	case !ValidExtension(agent):
		httpjson.Fail(w, http.StatusBadRequest, "bad_agent", "an extension is expected, as in ?agent=8001")
		return
	case !p.sees(agent):
		httpjson.Fail(w, http.StatusForbidden, "forbidden", "agents see their own pops only")
		return
	case !s.access.known(agent):
		httpjson.Fail(w, http.StatusNotFound, "no_agent", "there is no such agent")
		return
	}
	watcher, ok := s.watch(agent)
	if !ok {
		w.Header().Set("Retry-After", "10")
		httpjson.Fail(w, http.StatusTooManyRequests, "too_many_streams", "close another window first")
		return
	}
	defer s.unwatch(agent, watcher)
	one := &stream{
		s: s, agent: agent, who: p.name(), out: w, control: http.NewResponseController(w),
		seq: s.eventSeq(r.Header.Get("Last-Event-ID")), shown: map[string]bool{},
	}
	one.run(r, watcher)
}

// eventSeq reads the ID of the last event a reader saw. One of another process
// says nothing: its pops are gone.
func (s *Service) eventSeq(id string) uint64 {
	epoch, number, _ := strings.Cut(id, "-")
	seq, err := strconv.ParseUint(number, 10, 64)
	if err != nil || epoch != s.epoch {
		return 0
	}
	return seq
}

// run writes until the reader goes, is too slow, or may no longer look.
func (t *stream) run(r *http.Request, w *watcher) {
	h := t.out.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Accel-Buffering", "no") // nginx would hold events back
	// The server's deadlines are for short requests. Where there are none, as in
	// a test, that is an error of no interest.
	_ = t.control.SetReadDeadline(time.Time{})
	ping := time.NewTicker(t.s.o.Limits.Ping)
	defer ping.Stop()
	t.buffer.WriteString("retry: 1000\nevent: hello\ndata: {\"epoch\":\"" + t.s.epoch + "\"}\n\n")
	for ok := t.send(r); ok; {
		select {
		case <-w.wake:
			ok = t.allowed(r) && t.send(r)
		case <-ping.C:
			t.buffer.WriteString(": ping\n\n")
			ok = t.allowed(r) && t.flush()
		case <-r.Context().Done():
			return
		case <-t.s.stopped:
			return
		}
	}
}

// allowed asks again: a session ends, by itself or by signing out.
func (t *stream) allowed(r *http.Request) bool {
	p, ok := t.s.access.who(r)
	return ok && p.sees(t.agent)
}

// send writes what is new.
func (t *stream) send(r *http.Request) bool {
	pops, ids := t.s.since(t.agent, t.seq)
	for i := range pops {
		t.record(r, &pops[i])
		body, err := json.Marshal(&pops[i])
		if err != nil {
			t.s.o.Log.Error("pop cannot be written as JSON", "err", err)
			return false
		}
		t.buffer.WriteString("id: " + t.s.epoch + "-" + strconv.FormatUint(ids[i], 10) + "\nevent: pop\ndata: ")
		t.buffer.Write(body)
		t.buffer.WriteString("\n\n")
		t.seq = ids[i]
		if t.buffer.Len() > 64<<10 && !t.flush() {
			return false
		}
	}
	return t.flush()
}

// flush writes what is collected, within the time a reader has.
func (t *stream) flush() bool {
	defer t.buffer.Reset()
	_ = t.control.SetWriteDeadline(time.Now().Add(t.s.o.Limits.Write))
	_, err := t.out.Write(t.buffer.Bytes())
	if err == nil {
		err = t.control.Flush()
	}
	if isTimeout(err) {
		t.s.metrics.slow.Inc()
	}
	return err == nil
}

// record puts a showing into the audit log: the first of each pop on this
// stream, and the first with the user's data.
func (t *stream) record(r *http.Request, p *Pop) {
	data := p.Data.Status == DataOK
	if had, seen := t.shown[p.PopID]; seen && (had || !data) {
		return
	}
	if len(t.shown) > 4*t.s.o.Limits.History {
		clear(t.shown) // a long day; at worst an entry is there twice
	}
	t.shown[p.PopID] = data
	t.s.show(r.Context(), Showing{
		At: time.Now(), Who: t.who, Agent: t.agent, CallID: p.CallID, AccessID: p.AccessID, Serial: mask(p.Serial), Data: data,
	})
}
