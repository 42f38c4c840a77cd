package main

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"time"

	"github.com/urfave/cli/v2"

	"sipid/config"
	"sipid/pbx"
	"sipid/proxy"
	"sipid/record"
	"sipid/report"
	"sipid/router"
	"sipid/sqlite"
	"sipid/transport"
)

const (
	// logPatience and httpPatience bound the end of the process.
	logPatience  = time.Second
	httpPatience = 2 * time.Second
)

func serveCommand() *cli.Command {
	return &cli.Command{
		Name:  "serve",
		Usage: "take calls from the platforms, identify them, hand them to the agent PBX",
		Description: `Without a configuration file it serves this machine only: one trunk for
loopback callers, one PBX group of the --pbx targets. With one (sipid.yaml here,
or --config) trunks and PBX groups come from the file.

   sipid serve --pbx sip:127.0.0.1:5080
   sipid serve --config /etc/sipid.yaml --http 127.0.0.1:8060

A client added with "sipid client add" is live within a second, without a
reload. GET /readyz and /metrics on the HTTP address tell how it is doing.
SIGTERM drains: new calls get 503, running transactions finish, then it exits.`,
		Flags: append([]cli.Flag{configFlag(), dbFlag()}, serveFlags()...),
		Action: func(c *cli.Context) error {
			if err := noArgs(c); err != nil {
				return err
			}
			s, err := config.Load(givenFlags(c))
			if err != nil {
				return err
			}
			return serve(c.Context, s, c.App.ErrWriter, nil)
		},
	}
}

// addresses are what serve listens on, with the ports the kernel picked.
type addresses struct {
	SIP  []netip.AddrPort
	HTTP net.Addr
}

// serve runs the daemon until ctx is done, then drains. started, when not nil,
// is called once it takes calls. This is the whole wiring, in start order:
// what is started registers its end on the next line, and the ends run in
// reverse.
func serve(ctx context.Context, s *config.Settings, stderr io.Writer, started func(addresses)) error {
	lines := newQueuedWriter(stderr)
	defer lines.Close(logPatience)
	log := newLogger(lines, s.LogLevel, s.LogJSON)
	for _, w := range s.Warnings {
		log.Warn("configuration", "warning", w)
	}
	registry := newRegistry()
	registerLog(registry, lines)

	routes, err := s.Router()
	if err != nil {
		return err
	}
	var calls *proxy.Proxy
	names, err := s.Locator(log.With("component", "dns"), func(uri string, at []router.Endpoint) {
		calls.SetEndpoints(pbx.Endpoints{uri: at})
	})
	if err != nil {
		return err
	}
	endpoints, _, err := s.Locate(ctx, names) // what is not found is in the log
	if err != nil {
		return err
	}
	registerNames(registry, names)
	prepareDatabase(ctx, s.DB, log)
	_, noKey := os.Stat(s.KeyFile)
	key, err := loadKey(s.KeyFile)
	if err != nil {
		return err
	}

	server, client, err := openTLS(s.TLS, log.With("component", "tls"))
	if err != nil {
		return err
	}

	screens, err := newPops(ctx, &s.Screenpop, registry, log.With("component", "screenpop"))
	if err != nil {
		return err
	}
	defer screens.Close()

	last, err := record.New(routes)
	if err != nil {
		return err
	}
	defer last.Close()

	var life lifecycle
	listeners := proxyListen(s)
	tune(listeners)
	calls, err = proxy.New(proxy.Options{
		Listen: listeners, Edges: s.Edges, RefuseStrangers: s.Strangers, Router: routes, Endpoints: endpoints, Key: key, Resumes: noKey == nil, TLS: server, TLSClient: client,
		Log: log.With("component", "proxy"), Metrics: registry, Observe: screens.observe, Record: last, Ready: life.ready,
	})
	if err != nil {
		return err
	}
	defer calls.Close()

	// From here on everything ends with work, after the drain.
	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	failed := make(chan error, 2)

	table := newTableFeed(s.DB, routes, log)
	registerTable(registry, table.watcher.State)
	go table.watcher.Run(work) // nothing waits for its end: a dead disk may hold it
	screens.start(work)
	go names.Run(work)
	targets := &targetFeed{path: s.TargetsDB, groups: s.Groups, set: calls.SetDrained, log: log.With("component", "targets")}
	targets.start(work)

	web, err := listenHTTP(s.HTTP)
	if err != nil {
		return err
	}
	access, err := newHTTPAccess(s.HTTPTokens)
	if err != nil {
		return err
	}
	kept := newCallsAPI(last, calls.Explain, routes.Table)
	site := newHTTPServer(newHTTPHandler(httpOptions{
		Health: func() health { return currentHealth(&life, table.watcher, calls, s) }, Access: access,
		Table: routes.Table, Targets: &targetsAPI{calls.Targets, targets.change}, Registry: registry, Log: log.With("component", "http"),
		Explain: func(q *explainRequest) ([]*report.Explanation, error) { return explainQuestion(q, calls.Explain) },
		Calls:   kept, Pops: screens.handler(),
	}), log)
	site.RegisterOnShutdown(screens.EndStreams) // they never end by themselves
	site.RegisterOnShutdown(kept.endStreams)
	defer shutdownHTTP(site)
	go func() { failed <- serveHTTP(site, web) }()

	if err := table.waitFirst(ctx, log); err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { err := calls.Serve(work); served <- err; failed <- err }()
	defer func() { stopWork(); <-served }()

	life.set(phaseReady)
	manager := newServiceManager(log)
	manager.ready()
	go manager.watch(work, calls.Turning)
	announce(log, s, calls, web.Addr(), table.watcher.State())
	if started != nil {
		started(addresses{SIP: calls.Addrs(), HTTP: web.Addr()})
	}
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	life.set(phaseDraining)
	manager.stopping()
	drain(calls, s.Drain, log)
	return nil
}

