package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"

	"github.com/urfave/cli/v2"

	"sipid/api"
	"sipid/config"
	"sipid/sqlite"
	"sipid/vas"
)

func vasServeCommand() *cli.Command {
	return &cli.Command{
		Name:  "serve",
		Usage: "issue serials and serve claims over HTTP",
		Description: `A token file has one token a line, plain or as sha256:HEX, then optionally the
role (issue or claim; without one, both) and the claimant's name:

   5Q1vNfYQ2Wm0c8zC                     for trials
   sha256:9f86d081884c7d65...           issue
   sha256:60303ae22b998861...           claim callcentre-1

Without --token-file and --client-ca it serves this machine only.

   sipid vas serve --access-id 1001
   sipid vas serve --access-id 1001 --token-file tokens --http 0.0.0.0:8070 --tls-cert c.pem --tls-key k.pem`,
		Flags: vasServeFlags(),
		Action: func(c *cli.Context) error {
			o, err := vasServeOptionsOf(c)
			if err != nil {
				return err
			}
			return withVAS(c, true, func(ctx context.Context, s *sqlite.VASStore) error {
				return serveVAS(ctx, o, s, c.App.ErrWriter, nil)
			})
		},
	}
}

func vasServeFlags() []cli.Flag {
	limits := vas.DefaultLimits()
	return append(vasNumberFlags(),
		vasDBFlag(),
		&cli.StringFlag{Name: "http", EnvVars: []string{"SIPID_VAS_HTTP"}, Value: "127.0.0.1:8070", Usage: "serve on `ADDRESS:PORT`; port 0 picks one and logs it"},
		&cli.StringFlag{Name: "token-file", EnvVars: []string{"SIPID_VAS_TOKEN_FILE"}, TakesFile: true, Usage: "`FILE` with the bearer tokens"},
		&cli.StringFlag{Name: "tls-cert", EnvVars: []string{"SIPID_VAS_TLS_CERT"}, TakesFile: true, Usage: "certificate `FILE` (PEM); read anew for every connection"},
		&cli.StringFlag{Name: "tls-key", EnvVars: []string{"SIPID_VAS_TLS_KEY"}, TakesFile: true, Usage: "its key `FILE` (PEM)"},
		&cli.StringFlag{
			Name: "client-ca", EnvVars: []string{"SIPID_VAS_CLIENT_CA"}, TakesFile: true,
			Usage: "ask for client certificates of the authorities in `FILE` (PEM); with --token-file both are needed",
		},
		&cli.Float64Flag{Name: "claim-rate", EnvVars: []string{"SIPID_VAS_CLAIM_RATE"}, Value: limits.Rate, Usage: "`N` claims a second for each claimant; 0: any"},
		&cli.IntFlag{Name: "misses", EnvVars: []string{"SIPID_VAS_MISSES"}, Value: limits.Misses, Usage: "lock a claimant out after `N` claims of serials that are not there; 0: never"},
		&cli.DurationFlag{Name: "lock-out", EnvVars: []string{"SIPID_VAS_LOCK_OUT"}, Value: limits.LockOut, Usage: "for this `TIME`, in which the misses are counted too"},
		&cli.StringFlag{Name: "log-level", EnvVars: []string{"SIPID_LOG_LEVEL"}, Value: "info", Usage: "debug, info, warn or error"},
		&cli.StringFlag{Name: "log-format", EnvVars: []string{"SIPID_LOG_FORMAT"}, Value: "text", Usage: "text or json"},
	)
}

// vasServeOptions is a client system's side, ready to be served.
type vasServeOptions struct {
	vasNumbers
	http     string
	tokens   *vas.Tokens
	tls      *tls.Config // nil: plain HTTP
	certs    bool        // client certificates are asked for
	limits   vas.Limits
	logLevel slog.Level
	logJSON  bool
}

