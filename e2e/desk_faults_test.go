package e2e_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// fault is a way in which a client system fails a claim.
type fault struct {
	name, accessID string
	endpoint       string
	token          string // empty: the right one
	serial         string
	result         string // the metric's label
	en, zh         string // what the agent reads
}

const faultySerial = "00000007"

// noDelay is what the call path may take on a busy machine; the shortest wait for a client system is 800 ms.
const noDelay = 300 * time.Millisecond

// Whatever a client system does to a claim, the call is as with a healthy one: the same INVITE at the PBX, answered, no
// later. The agent's page says why there are no data, in both languages, and the metric counts it.
func TestDeskFaults(t *testing.T) {
	need(t, "chromium")
	other := new(atomic.Int32)
	faults := clientFaults(t, other)
	clients := make([]client, len(faults))
	for i := range faults {
		f := &faults[i]
		f.accessID = fmt.Sprint(1011 + i)
		if f.serial == "" {
			f.serial = faultySerial
		}
		clients[i] = client{id: f.accessID, name: "client " + f.accessID, endpoint: f.endpoint, digits: 8, token: f.token}
	}
	d := newDeskRig(t, 1, true, clients...)
	en := openBrowser(t, "en", 1000, 800)
	zh := en.another(1000, 800)
	en.signIn(d.url("/desk?lang=en"), "8001", agentToken("8001"))
	zh.signIn(d.url("/desk?lang=zh"), "8001", agentToken("8001"))

	d.system.set(faultySerial, `{"name":"somebody"}`, 0)
	healthy, _ := d.answered(t, "healthy", "1001"+faultySerial)
	en.shows(5*time.Second, "#now .pop", "somebody")
	d.pbx.send(d.node, byeTo(healthy, d.rig.pbx.String()))
	d.trunk.receiveAnyOf(t, "BYE ")
	want := alike(healthy, "healthy", "1001", faultySerial, d.system.URL)
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			label := fmt.Sprintf("sipid_pop_claims_total{result=%q}", f.result)
			before := max(0, d.metric(label))
			invite, took := d.answered(t, f.accessID, f.accessID+f.serial)
			t.Logf("INVITE to the PBX, 180 and 200 to the trunk took %v", took)
			if got := alike(invite, f.accessID, f.accessID, f.serial, f.endpoint); got != want {
				t.Errorf("the PBX got\n%s\nwith a healthy client system\n%s", got, want)
			}
			en.shows(5*time.Second, "#now .pop", "On the line", "client "+f.accessID, f.serial, f.en, "Try again")
			zh.shows(5*time.Second, "#now .pop", "通话中", f.zh, "重试")
			if n := d.metric(label) - before; n != 1 {
				t.Errorf("%s grew by %v, want 1", label, n)
			}
			d.pbx.send(d.node, byeTo(invite, d.rig.pbx.String()))
			d.trunk.receiveAnyOf(t, "BYE ")
			en.shows(5*time.Second, "#idle", "No call")
		})
	}
	if n := other.Load(); n != 0 {
		t.Errorf("a redirect to another host was followed %d times", n)
	}
}

// answered is a call that rings at 8001 and is picked up at once, while its claim is on the way. It fails the test for
// any step that takes long.
func (d *deskRig) answered(t *testing.T, id, number string) (invite message, took [3]time.Duration) {
	t.Helper()
	start := time.Now()
	lap := func(i int) { took[i], start = time.Since(start), time.Now() }
	d.trunk.send(d.node, d.invite(id, number))
	invite = d.pbx.receiveAnyOf(t, "INVITE ")
	lap(0)
	d.ring(invite, "8001")
	d.trunk.receiveAnyOf(t, "SIP/2.0 180")
	lap(1)
	d.pbx.send(d.node, invite.answer("200 OK", "p", "P-Asserted-Identity: <sip:8001@pbx.example>", fmt.Sprintf("Contact: <sip:queue@%s>", d.rig.pbx)))
	ok := d.trunk.receiveAnyOf(t, "SIP/2.0 200")
	lap(2)
	d.trunk.send(d.node, ackTo(ok, d.trunk.addr()))
	d.pbx.receiveAnyOf(t, "ACK ")
	for i, step := range []string{"INVITE", "180", "200"} {
		if took[i] > noDelay {
			t.Errorf("the %s took %v", step, took[i])
		}
	}
	return invite, took
}

