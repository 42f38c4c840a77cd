package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"sipid/httpjson"
	"sipid/record"
	"sipid/report"
	"sipid/router"
)

// Calls shows the last calls over HTTP.
type Calls struct {
	log     *record.Log
	explain report.Explainer
	table   func() *router.Table
	stopped chan struct{}
	stop    sync.Once
}

// NewCalls shows the calls of log. explain says why one went where it went, by
// table, whose revision is told.
func NewCalls(log *record.Log, explain report.Explainer, table func() *router.Table) *Calls {
	return &Calls{log: log, explain: explain, table: table, stopped: make(chan struct{})}
}

// EndStreams ends those who follow; they never end by themselves.
func (a *Calls) EndStreams() { a.stop.Do(func() { close(a.stopped) }) }

func (a *Calls) register(mux *http.ServeMux, access *Access) {
	mux.Handle("/v1/calls", access.guard(asked(a.serveList)))
	mux.Handle("/v1/calls/stream", access.guard(asked(a.serveStream)))
	mux.Handle("/v1/calls/{id}", access.guard(asked(a.serveCall)))
}

// callsQuestion is what a request asks for.
type callsQuestion struct {
	report.Filter
	unmask bool
	limit  int
}

// asked reads the question that goes with a request.
func asked(next func(http.ResponseWriter, *http.Request, *callsQuestion)) http.Handler {
	return httpjson.Only(http.MethodGet, func(w http.ResponseWriter, r *http.Request) {
		q, err := readCallsQuestion(r.URL.Query(), time.Now())
		if err != nil {
			httpjson.Fail(w, http.StatusBadRequest, "bad_request", err.Error())
			return
		}
		next(w, r, q)
	})
}

// DefaultCalls is how many calls a list has that says no limit.
const DefaultCalls = 100

// maxCalls is the largest limit: all there are.
const maxCalls = record.Calls

func readCallsQuestion(v url.Values, now time.Time) (*callsQuestion, error) {
	q := &callsQuestion{limit: DefaultCalls, unmask: v.Get("unmask") == "1"}
	q.Status, q.AccessID, q.Trunk = v.Get("status"), v.Get("access_id"), v.Get("trunk")
	if q.Status != "" && !report.KnownStatus(q.Status) {
		return nil, fmt.Errorf("status: there is no %q", q.Status)
	}
	if s := v.Get("limit"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || n > maxCalls {
			return nil, fmt.Errorf("limit %q: 1 to %d", s, maxCalls)
		}
		q.limit = n
	}
	var err error
	if q.Since, err = callTime("since", v.Get("since"), now); err != nil {
		return nil, err
	}
	q.Until, err = callTime("until", v.Get("until"), now)
	return q, err
}

// callTime reads a time, or how long ago it was.
func callTime(name, s string, now time.Time) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if ago, err := time.ParseDuration(s); err == nil && ago >= 0 {
		return now.Add(-ago), nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return t, fmt.Errorf("%s %q: 10m (ago) or 2026-07-01T12:00:00Z is expected", name, s)
	}
	return t, nil
}

func (a *Calls) serveList(w http.ResponseWriter, _ *http.Request, q *callsQuestion) {
	rows := []report.Row{}
	for _, c := range a.log.Last(q.limit, q.Takes) {
		rows = append(rows, report.NewRow(&c, q.unmask))
	}
	httpjson.Write(w, http.StatusOK, rows)
}

// serveCall shows a call by its number, or by its Call-ID: the newest.
func (a *Calls) serveCall(w http.ResponseWriter, r *http.Request, q *callsQuestion) {
	id := r.PathValue("id")
	var c record.Call
	number, err := strconv.ParseUint(id, 10, 64)
	found := err == nil
	if found {
		c, found = a.log.Call(number)
	}
	if !found {
		c, found = a.log.ByCallID(id)
	}
	if !found {
		httpjson.Fail(w, http.StatusNotFound, "no_call", "there is no such call among the last ones")
		return
	}
	d := &report.Details{
		Explain: func(c *record.Call) (*report.Explanation, error) { return a.explain.Explain(c.Message, c.From) },
		Unmask:  q.unmask,
	}
	if t := a.table(); t != nil {
		d.Revision = t.Revision()
	}
	httpjson.Write(w, http.StatusOK, report.NewCall(&c, d))
}

// How a stream looks for news: the calls on record are looked through, so that
// the call path has nobody to tell.
const (
	streamLook  = 250 * time.Millisecond
	streamPing  = 15 * time.Second
	streamWrite = 10 * time.Second
)

// serveStream sends each call as it comes and each time its state changes.
func (a *Calls) serveStream(w http.ResponseWriter, r *http.Request, q *callsQuestion) {
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Time{}) // the server's are for short requests
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Accel-Buffering", "no") // nginx would hold events back
	news := callNews{question: q, began: time.Now(), seen: map[uint64]report.Row{}}
	look := time.NewTicker(streamLook)
	defer look.Stop()
	text := "retry: 1000\n\n"
	for sent := time.Now(); ; {
		if text += news.events(a.log); text == "" && time.Since(sent) > streamPing {
			text = ": ping\n\n"
		}
		if text != "" {
			_ = control.SetWriteDeadline(time.Now().Add(streamWrite))
			if _, err := w.Write([]byte(text)); err != nil || control.Flush() != nil {
				return
			}
			text, sent = "", time.Now()
		}
		select {
		case <-look.C:
		case <-r.Context().Done():
			return
		case <-a.stopped:
			return
		}
	}
}

// callNews finds what is new among the calls.
type callNews struct {
	question *callsQuestion
	began    time.Time
	seen     map[uint64]report.Row // calls that may still change
}

// events are the calls that are new or have changed, oldest first. Of those that
// are over nothing more comes, and those too old to be kept are forgotten.
func (n *callNews) events(log *record.Log) string {
	var b strings.Builder
	seen := map[uint64]report.Row{}
	calls := log.Last(maxCalls, func(c *record.Call) bool { return !c.At.Before(n.began) && n.question.Takes(c) })
	for i := len(calls) - 1; i >= 0; i-- {
		row := report.NewRow(&calls[i], n.question.unmask)
		seen[row.ID] = row
		if old, known := n.seen[row.ID]; known && old == row {
			continue
		}
		if body, err := json.Marshal(row); err == nil {
			b.WriteString("event: call\ndata: " + string(body) + "\n\n")
		}
	}
	n.seen = seen
	return b.String()
}
