package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"sipid/config"
	"sipid/daemon"
	"sipid/internal/sipsim"
	"sipid/router"
	"sipid/screenpop"
	"sipid/sqlite"
	"sipid/vas"
)

// issueFirst starts the client system and has a serial issued there: S1.
func (d *demo) issueFirst(ctx context.Context) (issuedView, error) {
	d.token, d.agentToken = rand.Text(), rand.Text()
	if err := d.write("token-"+demoAccessID, d.token+"\n"); err != nil {
		return issuedView{}, err
	}
	if err := d.startVAS(ctx); err != nil {
		return issuedView{}, err
	}
	user, words := demoUser(), ""
	for _, f := range user {
		words += " " + f.Name + "=" + f.Value
	}
	d.step("S1  A user asks for an agent: the client system gets a serial for what it knows of the user.",
		fmt.Sprintf("sipid vas serve --access-id %s --token-file token --http %s", demoAccessID, d.platform[len("http://"):]),
		fmt.Sprintf("sipid vas issue --access-id %s%s", demoAccessID, words))
	first, err := d.issue(ctx, user, "10m")
	if err == nil {
		fmt.Fprintf(d.out, "   serial %s, original called number %s\n", first.Serial, first.OriginalCalledNumber)
	}
	return first, err
}

func (d *demo) startVAS(ctx context.Context) error {
	tokens, err := loadTokens(d.file("token-" + demoAccessID))
	if err != nil {
		return err
	}
	if d.store, err = sqlite.OpenVAS(ctx, d.file("vas.db")); err != nil {
		return err
	}
	d.ends = append(d.ends, d.store.Close)
	started := make(chan net.Addr, 1)
	o := daemon.VASOptions{
		Service:  vas.Options{AccessID: demoAccessID, Digits: vas.DefaultDigits},
		Carriers: vas.Carriers{Called: defaultCalled, Calling: defaultCalling, Host: vas.DefaultCarrierHost},
		HTTP:     "127.0.0.1:0", Tokens: tokens, Limits: vas.DefaultLimits(), LogLevel: slog.LevelInfo,
		Version: versionString(), Log: &d.log, Started: func(a net.Addr) { started <- a },
	}
	d.background(ctx, "the client system", func(ctx context.Context) error {
		return daemon.ServeVAS(ctx, d.store, o)
	})
	addr, err := await(ctx, d, started)
	if err == nil {
		d.platform = "http://" + addr.String()
	}
	return err
}

