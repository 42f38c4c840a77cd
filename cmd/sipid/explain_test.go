package main_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sipid/report"
)

// explainJSON asks by the command line and reads the answer's JSON.
func explainJSON(t *testing.T, args ...string) report.Explanation {
	t.Helper()
	out := sipid(t, append([]string{"route", "explain", "--json"}, args...)...)
	var e report.Explanation
	if err := json.Unmarshal([]byte(out), &e); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	return e
}

// invite is a plain SIP INVITE that names the caller's client in Diversion and
// tries to name another by headers of its own.
func invite(t *testing.T, lines ...string) string {
	t.Helper()
	message := strings.Join(append([]string{
		"INVITE sip:95165@192.0.2.2 SIP/2.0",
		"Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa",
		"Max-Forwards: 70",
		"From: <sip:057188888888@192.0.2.1>;tag=a",
		"To: <sip:95165@192.0.2.2>",
		"Call-ID: a@192.0.2.1",
		"CSeq: 1 INVITE",
		"Contact: <sip:192.0.2.1>",
	}, append(lines, "Content-Length: 0", "", "")...), "\r\n")
	path := filepath.Join(t.TempDir(), "invite.sip")
	if err := os.WriteFile(path, []byte(message), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func explainDB(t *testing.T) string {
	t.Helper()
	db := filepath.Join(t.TempDir(), "clients.db")
	sipid(t, "client", "add", "--db", db, "--access-id", "1001", "--name", "Hangzhou", "--endpoint", "https://a.example/sipid")
	return db
}

func TestExplainMessage(t *testing.T) {
	path := invite(t, "Diversion: <sip:100100000042@192.0.2.1>;reason=unconditional", "X-Client-Name: Forged", "x_serial: 1")
	e := explainJSON(t, "--message", path, "--db", explainDB(t))
	if e.Status != "resolved" || e.Source != "diversion" || e.AccessID != "1001" || e.Serial != "00000042" ||
		e.Client == nil || e.Client.Name != "Hangzhou" || e.Client.Endpoint != "https://a.example/sipid" ||
		e.Trunk != "default" || e.PBXGroup != "default" || e.Target != "sip:127.0.0.1:5080" || e.RequestURI != "sip:95165@127.0.0.1:5080" {
		t.Errorf("%+v", e)
	}
	if !slices.Equal(e.HeadersRemoved, []string{"X-Client-Name", "x_serial"}) {
		t.Errorf("removed %q", e.HeadersRemoved)
	}
	added := map[string]string{}
	for _, h := range e.HeadersAdded {
		added[h.Name] = h.Value
	}
	if added["X-Client-Name"] != "Hangzhou" || added["X-Serial"] != "00000042" || added["X-Identify-Source"] != "diversion" {
		t.Errorf("added %v", added)
	}
	if len(e.Steps) == 0 || e.Steps[0].Step == "" {
		t.Errorf("steps %+v", e.Steps)
	}
}

// The configuration file decides: trunk by source, strip_prefix, claims, rejection.
func TestExplainConfig(t *testing.T) {
	config := filepath.Join(t.TempDir(), "sipid.yaml")
	err := os.WriteFile(config, []byte(`
listen: [{on: "udp:0.0.0.0:5060"}]
edges: [10.0.0.2]
db: `+explainDB(t)+`
trunks:
  - {name: wide, sources: [10.0.0.0/8], identify: [diversion], strip_prefix: ["+86"], unidentified: reject}
  - {name: other, sources: [10.1.0.0/16], identify: [diversion], access_ids: ["20*"]}
pbx_groups: [{name: default, body: keep, targets: [{uri: "sip:10.2.0.10"}]}]
`), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	path := invite(t, "Diversion: <sip:+86100100000042@192.0.2.1>")
	t.Run("OK", func(t *testing.T) {
		e := explainJSON(t, "--message", path, "--config", config, "--source", "10.9.0.1:5999")
		if e.Trunk != "wide" || e.Status != "resolved" || e.RequestURI != "sip:95165@10.2.0.10" {
			t.Errorf("%+v", e)
		}
	})
	t.Run("MostSpecificTrunk", func(t *testing.T) {
		e := explainJSON(t, "--message", invite(t, "Diversion: <sip:100100000042@192.0.2.1>"), "--config", config, "--source", "10.1.0.1")
		if e.Trunk != "other" || e.Status != "not-allowed" {
			t.Errorf("%+v", e)
		}
	})
	t.Run("Edge", func(t *testing.T) {
		e := explainJSON(t, "--message", invite(t, "X-Edge-Source: 10.1.0.1:5060"), "--config", config, "--source", "10.0.0.2")
		if e.Trunk != "other" || !slices.Equal(e.HeadersRemoved, []string{"X-Edge-Source"}) {
			t.Errorf("%+v", e)
		}
	})
	t.Run("Rejected", func(t *testing.T) {
		out := sipid(t, "route", "explain", "--message", invite(t), "--config", config, "--source", "10.9.0.1")
		if !strings.Contains(out, "\nrefused with  404\n") || strings.Contains(out, "Request-URI") {
			t.Errorf("%s", out)
		}
		e := explainJSON(t, "--message", invite(t), "--config", config, "--source", "10.9.0.1")
		if e.Status != "no-identity" || e.Target != "" || e.RequestURI != "" {
			t.Errorf("%+v", e)
		}
	})
}

// A header profile without the status says nothing of a call that is not
// identified.
func TestExplainNothingAdded(t *testing.T) {
	config := filepath.Join(t.TempDir(), "sipid.yaml")
	err := os.WriteFile(config, []byte(`
listen: [{on: "udp:127.0.0.1:5060"}]
db: `+explainDB(t)+`
trunks: [{name: a, sources: [127.0.0.1], identify: [diversion]}]
header_profiles: [{name: key, headers: [{name: X-Key, value: serial}]}]
pbx_groups: [{name: default, header_profile: key, targets: [{uri: "sip:127.0.0.1:5080"}]}]
`), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if e := explainJSON(t, "--message", invite(t), "--config", config); e.Status != "no-identity" || len(e.HeadersAdded) != 0 {
		t.Errorf("%+v", e)
	}
	if e := explainJSON(t, "--message", invite(t, "Diversion: <sip:100100000042@a>"), "--config", config); len(e.HeadersAdded) != 1 || e.HeadersAdded[0].Value != "00000042" {
		t.Errorf("%+v", e)
	}
}
