package screenpop

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

// DataStatus says what there is of the user's data.
type DataStatus string

// The states of the data.
const (
	DataNone    DataStatus = "none"    // not identified, or without a serial: there is nothing to ask for
	DataLater   DataStatus = "later"   // they are fetched when the configured moment comes
	DataPending DataStatus = "pending" // on their way
	DataOK      DataStatus = "ok"
	DataFailed  DataStatus = "failed"  // Reason says why
	DataDropped DataStatus = "dropped" // the call is over and they were forgotten
)

// Data is the user's data on a pop, or why there are none.
type Data struct {
	Status DataStatus `json:"status"`
	Reason Reason     `json:"reason"`
	Retry  bool       `json:"retry"` // asking again is possible
	Fields []Field    `json:"fields"`
}

// maxClaims is how often a call's data are asked for. A client system counts
// serials that are not there and locks out who asks for many: one agent at the
// button must not do that to all others.
const maxClaims = 10

// userData are a call's data. fields is never changed, only replaced.
type userData struct {
	status DataStatus
	reason Reason
	fields []Field
}

// view is what an agent may see: who handed the call on has no business with
// data that came later, and keeps none.
func (d *userData) view(p *pop) Data {
	if p.state == StateMoved {
		return Data{Status: DataDropped, Fields: []Field{}}
	}
	v := Data{Status: d.status, Reason: d.reason, Fields: d.fields}
	v.Retry = (d.status == DataFailed || d.status == DataLater) && p.call.claims < maxClaims
	if v.Fields == nil {
		v.Fields = []Field{}
	}
	return v
}

func (s *Service) dataAtStart(c *Call) DataStatus {
	if s.o.Claimer == nil || !c.claimable() {
		return DataNone
	}
	return DataLater
}

// claimFirst has a call's data fetched if that was never tried: what failed is
// tried again when an agent asks, and not because the call goes on.
func (s *Service) claimFirst(c *call) {
	if c.data.status == DataLater {
		_ = s.claim(c) // nothing to claim is no fault here
	}
}

// claim has a call's data fetched, unless they are there or on their way.
func (s *Service) claim(c *call) error {
	if c.gone || c.claims >= maxClaims || c.data.status != DataLater && c.data.status != DataFailed {
		return ErrNothingToClaim
	}
	select {
	case s.claims <- c:
		c.claims++
		c.data = userData{status: DataPending}
	default:
		c.data = userData{status: DataFailed, reason: ReasonQueueFull}
		s.metrics.claims.WithLabelValues(string(ReasonQueueFull)).Inc()
	}
	return nil
}

// Retry has the data of an agent's pop claimed again.
func (s *Service) Retry(agent, popID string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.desks[agent]
	if d == nil {
		return ErrNoPop
	}
	for _, p := range d.pops {
		if p.id != popID {
			continue
		}
		if p.state == StateMoved {
			return ErrNothingToClaim
		}
		if err := s.claim(p.call); err != nil {
			return err
		}
		s.dataChanged(p.call)
		return nil
	}
	return ErrNoPop
}

// dataChanged tells all agents of a call.
func (s *Service) dataChanged(c *call) {
	for _, p := range c.pops {
		if p.state != StateMoved {
			s.changed(p, "data")
		}
	}
}

func (s *Service) claimLoop(ctx context.Context) {
	for {
		select {
		case c := <-s.claims:
			s.claimNow(ctx, c)
		case <-ctx.Done():
			return
		}
	}
}

// claimNow is one claim, without the lock while it waits.
func (s *Service) claimNow(ctx context.Context, c *call) {
	what := Claim{AccessID: c.known.AccessID, Endpoint: c.known.Endpoint, Serial: c.known.Serial, CallID: c.id}
	started := time.Now()
	limited, cancel := context.WithTimeout(ctx, s.o.Limits.Claim)
	defer cancel()
	raw, err := s.o.Claimer.Claim(limited, what)
	data := s.fetched(&what, raw, err)
	s.metrics.claimTime.Observe(time.Since(started).Seconds())
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.gone {
		return
	}
	c.data = data
	s.dataChanged(c)
}

// newsEvery is how often the log says that a client system's data fail for the
// same reason: the metric counts every time.
const newsEvery = time.Minute

// news tells whether a failure is worth a line in the log.
func (s *Service) news(accessID string, reason Reason) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := accessID + " " + string(reason)
	now := time.Now()
	if now.Sub(s.told[key]) < newsEvery {
		return false
	}
	if len(s.told) > 10000 {
		clear(s.told) // better a line twice than memory without bound
	}
	s.told[key] = now
	return true
}

func (s *Service) fetched(what *Claim, raw json.RawMessage, err error) userData {
	var fields []Field
	if err == nil {
		fields, err = parseFields(raw)
	}
	if err == nil {
		s.metrics.claims.WithLabelValues("ok").Inc()
		return userData{status: DataOK, fields: fields}
	}
	reason := reasonOf(err)
	s.metrics.claims.WithLabelValues(reason.label()).Inc()
	if !errors.Is(err, context.Canceled) && s.news(what.AccessID, reason) {
		s.o.Log.Warn("no user data", "access_id", what.AccessID, "call_id", what.CallID, "reason", string(reason))
	}
	return userData{status: DataFailed, reason: reason}
}
