package main_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	main "sipid/cmd/sipid"
	"sipid/daemon/daemontest"
	"sipid/internal/sipsim"
)

func sipid(t *testing.T, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if code := main.Run(context.Background(), append([]string{"sipid"}, args...), &stdout, &stderr); code != 0 {
		t.Fatalf("sipid %s: exit %d: %s", strings.Join(args, " "), code, stderr.String())
	}
	return stdout.String()
}

// The whole of it: a client added by the command line is live within a second,
// for HTTP and for calls.
func TestServeAddedClientIsLive(t *testing.T) {
	pbx, invites := daemontest.StartPBX(t, sipsim.Script{})
	d := daemontest.Start(t, pbx, "")
	if status, h := d.Ready(t); status != 200 || !h.Ready || h.State != "ready" || h.Table.Rows != 0 || h.Table.Error != "" ||
		len(h.Listeners) != 1 || h.Listeners[0] != "udp:"+d.SIP[0].String() {
		t.Fatalf("readyz %d %+v", status, h)
	}
	if _, body := d.Get(t, "/v1/clients"); strings.TrimSpace(body) != "[]" {
		t.Errorf("clients %s, want []", body)
	}

	sipid(t, "client", "add", "--db", d.DB, "--access-id", "1001", "--name", "Hangzhou", "--endpoint", "https://a.example/sipid")
	daemontest.Within(t, time.Second, "the new client is served", func() bool {
		status, _ := d.Get(t, "/v1/clients/1001")
		return status == 200
	})
	if _, h := d.Ready(t); h.Table.Rows != 1 || h.Table.Revision == 0 {
		t.Errorf("readyz table %+v", h.Table)
	}

	result, err := daemontest.StartTrunk(t).Call(context.Background(), d.Call("1001"))
	if err != nil || result.Status != 200 {
		t.Fatalf("call: %v, status %d", err, result.Status)
	}
	invite := <-invites
	for name, want := range map[string]string{
		"X-Identify-Status": "resolved", "X-Identify-Source": "isup-original-called",
		"X-Access-ID": "1001", "X-Serial": "00000042", "X-Client-Name": "Hangzhou", "X-Client-Endpoint": "https://a.example/sipid",
	} {
		if got, _ := invite.Value(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	_, metrics := d.Get(t, "/metrics")
	for _, line := range []string{
		`sipid_calls_total{outcome="answered",status="resolved"} 1`,
		"sipid_table_rows 1", "sipid_table_revision 1", "sipid_table_error 0", "sipid_log_dropped_total 0",
	} {
		if !strings.Contains(metrics, line+"\n") {
			t.Errorf("metrics lack %s", line)
		}
	}
	for _, name := range []string{"sipid_table_age_seconds ", "sipid_build_info{", "go_goroutines ", "process_open_fds "} {
		if !strings.Contains(metrics, "\n"+name) {
			t.Errorf("metrics lack %s", name)
		}
	}
	if log := d.Log.String(); strings.Count(log, "msg=ready") != 1 || !strings.Contains(log, d.HTTP.String()) || !strings.Contains(log, d.SIP[0].String()) {
		t.Errorf("log does not say once where it listens:\n%s", log)
	}
	if log := d.Log.String(); strings.Contains(log, "057185000000") || strings.Contains(log, "00000042") {
		t.Errorf("personal data in the log:\n%s", log)
	}
}
