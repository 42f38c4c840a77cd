package daemon

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"time"

	"sipid/api"
	"sipid/config"
	"sipid/proxy"
	"sipid/transport"
)

// logPatience bounds the end of the process: a log nobody reads is not waited for.
const logPatience = time.Second

// Options is what Serve is told.
type Options struct {
	Settings *config.Settings
	Version  string          // for the log and the metrics
	Log      io.Writer       // gets lines; when it is not read, lines are dropped and calls go on
	Started  func(Addresses) // called once calls are taken; nil: nobody
}

// Addresses are what Serve listens on, with the ports the kernel picked. SIP has
// those of the settings' listeners, in their order.
type Addresses struct {
	SIP  []netip.AddrPort
	HTTP net.Addr
}

// Serve takes calls until ctx is done, then drains. The error says what kept it
// from starting, or what ended it before it was told to.
func Serve(ctx context.Context, o Options) error {
	s := o.Settings
	lines := newQueuedWriter(o.Log)
	defer lines.Close(logPatience)
	d := &daemon{Options: o, log: newLogger(lines, s.LogLevel, s.LogJSON), registry: newRegistry(o.Version), failed: make(chan error, 2)}
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
	return d.run(ctx, work)
}

func proxyListen(s *config.Settings) []transport.Listen {
	list := make([]transport.Listen, len(s.Listen))
	for i, l := range s.Listen {
		list[i] = transport.Listen{Network: l.Network, Addr: l.Addr, Advertise: l.Advertise}
	}
	return list
}

// announce is the one line that says what is being served, and where.
func (d *daemon) announce() {
	d.log.Info("ready", "config", d.Settings.Origin, "listen", listenNames(d.Settings, d.calls), "http", d.web.Addr().String(),
		"db", d.Settings.DB, "clients", d.clients(), "version", d.Version)
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

// health is what /readyz says.
func (d *daemon) health() api.Health {
	state := d.table.watcher.State()
	h := api.Health{
		Ready: d.life.ready(), State: d.life.phase().String(),
		Listeners: listenNames(d.Settings, d.calls), Transactions: d.calls.Transactions(),
		Table: api.TableHealth{Revision: state.Revision, Rows: state.Rows, AgeSeconds: age(state).Seconds()},
	}
	if state.Err != nil {
		h.Table.Error = state.Err.Error()
	}
	return h
}

// clients are those that calls are identified by. The watcher counts them a moment
// after the first table is in use.
func (d *daemon) clients() int {
	if t := d.routes.Table(); t != nil {
		return t.Len()
	}
	return 0
}

// statusLine is what systemctl status shows.
func (d *daemon) statusLine() string {
	h := d.health()
	line := fmt.Sprintf("%s, %d clients, %d transactions", h.State, d.clients(), h.Transactions)
	if h.Table.Error != "" {
		line += "; client table: " + strings.ReplaceAll(h.Table.Error, "\n", " ")
	}
	return line
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