// alike is an INVITE without what is another one's with every call and client.
func alike(invite message, callID, accessID, serial, endpoint string) string {
	s := strings.NewReplacer("Endpoint: "+endpoint, "Endpoint: E", "Call-ID: "+callID, "Call-ID: C", "tag=f"+callID, "tag=F", "client "+accessID, "NAME", "杭州总机 Hangzhou", "NAME",
		"Access-ID: "+accessID, "Access-ID: A", "Serial: "+serial, "Serial: S").Replace(invite.text)
	return regexp.MustCompile(`([;=]|z9hG4bK)[A-Za-z0-9_-]{12,}`).ReplaceAllString(s, "${1}T")
}

// clientFaults are client systems that fail, three of them at a real `sipid vas serve`.
func clientFaults(t *testing.T, other *atomic.Int32) []fault {
	t.Helper()
	serves := func(h http.HandlerFunc) string {
		s := httptest.NewServer(h)
		t.Cleanup(s.Close)
		return s.URL
	}
	over := make(chan struct{})
	slow := serves(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-over:
		}
	})
	t.Cleanup(func() { close(over) })
	large := serves(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"data":{"name":"%s"}}`, strings.Repeat("x", 1<<20))
	})
	page := serves(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, "<!doctype html><title>Sign in</title>")
	})
	elsewhere := serves(func(w http.ResponseWriter, _ *http.Request) {
		other.Add(1)
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"data":{"name":"of another host"}}`)
	})
	redirect := serves(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere+r.URL.Path, http.StatusTemporaryRedirect)
	})
	untrusted := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(untrusted.Close)
	vas, claimed := startVAS(t)
	return []fault{
		{name: "slow", endpoint: slow, result: "timeout", en: "did not answer in time", zh: "客户系统响应超时"},
		{name: "down", endpoint: "http://" + at(t, nodeIP).String(), result: "unreachable", en: "cannot be reached", zh: "无法连接客户系统"},
		{name: "wrong token", endpoint: vas, token: "not-the-token-of-the-call-centre", result: "unauthorized", en: "refused our credentials", zh: "客户系统拒绝了我们的凭据"},
		{name: "404", endpoint: vas, result: "not_found", en: "does not know this serial", zh: "客户系统中没有此序列号"},
		{name: "409", endpoint: vas, serial: claimed, result: "claimed", en: "already used for another call", zh: "此序列号已用于另一通电话"},
		{name: "1 MB", endpoint: large, result: "too_large", en: "answer is too large", zh: "客户系统返回的内容过大"},
		{name: "HTML", endpoint: page, result: "not_json", en: "answer cannot be read", zh: "客户系统返回的内容无法读取"},
		{name: "redirect", endpoint: redirect, result: "redirect", en: "points to another address", zh: "客户系统指向了其他地址"},
		{name: "bad certificate", endpoint: untrusted.URL, result: "tls", en: "certificate is not trusted", zh: "客户系统的证书不受信任"},
	}
}

// startVAS is a client system's `sipid vas serve` with a serial that another call has claimed.
func startVAS(t *testing.T) (endpoint, claimed string) {
	t.Helper()
	dir, addr := t.TempDir(), at(t, nodeIP).String()
	tokens := filepath.Join(dir, "tokens")
	if err := os.WriteFile(tokens, []byte(issueToken+" issue\n"+claimToken+" claim callcentre-1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	start(t, dir, "vas", plainBinary.get(t), "vas", "serve", "--db", "vas.db", "--http", addr, "--access-id", "1001", "--token-file", tokens)
	eventually(t, 10*time.Second, "vas serve issues a serial", func() bool {
		issued, err := askVAS(http.DefaultClient, "http://"+addr+"/v1/serials", issueToken, `{"data":{"name":"somebody else"}}`)
		claimed = issued.Serial
		return err == nil
	})
	if _, err := askVAS(http.DefaultClient, "http://"+addr+"/v1/serials/"+claimed+"/claim", claimToken, `{"call_id":"another"}`); err != nil {
		t.Fatal(err)
	}
	return "http://" + addr, claimed
}
