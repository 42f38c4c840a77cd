package daemon_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sipid/config"
	"sipid/daemon"
	"sipid/daemon/daemontest"
)

// certificate writes a self-signed certificate for 127.0.0.1 that ends in life,
// and its key, as files.
func certificate(t *testing.T, life time.Duration) (cert, key string, pair tls.Certificate) {
	t.Helper()
	secret, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "sipid test"},
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(life),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &secret.PublicKey, secret)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, kind string, der []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	cert, key = write("cert.pem", "CERTIFICATE", der), write("key.pem", "PRIVATE KEY", pkcs8)
	if pair, err = tls.LoadX509KeyPair(cert, key); err != nil {
		t.Fatal(err)
	}
	return cert, key, pair
}

// tlsConfig is a configuration file with UDP and TLS listeners on any port.
func tlsConfig(t *testing.T, section string) string {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "sipid.yaml")
	err := os.WriteFile(path, []byte(`
listen: [{on: "udp:127.0.0.1:0"}, {on: "tls:127.0.0.1:0"}, {on: "tcp:127.0.0.1:0"}]
db: `+filepath.Join(dir, "sipid.db")+`
http: 127.0.0.1:0
trunks: [{name: a, sources: [127.0.0.1]}]
pbx_groups: [{name: default, targets: [{uri: "sip:127.0.0.1:5999"}]}]
tls: {`+section+`}
`), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// served is a sipid that runs in this process, with its log.
func served(t *testing.T, path string) (daemon.Addresses, *daemontest.Buffer) {
	t.Helper()
	s, err := config.Load(config.Flags{Config: path})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	started := make(chan daemon.Addresses, 1)
	log := new(daemontest.Buffer)
	go func() {
		ended <- daemon.Serve(ctx, daemon.Options{Settings: s, Log: log, Started: func(a daemon.Addresses) { started <- a }})
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	select {
	case a := <-started:
		return a, log
	case err := <-ended:
		ended <- nil
		t.Fatal(err)
	}
	return daemon.Addresses{}, nil
}

func TestServeTLSAndTCP(t *testing.T) {
	cert, key, pair := certificate(t, 365*24*time.Hour)
	a, log := served(t, tlsConfig(t, fmt.Sprintf("cert: %s, key: %s, client_ca: %s", cert, key, cert)))
	daemontest.Within(t, 2*time.Second, "the log names the TLS listener", func() bool {
		return strings.Contains(log.String(), "tls:"+a.SIP[1].String())
	})
	roots := x509.NewCertPool()
	roots.AddCert(pair.Leaf)
	t.Run("OKTLS", func(t *testing.T) {
		conn, err := tls.Dial("tcp", a.SIP[1].String(), &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{pair}})
		if err != nil {
			t.Fatal(err)
		}
		wantOptions(t, conn, "TLS")
	})
	t.Run("OKTCP", func(t *testing.T) {
		conn, err := net.Dial("tcp", a.SIP[2].String())
		if err != nil {
			t.Fatal(err)
		}
		wantOptions(t, conn, "TCP")
	})
	t.Run("ErrNoClientCertificate", func(t *testing.T) {
		conn, err := tls.Dial("tcp", a.SIP[1].String(), &tls.Config{RootCAs: roots})
		if err != nil {
			return
		}
		defer conn.Close()
		_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
		if n, err := conn.Read(make([]byte, 1)); err == nil || os.IsTimeout(err) {
			t.Errorf("let in: %d octets, %v", n, err)
		}
	})
}

// wantOptions asks by a connection and wants 200.
func wantOptions(t *testing.T, conn net.Conn, transport string) {
	t.Helper()
	defer conn.Close()
	fmt.Fprintf(conn, "OPTIONS sip:%[1]s SIP/2.0\r\nVia: SIP/2.0/%[3]s %[2]s;branch=z9hG4bKo\r\nMax-Forwards: 70\r\n"+
		"From: <sip:edge@%[2]s>;tag=1\r\nTo: <sip:%[1]s>\r\nCall-ID: o\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
		conn.RemoteAddr(), conn.LocalAddr(), transport)
	_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	answer := make([]byte, 2000)
	n, err := conn.Read(answer)
	if err != nil || !bytes.HasPrefix(answer[:n], []byte("SIP/2.0 200 ")) {
		t.Errorf("answer %q, %v", answer[:n], err)
	}
}

// check is what Check prints of a configuration file.
func check(t *testing.T, path string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := daemon.Check(t.Context(), config.Flags{Config: path}, &out)
	return out.String(), err
}

func TestCheckTLS(t *testing.T) {
	year, yearKey, _ := certificate(t, 365*24*time.Hour)
	week, weekKey, _ := certificate(t, 7*24*time.Hour)
	past, pastKey, _ := certificate(t, -24*time.Hour)
	for _, tt := range []struct {
		name, section string
		fails         bool
		want          string // "" wants no warning
	}{
		{"OK", "cert: " + year + ", key: " + yearKey + ", client_ca: " + year, false, ""},
		{"WarnSoon", "cert: " + week + ", key: " + weekKey, false, "warning: tls: " + week + " ends on "},
		{"WarnEnded", "cert: " + past + ", key: " + pastKey, false, "warning: tls: " + past + " ended on "},
		{"ErrOtherKey", "cert: " + year + ", key: " + weekKey, true, "tls: private key does not match public key"},
		{"ErrNoCertificate", "cert: " + yearKey + ", key: " + yearKey, true, "tls: failed to find certificate PEM"},
		{"ErrClientCA", "cert: " + year + ", key: " + yearKey + ", client_ca: " + yearKey, true, "client_ca: " + yearKey + ": no PEM certificate in it"},
		{"ErrClientCAMissing", "cert: " + year + ", key: " + yearKey + ", client_ca: none.pem", true, "client_ca: open none.pem"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			output, err := check(t, tlsConfig(t, tt.section))
			if err != nil {
				output += err.Error()
			}
			warned := strings.Contains(output, "warning:")
			if (err != nil) != tt.fails || !strings.Contains(output, tt.want) || tt.want == "" && warned {
				t.Errorf("error %v:\n%s\nwant %t, %q", err, output, tt.fails, tt.want)
			}
		})
	}
}
