package sqlite

import (
	"context"
	"database/sql"
	"time"
)

// checkpointEvery is how often pages are moved from the write-ahead log to the
// database file.
const checkpointEvery = time.Second

// restartFrames is the length of the log, in pages of 4 KB, from which on the
// committer itself takes over what is left, so that the log begins anew.
const restartFrames = 4096

// checkpointer moves pages beside the commits. While they go on it never gets
// to the end of the log, and so the log would grow for ever: once it is long,
// one short checkpoint runs between two commits.
type checkpointer struct {
	pool    *sql.DB
	written bool          // since the last tick
	running chan struct{} // closed when none is running
	frames  int           // of the log at the last one; read when none is running
}

func newCheckpointer(pool *sql.DB) *checkpointer {
	c := &checkpointer{pool: pool, running: make(chan struct{})}
	close(c.running)
	return c
}

// tick starts a checkpoint where there is something to move.
func (c *checkpointer) tick(committer *vasCommitter) {
	select {
	case <-c.running:
	default:
		return
	}
	if c.frames > restartFrames {
		// Nearly all of it has been moved; the next write starts a new log.
		checkpoint(committer.conn)
		c.frames = 0
		return
	}
	if !c.written {
		return
	}
	c.written = false
	c.running = make(chan struct{})
	go func() {
		defer close(c.running)
		conn, err := c.pool.Conn(context.Background())
		if err != nil {
			return
		}
		defer conn.Close()
		c.frames = checkpoint(conn)
	}()
}

func (c *checkpointer) wait() { <-c.running }

// checkpoint moves what it can without waiting for anybody. An error is left to
// the next commit, which meets the same disk: until then the pages are in the
// log, as durable as in the file.
func checkpoint(conn *sql.Conn) int {
	var busy, frames, moved int
	err := conn.QueryRowContext(context.Background(), `PRAGMA wal_checkpoint(PASSIVE)`).Scan(&busy, &frames, &moved)
	if err != nil {
		return 0
	}
	return frames
}