func vasServeOptionsOf(c *cli.Context) (vasServeOptions, error) {
	o := vasServeOptions{http: c.String("http"), certs: c.String("client-ca") != ""}
	if err := noArgs(c); err != nil {
		return o, err
	}
	var err error
	if o.vasNumbers, err = vasNumbersOf(c); err != nil {
		return o, err
	}
	rate := c.Float64("claim-rate")
	o.limits = vas.Limits{Rate: rate, Burst: int(2 * rate), Misses: c.Int("misses"), LockOut: c.Duration("lock-out")}
	if !(rate >= 0 && rate <= 1e9) || o.limits.Misses < 0 || o.limits.LockOut < 0 {
		return o, usagef("--claim-rate, --misses and --lock-out must not be negative")
	}
	if o.logLevel, o.logJSON, err = config.ParseLog(c.String("log-level"), c.String("log-format")); err != nil {
		return o, usagef("%w", err)
	}
	if path := c.String("token-file"); path != "" {
		if o.tokens, err = loadTokens(path); err != nil {
			return o, fmt.Errorf("token file %s: %w", path, err)
		}
	}
	o.tls, err = vasTLS(c.String("tls-cert"), c.String("tls-key"), c.String("client-ca"))
	return o, err
}

func loadTokens(path string) (*vas.Tokens, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return vas.ParseTokens(f)
}

// vasTLS reads the certificate once, to see that it is right, and then for
// every connection: it is replaced while the server runs.
func vasTLS(certificate, key, clientCA string) (*tls.Config, error) {
	if certificate == "" && key == "" {
		if clientCA != "" {
			return nil, usagef("--client-ca needs --tls-cert and --tls-key")
		}
		return nil, nil
	}
	if certificate == "" || key == "" {
		return nil, usagef("--tls-cert and --tls-key go together")
	}
	read := func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		pair, err := tls.LoadX509KeyPair(certificate, key)
		return &pair, err
	}
	if _, err := read(nil); err != nil {
		return nil, fmt.Errorf("certificate %s: %w", certificate, err)
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: read}
	if clientCA != "" {
		pem, err := os.ReadFile(clientCA)
		if err != nil {
			return nil, err
		}
		config.ClientCAs = x509.NewCertPool()
		if !config.ClientCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s: no certificate in it", clientCA)
		}
		config.ClientAuth = tls.RequireAndVerifyClientCert
	}
	return config, nil
}

// serveVAS serves until ctx is done. started, when not nil, is called with the
// address. What is started registers its end on the next line.
func serveVAS(ctx context.Context, o vasServeOptions, store vas.Store, stderr io.Writer, started func(net.Addr)) error {
	lines := newQueuedWriter(stderr)
	defer lines.Close(logPatience)
	log := newLogger(lines, o.logLevel, o.logJSON)

	service, err := vas.NewService(ctx, store, o.service)
	if err != nil {
		return err
	}
	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	expired := make(chan struct{})
	go func() { defer close(expired); service.Run(work, log.With("component", "expiry")) }()
	defer func() { stopWork(); <-expired }()

	web, err := listenHTTP(o.http)
	if err != nil {
		return err
	}
	warnVAS(log, &o, web.Addr())
	var life lifecycle
	server := newHTTPServer(o.handler(service, &life, log.With("component", "http")), log)
	server.TLSConfig = o.tls
	defer shutdownHTTP(server)
	failed := make(chan error, 1)
	go func() { failed <- serveVASHTTP(server, web) }()

	life.set(phaseReady)
	log.Info("ready", "http", web.Addr().String(), "tls", o.tls != nil, "access_id", o.service.AccessID, "version", versionString())
	if started != nil {
		started(web.Addr())
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
func (o *vasServeOptions) handler(service *vas.Service, life *lifecycle, log *slog.Logger) http.Handler {
	open := o.tokens == nil && !o.certs
	h := vas.NewHandler(vas.HandlerOptions{
		Service: service, Carriers: o.carriers, Tokens: o.tokens, Open: open, Limits: o.limits, Ready: life.ready, Log: log,
	})
	if open {
		return api.Local(h)
	}
	return h
}

func warnVAS(log *slog.Logger, o *vasServeOptions, addr net.Addr) {
	bound, err := netip.ParseAddrPort(addr.String())
	if err != nil || bound.Addr().Unmap().IsLoopback() {
		return
	}
	if o.tokens == nil && !o.certs {
		log.Warn("no --token-file and no --client-ca: requests of other machines are refused", "http", addr.String())
	} else if o.tls == nil {
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
