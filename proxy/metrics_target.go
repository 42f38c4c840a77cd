package proxy

import (
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"sipid/pbx"
)

// targetMetric is what is shown of each PBX target of the configuration: of one
// with a name, of all its places together.
type targetMetric struct {
	name, help string
	kind       prometheus.ValueType
	value      func(p *pbx.Pool, i int) float64
}

func targetMetrics() []targetMetric {
	gauge, counter := prometheus.GaugeValue, prometheus.CounterValue
	return []targetMetric{
		{"target_up", "1 while a PBX target takes calls, 0 while it is out or drained.", gauge,
			func(p *pbx.Pool, i int) float64 { return flag(slices.ContainsFunc(p.Places(i), (*pbx.Target).Up)) }},
		{"target_drained", "1 while a PBX target is drained by an operator.", gauge,
			func(p *pbx.Pool, i int) float64 { return flag(slices.ContainsFunc(p.Places(i), (*pbx.Target).Drained)) }},
		{"target_calls", "Calls that ring at a PBX target or are answered by it.", gauge, targetCallsNow},
		{"target_rtt_seconds", "Round trip of the last OPTIONS that a PBX target answered, the longest of its places; 0: none.", gauge, targetRTT},
		{"target_attempts_total", "INVITEs of calls sent to a PBX target.", counter,
			func(p *pbx.Pool, i int) float64 { return float64(p.Offered(i)) }},
		{"target_failures_total", "Of these, those that came to nothing by its fault: silence, no connection, 503.", counter,
			func(p *pbx.Pool, i int) float64 { return float64(p.Failed(i)) }},
	}
}

func targetCallsNow(p *pbx.Pool, i int) float64 {
	n := 0
	for _, t := range p.Places(i) {
		n += t.Calls()
	}
	return float64(n)
}

func targetRTT(p *pbx.Pool, i int) float64 {
	longest := 0.0
	for _, t := range p.Places(i) {
		longest = max(longest, t.State().RTT.Seconds())
	}
	return longest
}

// targetCollector shows all PBX targets. They are looked at when somebody asks:
// each has its series from the start, and a call touches none of it.
type targetCollector struct {
	groups  *pbx.Groups
	metrics []targetMetric
	descs   []*prometheus.Desc
}

func newTargetCollector(groups *pbx.Groups) *targetCollector {
	c := &targetCollector{groups: groups, metrics: targetMetrics()}
	for _, m := range c.metrics {
		c.descs = append(c.descs, prometheus.NewDesc("sipid_"+m.name, m.help, []string{"group", "target"}, nil))
	}
	return c
}

// Describe is of prometheus.Collector.
func (c *targetCollector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range c.descs {
		to <- d
	}
}

// Collect is of prometheus.Collector.
func (c *targetCollector) Collect(to chan<- prometheus.Metric) {
	for n, m := range c.metrics {
		for _, p := range c.groups.Pools() {
			for i := range p.Group.Targets {
				to <- prometheus.MustNewConstMetric(c.descs[n], m.kind, m.value(p, i), p.Group.Name, p.Group.Targets[i].URI)
			}
		}
	}
}

// What the delays of calls are sorted into, in seconds: a decision takes some
// microseconds, a caller hears something within seconds or gives up.
func decisionBuckets() []float64 {
	return []float64{5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 1e-1}
}

func postDialBuckets() []float64 {
	return []float64{0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 1.5, 2, 3, 5, 10, 20, 30}
}
