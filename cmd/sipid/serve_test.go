package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sipid/api"
	main "sipid/cmd/sipid"
	"sipid/config"
	"sipid/internal/sipsim"
)

// lockedBuffer takes the log of a daemon while a test reads it.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// daemon is a serve in this process, on ports the kernel picked.
type daemon struct {
	main.Addresses
	DB    string
	Log   *lockedBuffer
	stop  context.CancelFunc
	ended chan error
}

// startDaemon serves until the test ends, or until stop.
func startDaemon(t *testing.T, pbx string, drain string) *daemon {
	t.Helper()
	return startDaemonOn(t, filepath.Join(t.TempDir(), "sipid.db"), pbx, drain)
}

// startDaemonOn is startDaemon with a database that is there already.
func startDaemonOn(t *testing.T, db, pbx, drain string) *daemon {
	t.Helper()
	d := &daemon{DB: db, Log: new(lockedBuffer), ended: make(chan error, 1)}
	s, err := config.Load(config.Flags{
		DB: d.DB, Listen: []string{"udp:127.0.0.1:0"}, PBX: []string{pbx}, HTTP: "127.0.0.1:0", Drain: drain,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	d.stop = stop
	started := make(chan main.Addresses, 1)
	go func() { d.ended <- main.Serve(ctx, s, d.Log, func(a main.Addresses) { started <- a }) }()
	select {
	case d.Addresses = <-started:
	case err := <-d.ended:
		t.Fatalf("serve ended: %v", err)
	}
	t.Cleanup(func() {
		stop()
		if err := d.wait(t); err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return d
}

// wait waits for the end and gives it again to whoever asks next.
func (d *daemon) wait(t *testing.T) error {
	t.Helper()
	select {
	case err := <-d.ended:
		d.ended <- err
		return err
	case <-time.After(20 * time.Second):
		t.Fatalf("serve does not end; log:\n%s", d.Log)
		return nil
	}
}

func (d *daemon) get(t *testing.T, path string) (int, string) {
	t.Helper()
	response, err := http.Get("http://" + d.HTTP.String() + path)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

func (d *daemon) ready(t *testing.T) (int, api.Health) {
	t.Helper()
	status, body := d.get(t, "/readyz")
	var h api.Health
	if err := json.Unmarshal([]byte(body), &h); err != nil {
		t.Fatalf("readyz %s: %v", body, err)
	}
	return status, h
}

// within waits until true, and fails after d.
func within(t *testing.T, d time.Duration, what string, true func() bool) {
	t.Helper()
	for deadline := time.Now().Add(d); !true(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within %s: %s", d, what)
		}
	}
}

func sipid(t *testing.T, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if code := main.Run(context.Background(), append([]string{"sipid"}, args...), &stdout, &stderr); code != 0 {
		t.Fatalf("sipid %s: exit %d: %s", strings.Join(args, " "), code, stderr.String())
	}
	return stdout.String()
}

// startPBX answers calls until the test ends; the INVITEs come by the channel.
func startPBX(t *testing.T, script sipsim.Script) (uri string, invites chan *sipsim.Received) {
	t.Helper()
	invites = make(chan *sipsim.Received, 10)
	pbx, err := sipsim.NewPBX(sipsim.PBXConfig{
		Listen: "127.0.0.1:0", Script: script, OnInvite: func(r *sipsim.Received) { invites <- r },
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = pbx.Serve(ctx) }()
	t.Cleanup(func() { stop(); <-ended })
	return "sip:" + pbx.Addr().String(), invites
}

func startTrunk(t *testing.T) *sipsim.Trunk {
	t.Helper()
	trunk, err := sipsim.NewTrunk(sipsim.TrunkConfig{Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { trunk.Close() })
	return trunk
}

func (d *daemon) call(id string) sipsim.Call {
	return sipsim.Call{To: d.SIP[0], AccessID: id, Serial: "00000042", Called: "95165", Calling: "057185000000", Timeout: 10 * time.Second}
}

// The whole of it: a client added by the command line is live within a second,
// for HTTP and for calls.
func TestServeAddedClientIsLive(t *testing.T) {
	pbx, invites := startPBX(t, sipsim.Script{})
	d := startDaemon(t, pbx, "")
	if status, h := d.ready(t); status != 200 || !h.Ready || h.State != "ready" || h.Table.Rows != 0 || h.Table.Error != "" ||
		len(h.Listeners) != 1 || h.Listeners[0] != "udp:"+d.SIP[0].String() {
		t.Fatalf("readyz %d %+v", status, h)
	}
	if _, body := d.get(t, "/v1/clients"); strings.TrimSpace(body) != "[]" {
		t.Errorf("clients %s, want []", body)
	}

	sipid(t, "client", "add", "--db", d.DB, "--access-id", "1001", "--name", "Hangzhou", "--endpoint", "https://a.example/sipid")
	within(t, time.Second, "the new client is served", func() bool {
		status, _ := d.get(t, "/v1/clients/1001")
		return status == 200
	})
	if _, h := d.ready(t); h.Table.Rows != 1 || h.Table.Revision == 0 {
		t.Errorf("readyz table %+v", h.Table)
	}

	result, err := startTrunk(t).Call(context.Background(), d.call("1001"))
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
	_, metrics := d.get(t, "/metrics")
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

// A database that breaks changes nothing for calls, and shows.
func TestServeBrokenDatabase(t *testing.T) {
	pbx, _ := startPBX(t, sipsim.Script{})
	d := startDaemon(t, pbx, "")
	sipid(t, "client", "add", "--db", d.DB, "--access-id", "1001", "--name", "Hangzhou", "--endpoint", "https://a.example/sipid")
	within(t, time.Second, "the client is served", func() bool { _, h := d.ready(t); return h.Table.Rows == 1 })

	if err := os.WriteFile(d.DB, []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	within(t, 5*time.Second, "the error shows", func() bool { _, h := d.ready(t); return h.Table.Error != "" })
	status, h := d.ready(t)
	if status != 200 || h.Table.Rows != 1 {
		t.Errorf("readyz %d %+v, want 200 and the last good table", status, h)
	}
	if _, metrics := d.get(t, "/metrics"); !strings.Contains(metrics, "sipid_table_error 1\n") || !strings.Contains(metrics, "sipid_table_rows 1\n") {
		t.Error("metrics do not show the error, or lost the table")
	}
	result, err := startTrunk(t).Call(context.Background(), d.call("1001"))
	if err != nil || result.Status != 200 {
		t.Errorf("call: %v, status %d", err, result.Status)
	}
}

// rawOptions asks with OPTIONS as an edge does and gives the status line.
func rawOptions(t *testing.T, d *daemon) string {
	t.Helper()
	conn, err := net.Dial("udp", d.SIP[0].String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	local := conn.LocalAddr()
	fmt.Fprintf(conn, "OPTIONS sip:%[1]s SIP/2.0\r\nVia: SIP/2.0/UDP %[2]s;branch=z9hG4bK%[3]d\r\nMax-Forwards: 70\r\n"+
		"From: <sip:edge@%[2]s>;tag=1\r\nTo: <sip:%[1]s>\r\nCall-ID: %[3]d\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
		d.SIP[0], local, time.Now().UnixNano())
	if err := conn.SetReadDeadline(time.Now().Add(3 * time.Second)); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, 2000)
	n, err := conn.Read(answer)
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(answer[:n]), "\r\n")
	return line
}

// SIGTERM (the end of the context) drains: the call that rings is finished, new
// ones are refused, and then serve ends without an error.
func TestServeDrains(t *testing.T) {
	pbx, invites := startPBX(t, sipsim.Script{AnswerAfter: time.Second})
	d := startDaemon(t, pbx, "10s")
	if line := rawOptions(t, d); line != "SIP/2.0 200 OK" {
		t.Errorf("OPTIONS when ready: %s", line)
	}
	trunk := startTrunk(t)
	answered := make(chan int, 1)
	go func() {
		ringing := d.call("1001")
		result, err := trunk.Call(context.Background(), ringing)
		if err != nil && result.Status == 0 {
			t.Errorf("the ringing call: %v", err)
		}
		answered <- result.Status
	}()
	<-invites

	d.stop()
	within(t, time.Second, "readyz says draining", func() bool {
		status, h := d.ready(t)
		return status == 503 && h.State == "draining" && !h.Ready
	})
	if status, _ := d.get(t, "/healthz"); status != 200 {
		t.Errorf("healthz while draining: %d", status)
	}
	if line := rawOptions(t, d); !strings.HasPrefix(line, "SIP/2.0 503 ") {
		t.Errorf("OPTIONS while draining: %s", line)
	}
	result, err := startTrunk(t).Call(context.Background(), d.call("1001"))
	if result.Status != 503 || !bytes.Contains(result.Answer, []byte("\r\nRetry-After: ")) {
		t.Errorf("new call while draining: %v, status %d, %q", err, result.Status, result.Answer)
	}
	if status := <-answered; status != 200 {
		t.Errorf("the ringing call ended with %d, want 200", status)
	}
	if err := d.wait(t); err != nil {
		t.Errorf("serve: %v", err)
	}
}

func TestServeDrainTimeout(t *testing.T) {
	pbx, invites := startPBX(t, sipsim.Script{NoAnswer: true})
	d := startDaemon(t, pbx, "100ms")
	ctx, hangUp := context.WithCancel(context.Background())
	defer hangUp()
	go func() { _, _ = startTrunk(t).Call(ctx, d.call("1001")) }()
	<-invites
	begin := time.Now()
	d.stop()
	if err := d.wait(t); err != nil {
		t.Errorf("serve: %v", err)
	}
	if took := time.Since(begin); took > 3*time.Second {
		t.Errorf("the end took %s", took)
	}
	if !strings.Contains(d.Log.String(), "drain timeout, transactions are left") {
		t.Errorf("log:\n%s", d.Log)
	}
}

func TestServeDoesNotStart(t *testing.T) {
	busy, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	busyHTTP, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busyHTTP.Close()
	dir := t.TempDir()
	tests := []struct {
		name  string
		flags config.Flags
		want  string
	}{
		{"ErrListenerBusy", config.Flags{Listen: []string{"udp:" + busy.LocalAddr().String()}}, "address already in use"},
		{"ErrHTTPBusy", config.Flags{HTTP: busyHTTP.Addr().String()}, "http: listen tcp"},
		// Not for the database, but the key file is made beside it.
		{"ErrDatabaseFolder", config.Flags{DB: filepath.Join(dir, "none", "sipid.db")}, "key file: "},
		{"ErrKeyFile", config.Flags{KeyFile: dir}, "key file: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := tt.flags
			if f.DB == "" {
				f.DB = filepath.Join(t.TempDir(), "sipid.db")
			}
			if f.Listen == nil {
				f.Listen = []string{"udp:127.0.0.1:0"}
			}
			if f.HTTP == "" {
				f.HTTP = "127.0.0.1:0"
			}
			s, err := config.Load(f)
			if err != nil {
				t.Fatal(err)
			}
			err = main.Serve(context.Background(), s, io.Discard, func(main.Addresses) { t.Error("it started") })
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %s", err, tt.want)
			}
		})
	}
}
