package main

import (
	"context"
	"io"
	"log/slog"
	"net"
	"time"

	"github.com/urfave/cli/v2"

	"sipid/api"
	"sipid/config"
	"sipid/proxy"
	"sipid/sqlite"
	"sipid/transport"
)

// logPatience bounds the end of the process: a log nobody reads is not waited for.
const logPatience = time.Second

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

// serve runs the daemon until ctx is done, then drains. started, when not nil,
// is called once it takes calls.
func serve(ctx context.Context, s *config.Settings, stderr io.Writer, started func(addresses)) error {
	lines := newQueuedWriter(stderr)
	defer lines.Close(logPatience)
	d := &daemon{s: s, log: newLogger(lines, s.LogLevel, s.LogJSON), registry: newRegistry(), failed: make(chan error, 2)}
	for _, w := range s.Warnings {
		d.log.Warn("configuration", "warning", w)
	}
	registerLog(d.registry, lines)
	defer d.end()
	if err := d.open(ctx); err != nil {
		return err
	}

	// From here on everything ends with work, after the drain.
	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	d.feed(work)
	if err := d.openHTTP(); err != nil {
		return err
	}
	if err := d.table.waitFirst(ctx, d.log); err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { err := d.calls.Serve(work); served <- err; d.failed <- err }()
	defer func() { stopWork(); <-served }()
	return d.run(ctx, work, started)
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

func currentHealth(life *lifecycle, w *sqlite.Watcher, calls *proxy.Proxy, s *config.Settings) api.Health {
	state := w.State()
	h := api.Health{
		Ready: life.ready(), State: life.phase().String(),
		Listeners: listenNames(s, calls), Transactions: calls.Transactions(),
		Table: api.TableHealth{Revision: state.Revision, Rows: state.Rows, AgeSeconds: age(state).Seconds()},
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
