package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	main "sipid/cmd/sipid"
	"sipid/daemon/daemontest"
	"sipid/internal/sipsim"
)

// drained is what a daemon says of its one target.
func drained(t *testing.T, d *daemontest.Daemon) bool {
	t.Helper()
	status, body := d.Get(t, "/v1/targets")
	var views []struct{ Drained bool }
	if err := json.Unmarshal([]byte(body), &views); err != nil || status != 200 || len(views) != 1 {
		t.Fatalf("targets %d %s", status, body)
	}
	return views[0].Drained
}

// What the command line writes a serve follows within a second, what the serve is
// told is in the file, and a restart changes neither.
func TestTargetDrainIsKept(t *testing.T) {
	target, _ := daemontest.StartPBX(t, sipsim.Script{})
	db := filepath.Join(t.TempDir(), "sipid.db")
	d := daemontest.StartOn(t, db, target, "")
	sipid(t, "target", "drain", target, "--db", db)
	daemontest.Within(t, time.Second, "the serve follows", func() bool { return drained(t, d) })
	restart := func() {
		t.Helper()
		d.Stop()
		if err := d.Wait(t); err != nil {
			t.Fatal(err)
		}
		d = daemontest.StartOn(t, db, target, "")
	}
	restart()
	if !drained(t, d) {
		t.Error("a restart forgot the drain")
	}
	url := "http://" + d.HTTP.String()
	sipid(t, "target", "enable", target, "--url", url)
	if drained(t, d) {
		t.Error("enable over HTTP did not hold at once")
	}
	restart()
	if drained(t, d) {
		t.Error("a restart forgot the enable")
	}
}

// Where no serve ever was nobody would follow: an error, and no file.
func TestTargetDrainElsewhere(t *testing.T) {
	folder := t.TempDir()
	var stdout, stderr bytes.Buffer
	status := main.Run(context.Background(), []string{"sipid", "target", "drain", "sip:127.0.0.1:5080", "--db", filepath.Join(folder, "sipid.db")}, &stdout, &stderr)
	left, err := os.ReadDir(folder)
	if status != 1 || !strings.Contains(stderr.String(), "no serve ever had the client table") || err != nil || len(left) != 0 {
		t.Errorf("exit %d, %q, left %v, %v", status, &stderr, left, err)
	}
}

// A file that is broken or gone drains nobody and enables nobody; one that is put
// in its place counts.
func TestTargetFileBroken(t *testing.T) {
	target, _ := daemontest.StartPBX(t, sipsim.Script{})
	db := filepath.Join(t.TempDir(), "sipid.db")
	file := strings.TrimSuffix(db, ".db") + "-targets.db"
	d := daemontest.StartOn(t, db, target, "")
	sipid(t, "target", "drain", target, "--db", db)
	daemontest.Within(t, time.Second, "the serve follows", func() bool { return drained(t, d) })
	for _, fault := range []func() error{
		func() error { return os.Rename(file, file+".away") },
		func() error { return os.WriteFile(file, []byte(strings.Repeat("garbage ", 1000)), 0o600) },
	} {
		if err := fault(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(750 * time.Millisecond) // three looks at the file
		if !drained(t, d) {
			t.Error("enabled without a word of the operator")
		}
	}
	if !strings.Contains(d.Log.String(), "targets database cannot be read") {
		t.Errorf("log:\n%s", d.Log)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	sipid(t, "target", "drain", target, "--db", db)
	sipid(t, "target", "enable", target, "--db", db)
	daemontest.Within(t, time.Second, "the new file counts", func() bool { return !drained(t, d) })
}
