package screenpop

import (
	"context"
	"strings"
	"time"
)

// Showing is one look at a pop: an entry of the audit log. The user's data are
// not in it, and of the serial only the end.
type Showing struct {
	At       time.Time
	Who      string // who looked: an extension, or "local" where nobody signs in
	Agent    string // whose pop it was
	CallID   string
	AccessID string // empty: a call that was not identified
	Serial   string // masked
	Data     bool   // whether the user's data were on it
}

// AuditStore keeps showings. It may be used by several goroutines at once.
type AuditStore interface {
	// AppendShowings keeps all of them, on disk when it returns, or none.
	AppendShowings(ctx context.Context, list []Showing) error
	// Showings gives what an agent's pops were shown, or all when agent is empty,
	// newest first, at most limit of them (0: all). Of two at the same time the
	// one appended later comes first.
	Showings(ctx context.Context, agent string, limit int) ([]Showing, error)
}

const (
	auditQueue    = 8192
	auditBatch    = 512
	auditPatience = time.Second // of a stream, for room in the queue
	auditTries    = 3
	auditPause    = time.Second // between tries
	auditFlush    = 2 * time.Second
)

// mask leaves the last three digits of a serial, and fewer of a short one: enough
// to find the row at the client system, too little to claim it.
func mask(serial string) string {
	shown := min(3, len(serial)/2)
	return strings.Repeat("*", len(serial)-shown) + serial[len(serial)-shown:]
}

// show queues an entry before the pop is shown. While the queue is full this one
// stream waits; it does not wait for ever, as an agent with a caller on the line
// must not sit before an empty screen because a disk is dead.
func (s *Service) show(ctx context.Context, e Showing) {
	if s.o.Audit == nil {
		return
	}
	select {
	case s.showings <- e:
		return
	default:
	}
	wait := time.NewTimer(auditPatience)
	defer wait.Stop()
	select {
	case s.showings <- e:
	case <-wait.C:
		s.metrics.lost.Inc()
	case <-ctx.Done():
		s.metrics.lost.Inc()
	}
}

// writeShowings brings the queue to the store until ctx is done, then what is
// left of it.
func (s *Service) writeShowings(ctx context.Context) {
	for {
		select {
		case e := <-s.showings:
			s.append(ctx, s.batch(e))
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), auditFlush)
			defer cancel()
			for {
				select {
				case e := <-s.showings:
					s.append(last, s.batch(e))
				default:
					return
				}
			}
		}
	}
}

// batch takes what is queued behind the first.
func (s *Service) batch(first Showing) []Showing {
	list := []Showing{first}
	for len(list) < auditBatch {
		select {
		case e := <-s.showings:
			list = append(list, e)
		default:
			return list
		}
	}
	return list
}

func (s *Service) append(ctx context.Context, list []Showing) {
	var err error
	for try := range auditTries {
		if try > 0 && !sleep(ctx, auditPause) {
			break
		}
		if err = s.o.Audit.AppendShowings(ctx, list); err == nil {
			return
		}
	}
	s.metrics.lost.Add(float64(len(list)))
	s.o.Log.Error("audit log cannot be written", "entries_lost", len(list), "err", err)
}

// sleep waits, and says whether ctx still goes on.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
