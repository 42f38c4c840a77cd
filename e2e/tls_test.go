package e2e_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// authority issues certificates for a test.
type authority struct {
	t    *testing.T
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pool *x509.CertPool
	file string
}

var serialNumber atomic.Int64

func newAuthority(t *testing.T, name string) *authority {
	t.Helper()
	a := &authority{t: t, dir: t.TempDir(), pool: x509.NewCertPool()}
	template := &x509.Certificate{Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	var der []byte
	der, a.key = a.sign(template, time.Hour)
	var err error
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	a.pool.AddCert(a.cert)
	a.file = a.write(name+".pem", "CERTIFICATE", der)
	return a
}

// sign makes a certificate that ends in life; without a certificate of its own the authority signs itself.
func (a *authority) sign(template *x509.Certificate, life time.Duration) ([]byte, *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	template.SerialNumber = big.NewInt(serialNumber.Add(1))
	template.NotBefore, template.NotAfter = time.Now().Add(-48*time.Hour), time.Now().Add(life)
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		a.t.Fatal(err)
	}
	return der, key
}

func (a *authority) write(name, kind string, der []byte) string {
	a.t.Helper()
	file := filepath.Join(a.dir, name)
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		a.t.Fatal(err)
	}
	return file
}

// issue makes a certificate for an address, and gives the files of it and of its key.
func (a *authority) issue(name string, ip netip.Addr, life time.Duration) (cert, key string) {
	a.t.Helper()
	der, secret := a.sign(&x509.Certificate{Subject: pkix.Name{CommonName: name}, IPAddresses: []net.IP{ip.AsSlice()},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}, life)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(secret)
	if err != nil {
		a.t.Fatal(err)
	}
	return a.write(name+".pem", "CERTIFICATE", der), a.write(name+".key", "PRIVATE KEY", pkcs8)
}

func (a *authority) pair(name string, life time.Duration) tls.Certificate {
	a.t.Helper()
	pair, err := tls.LoadX509KeyPair(a.issue(name, trunkIP, life))
	if err != nil {
		a.t.Fatal(err)
	}
	return pair
}

// tlsRig is sipid with a TLS listener that asks for certificates.
type tlsRig struct {
	*rig
	addr      netip.AddrPort
	ca        *authority
	cert, key string
}

func newTLSRig(t *testing.T) *tlsRig {
	t.Helper()
	s := &tlsRig{ca: newAuthority(t, "ca"), addr: at(t, nodeIP)}
	s.cert, s.key = s.ca.issue("sipid", nodeIP, time.Hour)
	s.rig = newRig(t, options{direct: true, tls: s.addr,
		more: fmt.Sprintf("tls: {cert: %s, key: %s, client_ca: %s}\n", s.cert, s.key, s.ca.file)})
	return s
}

// connect shakes hands, and tells whether sipid lets the peer in: with TLS 1.3 that shows with the first answer only.
func (s *tlsRig) connect(mine ...tls.Certificate) (*tls.Conn, error) {
	d := &net.Dialer{LocalAddr: net.TCPAddrFromAddrPort(netip.AddrPortFrom(trunkIP, 0)), Timeout: 5 * time.Second}
	c, err := tls.DialWithDialer(d, "tcp4", s.addr.String(), &tls.Config{RootCAs: s.ca.pool, Certificates: mine})
	if err != nil {
		return nil, err
	}
	_ = c.SetDeadline(time.Now().Add(8 * time.Second))
	if _, err := c.Write([]byte("\r\n\r\n")); err == nil {
		_, err = io.ReadFull(c, make([]byte, 2))
		if err == nil {
			return c, nil
		}
	}
	c.Close()
	return nil, fmt.Errorf("not let in")
}

func TestTLSClientCertificates(t *testing.T) {
	need(t)
	t.Parallel()
	s := newTLSRig(t)
	good := s.ca.pair("good", time.Hour)
	c, err := s.connect(good)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, optionsOver("TLS", c.RemoteAddr(), c.LocalAddr())); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, 2000)
	if n, err := c.Read(answer); err != nil || codeOf(string(answer[:n])) != 200 {
		t.Errorf("%q, %v", answer[:n], err)
	}
	for name, certs := range map[string][]tls.Certificate{
		"None": nil, "OtherAuthority": {newAuthority(t, "other").pair("stranger", time.Hour)}, "Expired": {s.ca.pair("expired", -time.Hour)},
	} {
		t.Run("Err"+name, func(t *testing.T) {
			if c, err := s.connect(certs...); err == nil {
				c.Close()
				t.Error("let in")
			}
		})
	}
	t.Run("ErrOldVersion", func(t *testing.T) {
		if c, err := tls.Dial("tcp4", s.addr.String(), &tls.Config{RootCAs: s.ca.pool, Certificates: []tls.Certificate{good}, MaxVersion: tls.VersionTLS11}); err == nil {
			c.Close()
			t.Error("TLS 1.1 is spoken")
		}
	})
}

