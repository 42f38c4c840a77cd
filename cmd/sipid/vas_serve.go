package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"

	"github.com/urfave/cli/v2"

	"sipid/config"
	"sipid/daemon"
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
				return daemon.ServeVAS(ctx, s, o)
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

func vasServeOptionsOf(c *cli.Context) (daemon.VASOptions, error) {
	o := daemon.VASOptions{HTTP: c.String("http"), Certificates: c.String("client-ca") != "", Version: versionString(), Log: c.App.ErrWriter}
	if err := noArgs(c); err != nil {
		return o, err
	}
	n, err := vasNumbersOf(c)
	if err != nil {
		return o, err
	}
	o.Service, o.Carriers = n.service, n.carriers
	rate := c.Float64("claim-rate")
	o.Limits = vas.Limits{Rate: rate, Burst: int(2 * rate), Misses: c.Int("misses"), LockOut: c.Duration("lock-out")}
	if !(rate >= 0 && rate <= 1e9) || o.Limits.Misses < 0 || o.Limits.LockOut < 0 {
		return o, usagef("--claim-rate, --misses and --lock-out must not be negative")
	}
	if o.LogLevel, o.LogJSON, err = config.ParseLog(c.String("log-level"), c.String("log-format")); err != nil {
		return o, usagef("%w", err)
	}
	if path := c.String("token-file"); path != "" {
		if o.Tokens, err = loadTokens(path); err != nil {
			return o, fmt.Errorf("token file %s: %w", path, err)
		}
	}
	o.TLS, err = vasTLS(c.String("tls-cert"), c.String("tls-key"), c.String("client-ca"))
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
