package api

import (
	"log/slog"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"sipid/httpjson"
	"sipid/report"
	"sipid/router"
)

// Options is what the interface shows. Its functions are called by many
// requests at once.
type Options struct {
	Health   func() Health
	Access   *Access                                               // to what is below /v1/
	Table    func() *router.Table                                  // that serves calls; nil while none is loaded
	Targets  *Targets                                              // nil: none
	Explain  func(*report.Question) ([]*report.Explanation, error) // one, or those of a capture
	Calls    *Calls                                                // the last calls; nil: not kept
	Pops     http.Handler                                          // agents' screens; nil: none
	Registry *prometheus.Registry
	Log      *slog.Logger
}

// NewHandler serves the HTTP interface of docs/operations.md.
// Health and metrics are open; everything below /v1/ shows clients and callers
// or changes something and is guarded, the agents' screens by tokens of their own.
func NewHandler(o Options) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/healthz", httpjson.Only(http.MethodGet, serveAlive))
	mux.Handle("/readyz", httpjson.Only(http.MethodGet, serveReady(o.Health)))
	mux.Handle("/metrics", paced(promhttp.HandlerFor(o.Registry, promhttp.HandlerOpts{
		ErrorLog: slog.NewLogLogger(o.Log.Handler(), slog.LevelError),
	})))
	mux.Handle("/v1/clients", o.Access.guard(httpjson.Only(http.MethodGet, serveClients(o.Table))))
	mux.Handle("/v1/clients/{access_id}", o.Access.guard(httpjson.Only(http.MethodGet, serveClient(o.Table))))
	if o.Targets != nil {
		o.Targets.register(mux, o.Access)
	}
	if o.Calls != nil {
		o.Calls.register(mux, o.Access)
	}
	mux.Handle("/v1/route/explain", o.Access.guard(httpjson.Only(http.MethodPost, serveExplain(o.Explain))))
	if o.Pops != nil {
		for _, path := range []string{"/desk", "/desk/", "/v1/pops/", "/v1/pbx/", "/v1/wall"} {
			mux.Handle(path, o.Pops)
		}
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		httpjson.Fail(w, http.StatusNotFound, "not_found", "there is nothing at "+r.URL.Path)
	})
	return mux
}
