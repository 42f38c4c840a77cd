package e2e_test

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"sipid/internal/sipsim"
)

const issueToken = "issue-token-of-the-client-system"

// methodRig is the whole method as processes: the client system's `sipid vas serve` with a certificate, Kamailio, `sipid
// serve`, and a PBX that rings the agent of its queue.
type methodRig struct {
	*deskRig
	vas     string // https URL
	asks    *http.Client
	mu      sync.Mutex
	agents  map[string]string // by serial: who is to ring
	invites map[string]*sipsim.Received
}

func newMethodRig(t *testing.T, agents int, script sipsim.Script) *methodRig {
	t.Helper()
	ca, addr := newAuthority(t, "vas-ca"), at(t, nodeIP)
	cert, key := ca.issue("vas", nodeIP, time.Hour)
	m := &methodRig{
		vas: "https://" + addr.String(), asks: &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: ca.pool}}, Timeout: 10 * time.Second},
		agents: map[string]string{}, invites: map[string]*sipsim.Received{},
	}
	t.Setenv("DESK_CLAIM_1001", claimToken)
	more := deskYAML(t, agents) + fmt.Sprintf("  clients:\n    - {access_id: \"1001\", token: env:DESK_CLAIM_1001, ca: \"file:%s\"}\n", ca.file)
	r := newRig(t, options{plain: true, more: more}, client{id: "1001", name: "杭州总机", endpoint: m.vas, digits: 8})
	m.deskRig = &deskRig{rig: r}
	r.write("tokens", issueToken+" issue\n"+claimToken+" claim callcentre-1\n")
	start(t, r.dir, "vas", r.bin, "vas", "serve", "--db", "vas.db", "--http", addr.String(), "--access-id", "1001",
		"--token-file", "tokens", "--tls-cert", cert, "--tls-key", key)
	eventually(t, 10*time.Second, "vas serve is ready", func() bool {
		answer, err := m.asks.Get(m.vas + "/readyz")
		if err != nil {
			return false
		}
		answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
	m.startPBX(script)
	return m
}

// startPBX rings, by P-Asserted-Identity, the agent that is to have the serial.
func (m *methodRig) startPBX(script sipsim.Script) {
	t := m.t
	pbx, err := sipsim.NewPBX(sipsim.PBXConfig{Listen: m.rig.pbx.String(), Choose: func(r *sipsim.Received) sipsim.Script {
		serial, _ := r.Value("X-Serial")
		m.mu.Lock()
		defer m.mu.Unlock()
		m.invites[serial] = r
		one := script
		one.Headers = []string{fmt.Sprintf("P-Asserted-Identity: \"Agent\" <sip:%s@pbx.example>", m.agents[serial])}
		return one
	}})
	if err != nil {
		t.Fatal(err)
	}
	over := make(chan struct{})
	go func() {
		defer close(over)
		_ = pbx.Serve(t.Context()) // it ends with the test
	}()
	t.Cleanup(func() { <-over })
}

// issued is an answer of the client system's side.
type issued struct {
	Serial string `json:"serial"`
	Number string `json:"original_called_number"`
}

// askVAS posts to a client system's side; the error is any answer that is no success, too.
func askVAS(c *http.Client, url, token, body string) (answer issued, err error) {
	request, err := http.NewRequest(http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return answer, err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := c.Do(request)
	if err != nil {
		return answer, err
	}
	defer response.Body.Close()
	if response.StatusCode/100 != 2 {
		return answer, errors.New(response.Status)
	}
	return answer, json.NewDecoder(response.Body).Decode(&answer)
}

// issue gives the serial of a user's data, as the client system does when the user asks for an agent; its call is to ring
// at the agent.
func (m *methodRig) issue(agent, data string) string {
	m.t.Helper()
	issued, err := askVAS(m.asks, m.vas+"/v1/serials", issueToken, `{"data":`+data+`}`)
	if err != nil {
		m.t.Fatal(err)
	}
	if issued.Number != "1001"+issued.Serial || len(issued.Serial) != 8 {
		m.t.Fatalf("issued: %+v", issued)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.agents[issued.Serial] = agent
	return issued.Serial
}

// call is a running `sipid call` through the edge.
func (m *methodRig) call(serial string, hold time.Duration) (wait func() error) {
	m.t.Helper()
	var out bytes.Buffer
	cmd := exec.CommandContext(m.t.Context(), m.bin, "call", "--listen", at(m.t, trunkIP).String(), "--to", m.edge.String(),
		"--access-id", "1001", "--serial", serial, "--calling", billingNumber, "--hold", hold.String())
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		m.t.Fatal(err)
	}
	return func() error {
		if err := cmd.Wait(); err != nil {
			return fmt.Errorf("sipid call for %s: %w\n%s", serial, err, out.Bytes())
		}
		return nil
	}
}

// received is what the PBX got for a serial.
func (m *methodRig) received(serial string) *sipsim.Received {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.invites[serial]
}
