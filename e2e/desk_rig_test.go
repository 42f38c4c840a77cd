package e2e_test

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// clientSystem answers claims as a client system does: with the data of a serial, or the way a test wants.
type clientSystem struct {
	*httptest.Server
	mu     sync.Mutex
	data   map[string]string // JSON objects by serial
	status map[string]int    // instead of 200, for one claim
	calls  map[string][]string
}

const claimToken = "claim-token-of-the-call-centre"

func newClientSystem(t *testing.T) *clientSystem {
	t.Helper()
	c := &clientSystem{data: map[string]string{}, status: map[string]int{}, calls: map[string][]string{}}
	c.Server = httptest.NewServer(http.HandlerFunc(c.claim))
	t.Cleanup(c.Close)
	return c
}

func (c *clientSystem) claim(w http.ResponseWriter, r *http.Request) {
	serial := strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/v1/serials/"), "/claim")
	var body struct {
		CallID string `json:"call_id"`
	}
	_ = json.NewDecoder(r.Body).Decode(&body)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls[serial] = append(c.calls[serial], body.CallID)
	w.Header().Set("Content-Type", "application/json")
	switch status := c.status[serial]; {
	case r.Header.Get("Authorization") != "Bearer "+claimToken || r.Method != http.MethodPost:
		w.WriteHeader(http.StatusUnauthorized)
	case status != 0:
		delete(c.status, serial)
		w.WriteHeader(status)
	case c.data[serial] == "":
		w.WriteHeader(http.StatusNotFound)
	default:
		fmt.Fprintf(w, `{"data":%s}`, c.data[serial])
	}
}

// set puts a row into the temporary table. status, when not 0, is what the next claim gets instead.
func (c *clientSystem) set(serial, object string, status int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.data[serial] = object
	if status != 0 {
		c.status[serial] = status
	}
}

func (c *clientSystem) claims(serial string) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string(nil), c.calls[serial]...)
}

// deskRig is a call centre with agents who have tokens.
type deskRig struct {
	*rig
	system     *clientSystem
	pbx, trunk *peer
}

func agentToken(extension string) string { return "token-of-agent-" + extension }

const (
	supervisorToken = "token-of-the-supervisor"
	pbxToken        = "token-of-the-agent-pbx"
)

// newDeskRig has agents from 8001 on, and the clients 1001 and 1002 with those that are given. plain: without the race
// detector.
func newDeskRig(t *testing.T, agents int, plain bool, more ...client) *deskRig {
	t.Helper()
	system := newClientSystem(t)
	clients := append([]client{{id: "1001", name: "杭州总机 Hangzhou", digits: 8}, {id: "1002", name: "宁波总机 Ningbo", digits: 8}}, more...)
	for i := range clients {
		t.Setenv("DESK_CLAIM_"+clients[i].id, cmp.Or(clients[i].token, claimToken))
		if clients[i].endpoint == "" {
			clients[i].endpoint = system.URL
		}
	}
	r := newRig(t, options{direct: true, plain: plain, more: deskYAML(t, agents)}, clients...)
	return &deskRig{rig: r, system: system, pbx: dialUDP(t, r.pbx), trunk: dialUDP(t, at(t, trunkIP))}
}

// deskYAML is a configuration's screenpop section, with the agents' tokens in the environment.
func deskYAML(t *testing.T, agents int) string {
	t.Helper()
	t.Setenv("DESK_SUPERVISOR", supervisorToken)
	t.Setenv("DESK_PBX", pbxToken)
	var y strings.Builder
	y.WriteString("screenpop:\n  supervisor: env:DESK_SUPERVISOR\n  pbx: env:DESK_PBX\n  token: \"env:DESK_CLAIM_{access_id}\"\n" +
		"  url_template: \"https://crm.example/call?serial={serial}&agent={agent}\"\n  url_hosts: [crm.example]\n  agents:\n")
	for i := range agents {
		extension := fmt.Sprint(8001 + i)
		t.Setenv("DESK_"+extension, agentToken(extension))
		fmt.Fprintf(&y, "    - {extension: %q, token: \"env:DESK_%s\"}\n", extension, extension)
	}
	return y.String()
}

