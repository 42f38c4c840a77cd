package proxy

import "github.com/prometheus/client_golang/prometheus"

// registrar makes metrics whose names begin with sipid_, and registers them.
type registrar struct {
	to  prometheus.Registerer
	err error // the first: nothing is registered after it
}

func (r *registrar) register(c prometheus.Collector) {
	if r.err == nil {
		r.err = r.to.Register(c)
	}
}

func (r *registrar) counter(name, help string) prometheus.Counter {
	c := prometheus.NewCounter(prometheus.CounterOpts{Namespace: "sipid", Name: name, Help: help})
	r.register(c)
	return c
}

func (r *registrar) vector(name, help string, labels ...string) *prometheus.CounterVec {
	v := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "sipid", Name: name, Help: help}, labels)
	r.register(v)
	return v
}

func (r *registrar) histogram(name, help string, buckets []float64) prometheus.Histogram {
	h := prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: "sipid", Name: name, Help: help, Buckets: buckets})
	r.register(h)
	return h
}

func (r *registrar) gauge(name, help string, value func() float64) {
	r.register(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "sipid", Name: name, Help: help}, value))
}
