package screenpop_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sipid/screenpop"
)

func TestClaimMoments(t *testing.T) {
	for moment, want := range map[screenpop.ClaimMoment]string{
		screenpop.ClaimAtInvite: "1 1 1", screenpop.ClaimAtRinging: "0 1 1", screenpop.ClaimAtAnswer: "0 0 1",
	} {
		run(t, func(o *screenpop.Options) { o.ClaimAt = moment }, func(r *rig) {
			r.call("c")
			invite := r.system.count()
			r.says(screenpop.EventRinging, "c", "") // nobody rings yet
			r.says(screenpop.EventRinging, "c", "8001")
			ringing := r.system.count()
			r.says(screenpop.EventAnswered, "c", "8001")
			if got := fmt.Sprint(invite, ringing, r.system.count()); got != want {
				r.Errorf("moment %d: claims %s, want %s", moment, got, want)
			}
			if got, want := r.system.asked[0], (screenpop.Claim{AccessID: "1001", Endpoint: "https://a.example", Serial: "00000042", CallID: "c"}); got != want {
				r.Errorf("claim %+v", got)
			}
		})
	}
}

func TestClaimFails(t *testing.T) {
	for _, tc := range []struct {
		answer string
		err    error
		want   string
	}{
		{"", &screenpop.ClaimError{Reason: screenpop.ReasonNotFound, Err: errDown}, "not_found"},
		{"", fmt.Errorf("wrapped: %w", &screenpop.ClaimError{Reason: screenpop.ReasonTLS}), "tls"},
		{"", errDown, "failed"},
		{"", context.DeadlineExceeded, "timeout"},
		{"<html>", nil, "not_json"}, {"[]", nil, "not_json"}, {`{"a":1`, nil, "not_json"}, {`{"a":1}{}`, nil, "not_json"}, {"", nil, "not_json"},
		{`{"a":"` + strings.Repeat("x", 33<<10) + `"}`, nil, "too_large"},
		{`{` + strings.Repeat(`"a":1,`, 65) + `"b":1}`, nil, "too_large"},
	} {
		run(t, nil, func(r *rig) {
			s := r.stream("8001")
			r.system.answer(tc.answer, tc.err)
			r.call("c")
			r.says(screenpop.EventRinging, "c", "8001")
			s.want("ringing data failed/" + tc.want)
		})
	}
}

// What failed is not claimed again because the call goes on: only an agent asks again.
func TestFailedClaimIsNotRepeated(t *testing.T) {
	run(t, nil, func(r *rig) {
		r.system.answer("", &screenpop.ClaimError{Reason: screenpop.ReasonNotFound})
		r.call("c")
		r.says(screenpop.EventRinging, "c", "8001")
		r.says(screenpop.EventAnswered, "c", "8001")
		r.says(screenpop.EventMoved, "c", "8002")
		if n := r.system.count(); n != 1 {
			r.Errorf("%d claims, want 1", n)
		}
	})
}

func TestRetry(t *testing.T) {
	run(t, nil, func(r *rig) {
		s := r.stream("8001")
		r.system.answer("", &screenpop.ClaimError{Reason: screenpop.ReasonUnreachable})
		r.call("c")
		r.says(screenpop.EventRinging, "c", "8001")
		s.want("ringing data failed/unreachable")
		p := s.pops()[0]
		retry := func(who string, want int) {
			r.Helper()
			if w := r.ask("POST", "/v1/pops/"+p.PopID+"/claim", "", who); w.Code != want {
				r.Errorf("%s: %d %s, want %d", who, w.Code, w.Body, want)
			}
		}
		retry("8002", http.StatusNotFound) // not this agent's
		retry("supervisor", http.StatusForbidden)
		retry("", http.StatusUnauthorized)
		r.system.answer(`{"a":{"b":[1, 2]},"c":null}`, nil)
		retry("8001", http.StatusAccepted)
		s.want("ringing data ok")
		if got := fmt.Sprint(s.pops()[len(s.pops())-1].Data.Fields); got != `[{a {"b":[1,2]}} {c }]` {
			r.Errorf("fields %s", got)
		}
		retry("8001", http.StatusConflict) // they are there
	})
}

// TestRetryEnds: a button that is pressed again and again does not have the call
// centre locked out at the client system.
func TestRetryEnds(t *testing.T) {
	run(t, nil, func(r *rig) {
		s := r.stream("8001")
		r.system.answer("", &screenpop.ClaimError{Reason: screenpop.ReasonNotFound})
		r.call("c")
		r.says(screenpop.EventRinging, "c", "8001")
		s.want("ringing data failed/not_found")
		id, refused := s.pops()[0].PopID, 0
		for range 60 {
			if w := r.ask("POST", "/v1/pops/"+id+"/claim", "", "8001"); w.Code == http.StatusConflict {
				refused++
			}
			synctest.Wait()
		}
		if n := r.system.count(); n != 10 || refused != 51 {
			r.Errorf("%d claims, %d refused", n, refused)
		}
		if pops := s.pops(); pops[len(pops)-1].Data.Retry {
			r.Error("the button is still there")
		}
	})
}

// TestSlowClaim: the pop does not wait for the data, the service bounds what a
// claimer does not, and other calls go on.
func TestSlowClaim(t *testing.T) {
	run(t, nil, func(r *rig) {
		s := r.stream("8001")
		r.system.reply = func(ctx context.Context, _ screenpop.Claim) (json.RawMessage, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		r.call("c")
		r.says(screenpop.EventRinging, "c", "8001")
		s.want("ringing ringing pending")
		r.says(screenpop.EventAnswered, "c", "8001")
		s.want("answered answered pending")
		time.Sleep(6 * time.Second)
		s.want("answered data failed/timeout")
	})
}

// TestDataAreForgotten: some time after the call the data are gone, for those who
// look now and for those who look later.
func TestDataAreForgotten(t *testing.T) {
	run(t, nil, func(r *rig) {
		s := r.stream("8001")
		r.call("c")
		r.says(screenpop.EventRinging, "c", "8001")
		r.says(screenpop.EventEnded, "c", "")
		time.Sleep(time.Minute)
		s.want("ended ended ok")
		time.Sleep(long)
		s.want("ended data dropped")
		late := r.stream("8001")
		late.want("ended data dropped")
		if strings.Contains(late.said(), "王小明") {
			r.Error("the data are still there")
		}
	})
}

func TestNothingToClaim(t *testing.T) {
	run(t, nil, func(r *rig) {
		s := r.stream("8001")
		r.event(screenpop.Event{Kind: screenpop.EventIdentified, CallID: "c", Call: &screenpop.Call{Status: "no-identity"}})
		r.says(screenpop.EventRinging, "c", "8001")
		s.want("ringing ringing none")
		if err := r.Retry("8001", s.pops()[0].PopID); err == nil || r.system.count() != 0 {
			r.Errorf("Retry: %v after %d claims", err, r.system.count())
		}
		synctest.Wait()
	})
}
