package daemon_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sipid/daemon/daemontest"
	"sipid/internal/sipsim"
	"sipid/sqlite"
)

// A start with a broken database takes calls: without names when there never
// was a table, with those of the last good one when there was.
func TestServeStartsWithBrokenDatabase(t *testing.T) {
	garbage := []byte(strings.Repeat("garbage ", 1000))
	faults := map[string]func(t *testing.T, db string){
		"Garbage": func(t *testing.T, db string) { write(t, db, garbage) },
		"Cut":     func(t *testing.T, db string) { write(t, db, read(t, db)[:5000]) },
		"Empty":   func(t *testing.T, db string) { write(t, db, nil) },
		"Deleted": func(t *testing.T, db string) {
			if err := os.Remove(db); err != nil {
				t.Fatal(err)
			}
		},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) { // one after the other: the CLI library's own help flag is one for all apps
			pbx, invites := daemontest.StartPBX(t, sipsim.Script{})
			db := filepath.Join(t.TempDir(), "sipid.db")
			addClient(t, db)
			good := read(t, db)
			first := daemontest.StartOn(t, db, pbx, "")
			daemontest.Within(t, 5*time.Second, "the copy is there", func() bool { _, err := os.Stat(sqlite.LastGood(db)); return err == nil })
			first.Stop()
			if err := first.Wait(t); err != nil {
				t.Fatal(err)
			}
			fault(t, db)
			d := daemontest.StartOn(t, db, pbx, "")
			if line := rawOptions(t, d); line != "SIP/2.0 200 OK" {
				t.Errorf("OPTIONS: %s", line)
			}
			status, h := d.Ready(t)
			if status != 200 || h.Table.Rows != 1 || h.Table.Error == "" {
				t.Errorf("readyz %d %+v, want 200, the row of the copy and an error", status, h)
			}
			if _, metrics := d.Get(t, "/metrics"); !strings.Contains(metrics, "sipid_table_error 1\n") {
				t.Error("no alarm")
			}
			callAs(t, d, invites, "resolved")
			write(t, db, good)
			daemontest.Within(t, 5*time.Second, "the repaired file is taken", func() bool { _, h := d.Ready(t); return h.Table.Error == "" })
		})
	}
}

func TestServeStartsWithoutTable(t *testing.T) {
	pbx, invites := daemontest.StartPBX(t, sipsim.Script{})
	db := filepath.Join(t.TempDir(), "sipid.db")
	write(t, db, []byte(strings.Repeat("garbage ", 1000)))
	// What goes for the table goes for the audit log.
	if err := os.Mkdir(strings.TrimSuffix(db, ".db")+"-events.db", 0o700); err != nil {
		t.Fatal(err)
	}
	d := daemontest.StartOn(t, db, pbx, "")
	if status, h := d.Ready(t); status != 200 || h.Table.Error == "" {
		t.Errorf("readyz %d %+v, want 200 and an error", status, h)
	}
	if !strings.Contains(d.Log.String(), "serving without a client table") {
		t.Errorf("log:\n%s", d.Log)
	}
	if !strings.Contains(d.Log.String(), "there is no audit log") {
		t.Errorf("log:\n%s", d.Log)
	}
	callAs(t, d, invites, "unknown-access-id")
	if err := os.Remove(db); err != nil {
		t.Fatal(err)
	}
	addClient(t, db)
	daemontest.Within(t, 5*time.Second, "the table is there", func() bool { _, h := d.Ready(t); return h.Table.Rows == 1 && h.Table.Error == "" })
	callAs(t, d, invites, "resolved")
}

// callAs makes a call and wants it at the PBX with this status.
func callAs(t *testing.T, d *daemontest.Daemon, invites chan *sipsim.Received, want string) {
	t.Helper()
	result, err := daemontest.StartTrunk(t).Call(context.Background(), d.Call("1001"))
	if err != nil || result.Status != 200 {
		t.Fatalf("call: %v, status %d", err, result.Status)
	}
	if got, _ := (<-invites).Value("X-Identify-Status"); got != want {
		t.Errorf("X-Identify-Status is %q, want %q", got, want)
	}
}

// systemd is told when calls are taken, at intervals that all is well, and of
// the end.
func TestServeNotifies(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	t.Setenv("NOTIFY_SOCKET", socket)
	t.Setenv("WATCHDOG_USEC", "300000")
	next := func() string {
		_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
		b := make([]byte, 1000)
		n, err := conn.Read(b)
		if err != nil {
			t.Fatal(err)
		}
		return string(b[:n])
	}
	const ready = "\nSTATUS=ready, 0 clients, 0 transactions"
	pbx, _ := daemontest.StartPBX(t, sipsim.Script{})
	d := daemontest.Start(t, pbx, "")
	for i, want := range []string{"READY=1" + ready, "WATCHDOG=1" + ready, "WATCHDOG=1" + ready} {
		if got := next(); got != want {
			t.Fatalf("message %d is %q, want %q", i, got, want)
		}
	}
	d.Stop()
	for end := time.Now().Add(5 * time.Second); ; {
		if got := next(); got == "STOPPING=1\nSTATUS=draining, 0 clients, 0 transactions" {
			break
		} else if !strings.HasPrefix(got, "WATCHDOG=1\n") || time.Now().After(end) {
			t.Fatalf("got %q, want STOPPING=1", got)
		}
	}
	if err := d.Wait(t); err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func write(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}
