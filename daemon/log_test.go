package daemon_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"sipid/config"
	"sipid/daemon"
)

// A pipe that nobody reads holds 64 KB; after that a plain writer blocks for ever.
func TestLogNobodyReads(t *testing.T) {
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	w := daemon.NewQueuedWriter(writer)
	registry := daemon.NewRegistry("test")
	daemon.RegisterLog(registry, w)
	log := slog.New(slog.NewTextHandler(w, nil))

	lines := 3 * daemon.LogQueueLength
	longest := time.Duration(0)
	for range lines {
		begin := time.Now()
		log.Info("a line that is long enough to fill the pipe before the queue is full")
		longest = max(longest, time.Since(begin))
	}
	if longest > time.Second {
		t.Errorf("a call would have waited %s", longest)
	}
	if w.Dropped() == 0 {
		t.Error("no line was dropped: the pipe was read")
	}
	want := fmt.Sprintf("# HELP sipid_log_dropped_total Log lines dropped because standard error was not read.\n"+
		"# TYPE sipid_log_dropped_total counter\nsipid_log_dropped_total %d\n", w.Dropped())
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "sipid_log_dropped_total"); err != nil {
		t.Error(err)
	}
	begin := time.Now()
	w.Close(50 * time.Millisecond)
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("Close took %s", took)
	}
	reader.Close() // lets the writing goroutine go
	writer.Close()
}

func TestLogKeepsOrderAndFlushes(t *testing.T) {
	var out bytes.Buffer
	w := daemon.NewQueuedWriter(&out)
	line := []byte("0\n")
	for i := range 100 {
		line[0] = byte('0' + i%10) // the writer must have copied the line
		if n, err := w.Write(line); n != 2 || err != nil {
			t.Fatalf("Write = %d, %v", n, err)
		}
	}
	w.Close(time.Second)
	if want := strings.Repeat("0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n", 10); out.String() != want {
		t.Errorf("wrote %q", out.String())
	}
	if w.Dropped() != 0 {
		t.Errorf("%d dropped", w.Dropped())
	}
}

func TestLogAfterClose(t *testing.T) {
	w := daemon.NewQueuedWriter(new(bytes.Buffer))
	var writers sync.WaitGroup
	for range 4 {
		writers.Go(func() {
			for range 1000 {
				_, _ = w.Write([]byte("x\n"))
			}
		})
	}
	w.Close(time.Second)
	writers.Wait()
	w.Close(time.Second)
	before := w.Dropped()
	if _, err := w.Write([]byte("late\n")); err != nil || w.Dropped() != before+1 {
		t.Errorf("a late line: %v, %d dropped", err, w.Dropped()-before)
	}
}

// Serving must go on when standard error is stuck, start and end included.
func TestServeWithStuckStandardError(t *testing.T) {
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	defer writer.Close()
	if err := writer.SetWriteDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	full := make(chan struct{})
	go func() { // fill the pipe to the brim
		defer close(full)
		_ = writer.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
		for {
			if _, err := writer.Write(make([]byte, 512)); err != nil {
				return
			}
		}
	}()
	<-full
	if err := writer.SetWriteDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	s, err := config.Load(config.Flags{
		DB: t.TempDir() + "/sipid.db", Listen: []string{"udp:127.0.0.1:0"}, HTTP: "127.0.0.1:0", LogLevel: "debug",
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	ended := make(chan error, 1)
	go func() {
		ended <- daemon.Serve(ctx, daemon.Options{Settings: s, Log: writer, Started: func(daemon.Addresses) { stop() }})
	}()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(15 * time.Second):
		t.Fatal("serve is stuck")
	}
}
