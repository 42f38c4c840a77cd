package main

import (
	"math"
	"strconv"
)

// result is what is printed; README.md explains the fields.
type result struct {
	Label        string           `json:"label,omitempty"`
	Expect       string           `json:"expect"`
	CPS          float64          `json:"cps"`
	Achieved     float64          `json:"achieved_cps"`
	Completed    float64          `json:"completed_cps"`
	Window       float64          `json:"window_s"`
	Calls        int64            `json:"calls"`
	Done         int64            `json:"done"`
	Failed       int64            `json:"failed"`
	FailPct      float64          `json:"failed_pct"`
	FailedWindow int64            `json:"failed_in_window"`
	BadContent   int64            `json:"bad_content"`
	Why          map[string]int64 `json:"why,omitempty"`
	CPUPerCall   float64          `json:"cpu_us_per_call"`
	CPUStat      float64          `json:"cpu_stat_us_per_call"`
	UserShare    float64          `json:"cpu_user_share"`
	CPUCores     float64          `json:"cpu_cores"`
	IdleCores    float64          `json:"idle_cores"`
	CtxPerCall   float64          `json:"ctxsw_per_call"`
	RSSKiB       int64            `json:"rss_kib"`
	PSSKiB       int64            `json:"pss_kib"`
	PeakKiB      int64            `json:"rss_peak_kib"`
	Procs        int              `json:"procs"`
	PDD          distribution     `json:"pdd_us"`
	Answer       distribution     `json:"answer_us"`
	Bye          distribution     `json:"bye_rtt_us"`
	Refused      distribution     `json:"refused_us"`
	RefusedCopy  distribution     `json:"refused_copy_us"`
	Lag          distribution     `json:"gen_lag_us"`
	RetxInvite   int64            `json:"retx_invite"`
	Retx200      int64            `json:"retx_200"`
	RetxBye      int64            `json:"retx_bye"`
	DupInvite    int64            `json:"dup_invite_in"`
	Dup200       int64            `json:"dup_200_in"`
	DupAck       int64            `json:"dup_ack_in"`
	DupBye       int64            `json:"dup_bye_in"`
	Stray        int64            `json:"stray_in"`
	ByeFirst     int64            `json:"bye_before_ack"`
	Trying       int64            `json:"trying_in"`
	ISUPAnswers  int64            `json:"isup_answers"`
	SendFail     int64            `json:"send_fail"`
	PeerDrops    int64            `json:"peer_sock_drops"`
	OwnDrops     int64            `json:"gen_sock_drops"`
	PktsPerCall  float64          `json:"gen_pkts_in_per_call"`
	GenCPU       float64          `json:"gen_cpu_us_per_call"`
	OtherCores   float64          `json:"other_cores"`
	Steal        float64          `json:"steal_cores"`
}

// good reports whether every call went through with the right content.
func (r *result) good() bool {
	return r.Calls > 0 && r.Done == r.Calls && r.Failed == 0
}

// result puts together what was counted, over the window between two snapshots.
func (g *generator) result(first, last snapshot) *result {
	n := &g.count
	r := &result{
		Label: g.c.label, Expect: g.c.expect, CPS: g.c.cps,
		Calls: n.started.Load(), Done: n.done.Load(), Failed: n.failed.Load() + n.wrong.Load(),
		FailedWindow: n.failedMeasured.Load(), BadContent: n.wrong.Load(),
		PDD: g.delays.distribution(delayPostDial), Answer: g.delays.distribution(delayAnswer),
		Bye: g.delays.distribution(delayBye), Refused: g.delays.distribution(delayRefused), RefusedCopy: g.delays.distribution(delayRefusedCopy), Lag: g.delays.distribution(delayLag),
		RetxInvite: n.resentInvite.Load(), Retx200: n.resentOK.Load(), RetxBye: n.resentBye.Load(),
		DupInvite: n.againInvite.Load(), Dup200: n.againOK.Load(), DupAck: n.againACK.Load(), DupBye: n.againBye.Load(),
		Stray: n.stray.Load(), ByeFirst: n.byeFirst.Load(), Trying: n.trying.Load(), ISUPAnswers: n.isupAnswers.Load(), SendFail: n.sendFailed.Load(),
	}
	r.FailPct = round(100*float64(r.Failed)/float64(max(r.Calls, 1)), 4)
	r.cost(first, last)
	r.reasons(n)
	return r
}

// cost fills in what depends on time.
func (r *result) cost(first, last snapshot) {
	peers, self := last.peers.sub(first.peers), last.self.sub(first.self)
	wall := last.at.Sub(first.at).Seconds()
	calls := float64(max(last.done-first.done, 1))
	r.Window = round(wall, 3)
	r.Achieved = round(float64(last.started-first.started)/wall, 1)
	r.Completed = round(float64(last.done-first.done)/wall, 1)
	r.CPUPerCall = round(peers.sched*1e6/calls, 1)
	r.CPUStat = round((peers.user+peers.system)*1e6/calls, 1)
	r.UserShare = round(peers.user/max(peers.user+peers.system, 1e-9), 2)
	r.CPUCores = round(peers.sched/wall, 3)
	r.CtxPerCall = round(float64(peers.switches)/calls, 2)
	r.GenCPU = round(self.sched*1e6/calls, 1)
	r.PktsPerCall = round(float64(last.packetsIn-first.packetsIn)/calls, 2)
	r.OtherCores = round((last.busy-first.busy-peers.sched-self.sched)/wall, 3)
	r.Steal = round((last.steal-first.steal)/wall, 3)
}

// reasons says why calls failed.
func (r *result) reasons(n *counters) {
	why := map[string]int64{}
	for i := range n.wrongBy {
		why["bad_"+check(i).String()] = n.wrongBy[i].Load()
	}
	for i := range n.status {
		why["status_"+strconv.Itoa(i)] = n.status[i].Load()
	}
	for i := range n.timedOut {
		why["timeout_"+state(i).timedOutIn()] += n.timedOut[i].Load()
	}
	for k, v := range why {
		if v == 0 {
			delete(why, k)
		}
	}
	r.Why = why
}

func round(x float64, digits int) float64 {
	p := math.Pow10(digits)
	return math.Round(x*p) / p
}