// issue asks the client system for a serial, as its switchboard does.
func (d *demo) issue(ctx context.Context, user []screenpop.Field, ttl string) (issuedView, error) {
	var issued issuedView
	words := make([]string, len(user))
	for i, f := range user {
		words[i] = f.Name + "=" + f.Value
	}
	data, err := displayFields("", words, nil)
	if err != nil {
		return issued, err
	}
	body, err := json.Marshal(map[string]any{"data": data, "ttl": ttl})
	if err != nil {
		return issued, err
	}
	response, err := d.ask(ctx, http.MethodPost, d.platform+"/v1/serials", d.token, body)
	if err != nil {
		return issued, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusCreated {
		return issued, fmt.Errorf("issue: %s", response.Status)
	}
	return issued, json.NewDecoder(response.Body).Decode(&issued)
}

// ask makes a request on a connection of its own, so that none is left open.
func (d *demo) ask(ctx context.Context, method, url, token string, body []byte) (*http.Response, error) {
	q, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	q.Header.Set("Authorization", "Bearer "+token)
	q.Close = true
	return http.DefaultClient.Do(q)
}

// startCentre is the call centre: client table, agent PBX, sipid, and the
// agent's open screen.
func (d *demo) startCentre(ctx context.Context) error {
	// By the store and not by the command, which the environment may change.
	err := withNewClients(ctx, d.file("sipid.db"), func(ctx context.Context, s *sqlite.Store) error {
		return s.AddClient(ctx, router.Client{
			AccessID: demoAccessID, Name: demoName, Endpoint: d.platform,
			SerialDigits: vas.DefaultDigits, PBX: router.DefaultGroupName, Enabled: true,
		}, "demo")
	})
	if err != nil {
		return err
	}
	if err := d.startPBX(ctx); err != nil {
		return err
	}
	if err := d.startServe(ctx); err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	d.step("The call centre knows the client system; its PBX rings agent "+demoAgent+", whose screen is open.",
		fmt.Sprintf("sipid client add --access-id %s --name %q --endpoint %s", demoAccessID, demoName, d.platform),
		"sipid pbx --listen udp:"+d.pbx.String(),
		fmt.Sprintf("sipid serve --config sipid.yaml       # SIP on udp:%s, PBX sip:%s, agent %s, claims with the token", d.proxy, d.pbx, demoAgent),
		fmt.Sprintf("curl -N -H \"Authorization: Bearer $AGENT\" '%s/v1/pops/stream?agent=%s'", d.desk, demoAgent))
	return d.openScreen(ctx)
}

func (d *demo) startPBX(ctx context.Context) error {
	pbx, err := sipsim.NewPBX(sipsim.PBXConfig{
		Listen: "127.0.0.1:0", Script: sipsim.Script{
			RingAfter: 20 * time.Millisecond, AnswerAfter: 200 * time.Millisecond,
			Headers: []string{"P-Asserted-Identity: <sip:" + demoAgent + "@127.0.0.1>"}, // who rings
		},
		OnInvite: func(r *sipsim.Received) {
			select {
			case d.received <- r:
			default: // one call is shown
			}
		},
	})
	if err != nil {
		return err
	}
	d.pbx = pbx.Addr()
	d.background(ctx, "the PBX", pbx.Serve)
	return nil
}

// demoConfig is sipid.yaml. No secret stands in it.
const demoConfig = `listen: [{on: "udp:127.0.0.1:0"}]
http: 127.0.0.1:0
db: %q
key_file: %q
drain_timeout: 10ms # the one call is over when serve is stopped
trunks: [{name: default, sources: [127.0.0.0/8]}]
pbx_groups: [{name: default, targets: [{uri: "sip:%s"}]}]
screenpop:
  agents: [{extension: %q, token: %q}]
  token: %q
`

func (d *demo) startServe(ctx context.Context) error {
	if err := d.write("agent", d.agentToken+"\n"); err != nil {
		return err
	}
	text := fmt.Sprintf(demoConfig, d.file("sipid.db"), d.file("sipid.key"), d.pbx,
		demoAgent, "file:"+d.file("agent"), "file:"+d.file("token-"+config.AccessIDMark))
	if err := d.write("sipid.yaml", text); err != nil {
		return err
	}
	s, err := config.Load(config.Flags{Config: d.file("sipid.yaml")})
	if err != nil {
		return err
	}
	started := make(chan daemon.Addresses, 1)
	d.background(ctx, "sipid serve", func(ctx context.Context) error {
		return daemon.Serve(ctx, daemon.Options{
			Settings: s, Version: versionString(), Log: &d.log, Started: func(a daemon.Addresses) { started <- a },
		})
	})
	a, err := await(ctx, d, started)
	if err == nil {
		d.proxy, d.desk = a.SIP[0], "http://"+a.HTTP.String()
	}
	return err
}

// placeCall is S2.
func (d *demo) placeCall(ctx context.Context, serial issuedView) (sipsim.Result, error) {
	d.step("S2  The client system calls, with access ID + serial as the original called number\n    (and with a header it has no right to: "+demoForged+").",
		fmt.Sprintf("sipid call --to %s --access-id %s --serial %s", d.proxy, demoAccessID, serial.Serial))
	d.screen.since = time.Now()
	return placeCall(ctx, callOptions{call: sipsim.Call{
		To: d.proxy, AccessID: demoAccessID, Serial: serial.Serial, Called: defaultCalled, Calling: defaultCalling,
		Hold: 200 * time.Millisecond, Timeout: 10 * time.Second, Headers: []string{demoForged},
	}}, newCallPrinter(indented{d.out}, false))
}
