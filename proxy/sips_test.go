package proxy_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net/netip"
	"strings"
	"testing"
	"time"

	"sipid/proxy"
	"sipid/router"
	"sipid/transport"
)

// A sips URI promises TLS (RFC 3261 26.2.2): to a PBX by another transport it does not go on as one.
func TestSIPSWithoutTLS(t *testing.T) {
	run(t, nil, func(r *rig) {
		for i, scheme := range []string{"sips:", "SIPS:", "SIP:"} {
			c := call{id: "s", branch: "z9hG4bKs" + string(rune('a'+i))}
			r.trunk.send(strings.Replace(c.invite(), "sip:95165@10.0.0.5 ", scheme+"95165@10.0.0.5 ", 1))
			r.trunk.get("SIP/2.0 100")
			got := r.pbx.get("INVITE sip:95165@10.2.0.10:5060 ")
			if rr := got.one(t, "Record-Route"); !strings.HasPrefix(rr, "<sip:") {
				t.Errorf("Record-Route: %s", rr)
			}
			r.pbx.send(got.answer("486 Busy Here", "x"))
			r.pbx.get("ACK")
			r.trunk.send(c.ackRefusal(r.trunk.get("SIP/2.0 486")))
		}
	})
}

// To one by TLS it does, and Record-Route is sips as it is (16.6 step 4).
func TestSIPSByTLS(t *testing.T) {
	pair := selfSigned(t)
	pbx, own := ownAddress(), ownAddress()
	ln, err := tls.Listen("tcp4", pbx.String(), &tls.Config{Certificates: []tls.Certificate{pair}})
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	trunk := socket(t)
	routes, err := router.New(router.Config{
		Trunks: []router.Trunk{{Name: "a", Sources: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}}},
		Groups: []router.Group{{Name: "default", Targets: []router.Target{
			{URI: "sip:" + pbx.String() + ";transport=tls", Transport: "tls", Host: pbx.String(), Addr: pbx},
		}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	p, err := proxy.New(proxy.Options{
		Listen: []transport.Listen{{Network: "udp", Addr: own}, {Network: "tls", Addr: own}}, Router: routes, Key: testKey,
		TLS: &tls.Config{Certificates: []tls.Certificate{pair}}, TLSClient: &tls.Config{InsecureSkipVerify: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- p.Serve(ctx) }()
	defer func() { cancel(); <-done }()

	c := call{id: "s", branch: "z9hG4bKs"}
	invite := strings.Replace(c.invite(), "sip:95165@10.0.0.5 ", "SIPS:95165@10.0.0.5 ", 1)
	if _, err := trunk.WriteToUDPAddrPort([]byte(invite), own); err != nil {
		t.Fatal(err)
	}
	conn, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	var head strings.Builder
	for lines := bufio.NewReader(conn); !strings.HasSuffix(head.String(), "\r\n\r\n"); {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		head.WriteString(line)
	}
	got := message(head.String())
	if !strings.HasPrefix(string(got), "INVITE sips:95165@"+pbx.String()+" ") {
		t.Errorf("got\n%s", got)
	}
	rr := got.all("Record-Route")
	if len(rr) != 2 {
		t.Fatalf("Record-Route: %q", rr)
	}
	matches(t, rr[0], "<sips:"+own.String()+";lr;sd=[a-z2-7]+>")
	matches(t, rr[1], "<sip:"+own.String()+";lr;sd=[a-z2-7]+>") // the side that came without TLS
}

func selfSigned(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}
