package main

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
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/urfave/cli/v2"

	"sipid/daemon"
	"sipid/sqlite"
	"sipid/vas"
)

// runVAS runs `sipid vas serve` with these flags until the test ends, and gives
// its address.
func runVAS(t *testing.T, flags ...string) string {
	t.Helper()
	store, err := sqlite.OpenVAS(context.Background(), filepath.Join(t.TempDir(), "vas.db"))
	if err != nil {
		t.Fatal(err)
	}
	var o daemon.VASOptions
	app := &cli.App{Flags: vasServeFlags(), Action: func(c *cli.Context) (err error) {
		o, err = vasServeOptionsOf(c)
		return err
	}}
	if err := app.Run(append([]string{"serve", "--access-id", "1001", "--http", "127.0.0.1:0"}, flags...)); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended, address := make(chan error, 1), make(chan net.Addr, 1)
	go func() {
		o.Log, o.Started = io.Discard, func(a net.Addr) { address <- a }
		err := daemon.ServeVAS(ctx, store, o)
		ended <- errors.Join(err, store.Close())
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	select {
	case a := <-address:
		return a.String()
	case err := <-ended:
		ended <- err
		t.Fatal(err)
	}
	return ""
}

// Without credentials only this machine is served, and no web page on it.
func TestVASServeOpen(t *testing.T) {
	url := "http://" + runVAS(t) + "/v1/serials"
	for _, test := range []struct {
		host, origin string
		want         int
	}{{"", "", 201}, {"localhost", "http://127.0.0.1:1", 201}, {"evil.example", "", 403}, {"", "https://evil.example", 403}} {
		r, err := http.NewRequest("POST", url, strings.NewReader(`{"data":{}}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Host = test.host
		if test.origin != "" {
			r.Header.Set("Origin", test.origin)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != test.want {
			t.Errorf("%+v: %d", test, answer.StatusCode)
		}
	}
}

// authority signs certificates for the tests.
type authority struct {
	*testing.T
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{T: t, dir: t.TempDir()}
	a.cert, a.key = a.make("ca", &x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign})
	return a
}

func (a *authority) path(name string) string { return filepath.Join(a.dir, name) }

// make writes NAME.pem and NAME.key, signed by the authority or by itself.
func (a *authority) make(name string, template *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey) {
	a.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.Fatal(err)
	}
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	template.Subject = pkix.Name{CommonName: name}
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = template, key
	}
	der, err1 := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	secret, err2 := x509.MarshalPKCS8PrivateKey(key)
	cert, err3 := x509.ParseCertificate(der)
	if err := errors.Join(err1, err2, err3); err != nil {
		a.Fatal(err)
	}
	a.write(name+".pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	a.write(name+".key", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}))
	return cert, key
}

func (a *authority) write(name string, content []byte) {
	a.Helper()
	if err := os.WriteFile(a.path(name), content, 0o600); err != nil {
		a.Fatal(err)
	}
}

// Mutual TLS: the certificate's name is the claimant, whatever the body says.
// With tokens besides, both are needed.
func TestVASServeMutualTLS(t *testing.T) {
	ca := newAuthority(t)
	ca.make("server", &x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}})
	ca.make("callcentre-1", &x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	ca.make("callcentre-2", &x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	other := newAuthority(t)
	other.make("callcentre-1", &x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	ca.write("tokens", []byte("t-issue issue\nt-claim claim\n"))
	flags := []string{"--tls-cert", ca.path("server.pem"), "--tls-key", ca.path("server.key"), "--client-ca", ca.path("ca.pem")}
	plain := "https://" + runVAS(t, flags...)
	both := "https://" + runVAS(t, append(flags, "--token-file", ca.path("tokens"))...)

	client := func(from *authority, name, endpoint, token string) *vas.Client {
		t.Helper()
		file := func(path string) vas.SecretRef { return vas.SecretRef("file:" + path) }
		o := vas.ClientConfig{Endpoint: endpoint, Claimant: "callcentre-2", CA: file(ca.path("ca.pem")), Policy: vas.Policy{Timeout: 10 * time.Second}}
		if name != "" {
			o.Certificate, o.Key = file(from.path(name+".pem")), file(from.path(name+".key"))
		}
		if token != "" {
			ca.write("token-"+token, []byte(token))
			o.Token = file(ca.path("token-" + token))
		}
		c, err := vas.NewClient(o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		return c
	}
	issue := func(endpoint, token string) string {
		t.Helper()
		pair, err := tls.LoadX509KeyPair(ca.path("callcentre-1.pem"), ca.path("callcentre-1.key"))
		if err != nil {
			t.Fatal(err)
		}
		roots := x509.NewCertPool()
		roots.AddCert(ca.cert)
		transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{pair}}}
		defer transport.CloseIdleConnections()
		r, err := http.NewRequest("POST", endpoint+"/v1/serials", strings.NewReader(`{"data":{"a":"b"}}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		answer, err := (&http.Client{Transport: transport}).Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode != 201 {
			t.Fatalf("%d %s %v", answer.StatusCode, body, err)
		}
		_, rest, _ := bytes.Cut(body, []byte(`"serial":"`))
		return string(rest[:8])
	}
	for _, test := range []struct {
		name   string
		c      *vas.Client
		serial string
		want   vas.Reason // empty: the data
	}{
		{"certificate", client(ca, "callcentre-1", plain, ""), issue(plain, ""), ""},
		{"no certificate", client(nil, "", plain, ""), issue(plain, ""), vas.ReasonTLS},
		{"of another authority", client(other, "callcentre-1", plain, ""), issue(plain, ""), vas.ReasonTLS},
		{"certificate and token", client(ca, "callcentre-1", both, "t-claim"), issue(both, "t-issue"), ""},
		{"no token", client(ca, "callcentre-1", both, ""), issue(both, "t-issue"), vas.ReasonUnauthorized},
		{"token alone", client(nil, "", both, "t-claim"), issue(both, "t-issue"), vas.ReasonTLS},
	} {
		data, err := test.c.Claim(context.Background(), vas.Query{Serial: test.serial, CallID: "a@b"})
		var fault *vas.ClaimError
		if test.want == "" && (err != nil || string(data) != `{"a":"b"}`) || test.want != "" && (!errors.As(err, &fault) || fault.Reason != test.want) {
			t.Errorf("%s: %s, %v, want %q", test.name, data, err, test.want)
		}
	}
	// The certificate's name binds: the other one is refused, though the body
	// names the same claimant.
	serial := issue(plain, "")
	if _, err := client(ca, "callcentre-1", plain, "").Claim(context.Background(), vas.Query{Serial: serial, CallID: "a@b"}); err != nil {
		t.Error(err)
	}
	if _, err := client(ca, "callcentre-2", plain, "").Claim(context.Background(), vas.Query{Serial: serial, CallID: "a@b"}); !errors.Is(err, vas.ErrClaimed) {
		t.Errorf("another certificate: %v", err)
	}
}
