package sqlite

import (
	"context"
	"database/sql"
	"time"
)

// checkpointEvery is how often pages are moved from the write-ahead log to the
// database file.
const checkpointEvery = time.Second

const (
	// restartFrames is the length of the log, in pages of 4 KB, from which on
	// it has to begin anew.
	restartFrames = 8192
	// fewFrames is what may be left for the committer to move: with some
	// thousand its fsync would hold commits up for a tenth of a second.
	fewFrames = 64
	// passes bounds how often the checkpointer goes over what came meanwhile.
	passes = 10
)

// checkpointer moves pages beside the commits. While they go on it never gets
// to the end of the log, and so the log would grow for ever: once it is long,
// the committer moves what is left, between two commits.
//
// SQLite forces the database file out only at the end of the log, that is, in
// the committer, and all that was moved since the log began: a tenth of a second
// and more. So the checkpointer does it after each of its own turns.
type checkpointer struct {
	pool    *sql.DB
	file    *flusher
	written bool     // since the last one was started
	running bool     // one is on its way
	frames  chan int // the length of the log that it met; has room for one
}

func newCheckpointer(pool *sql.DB, file *flusher) *checkpointer {
	return &checkpointer{pool: pool, file: file, frames: make(chan int, 1)}
}

// start starts a checkpoint where there is something to move.
func (c *checkpointer) start() {
	if c.running || !c.written {
		return
	}
	c.running, c.written = true, false
	go func() {
		ctx := context.Background()
		conn, err := c.pool.Conn(ctx)
		if err != nil {
			c.frames <- 0
			return
		}
		frames, before := 0, 0
		for range passes {
			moved := 0
			frames, moved = checkpoint(ctx, conn)
			c.file.flush()
			if frames <= restartFrames || moved-before < fewFrames {
				break
			}
			before = moved
		}
		conn.Close()
		c.frames <- frames
	}()
}

// finish takes the result of a checkpoint. What was written while it ran is
// little; once that is moved too, the next write begins the log anew.
func (c *checkpointer) finish(frames int, conn *sql.Conn) {
	c.running = false
	if frames > restartFrames {
		checkpoint(context.Background(), conn)
	}
}

// wait waits for the one that is on its way.
func (c *checkpointer) wait() {
	if c.running {
		<-c.frames
	}
}

// checkpoint moves what it can without waiting for anybody, and says how long
// the log is and how much of it has been moved. An error is left to the next
// commit, which meets the same disk: until then the pages are in the log, as
// durable as in the file.
func checkpoint(ctx context.Context, conn *sql.Conn) (frames, moved int) {
	var busy int
	err := conn.QueryRowContext(ctx, `PRAGMA wal_checkpoint(PASSIVE)`).Scan(&busy, &frames, &moved)
	if err != nil {
		return 0, 0
	}
	return frames, moved
}
