package screenpop_test

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sipid/screenpop"
)

func from(id string) func(*http.Request) {
	return func(q *http.Request) { q.Header.Set("Last-Event-ID", id) }
}

func TestReplay(t *testing.T) {
	run(t, nil, func(r *rig) {
		s := r.stream("8001")
		r.call("a")
		r.says(screenpop.EventRinging, "a", "8001")
		ids := regexp.MustCompile(`(?m)^id: (.*)$`).FindAllStringSubmatch(s.said(), -1)
		last := ids[len(ids)-1][1]
		s.stop()
		r.call("b")
		r.says(screenpop.EventRinging, "b", "8001")
		again := r.stream("8001", from(last))
		if list := again.pops(); len(list) != 1 || list[0].CallID != "b" {
			r.Errorf("after %s: %+v", last, list)
		}
		for _, id := range []string{"", "nonsense", "other-99999"} {
			if list := r.stream("8001", from(id)).pops(); len(list) != 2 || list[0].CallID != "a" {
				r.Errorf("after %q: %d pops", id, len(list))
			}
		}
	})
}

func TestStreamLives(t *testing.T) {
	run(t, nil, func(r *rig) {
		s := r.stream("8001")
		if !strings.HasPrefix(s.said(), "retry: 1000\nevent: hello\ndata: {") || s.head.Get("Content-Type") != "text/event-stream" {
			r.Errorf("begins with %q, %v", s.said(), s.head)
		}
		time.Sleep(50 * time.Second)
		synctest.Wait()
		if n := strings.Count(s.said(), ": ping\n\n"); n != 3 {
			r.Errorf("%d signs of life in 50 s, want 3", n)
		}
		r.EndStreams()
		if !s.ended() {
			r.Error("the stream goes on after EndStreams")
		}
	})
}

// TestSlowReader: one that is not read ends, others do not notice.
func TestSlowReader(t *testing.T) {
	run(t, nil, func(r *rig) {
		slow, good := r.stream("8001"), r.stream("8001")
		slow.mu.Lock()
		slow.fail = os.ErrDeadlineExceeded
		slow.mu.Unlock()
		r.call("a")
		r.says(screenpop.EventRinging, "a", "8001")
		good.want("ringing data ok")
		if !slow.ended() || good.ended() {
			r.Errorf("slow ended %v, good ended %v", slow.ended(), good.ended())
		}
	})
}

func TestTooManyStreams(t *testing.T) {
	run(t, func(o *screenpop.Options) { o.Limits.Streams = 2 }, func(r *rig) {
		first := r.stream("8001")
		r.stream("8001")
		if s := r.stream("8001"); s.code != http.StatusTooManyRequests {
			r.Errorf("third stream: %d", s.code)
		}
		first.stop()
		synctest.Wait()
		if s := r.stream("8001"); s.code != 0 {
			r.Errorf("after one was closed: %d", s.code)
		}
	})
}

// TestAudit: who saw what, once without and once with the data, and no data.
func TestAudit(t *testing.T) {
	run(t, func(o *screenpop.Options) { o.ClaimAt = screenpop.ClaimAtAnswer }, func(r *rig) {
		r.stream("8001")
		r.call("c")
		r.says(screenpop.EventRinging, "c", "8001")
		r.says(screenpop.EventAnswered, "c", "8001")
		r.says(screenpop.EventEnded, "c", "")
		list, _ := r.audit.Showings(r.Context(), "", 0)
		for i := range list {
			if list[i].At.IsZero() {
				r.Error("an entry without a time")
			}
			list[i].At = time.Time{}
		}
		want := screenpop.Showing{Who: "8001", Agent: "8001", CallID: "c", AccessID: "1001", Serial: "*****042"}
		with := want
		with.Data = true
		if len(list) != 2 || list[0] != want || list[1] != with {
			r.Errorf("audit log %+v", list)
		}
	})
}
