package daemon

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"time"

	"sipid/config"
)

// certificateNotice is how long before its end a certificate is warned of.
const certificateNotice = 30 * 24 * time.Hour

// tlsMaterial is what stands in the files.
type tlsMaterial struct {
	pair     tls.Certificate
	clientCA *x509.CertPool // nil: none
}

// readTLS reads the files.
func readTLS(f config.TLSFiles) (*tlsMaterial, error) {
	pair, err := tls.LoadX509KeyPair(f.Cert, f.Key)
	if err != nil {
		return nil, fmt.Errorf("tls: %w", err)
	}
	m := &tlsMaterial{pair: pair}
	if f.ClientCA != "" {
		if m.clientCA, err = readCA(f.ClientCA); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// server is the configuration for one handshake of a peer. With a client CA only
// peers whose certificate it signed are let in.
func (m *tlsMaterial) server() *tls.Config {
	c := &tls.Config{
		MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{m.pair},
		// SIP connections live long. A ticket would only spare a peer the check of
		// its certificate by a CA that is there no more.
		SessionTicketsDisabled: true,
	}
	if m.clientCA != nil {
		c.ClientCAs, c.ClientAuth = m.clientCA, tls.RequireAndVerifyClientCert
	}
	return c
}

func readCA(path string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("tls: client_ca: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("tls: client_ca: %s: no PEM certificate in it", path)
	}
	return pool, nil
}

// checkTLS loads the files and warns of a certificate that ends soon.
func checkTLS(f config.TLSFiles, now time.Time) (warning string, err error) {
	if f == (config.TLSFiles{}) {
		return "", nil
	}
	m, err := readTLS(f)
	if err != nil {
		return "", err
	}
	leaf := m.pair.Leaf
	switch {
	case leaf == nil:
		return "", errors.New("tls: " + f.Cert + ": unreadable certificate")
	case now.Before(leaf.NotBefore):
		return fmt.Sprintf("tls: %s is valid from %s on", f.Cert, leaf.NotBefore.Format(time.DateOnly)), nil
	case now.After(leaf.NotAfter):
		return fmt.Sprintf("tls: %s ended on %s", f.Cert, leaf.NotAfter.Format(time.DateOnly)), nil
	case now.Add(certificateNotice).After(leaf.NotAfter):
		return fmt.Sprintf("tls: %s ends on %s", f.Cert, leaf.NotAfter.Format(time.DateOnly)), nil
	}
	return "", nil
}
