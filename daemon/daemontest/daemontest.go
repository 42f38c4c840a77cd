// Package daemontest runs a whole serve in a test's process, with an agent PBX
// behind it and a platform that calls in front. Start with StartPBX, then Start.
package daemontest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"sipid/api"
	"sipid/config"
	"sipid/daemon"
	"sipid/internal/sipsim"
)

// Buffer takes the log of a daemon while a test reads it.
type Buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (b *Buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

// String is what was written so far.
func (b *Buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// Daemon is a serve in this process, on ports the kernel picked.
type Daemon struct {
	daemon.Addresses
	DB    string
	Log   *Buffer
	Stop  context.CancelFunc // has it drain and end
	ended chan error
}

// Start serves until the test ends, or until Stop: one listener, the PBX at the
// SIP URI pbx; drain as the flag has it, empty for its default.
func Start(t *testing.T, pbx string, drain string) *Daemon {
	t.Helper()
	return StartOn(t, filepath.Join(t.TempDir(), "sipid.db"), pbx, drain)
}

// StartOn is Start with a database that is there already.
func StartOn(t *testing.T, db, pbx, drain string) *Daemon {
	t.Helper()
	d := &Daemon{DB: db, Log: new(Buffer), ended: make(chan error, 1)}
	s, err := config.Load(config.Flags{
		DB: d.DB, Listen: []string{"udp:127.0.0.1:0"}, PBX: []string{pbx}, HTTP: "127.0.0.1:0", Drain: drain,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	d.Stop = stop
	started := make(chan daemon.Addresses, 1)
	go func() {
		d.ended <- daemon.Serve(ctx, daemon.Options{Settings: s, Log: d.Log, Started: func(a daemon.Addresses) { started <- a }})
	}()
	select {
	case d.Addresses = <-started:
	case err := <-d.ended:
		t.Fatalf("serve ended: %v", err)
	}
	t.Cleanup(func() {
		stop()
		if err := d.Wait(t); err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return d
}

// Wait waits for the end and gives it again to whoever asks next.
func (d *Daemon) Wait(t *testing.T) error {
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

// Get asks over HTTP, and gives status and body.
func (d *Daemon) Get(t *testing.T, path string) (int, string) {
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

// Ready is what /readyz says.
func (d *Daemon) Ready(t *testing.T) (int, api.Health) {
	t.Helper()
	status, body := d.Get(t, "/readyz")
	var h api.Health
	if err := json.Unmarshal([]byte(body), &h); err != nil {
		t.Fatalf("readyz %s: %v", body, err)
	}
	return status, h
}

// Within waits until true, and fails after d.
func Within(t *testing.T, d time.Duration, what string, true func() bool) {
	t.Helper()
	for deadline := time.Now().Add(d); !true(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within %s: %s", d, what)
		}
	}
}

// StartPBX answers calls until the test ends; the INVITEs come by the channel.
func StartPBX(t *testing.T, script sipsim.Script) (uri string, invites chan *sipsim.Received) {
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

// StartTrunk is a platform that calls, until the test ends.
func StartTrunk(t *testing.T) *sipsim.Trunk {
	t.Helper()
	trunk, err := sipsim.NewTrunk(sipsim.TrunkConfig{Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { trunk.Close() })
	return trunk
}

// Call is one to the daemon, with this access ID and serial 00000042.
func (d *Daemon) Call(id string) sipsim.Call {
	return sipsim.Call{To: d.SIP[0], AccessID: id, Serial: "00000042", Called: "95165", Calling: "057185000000", Timeout: 10 * time.Second}
}
