package screenpop_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sipid/screenpop"
)

func TestCallOfOneAgent(t *testing.T) {
	run(t, nil, func(r *rig) {
		s := r.stream("8001")
		r.call("c")
		r.says(screenpop.EventRinging, "c", "8001")
		list := s.pops()
		if len(list) == 0 {
			r.Fatal("no pop")
		}
		p := list[0]
		if p.AccessID != "1001" || p.Client != "Hangzhou" || p.Serial != "00000042" || p.Called != "95165" || p.Agent != "8001" || p.CallID != "c" {
			r.Errorf("pop %+v", p)
		}
		s.want("ringing data ok")
		if f := s.pops()[len(s.pops())-1].Data.Fields; len(f) != 2 || f[0] != (screenpop.Field{Name: "name", Value: "王小明"}) || f[1] != (screenpop.Field{Name: "level", Value: "3"}) {
			r.Errorf("fields %+v", f)
		}
		r.says(screenpop.EventRinging, "c", "8001") // a second 180 changes nothing
		told := len(s.pops())
		r.says(screenpop.EventAnswered, "c", "")
		s.want("answered answered ok")
		r.says(screenpop.EventMoved, "c", "8001") // a session refresh
		r.says(screenpop.EventEnded, "c", "")
		s.want("ended ended ok")
		if n := len(s.pops()); n != told+2 {
			r.Errorf("%d events, want %d", n, told+2)
		}
		if n := r.system.count(); n != 1 {
			r.Errorf("%d claims, want 1", n)
		}
	})
}

func TestCallOfSeveralAgents(t *testing.T) {
	run(t, nil, func(r *rig) {
		one, two, three := r.stream("8001"), r.stream("8002"), r.stream("8003")
		r.call("c")
		r.says(screenpop.EventRinging, "c", "8001")
		r.says(screenpop.EventRinging, "c", "8002")
		one.want("ringing data ok")
		two.want("ringing ringing ok")
		r.says(screenpop.EventAnswered, "c", "8002")
		one.want("ended ended ok")
		two.want("answered answered ok")
		r.says(screenpop.EventMoved, "c", "8003")
		two.want("moved moved dropped") // handed on: no data any more
		three.want("answered answered ok")
		r.says(screenpop.EventEnded, "c", "")
		three.want("ended ended ok")
		two.want("moved moved dropped")
	})
}

// TestAnswerOfNobodyKnown: with two ringing and no name, nobody is taken for the
// one who answered.
func TestAnswerOfNobodyKnown(t *testing.T) {
	run(t, nil, func(r *rig) {
		s := r.stream("8001")
		r.call("c")
		r.says(screenpop.EventRinging, "c", "8001")
		r.says(screenpop.EventRinging, "c", "8002")
		r.says(screenpop.EventAnswered, "c", "")
		s.want("ringing data ok")
	})
}

func TestWhichHeaderNamesTheAgent(t *testing.T) {
	contactFirst := []screenpop.AgentSource{screenpop.FromContact, screenpop.FromAssertedIdentity}
	for _, tc := range []struct {
		name  string
		agent screenpop.Agent
		order []screenpop.AgentSource
		want  string
	}{
		{"P-Asserted-Identity", screenpop.Agent{AssertedIdentity: `"A" <sip:8001@pbx;user=phone>`, RemoteParty: "<sip:8002@pbx>"}, nil, "8001"},
		{"two values", screenpop.Agent{AssertedIdentity: "<sip:anna@pbx>, <tel:8001;phone-context=x>"}, nil, "8001"},
		{"Remote-Party-ID", screenpop.Agent{RemoteParty: "<sip:8001@pbx>;party=called;id-type=subscriber"}, nil, "8001"},
		{"Contact", screenpop.Agent{Contact: "<sip:8001:secret@10.0.0.1:5070>"}, nil, "8001"},
		{"unknown passes on", screenpop.Agent{AssertedIdentity: "<sip:queue@pbx>", Contact: "<sip:8001@pbx>"}, nil, "8001"},
		{"broken passes on", screenpop.Agent{AssertedIdentity: `"open <sip:8002@pbx`, Contact: "<sip:8001@pbx>"}, nil, "8001"},
		{"order", screenpop.Agent{AssertedIdentity: "<sip:8002@pbx>", Contact: "<sip:8001@pbx>"}, contactFirst, "8001"},
		{"left out", screenpop.Agent{RemoteParty: "<sip:8001@pbx>"}, contactFirst, ""},
		{"escaped", screenpop.Agent{Contact: "<sip:%38001@pbx>"}, nil, "8001"},
		{"nobody's", screenpop.Agent{Contact: "<sip:9999@pbx>"}, nil, ""},
		{"none", screenpop.Agent{Contact: "*"}, nil, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			run(t, func(o *screenpop.Options) { o.AgentFrom = tc.order }, func(r *rig) {
				s := r.stream("8001")
				r.call("c")
				r.event(screenpop.Event{Kind: screenpop.EventRinging, CallID: "c", Agent: tc.agent})
				got := ""
				if len(s.pops()) > 0 {
					got = "8001"
				}
				if got != tc.want {
					r.Errorf("rings at %q, want %q", got, tc.want)
				}
			})
		})
	}
}

