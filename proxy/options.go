package proxy

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"

	"github.com/prometheus/client_golang/prometheus"

	"sipid/pbx"
	"sipid/record"
	"sipid/router"
	"sipid/transport"
)

// Options is what a Proxy needs to run.
type Options struct {
	// Listen is where it listens; at least one. The first one that fits a
	// target's address family is the one it sends from, unless the request
	// came in by another that fits.
	Listen []transport.Listen
	// Edges are the addresses of the SIP proxies in front: from them, and from
	// nobody else, X-Edge-Source is believed.
	Edges []netip.Prefix
	// RefuseStrangers answers requests by UDP from addresses nobody knows with 403,
	// some a second; without it they get nothing. Connections from them are closed.
	RefuseStrangers bool
	// Router says where calls go.
	Router *router.Router
	// Endpoints are where the targets are that have names, by their URI, as far
	// as is known at the start. SetEndpoints changes them.
	Endpoints pbx.Endpoints
	// TLS is for connections to "tls" listeners, which need it; TLSClient for
	// those we make. A configuration that is to be renewed while we run does it
	// by GetConfigForClient and GetClientCertificate.
	TLS, TLSClient *tls.Config
	// Key signs branches and Record-Routes, at least MinKeyLength octets. All
	// processes that may go on with each other's calls share it.
	Key []byte
	// Resumes says that another process with this key may have begun calls that
	// still ring: for as long as they may, an unknown CANCEL is taken for one of
	// theirs. Without it, it gets 481 at once.
	Resumes bool
	// Log gets warnings and errors. It must not block.
	Log *slog.Logger
	// Metrics is where the proxy's metrics are registered.
	Metrics prometheus.Registerer
	// Observe is told of calls, in the order things happen to each. It runs on
	// the call path: it must not block. Nil: nobody is told.
	Observe func(Event)
	// Record keeps the last calls; nil: nobody does.
	Record *record.Log
	// Ready says whether OPTIONS are answered with 200; nil means always.
	Ready func() bool
}

// Errors of New.
var (
	// ErrNoRouter means that Options.Router is nil.
	ErrNoRouter = errors.New("proxy: no router")
	// ErrShortKey means that Options.Key is shorter than MinKeyLength.
	ErrShortKey = fmt.Errorf("proxy: signing key shorter than %d octets", MinKeyLength)
)

func (o *Options) validate() error {
	switch {
	case o.Router == nil:
		return ErrNoRouter
	case len(o.Key) < MinKeyLength:
		return ErrShortKey
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Metrics == nil {
		o.Metrics = prometheus.NewRegistry()
	}
	if o.Ready == nil {
		o.Ready = func() bool { return true }
	}
	return nil
}