func proxyListen(s *config.Settings) []transport.Listen {
	list := make([]transport.Listen, len(s.Listen))
	for i, l := range s.Listen {
		list[i] = transport.Listen{Network: l.Network, Addr: l.Addr, Advertise: l.Advertise}
	}
	return list
}

// announce is the one line that says what is being served, and where.
func announce(log *slog.Logger, s *config.Settings, calls *proxy.Proxy, web net.Addr, table sqlite.WatchState) {
	log.Info("ready", "config", s.Origin, "listen", listenNames(s, calls), "http", web.String(),
		"db", s.DB, "clients", table.Rows, "version", versionString())
}

// listenNames are the listeners with the ports the kernel picked.
func listenNames(s *config.Settings, calls *proxy.Proxy) []string {
	addrs := calls.Addrs()
	names := make([]string, len(addrs))
	for i, a := range addrs {
		names[i] = s.Listen[i].Network + ":" + a.String()
	}
	return names
}

func currentHealth(life *lifecycle, w *sqlite.Watcher, calls *proxy.Proxy, s *config.Settings) health {
	state := w.State()
	h := health{
		Ready: life.ready(), State: life.phase().String(),
		Listeners: listenNames(s, calls), Transactions: calls.Transactions(),
		Table: tableHealth{Revision: state.Revision, Rows: state.Rows, AgeSeconds: age(state).Seconds()},
	}
	if state.Err != nil {
		h.Table.Error = state.Err.Error()
	}
	return h
}

// drain refuses new calls and waits until the running transactions are through.
func drain(calls *proxy.Proxy, limit time.Duration, log *slog.Logger) {
	log.Info("draining", "transactions", calls.Transactions(), "at_most", limit.String())
	calls.Drain()
	deadline := time.After(limit)
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for calls.Transactions() > 0 {
		select {
		case <-deadline:
			log.Warn("drain timeout, transactions are left", "transactions", calls.Transactions())
			return
		case <-look.C:
		}
	}
	log.Info("drained")
}

func shutdownHTTP(server *http.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), httpPatience)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		_ = server.Close() // the peers that did not finish
	}
}