func TestPBXEvents(t *testing.T) {
	run(t, nil, func(r *rig) {
		post := func(body string, want int) {
			r.Helper()
			if w := r.ask("POST", "/v1/pbx/events", body, "pbx"); w.Code != want {
				r.Errorf("%s: %d %s, want %d", body, w.Code, w.Body, want)
			}
		}
		one, two := r.stream("8001"), r.stream("8002")
		r.call("c")
		post(`{"event":"ringing","call_id":"c","agent":"8001"}`, http.StatusNoContent)
		one.want("ringing data ok")
		r.says(screenpop.EventRinging, "c", "8003") // the PBX knows better than its SIP side
		post(`{"event":"ended","call_id":"c","agent":"8001"}`, http.StatusNoContent)
		one.want("ended ended ok")
		post(`{"event":"ringing","call_id":"c","agent":"8002"}`, http.StatusNoContent)
		r.says(screenpop.EventAnswered, "c", "")
		two.want("answered answered ok")
		post(`{"event":"moved","call_id":"c","agent":"8001"}`, http.StatusNoContent)
		one.want("answered answered ok")
		two.want("moved moved dropped")
		post(`{"event":"ended","call_id":"c"}`, http.StatusNoContent)
		one.want("ended ended ok")
		if n := len(r.stream("8003").pops()); n != 0 {
			r.Errorf("8003 has %d pops", n)
		}
		post(`{"event":"ringing","call_id":"c","agent":"8001"}`, http.StatusNotFound)
		post(`{"event":"ringing","call_id":"x","agent":"8001"}`, http.StatusNotFound)
		for _, bad := range []string{
			``, `[]`, `{"event":"rings","call_id":"c","agent":"8001"}`, `{"event":"ringing","agent":"8001"}`, `{"event":"moved","call_id":"c"}`,
			`{"event":"ringing","call_id":"c","agent":"8001","more":1}`, `{"event":"ended","call_id":"c"} {}`,
			`{"event":"ended","call_id":"` + strings.Repeat("x", 5000) + `"}`,
		} {
			post(bad, http.StatusBadRequest)
		}
		if w := r.ask("POST", "/v1/pbx/events", `{"event":"ended","call_id":"c"}`, "8001"); w.Code != http.StatusForbidden {
			r.Errorf("an agent's event: %d", w.Code)
		}
	})
}

// TestObserveNeverBlocks: nobody takes the events, and still the call path goes on.
func TestObserveNeverBlocks(t *testing.T) {
	s, err := screenpop.New(screenpop.Options{Limits: screenpop.Limits{Queue: 4}})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 1000 {
			s.Observe(screenpop.Event{Kind: screenpop.EventEnded, CallID: "c"})
		}
	}()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		t.Fatal("Observe blocks")
	}
}

// TestMemoryIsBounded: calls without an end are dropped before others suffer, and
// what ended is forgotten first.
func TestMemoryIsBounded(t *testing.T) {
	run(t, func(o *screenpop.Options) { o.Limits.Calls, o.Limits.History = 2, 3 }, func(r *rig) {
		s := r.stream("8001")
		for _, id := range []string{"a", "b", "c"} {
			r.call(id)
			r.says(screenpop.EventRinging, id, "8001")
		}
		if w := r.Wall(time.Now()); w.Live != 2 {
			r.Errorf("%d calls are followed, want 2", w.Live)
		}
		r.says(screenpop.EventEnded, "a", "")
		r.call("d")
		r.says(screenpop.EventRinging, "d", "8001")
		calls := map[string]screenpop.DataStatus{}
		for _, p := range s.pops() {
			calls[p.CallID] = p.Data.Status
		}
		if calls["a"] != screenpop.DataDropped || calls["b"] != screenpop.DataOK || calls["c"] != "" || calls["d"] != screenpop.DataOK {
			r.Errorf("calls %v", calls)
		}
		time.Sleep(13 * time.Hour)
		synctest.Wait()
		if w := r.Wall(time.Now()); w.Live != 0 {
			r.Errorf("%d calls are followed after half a day", w.Live)
		}
		if n := len(r.stream("8001").pops()); n != 0 {
			r.Errorf("%d pops after half a day", n)
		}
	})
}
