package proxy

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"

	"github.com/prometheus/client_golang/prometheus"

	"sipid/router"
)

// Options is what a Proxy needs to run.
type Options struct {
	// Listen is where it listens; at least one. The first one that fits a
	// target's address family is the one it sends from, unless the request
	// came in by another that fits.
	Listen []Listen
	// Edges are the addresses of the SIP proxies in front: from them, and from
	// nobody else, X-Edge-Source is believed.
	Edges []netip.Prefix
	// Router says where calls go.
	Router *router.Router
	// TLS is for connections to "tls" listeners, which need it; TLSClient for
	// those we make. A configuration that is to be renewed while we run does it
	// by GetConfigForClient and GetClientCertificate.
	TLS, TLSClient *tls.Config
	// Key signs branches and Record-Routes, at least MinKeyLength octets. All
	// processes that may go on with each other's calls share it.
	Key []byte
	// Log gets warnings and errors. It must not block.
	Log *slog.Logger
	// Metrics is where the proxy's metrics are registered.
	Metrics prometheus.Registerer
	// Observe is told of calls, in the order things happen to each. It runs on
	// the call path: it must not block. Nil: nobody is told.
	Observe func(Event)
	// Ready says whether OPTIONS are answered with 200; nil means always.
	Ready func() bool
}

// Listen is one address to listen on.
type Listen struct {
	// Network is "udp", "tcp" or "tls".
	Network string
	// Addr is the local address; port 0 picks a free one.
	Addr netip.AddrPort
	// Advertise is the host, or host and port, that goes into Via and
	// Record-Route. Empty: the address the kernel sends from.
	Advertise string
}

// Errors of New.
var (
	// ErrNoListener means that Options.Listen is empty.
	ErrNoListener = errors.New("proxy: no address to listen on")
	// ErrNoRouter means that Options.Router is nil.
	ErrNoRouter = errors.New("proxy: no router")
	// ErrShortKey means that Options.Key is shorter than MinKeyLength.
	ErrShortKey = fmt.Errorf("proxy: signing key shorter than %d octets", MinKeyLength)
	// ErrNetwork means a transport that this release does not speak.
	ErrNetwork = errors.New("proxy: unknown network, want udp, tcp or tls")
	// ErrNoTLS means a "tls" listener without Options.TLS.
	ErrNoTLS = errors.New("proxy: tls listener without a TLS configuration")
)

func (o *Options) validate() error {
	switch {
	case len(o.Listen) == 0:
		return ErrNoListener
	case o.Router == nil:
		return ErrNoRouter
	case len(o.Key) < MinKeyLength:
		return ErrShortKey
	}
	for _, l := range o.Listen {
		n, ok := parseNetwork(l.Network)
		if !ok {
			return fmt.Errorf("%w: %q", ErrNetwork, l.Network)
		}
		if n == networkTLS && o.TLS == nil {
			return ErrNoTLS
		}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Metrics == nil {
		o.Metrics = prometheus.NewRegistry()
	}
	if o.TLSClient == nil {
		o.TLSClient = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	if o.Ready == nil {
		o.Ready = func() bool { return true }
	}
	return nil
}
