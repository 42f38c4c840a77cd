package daemon

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"sipid/locator"
	"sipid/sqlite"
)

// newRegistry makes the process's own registry: nothing registers itself in it
// by being imported.
func newRegistry(version string) *prometheus.Registry {
	registry := prometheus.NewRegistry()
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name:        "sipid_build_info",
		Help:        "Always 1; the version is the label.",
		ConstLabels: prometheus.Labels{"version": version},
	})
	build.Set(1)
	registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		build,
	)
	return registry
}

// registerLog shows how many log lines a slow reader of standard error cost.
func registerLog(to prometheus.Registerer, w *queuedWriter) {
	to.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: "sipid_log_dropped_total",
		Help: "Log lines dropped because standard error was not read.",
	}, func() float64 { return float64(w.Dropped()) }))
}

// registerTable shows the state of the client table in memory: an alarm on
// its age or error finds a database that calls do not notice.
func registerTable(to prometheus.Registerer, state func() sqlite.WatchState) {
	gauge := func(name, help string, value func(sqlite.WatchState) float64) {
		to.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help},
			func() float64 { return value(state()) }))
	}
	gauge("sipid_table_rows", "Clients in the table that serves calls.",
		func(s sqlite.WatchState) float64 { return float64(s.Rows) })
	gauge("sipid_table_revision", "Revision of the table that serves calls.",
		func(s sqlite.WatchState) float64 { return float64(s.Revision) })
	gauge("sipid_table_age_seconds", "Time since the database was last checked with success.",
		func(s sqlite.WatchState) float64 { return age(s).Seconds() })
	gauge("sipid_table_error", "1 while the database cannot be read or does not validate; calls go on with the last good table.",
		func(s sqlite.WatchState) float64 {
			if s.Err != nil {
				return 1
			}
			return 0
		})
}

// registerNames shows whether the names of PBX targets can still be looked up: an
// alarm on it finds a dead DNS that calls do not notice.
func registerNames(to prometheus.Registerer, names *locator.Locator) {
	for i, n := range names.States() {
		gauge := func(name, help string, value func(locator.State) float64) {
			to.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help, ConstLabels: prometheus.Labels{"target": n.URI}},
				func() float64 { return value(names.States()[i]) }))
		}
		gauge("sipid_target_name_error", "1 while the name of a PBX target cannot be looked up; calls go on with the last good answer.",
			func(s locator.State) float64 {
				if s.Err != nil {
					return 1
				}
				return 0
			})
		gauge("sipid_target_name_places", "Addresses that the name of a PBX target stands for.",
			func(s locator.State) float64 { return float64(len(s.At)) })
	}
}

func age(s sqlite.WatchState) time.Duration {
	if s.CheckedAt.IsZero() {
		return 0
	}
	return time.Since(s.CheckedAt)
}
