package daemon_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"sipid/daemon/daemontest"
)

// vetted is a sipid whose client CAs are in a file that tests change, and peers with connections.
type vetted struct {
	t     *testing.T
	addr  string
	roots *x509.CertPool
	ca    string
	log   *daemontest.Buffer
}

func newVetted(t *testing.T, ca ...tls.Certificate) *vetted {
	t.Helper()
	cert, key, pair := certificate(t, time.Hour)
	v := &vetted{t: t, roots: x509.NewCertPool(), ca: cert + ".ca"}
	v.roots.AddCert(pair.Leaf)
	v.trust(ca...)
	a, log := served(t, tlsConfig(t, fmt.Sprintf("cert: %s, key: %s, client_ca: %s", cert, key, v.ca)))
	v.addr, v.log = a.SIP[1].String(), log
	return v
}

// trust makes these the client CAs.
func (v *vetted) trust(ca ...tls.Certificate) {
	v.t.Helper()
	var text []byte
	for _, c := range ca {
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Leaf.Raw})...)
	}
	if err := os.WriteFile(v.ca+".new", text, 0o600); err != nil {
		v.t.Fatal(err)
	}
	if err := os.Rename(v.ca+".new", v.ca); err != nil {
		v.t.Fatal(err)
	}
}

// peer connects and shows that it is served.
func (v *vetted) peer(mine tls.Certificate) *tls.Conn {
	v.t.Helper()
	c, err := tls.Dial("tcp", v.addr, &tls.Config{RootCAs: v.roots, Certificates: []tls.Certificate{mine}})
	if err != nil {
		v.t.Fatal(err)
	}
	v.t.Cleanup(func() { c.Close() })
	if !v.open(c) {
		v.t.Fatal("not let in")
	}
	return c
}

// open tells whether a keep-alive is answered.
func (v *vetted) open(c *tls.Conn) bool {
	_ = c.SetDeadline(time.Now().Add(30 * time.Second))
	_, err := io.WriteString(c, "\r\n\r\n")
	if err == nil {
		_, err = io.ReadFull(c, make([]byte, 2))
	}
	return err == nil
}

// ends wants sipid to close the connection, though nobody says anything by it.
func (v *vetted) ends(c *tls.Conn) {
	v.t.Helper()
	_ = c.SetDeadline(time.Now().Add(30 * time.Second))
	if _, err := c.Read(make([]byte, 1)); err != io.EOF {
		v.t.Errorf("not closed: %v", err)
	}
}

// A CA that is taken out of the file ends its peers' connections, though no handshake comes; others stay.
func TestClientCAGone(t *testing.T) {
	t.Parallel()
	_, _, first := certificate(t, time.Hour)
	_, _, second := certificate(t, time.Hour)
	v := newVetted(t, first, second)
	a, b := v.peer(first), v.peer(second)
	v.trust(second)
	v.ends(a)
	if !v.open(b) {
		t.Error("the other CA's connection is closed, too")
	}
	daemontest.Within(t, 5*time.Second, "the log says so", func() bool {
		return strings.Contains(v.log.String(), "not trusted any more") && strings.Contains(v.log.String(), a.LocalAddr().String())
	})
	if strings.Contains(v.log.String(), b.LocalAddr().String()) {
		t.Error("the log names the other peer")
	}
}

// A certificate that ends while its peer is connected ends the connection.
func TestClientCertificateEnds(t *testing.T) {
	t.Parallel()
	_, _, short := certificate(t, 8*time.Second) // enough to connect on a busy machine
	_, _, lasting := certificate(t, time.Hour)
	v := newVetted(t, short, lasting)
	a, b := v.peer(short), v.peer(lasting)
	v.ends(a)
	if left := time.Until(short.Leaf.NotAfter); left > 0 {
		t.Errorf("closed %v before its end", left)
	}
	if !v.open(b) {
		t.Error("the other connection is closed, too")
	}
}
