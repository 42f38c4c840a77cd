package daemon_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"

	"sipid/config"
	"sipid/daemon"
	"sipid/daemon/daemontest"
	"sipid/internal/sipsim"
)

// dnsServer answers with the records it is given, on loopback.
type dnsServer struct {
	addr string

	mu      sync.Mutex
	records []string
	dead    bool
}

func startDNS(t *testing.T, records ...string) *dnsServer {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := &dnsServer{addr: conn.LocalAddr().String(), records: records}
	server := &dns.Server{PacketConn: conn, Handler: dns.HandlerFunc(d.answer)}
	go func() { _ = server.ActivateAndServe() }()
	t.Cleanup(func() { _ = server.Shutdown() })
	return d
}

func (d *dnsServer) answer(w dns.ResponseWriter, q *dns.Msg) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.dead {
		return
	}
	m := new(dns.Msg)
	m.SetReply(q)
	for _, text := range d.records {
		rr, err := dns.NewRR(text)
		if err == nil && rr.Header().Name == q.Question[0].Name && rr.Header().Rrtype == q.Question[0].Qtype {
			m.Answer = append(m.Answer, rr)
		}
	}
	_ = w.WriteMsg(m)
}

func (d *dnsServer) set(dead bool, records ...string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dead, d.records = dead, records
}

// TestServeFollowsDNS: a target by name takes calls where SRV says, and where it
// says later, without a restart; a dead DNS changes nothing and is seen. A second
// name that nobody knows keeps nobody from starting.
func TestServeFollowsDNS(t *testing.T) {
	records := func(uri string) []string {
		_, port, _ := net.SplitHostPort(strings.TrimPrefix(uri, "sip:"))
		return []string{"_sip._udp.pbx.test. 1 IN SRV 1 1 " + port + " host.test.", "host.test. 1 IN A 127.0.0.1"}
	}
	first, firstCalls := daemontest.StartPBX(t, sipsim.Script{})
	second, secondCalls := daemontest.StartPBX(t, sipsim.Script{})
	names := startDNS(t, records(first)...)
	dir := t.TempDir()
	config := filepath.Join(dir, "sipid.yaml")
	err := os.WriteFile(config, fmt.Appendf(nil, `
listen: [{on: "udp:127.0.0.1:0"}]
dns: ["%s"]
db: %s
http: 127.0.0.1:0
trunks: [{name: a, sources: [127.0.0.1]}]
pbx_groups:
  - {name: default, targets: [{uri: "sip:pbx.test"}]}
  - {name: other, targets: [{uri: "sip:gone.test"}]}
`, names.addr, filepath.Join(dir, "sipid.db")), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := check(t, config); err != nil || !strings.Contains(out, "sip:pbx.test (udp:127.0.0.1:") ||
		!strings.Contains(out, "warning: ") || !strings.Contains(out, "gone.test cannot be looked up: no such name") {
		t.Errorf("check says\n%s, %v", out, err)
	}
	a, log := served(t, config)
	d := &daemontest.Daemon{Addresses: a}
	trunk := daemontest.StartTrunk(t)
	lands := func(calls chan *sipsim.Received, serial string) bool {
		call := d.Call("1001")
		call.Serial = serial
		result, err := trunk.Call(context.Background(), call)
		if err != nil || result.Status != 200 {
			t.Fatalf("call: %v, status %d; log\n%s", err, result.Status, log)
		}
		select {
		case r := <-calls:
			if !strings.Contains(r.StartLine, "@pbx.test SIP") {
				t.Errorf("the Request-URI lost the name: %s", r.StartLine)
			}
			return true
		default:
			return false
		}
	}
	if !lands(firstCalls, "00000001") {
		t.Fatal("the call did not go where DNS says")
	}
	names.set(false, records(second)...)
	daemontest.Within(t, 15*time.Second, "calls go to the new place", func() bool {
		for len(firstCalls) > 0 {
			<-firstCalls
		}
		return lands(secondCalls, "00000002")
	})
	names.set(true)
	daemontest.Within(t, 30*time.Second, "the alarm", func() bool {
		_, metrics := d.Get(t, "/metrics")
		return strings.Contains(metrics, `sipid_target_name_error{target="sip:pbx.test"} 1`)
	})
	if !lands(secondCalls, "00000003") {
		t.Error("with a dead DNS the call did not go to the last good place")
	}
	if _, body := d.Get(t, "/v1/targets"); !strings.Contains(body, `"why":"its name was never found"`) {
		t.Errorf("targets %s", body)
	}
}

// TestServeNeedsATarget: with nothing but names that nobody knows there is
// nothing to serve.
func TestServeNeedsATarget(t *testing.T) {
	s, err := config.Load(config.Flags{Listen: []string{"udp:127.0.0.1:0"}, PBX: []string{"sip:pbx.invalid:5090"}, DB: filepath.Join(t.TempDir(), "sipid.db"), HTTP: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	err = daemon.Serve(context.Background(), daemon.Options{Settings: s, Log: new(daemontest.Buffer)})
	if err == nil || !strings.Contains(err.Error(), "--pbx: pbx.invalid cannot be looked up: ") {
		t.Errorf("error %v", err)
	}
}
