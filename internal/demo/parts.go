package demo

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"sipid/config"
	"sipid/daemon"
	"sipid/internal/sipsim"
	"sipid/internal/trial"
	"sipid/router"
	"sipid/screenpop"
	"sipid/sqlite"
	"sipid/vas"
)

// issueFirst starts the client system and has a serial issued there: S1.
func (d *demo) issueFirst(ctx context.Context) (issued, error) {
	d.token, d.agentToken = rand.Text(), rand.Text()
	if err := d.write("token-"+accessID, d.token+"\n"); err != nil {
		return issued{}, err
	}
	if err := d.startVAS(ctx); err != nil {
		return issued{}, err
	}
	user, words := userData(), ""
	for _, f := range user {
		words += " " + f.Name + "=" + f.Value
	}
	d.step("S1  A user asks for an agent: the client system gets a serial for what it knows of the user.",
		fmt.Sprintf("sipid vas serve --access-id %s --token-file token --http %s", accessID, d.platform[len("http://"):]),
		fmt.Sprintf("sipid vas issue --access-id %s%s", accessID, words))
	first, err := d.issue(ctx, user, "10m")
	if err == nil {
		fmt.Fprintf(d.out, "   serial %s, original called number %s\n", first.Serial, first.OriginalCalledNumber)
	}
	return first, err
}

func (d *demo) startVAS(ctx context.Context) error {
	tokens, err := vas.ParseTokens(strings.NewReader(d.token + "\n"))
	if err != nil {
		return err
	}
	if d.store, err = sqlite.OpenVAS(ctx, d.file("vas.db")); err != nil {
		return err
	}
	d.ends = append(d.ends, d.store.Close)
	started := make(chan net.Addr, 1)
	o := daemon.VASOptions{
		Service:  vas.Options{AccessID: accessID, Digits: vas.DefaultDigits},
		Carriers: vas.Carriers{Called: trial.DefaultCalled, Calling: trial.DefaultCalling, Host: vas.DefaultCarrierHost},
		HTTP:     "127.0.0.1:0", Tokens: tokens, Limits: vas.DefaultLimits(), LogLevel: slog.LevelInfo,
		Version: d.version, Log: &d.log, Started: func(a net.Addr) { started <- a },
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

// issued is what the client system says of a serial.
type issued struct {
	Serial               string `json:"serial"`
	OriginalCalledNumber string `json:"original_called_number"`
}

// displayFields is a JSON object of the fields, in their order.
func displayFields(user []screenpop.Field) (json.RawMessage, error) {
	members := make([]string, len(user))
	for i, f := range user {
		name, err := json.Marshal(f.Name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(f.Value)
		if err != nil {
			return nil, err
		}
		members[i] = string(name) + ":" + string(value)
	}
	return json.RawMessage("{" + strings.Join(members, ",") + "}"), nil
}

// issue asks the client system for a serial, as its switchboard does.
func (d *demo) issue(ctx context.Context, user []screenpop.Field, ttl string) (issued, error) {
	var answer issued
	data, err := displayFields(user)
	if err != nil {
		return answer, err
	}
	body, err := json.Marshal(map[string]any{"data": data, "ttl": ttl})
	if err != nil {
		return answer, err
	}
	response, err := d.ask(ctx, http.MethodPost, d.platform+"/v1/serials", d.token, body)
	if err != nil {
		return answer, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusCreated {
		return answer, fmt.Errorf("issue: %s", response.Status)
	}
	return answer, json.NewDecoder(response.Body).Decode(&answer)
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
	if err := d.addClient(ctx); err != nil {
		return err
	}
	if err := d.startPBX(ctx); err != nil {
		return err
	}
	if err := d.startServe(ctx); err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	d.step("The call centre knows the client system; its PBX rings agent "+agentNumber+", whose screen is open.",
		fmt.Sprintf("sipid client add --access-id %s --name %q --endpoint %s", accessID, clientName, d.platform),
		"sipid pbx --listen udp:"+d.pbx.String(),
		fmt.Sprintf("sipid serve --config sipid.yaml       # SIP on udp:%s, PBX sip:%s, agent %s, claims with the token", d.proxy, d.pbx, agentNumber),
		fmt.Sprintf("curl -N -H \"Authorization: Bearer $AGENT\" '%s/v1/pops/stream?agent=%s'", d.desk, agentNumber))
	return d.openScreen(ctx)
}

// addClient puts the client system into the client table: by the store and not by
// the command, which the environment may change.
func (d *demo) addClient(ctx context.Context) error {
	s, err := sqlite.Open(ctx, d.file("sipid.db"))
	if err != nil {
		return err
	}
	return errors.Join(s.AddClient(ctx, router.Client{
		AccessID: accessID, Name: clientName, Endpoint: d.platform,
		SerialDigits: vas.DefaultDigits, PBX: router.DefaultGroupName, Enabled: true,
	}, "demo"), s.Close())
}

func (d *demo) startPBX(ctx context.Context) error {
	pbx, err := sipsim.NewPBX(sipsim.PBXConfig{
		Listen: "127.0.0.1:0", Script: sipsim.Script{
			RingAfter: 20 * time.Millisecond, AnswerAfter: 200 * time.Millisecond,
			Headers: []string{"P-Asserted-Identity: <sip:" + agentNumber + "@127.0.0.1>"}, // who rings
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

// serveConfig is sipid.yaml. No secret stands in it.
const serveConfig = `listen: [{on: "udp:127.0.0.1:0"}]
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
	text := fmt.Sprintf(serveConfig, d.file("sipid.db"), d.file("sipid.key"), d.pbx,
		agentNumber, "file:"+d.file("agent"), "file:"+d.file("token-"+config.AccessIDMark))
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
			Settings: s, Version: d.version, Log: &d.log, Started: func(a daemon.Addresses) { started <- a },
		})
	})
	a, err := await(ctx, d, started)
	if err == nil {
		d.proxy, d.desk = a.SIP[0], "http://"+a.HTTP.String()
	}
	return err
}

// placeCall is S2.
func (d *demo) placeCall(ctx context.Context, serial issued) (sipsim.Result, error) {
	d.step("S2  The client system calls, with access ID + serial as the original called number\n    (and with a header it has no right to: "+forged+").",
		fmt.Sprintf("sipid call --to %s --access-id %s --serial %s", d.proxy, accessID, serial.Serial))
	d.screen.since = time.Now()
	return trial.Place(ctx, trial.Call{Out: indented{d.out}, Call: sipsim.Call{
		To: d.proxy, AccessID: accessID, Serial: serial.Serial, Called: trial.DefaultCalled, Calling: trial.DefaultCalling,
		Hold: 200 * time.Millisecond, Timeout: 10 * time.Second, Headers: []string{forged},
	}})
}
