package screenpop

import (
	"slices"

	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	dropped   prometheus.Counter
	lost      prometheus.Counter
	pops      prometheus.Counter
	streams   prometheus.Gauge
	slow      prometheus.Counter
	claims    *prometheus.CounterVec
	claimTime prometheus.Histogram
	delay     prometheus.Histogram
}

func newMetrics(to prometheus.Registerer, s *Service) *metrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: "sipid_pop_" + name, Help: help})
	}
	m := &metrics{
		dropped: counter("events_dropped_total", "Call events dropped because too many waited or too many calls were followed."),
		lost:    counter("audit_lost_total", "Showings that are missing in the audit log."),
		pops:    counter("pops_total", "Pops made, one for each call and agent."),
		slow:    counter("streams_slow_total", "Streams ended because they were not read."),
		streams: prometheus.NewGauge(prometheus.GaugeOpts{Name: "sipid_pop_streams", Help: "Open streams."}),
		claims: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sipid_pop_claims_total", Help: "Claims of users' data by result: ok, or why not."}, []string{"result"}),
		claimTime: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "sipid_pop_claim_seconds", Help: "Time a claim took.",
			Buckets: []float64{.01, .025, .05, .1, .2, .4, .8, 1.6, 3.2, 5}}),
		delay: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "sipid_pop_delay_seconds", Help: "Time from an agent's ringing to the pop on its streams.",
			Buckets: []float64{.0005, .001, .002, .005, .01, .025, .05, .1, .3, 1}}),
	}
	live := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "sipid_pop_calls", Help: "Calls that are followed, a while after their end too."},
		func() float64 {
			s.mu.Lock()
			defer s.mu.Unlock()
			return float64(len(s.calls))
		})
	to.MustRegister(m.dropped, m.lost, m.pops, m.slow, m.streams, m.claims, m.claimTime, m.delay, live)
	return m
}

// reasons are all there are: the labels of a metric are known beforehand.
var reasons = []Reason{
	ReasonNotFound, ReasonClaimed, ReasonUnauthorized, ReasonCredentials, ReasonTimeout, ReasonUnreachable, ReasonTLS, ReasonTooLarge,
	ReasonNotJSON, ReasonRedirect, ReasonBusy, ReasonFault, ReasonMapping, ReasonBreakerOpen, ReasonNotClaimable, ReasonQueueFull, ReasonFailed,
}

// label is the reason as a metric's label; a Claimer cannot make up new ones.
func (r Reason) label() string {
	if !slices.Contains(reasons, r) {
		return string(ReasonFailed)
	}
	return string(r)
}
