package vas

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
)

// errCredentials means that our own certificate cannot be read.
var errCredentials = errors.New("vas: client certificate cannot be read")

// tlsConfig verifies the client system, and shows it our certificate. That is
// read at every handshake: certificates are replaced while daemons run.
func (o *ClientConfig) tlsConfig() (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if o.CA != "" {
		pem, err := o.CA.read()
		if err != nil {
			return nil, fmt.Errorf("CA: %w", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("CA: no certificate in %s", o.CA)
		}
	}
	if (o.Certificate == "") != (o.Key == "") {
		return nil, errors.New("vas: certificate and key go together")
	}
	if o.Certificate != "" {
		if _, err := o.certificate(); err != nil {
			return nil, err
		}
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return o.certificate() }
	}
	return config, nil
}

// Check reads all that the configuration refers to, token, CA, certificate and
// key, and says what is wrong. What is not set in the environment is ErrUnset.
func (o *ClientConfig) Check() (faults []error) {
	token, err := o.Token.Read()
	if err == nil && !headerSafe(token) {
		err = fmt.Errorf("%s holds blanks or characters that a header cannot carry", o.Token)
	}
	if err != nil {
		faults = append(faults, fmt.Errorf("token: %w", err))
	}
	if _, err := o.tlsConfig(); err != nil {
		faults = append(faults, err)
	}
	return faults
}

func (o *ClientConfig) certificate() (*tls.Certificate, error) {
	certificate, err := o.Certificate.read()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errCredentials, err)
	}
	key, err := o.Key.read()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errCredentials, err)
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errCredentials, err)
	}
	return &pair, nil
}
