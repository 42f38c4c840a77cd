package daemon_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sipid/config"
	"sipid/daemon"
	"sipid/daemon/daemontest"
	"sipid/internal/sipsim"
	"sipid/router"
	"sipid/sqlite"
)

// addClient puts a client into the table of db, as the command line does.
func addClient(t *testing.T, db string) {
	t.Helper()
	s, err := sqlite.Open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	err = s.AddClient(t.Context(), router.Client{
		AccessID: "1001", Name: "Hangzhou", Endpoint: "https://a.example/sipid",
		SerialDigits: router.DefaultSerialDigits, PBX: router.DefaultGroupName, Enabled: true,
	}, "test")
	if err != nil {
		t.Fatal(err)
	}
}

// A database that breaks changes nothing for calls, and shows.
func TestServeBrokenDatabase(t *testing.T) {
	pbx, _ := daemontest.StartPBX(t, sipsim.Script{})
	d := daemontest.Start(t, pbx, "")
	addClient(t, d.DB)
	daemontest.Within(t, time.Second, "the client is served", func() bool { _, h := d.Ready(t); return h.Table.Rows == 1 })

	if err := os.WriteFile(d.DB, []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	daemontest.Within(t, 5*time.Second, "the error shows", func() bool { _, h := d.Ready(t); return h.Table.Error != "" })
	status, h := d.Ready(t)
	if status != 200 || h.Table.Rows != 1 {
		t.Errorf("readyz %d %+v, want 200 and the last good table", status, h)
	}
	if _, metrics := d.Get(t, "/metrics"); !strings.Contains(metrics, "sipid_table_error 1\n") || !strings.Contains(metrics, "sipid_table_rows 1\n") {
		t.Error("metrics do not show the error, or lost the table")
	}
	result, err := daemontest.StartTrunk(t).Call(context.Background(), d.Call("1001"))
	if err != nil || result.Status != 200 {
		t.Errorf("call: %v, status %d", err, result.Status)
	}
}

// rawOptions asks with OPTIONS as an edge does and gives the status line.
func rawOptions(t *testing.T, d *daemontest.Daemon) string {
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
	pbx, invites := daemontest.StartPBX(t, sipsim.Script{AnswerAfter: time.Second})
	d := daemontest.Start(t, pbx, "10s")
	if line := rawOptions(t, d); line != "SIP/2.0 200 OK" {
		t.Errorf("OPTIONS when ready: %s", line)
	}
	trunk := daemontest.StartTrunk(t)
	answered := make(chan int, 1)
	go func() {
		ringing := d.Call("1001")
		result, err := trunk.Call(context.Background(), ringing)
		if err != nil && result.Status == 0 {
			t.Errorf("the ringing call: %v", err)
		}
		answered <- result.Status
	}()
	<-invites

	d.Stop()
	daemontest.Within(t, time.Second, "readyz says draining", func() bool {
		status, h := d.Ready(t)
		return status == 503 && h.State == "draining" && !h.Ready
	})
	if status, _ := d.Get(t, "/healthz"); status != 200 {
		t.Errorf("healthz while draining: %d", status)
	}
	if line := rawOptions(t, d); !strings.HasPrefix(line, "SIP/2.0 503 ") {
		t.Errorf("OPTIONS while draining: %s", line)
	}
	result, err := daemontest.StartTrunk(t).Call(context.Background(), d.Call("1001"))
	if result.Status != 503 || !bytes.Contains(result.Answer, []byte("\r\nRetry-After: ")) {
		t.Errorf("new call while draining: %v, status %d, %q", err, result.Status, result.Answer)
	}
	if status := <-answered; status != 200 {
		t.Errorf("the ringing call ended with %d, want 200", status)
	}
	if err := d.Wait(t); err != nil {
		t.Errorf("serve: %v", err)
	}
}

func TestServeDrainTimeout(t *testing.T) {
	pbx, invites := daemontest.StartPBX(t, sipsim.Script{NoAnswer: true})
	d := daemontest.Start(t, pbx, "100ms")
	ctx, hangUp := context.WithCancel(context.Background())
	defer hangUp()
	go func() { _, _ = daemontest.StartTrunk(t).Call(ctx, d.Call("1001")) }()
	<-invites
	begin := time.Now()
	d.Stop()
	if err := d.Wait(t); err != nil {
		t.Errorf("serve: %v", err)
	}
	if took := time.Since(begin); took > 20*time.Second {
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
			err = daemon.Serve(context.Background(), daemon.Options{Settings: s, Log: io.Discard, Started: func(daemon.Addresses) { t.Error("it started") }})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %s", err, tt.want)
			}
		})
	}
}