// Who says nothing, or says it slowly, is cut off after five seconds, and holds up nobody.
func TestTLSSlowHandshake(t *testing.T) {
	need(t)
	t.Parallel()
	s := newTLSRig(t)
	base := s.usage()
	var running sync.WaitGroup
	for i := range 20 {
		running.Go(func() {
			c, err := connect(trunkIP, s.addr)
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			begin := time.Now()
			for hello := []byte("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"); ; time.Sleep(500 * time.Millisecond) {
				if i%2 == 0 && len(hello) > 0 { // the others say nothing at all
					_, _ = c.Write(hello[:1])
					hello = hello[1:]
				}
				_ = c.SetReadDeadline(time.Now().Add(time.Millisecond))
				if _, err := c.Read(make([]byte, 100)); err != nil && !isTimeout(err) {
					break
				}
				if time.Since(begin) > 9*time.Second {
					t.Error("not cut off")
					return
				}
			}
			if d := time.Since(begin); d < 3*time.Second {
				t.Errorf("cut off after %v", d)
			}
		})
	}
	c, err := s.connect(s.ca.pair("good", time.Hour))
	if err != nil {
		t.Errorf("beside slow handshakes: %v", err)
	} else {
		c.Close()
	}
	running.Wait()
	s.backTo(base)
}

// New certificates are put in place while peers connect all the time: no handshake fails, and connections stay.
func TestTLSReloadUnderLoad(t *testing.T) {
	need(t)
	t.Parallel()
	s := newTLSRig(t)
	mine := s.ca.pair("good", time.Hour)
	held, err := s.connect(mine)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	var seen sync.Map
	var made atomic.Int32
	var running sync.WaitGroup
	end := time.Now().Add(6 * time.Second)
	for range 4 {
		running.Go(func() {
			for time.Now().Before(end) {
				c, err := s.connect(mine)
				if err != nil {
					t.Errorf("handshake: %v", err)
					return
				}
				seen.Store(c.ConnectionState().PeerCertificates[0].SerialNumber.String(), true)
				made.Add(1)
				c.Close()
				time.Sleep(5 * time.Millisecond)
			}
		})
	}
	for i := range 3 {
		time.Sleep(1300 * time.Millisecond)
		cert, key := s.ca.issue(fmt.Sprint("renewed", i), nodeIP, time.Hour)
		for from, to := range map[string]string{key: s.key, cert: s.cert} { // one after the other, as tools do
			if err := os.Rename(from, to); err != nil {
				t.Error(err)
			}
		}
	}
	running.Wait()
	certificates := 0
	seen.Range(func(any, any) bool { certificates++; return true })
	t.Logf("%d handshakes, %d certificates", made.Load(), certificates)
	if certificates < 3 || made.Load() < 50 {
		t.Errorf("%d handshakes, %d certificates: nothing was renewed", made.Load(), certificates)
	}
	_ = held.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := held.Write([]byte("\r\n\r\n")); err != nil {
		t.Error(err)
	}
	if _, err := io.ReadFull(held, make([]byte, 2)); err != nil {
		t.Errorf("the connection that was there: %v", err)
	}
}

// A client CA is taken out while peers of two are connected: those of the one are cut off though nobody connects, and so is
// one whose certificate ends; what the other's peer asks is answered all the while.
func TestTLSClientCAChanges(t *testing.T) {
	need(t)
	t.Parallel()
	s := newTLSRig(t)
	other := newAuthority(t, "other")
	both := append(readFile(t, s.ca.file), readFile(t, other.file)...)
	if err := os.WriteFile(s.ca.file, both, 0o600); err != nil {
		t.Fatal(err)
	}
	stays := s.held(s.ca.pair("stays", time.Hour))
	ends := s.held(s.ca.pair("ends", 12*time.Second))
	leaves := s.held(other.pair("leaves", time.Hour))
	var left, ended atomic.Bool
	go func() { left.Store(cutOff(leaves)) }()
	go func() { ended.Store(cutOff(ends)) }()
	if err := os.WriteFile(s.ca.file, both[:len(both)-len(readFile(t, other.file))], 0o600); err != nil {
		t.Fatal(err)
	}
	eventually(t, 30*time.Second, "both are cut off, the third is served", func() bool {
		if _, err := io.WriteString(stays, optionsOver("TLS", stays.RemoteAddr(), stays.LocalAddr())); err != nil {
			t.Fatal(err)
		}
		answer := make([]byte, 2000)
		if n, err := stays.Read(answer); err != nil || codeOf(string(answer[:n])) != 200 {
			t.Fatalf("%q, %v", answer[:n], err)
		}
		return left.Load() && ended.Load()
	})
	if log := string(s.sipid.output()); strings.Count(log, "not trusted any more") != 2 {
		t.Errorf("the log does not say so once for each:\n%s", log)
	}
}

// held connects as soon as sipid takes the certificate's CA.
func (s *tlsRig) held(mine tls.Certificate) (c *tls.Conn) {
	s.t.Helper()
	eventually(s.t, 10*time.Second, "let in", func() (ok bool) {
		var err error
		c, err = s.connect(mine)
		return err == nil
	})
	s.t.Cleanup(func() { c.Close() })
	_ = c.SetDeadline(time.Now().Add(40 * time.Second))
	return c
}

// cutOff waits for the peer's end of a connection.
func cutOff(c *tls.Conn) bool {
	_, err := c.Read(make([]byte, 1))
	return err == io.EOF
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
