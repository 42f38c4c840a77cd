package daemon

import (
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// logQueueLength bounds the lines that wait for a slow standard error. At 200
// octets a line a full queue holds some 800 KB.
const logQueueLength = 4096

// queuedWriter hands lines to another goroutine and never waits for it: when
// standard error is a pipe that nobody reads, lines are dropped and counted,
// and calls go on.
type queuedWriter struct {
	queue   chan []byte
	dropped atomic.Uint64
	done    chan struct{}

	mu     sync.RWMutex
	closed bool
}

// newQueuedWriter starts writing to out. Close ends it.
func newQueuedWriter(out io.Writer) *queuedWriter {
	w := &queuedWriter{queue: make(chan []byte, logQueueLength), done: make(chan struct{})}
	go func() {
		defer close(w.done)
		for line := range w.queue {
			_, _ = out.Write(line) // a log that cannot be written has nowhere to say so
		}
	}()
	return w
}

// Write queues a copy of one line. It never fails and never blocks.
func (w *queuedWriter) Write(line []byte) (int, error) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		w.dropped.Add(1)
		return len(line), nil
	}
	select {
	case w.queue <- append([]byte(nil), line...):
	default:
		w.dropped.Add(1)
	}
	return len(line), nil
}

// Dropped is the number of lines that were lost.
func (w *queuedWriter) Dropped() uint64 { return w.dropped.Load() }

// Close writes what is queued, for at most patience: a reader that is stuck
// must not keep the process from ending.
func (w *queuedWriter) Close(patience time.Duration) {
	w.mu.Lock()
	if !w.closed {
		w.closed = true
		close(w.queue)
	}
	w.mu.Unlock()
	select {
	case <-w.done:
	case <-time.After(patience):
	}
}

// newLogger writes records as lines of text or as JSON objects.
func newLogger(out io.Writer, level slog.Level, asJSON bool) *slog.Logger {
	options := &slog.HandlerOptions{Level: level}
	if asJSON {
		return slog.New(slog.NewJSONHandler(out, options))
	}
	return slog.New(slog.NewTextHandler(out, options))
}
