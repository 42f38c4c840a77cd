package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"sipid/vas"
)

// maxTogether bounds how many writes share a commit.
const maxTogether = 256

// vasJob is one write on its way. Its context ends the waiting, not the write.
type vasJob struct {
	ctx  context.Context
	run  func(*vasCommitter) error
	done chan error // has room for one
}

// vasCommitter owns the writing connection.
type vasCommitter struct {
	conn *sql.Conn

	space, lease, next, insert, bind, find, delete, expire *sql.Stmt
}

func newVASCommitter(ctx context.Context, pool *sql.DB) (*vasCommitter, error) {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, err
	}
	c := &vasCommitter{conn: conn}
	// The checkpointer moves pages to the database file; otherwise every now
	// and then a commit would have to do it.
	if _, err := conn.ExecContext(ctx, `PRAGMA wal_autocheckpoint = 0`); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	for _, p := range []struct {
		stmt **sql.Stmt
		text string
	}{
		{&c.space, vasSpace}, {&c.lease, vasLease}, {&c.next, vasNext}, {&c.insert, vasInsert}, {&c.bind, vasBind},
		{&c.find, vasFind}, {&c.delete, vasDelete}, {&c.expire, vasExpire},
	} {
		if *p.stmt, err = conn.PrepareContext(ctx, p.text); err != nil {
			c.close()
			return nil, err
		}
	}
	return c, nil
}

// close closes the statements too: those of one connection are not closed with
// it, and with a statement left the connection would stay open unseen and the
// write-ahead log behind.
func (c *vasCommitter) close() {
	for _, stmt := range []*sql.Stmt{c.space, c.lease, c.next, c.insert, c.bind, c.find, c.delete, c.expire} {
		if stmt != nil {
			_ = stmt.Close()
		}
	}
	_ = c.conn.Close()
}

// nextCounter is the first counter of the space that was not leased yet.
func (c *vasCommitter) nextCounter(digits int) (uint64, error) {
	var next int64
	err := c.next.QueryRow(digits).Scan(&next)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return uint64(next), err
}

// submit has a write done with the next commit, and waits for that.
func (s *VASStore) submit(ctx context.Context, run func(*vasCommitter) error) error {
	job := &vasJob{ctx: ctx, run: run, done: make(chan error, 1)}
	select {
	case s.jobs <- job:
	case <-ctx.Done():
		return ctx.Err()
	case <-s.closing:
		return vas.ErrClosed
	}
	select {
	case err := <-job.done:
		return storeError(ctx, err)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// run commits until the store is closed. While a commit waits for the disk, the
// writes that come next wait at s.jobs: they are the next commit.
func (s *VASStore) run(c *vasCommitter) {
	defer c.close()
	look := time.NewTicker(checkpointEvery)
	defer look.Stop()
	check := newCheckpointer(s.check, s.file)
	defer check.wait()
	for {
		select {
		case <-s.closing:
			return
		case job := <-s.jobs:
			c.commit(s.collect(job))
			check.written = true
		case <-look.C:
			check.start()
		case frames := <-check.frames:
			check.finish(frames, c.conn)
		}
	}
}

// collect takes what waits already, and waits for nothing more.
func (s *VASStore) collect(first *vasJob) []*vasJob {
	batch := []*vasJob{first}
	for len(batch) < maxTogether {
		select {
		case job := <-s.jobs:
			batch = append(batch, job)
		default:
			return batch
		}
	}
	return batch
}

// commit does the writes of a batch in one transaction. An answer of one (a
// serial is taken, say) changes nothing for the others; a fault of the database
// is everybody's.
func (c *vasCommitter) commit(batch []*vasJob) {
	ctx := context.Background() // not one of theirs
	answers := make([]error, len(batch))
	err := c.transact(ctx, batch, answers)
	if err != nil {
		// After some faults SQLite has rolled back by itself; then this fails.
		_, _ = c.conn.ExecContext(ctx, `ROLLBACK`)
	}
	for i, job := range batch {
		if err != nil {
			answers[i] = err
		}
		job.done <- answers[i]
	}
}

func (c *vasCommitter) transact(ctx context.Context, batch []*vasJob, answers []error) error {
	if _, err := c.conn.ExecContext(ctx, `BEGIN IMMEDIATE`); err != nil {
		return err
	}
	for i, job := range batch {
		if answers[i] = job.ctx.Err(); answers[i] != nil {
			continue // nobody waits for it any more
		}
		if err := job.run(c); err != nil && !isAnswer(err) {
			return err
		} else {
			answers[i] = err
		}
	}
	_, err := c.conn.ExecContext(ctx, `COMMIT`)
	return err
}

// isAnswer tells what a write was answered from what went wrong with it.
func isAnswer(err error) bool {
	for _, answer := range []error{vas.ErrTaken, vas.ErrStale, vas.ErrNotFound, vas.ErrClaimed} {
		if errors.Is(err, answer) {
			return true
		}
	}
	return false
}
