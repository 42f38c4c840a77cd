package daemon

import (
	"context"
	"log/slog"
	"net"
	"os"
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"sipid/api"
	"sipid/config"
	"sipid/locator"
	"sipid/pbx"
	"sipid/proxy"
	"sipid/record"
	"sipid/report"
	"sipid/router"
)

// daemon is what Serve runs. This is the whole wiring, in start order: what is
// opened puts its end down on the next line, and the ends run in reverse.
type daemon struct {
	Options
	log      *slog.Logger
	registry *prometheus.Registry
	life     lifecycle
	failed   chan error // what ends the daemon before it is told to
	ends     []func()

	routes  *router.Router
	names   *locator.Locator
	screens *pops
	last    *record.Log
	tls     *tlsKeeper // nil: no TLS
	calls   *proxy.Proxy
	table   *tableFeed
	targets *targetFeed
	web     net.Listener
}

// component is the log of a part of the daemon.
func (d *daemon) component(name string) *slog.Logger { return d.log.With("component", name) }

// end closes what was opened.
func (d *daemon) end() {
	for _, end := range slices.Backward(d.ends) {
		end()
	}
}

// open makes everything that a call needs, the sockets last.
func (d *daemon) open(ctx context.Context) (err error) {
	if d.routes, err = d.Settings.Router(); err != nil {
		return err
	}
	d.names, err = d.Settings.Locator(d.component("dns"), func(uri string, at []router.Endpoint) {
		d.calls.SetEndpoints(pbx.Endpoints{uri: at})
	})
	if err != nil {
		return err
	}
	endpoints, _, err := d.Settings.Locate(ctx, d.names) // what is not found is in the log
	if err != nil {
		return err
	}
	registerNames(d.registry, d.names)
	prepareDatabase(ctx, d.Settings.DB, d.log)
	if d.screens, err = newPops(ctx, &d.Settings.Screenpop, d.registry, d.component("screenpop")); err != nil {
		return err
	}
	d.ends = append(d.ends, func() { d.screens.Close() })
	if d.last, err = record.New(d.routes); err != nil {
		return err
	}
	d.ends = append(d.ends, func() { d.last.Close() })
	return d.openCalls(endpoints)
}

// openCalls opens the sockets of the calls. A key that is there already may have
// signed calls that are still up.
func (d *daemon) openCalls(endpoints pbx.Endpoints) error {
	_, noKey := os.Stat(d.Settings.KeyFile)
	key, err := loadKey(d.Settings.KeyFile)
	if err != nil {
		return err
	}
	if d.tls, err = openTLS(d.Settings.TLS, d.component("tls")); err != nil {
		return err
	}
	server, client := d.tls.configs()
	listeners := proxyListen(d.Settings)
	tune(listeners)
	d.calls, err = proxy.New(proxy.Options{
		Listen: listeners, Edges: d.Settings.Edges, RefuseStrangers: d.Settings.Strangers, Router: d.routes, Endpoints: endpoints,
		Key: key, Resumes: noKey == nil, TLS: server, TLSClient: client,
		Log: d.component("proxy"), Metrics: d.registry, Observe: d.screens.observe, Record: d.last, Ready: d.life.ready,
	})
	if err != nil {
		return err
	}
	d.ends = append(d.ends, func() { d.calls.Close() })
	return nil
}

// feed starts what brings news to the calls: the client table, the names of the
// targets, certificates, what operators took out of service.
func (d *daemon) feed(work context.Context) {
	d.table = newTableFeed(d.Settings.DB, d.routes, d.log)
	registerTable(d.registry, d.table.watcher.State)
	go d.table.watcher.Run(work) // nothing waits for its end: a dead disk may hold it
	d.screens.start(work)
	go d.names.Run(work)
	go d.tls.watch(work, d.calls.Vet)
	d.targets = &targetFeed{path: d.Settings.TargetsDB, groups: d.Settings.Groups, set: d.calls.SetDrained, log: d.component("targets")}
	d.targets.start(work)
}

// openHTTP starts the HTTP side.
func (d *daemon) openHTTP() (err error) {
	if d.web, err = listenHTTP(d.Settings.HTTP); err != nil {
		return err
	}
	tokens, err := config.ReadTokens("http_tokens", d.Settings.HTTPTokens)
	if err != nil {
		return err
	}
	explain := report.Explainer(d.calls.Explain)
	kept := api.NewCalls(d.last, explain, d.routes.Table)
	site := newHTTPServer(api.NewHandler(api.Options{
		Health: d.health, Access: api.NewAccess(tokens),
		Table: d.routes.Table, Targets: &api.Targets{States: d.calls.Targets, Set: d.targets.change}, Registry: d.registry, Log: d.component("http"),
		Explain: explain.Answer, Calls: kept, Pops: d.screens.handler(),
	}), d.log)
	site.RegisterOnShutdown(d.screens.EndStreams) // they never end by themselves
	site.RegisterOnShutdown(kept.EndStreams)
	d.ends = append(d.ends, func() { shutdownHTTP(site) })
	go func() { d.failed <- serveHTTP(site, d.web) }()
	return nil
}

// run says that calls are taken, waits for the end, and drains.
func (d *daemon) run(ctx, work context.Context) error {
	d.life.set(phaseReady)
	manager := newServiceManager(d.statusLine, d.log)
	manager.ready()
	go manager.watch(work, d.calls.Turning)
	d.announce()
	if d.Started != nil {
		d.Started(Addresses{SIP: d.calls.Addrs(), HTTP: d.web.Addr()})
	}
	select {
	case err := <-d.failed:
		return err
	case <-ctx.Done():
	}
	d.life.set(phaseDraining)
	manager.stopping()
	drain(d.calls, d.Settings.Drain, d.log)
	return nil
}
