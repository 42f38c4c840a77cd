package proxy_test

import (
	"math"
	"testing"
	"time"
)

// series is a metric's value; of a histogram its count and sum. It is NaN when there is none.
func (r *rig) series(name, target string) (value, sum float64) {
	r.t.Helper()
	families, err := r.reg.Gather()
	if err != nil {
		r.t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			found := target == ""
			for _, l := range m.GetLabel() {
				found = found || l.GetName() == "target" && l.GetValue() == target
			}
			if h := m.GetHistogram(); f.GetName() == name && found {
				return m.GetGauge().GetValue() + m.GetCounter().GetValue() + float64(h.GetSampleCount()), h.GetSampleSum()
			}
		}
	}
	return math.NaN(), 0
}

func TestMetricsOfTargets(t *testing.T) {
	run(t, two, func(r *rig) {
		first, second := "sip:10.2.0.10:5060", "sip:10.2.0.20:5060"
		want := func(name, target string, want float64) {
			t.Helper()
			if got, _ := r.series(name, target); got != want {
				t.Errorf("%s of %s is %v, want %v", name, target, got, want)
			}
		}
		for _, target := range []string{first, second} { // before any call
			want("sipid_target_up", target, 1)
			want("sipid_target_drained", target, 0)
			want("sipid_target_calls", target, 0)
			want("sipid_target_rtt_seconds", target, 0)
			want("sipid_target_attempts_total", target, 0)
			want("sipid_target_failures_total", target, 0)
		}
		want("sipid_decision_seconds", "", 0)
		want("sipid_post_dial_delay_seconds", "", 0)
		want("sipid_recovered_calls_total", "", 0)

		pbx2 := r.peer(pbx2Addr)
		r.pbx.send(r.offered(call{id: "c", branch: "z9hG4bKc"}).answer("503 Service Unavailable", "x"))
		r.pbx.get("ACK")
		invite := pbx2.get("INVITE")
		time.Sleep(300 * time.Millisecond)
		pbx2.send(invite.answer("180 Ringing", "agent"))
		r.trunk.get("SIP/2.0 180")
		time.Sleep(5 * time.Second)
		pbx2.send(invite.answer("200 OK", "agent", "Contact: <sip:8001@10.2.0.20:5060>"))
		r.trunk.get("SIP/2.0 200")
		want("sipid_target_attempts_total", first, 1)
		want("sipid_target_failures_total", first, 1)
		want("sipid_target_attempts_total", second, 1)
		want("sipid_target_failures_total", second, 0)
		want("sipid_target_calls", second, 1)
		want("sipid_decision_seconds", "", 1)
		if n, sum := r.series("sipid_post_dial_delay_seconds", ""); n != 1 || math.Abs(sum-0.3) > 0.01 {
			t.Errorf("%v post-dial delays of %v s, want one of 0.3", n, sum)
		}
		r.proxy.SetDrained("", second, true)
		want("sipid_target_drained", second, 1)
		want("sipid_target_up", second, 0)
	})
}
