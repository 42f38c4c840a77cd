package daemon_test

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"sipid/daemon/daemontest"
)

// Certificate, key and client CA are put in place while sipid runs.
func TestRenewCertificate(t *testing.T) {
	cert, key, first := certificate(t, 365*24*time.Hour)
	newCert, newKey, second := certificate(t, 365*24*time.Hour)
	a, log := served(t, tlsConfig(t, fmt.Sprintf("cert: %s, key: %s, client_ca: %s", cert, key, cert)))
	addr := a.SIP[1].String()
	offered := func(mine tls.Certificate) string { return handshake(addr, mine, first, second) }
	replace := func(from, to string) {
		b, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to+".new", b, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(to+".new", to); err != nil {
			t.Fatal(err)
		}
	}

	if got := offered(first); got != serial(first) {
		t.Fatalf("offered %s at first, want %s", got, serial(first))
	}
	if got := offered(second); got != "" {
		t.Fatal("let in with a certificate of another CA")
	}
	replace(newCert, cert) // its key comes later
	daemontest.Within(t, 5*time.Second, "the log says why nothing changes", func() bool {
		if got := offered(first); got != serial(first) {
			t.Fatalf("offered %q while the files do not fit", got)
		}
		return strings.Contains(log.String(), "not renewed")
	})
	replace(newKey, key)
	daemontest.Within(t, 5*time.Second, "the new certificate is offered, and the new CA asked", func() bool { return offered(second) == serial(second) })
	if got := offered(first); got != "" {
		t.Error("let in with a certificate of the old CA")
	}
	if err := os.Remove(cert); err != nil {
		t.Fatal(err)
	}
	time.Sleep(1100 * time.Millisecond) // longer than between two looks at the files
	if got := offered(second); got != serial(second) {
		t.Errorf("offered %q when the file is gone", got)
	}
}

func serial(c tls.Certificate) string { return c.Leaf.SerialNumber.String() }

// handshake connects with a certificate of mine, and returns the serial number of sipid's, or "" when it does not let me in.
func handshake(addr string, mine tls.Certificate, trusted ...tls.Certificate) string {
	roots := x509.NewCertPool()
	for _, c := range trusted {
		roots.AddCert(c.Leaf)
	}
	conn, err := tls.Dial("tcp", addr, &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{mine}})
	if err != nil {
		return ""
	}
	defer conn.Close()
	// With TLS 1.3 a client learns only by reading that it was refused: CRLF CRLF is a keep-alive, to be answered.
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := conn.Write([]byte("\r\n\r\n")); err != nil {
		return ""
	}
	if _, err := conn.Read(make([]byte, 2)); err != nil {
		return ""
	}
	return conn.ConnectionState().PeerCertificates[0].SerialNumber.String()
}