func (d *deskRig) url(path string) string { return "http://" + d.http + path }

// invite is a SIP-I call: the original called number says access ID and serial.
func (d *deskRig) invite(id, number string) string {
	body := append([]byte("--unique\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n\r\n--unique\r\n"+
		"Content-Type: application/isup;version=itu-t92+\r\nContent-Disposition: signal;handling=optional\r\n\r\n"), iam(number)...)
	body = append(body, "\r\n--unique--\r\n"...)
	head := inviteTo(d.node, d.trunk.addr(), id, "MIME-Version: 1.0", "Content-Type: multipart/mixed;boundary=unique")
	return strings.Replace(head, "Content-Length: 0", fmt.Sprintf("Content-Length: %d", len(body)), 1) + string(body)
}

// call places a call and gives the INVITE as the PBX gets it.
func (d *deskRig) call(id, number string) message {
	d.t.Helper()
	for range 10 {
		d.trunk.send(d.node, d.invite(id, number))
		m, ok := d.pbx.tryReceive(time.Second) // again when a datagram was lost, as timer A of RFC 3261 does
		if ok && strings.HasPrefix(m.text, "INVITE ") && m.lines("Call-ID")[0] == "Call-ID: "+id {
			return m
		}
	}
	d.t.Fatalf("call %s did not reach the PBX", id)
	return message{}
}

// ring makes an agent's phone ring: the PBX names the agent by P-Asserted-Identity.
func (d *deskRig) ring(invite message, agent string) {
	d.pbx.send(d.node, invite.answer("180 Ringing", "p", fmt.Sprintf("P-Asserted-Identity: \"Agent\" <sip:%s@pbx.example>", agent),
		"Contact: <sip:queue@pbx.example>"))
}

// pickUp makes an agent answer, and the caller acknowledge.
func (d *deskRig) pickUp(invite message, agent string) {
	d.t.Helper()
	d.pbx.send(d.node, invite.answer("200 OK", "p", fmt.Sprintf("P-Asserted-Identity: <sip:%s@pbx.example>", agent),
		fmt.Sprintf("Contact: <sip:queue@%s>", d.rig.pbx)))
	for {
		if m := d.trunk.receiveAny(5 * time.Second); strings.HasPrefix(m.text, "SIP/2.0 200") {
			d.trunk.send(d.node, ackTo(m, d.trunk.addr()))
			break
		}
	}
	d.pbx.receive(5*time.Second, "ACK ")
}

// receiveAny waits for any message.
func (p *peer) receiveAny(d time.Duration) message {
	p.t.Helper()
	m, ok := p.tryReceive(d)
	if !ok {
		p.t.Fatalf("nothing within %v", d)
	}
	return m
}

// pop is what a stream says of a call.
type pop struct {
	PopID  string `json:"pop_id"`
	State  string `json:"state"`
	Agent  string `json:"agent"`
	CallID string `json:"call_id"`
	Serial string `json:"serial"`
	Data   struct {
		Status string `json:"status"`
		Fields []struct{ Name, Value string }
	} `json:"data"`
}

// shown is a pop on a stream.
type shown struct {
	stream string
	pop
}

// follow reads an agent's stream, as a CRM does, until the test ends.
func (d *deskRig) follow(agent string, got chan<- shown) {
	d.t.Helper()
	request, err := http.NewRequestWithContext(d.t.Context(), http.MethodGet, d.url("/v1/pops/stream?agent="+agent), nil)
	if err != nil {
		d.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+agentToken(agent))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		d.t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK {
		d.t.Fatalf("stream of %s: %s", agent, response.Status)
	}
	go func() {
		defer response.Body.Close()
		lines := bufio.NewScanner(response.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var p pop
			if data, ok := bytes.CutPrefix(lines.Bytes(), []byte("data: ")); ok && json.Unmarshal(data, &p) == nil && p.PopID != "" {
				got <- shown{agent, p}
			}
		}
	}()
}
