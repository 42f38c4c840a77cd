package daemon

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"

	"sipid/api"
	"sipid/vas"
)

// VASOptions is a client system's side, ready to be served.
type VASOptions struct {
	Service      vas.Options
	Carriers     vas.Carriers
	HTTP         string      // ADDRESS:PORT; port 0 picks one
	Tokens       *vas.Tokens // nil: none are asked for
	TLS          *tls.Config // nil: plain HTTP
	Certificates bool        // client certificates are asked for
	Limits       vas.Limits
	LogLevel     slog.Level
	LogJSON      bool
	Version      string         // for the log
	Log          io.Writer      // as in Options
	Started      func(net.Addr) // called with the address once it is served; nil: nobody
}

// ServeVAS issues serials of store and serves claims until ctx is done. Without
// tokens and client certificates it serves this machine only.
func ServeVAS(ctx context.Context, store vas.Store, o VASOptions) error {
	lines := newQueuedWriter(o.Log)
	defer lines.Close(logPatience)
	log := newLogger(lines, o.LogLevel, o.LogJSON)

	service, err := vas.NewService(ctx, store, o.Service)
	if err != nil {
		return err
	}
	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	expired := make(chan struct{})
	go func() { defer close(expired); service.Run(work, log.With("component", "expiry")) }()
	defer func() { stopWork(); <-expired }()

	web, err := listenHTTP(o.HTTP)
	if err != nil {
		return err
	}
	warnVAS(log, &o, web.Addr())
	var life lifecycle
	server := newHTTPServer(o.handler(service, &life, log.With("component", "http")), log)
	server.TLSConfig = o.TLS
	defer shutdownHTTP(server)
	failed := make(chan error, 1)
	go func() { failed <- serveVASHTTP(server, web) }()

	life.set(phaseReady)
	log.Info("ready", "http", web.Addr().String(), "tls", o.TLS != nil, "access_id", o.Service.AccessID, "version", o.Version)
	if o.Started != nil {
		o.Started(web.Addr())
	}
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	life.set(phaseDraining)
	log.Info("ending")
	return nil
}

// handler is the HTTP interface. Without credentials it is for this machine.
func (o *VASOptions) handler(service *vas.Service, life *lifecycle, log *slog.Logger) http.Handler {
	open := o.Tokens == nil && !o.Certificates
	h := vas.NewHandler(vas.HandlerOptions{
		Service: service, Carriers: o.Carriers, Tokens: o.Tokens, Open: open, Limits: o.Limits, Ready: life.ready, Log: log,
	})
	if open {
		return api.Local(h)
	}
	return h
}

func warnVAS(log *slog.Logger, o *VASOptions, addr net.Addr) {
	bound, err := netip.ParseAddrPort(addr.String())
	if err != nil || bound.Addr().Unmap().IsLoopback() {
		return
	}
	if o.Tokens == nil && !o.Certificates {
		log.Warn("no --token-file and no --client-ca: requests of other machines are refused", "http", addr.String())
	} else if o.TLS == nil {
		log.Warn("no --tls-cert: tokens and users' data can be read on the way, unless a proxy in front has TLS", "http", addr.String())
	}
}

func serveVASHTTP(server *http.Server, l net.Listener) error {
	if server.TLSConfig == nil {
		return serveHTTP(server, l)
	}
	if err := server.ServeTLS(l, "", ""); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("https: %w", err)
	}
	return nil
}
