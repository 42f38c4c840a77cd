package screenpop

import (
	"time"
)

// call is a call that is followed.
type call struct {
	id       string
	known    Call
	started  time.Time
	answered time.Time
	ended    time.Time
	active   time.Time // of the last event
	byPBX    bool      // the PBX's own events say who has it
	pops     []*pop    // of all agents, in the order they first rang
	data     userData
	claims   int  // how often they were asked for
	gone     bool // forgotten: a claim that comes late is thrown away
}

func (c *call) live() bool { return c.ended.IsZero() }

func (c *call) popOf(agent string) *pop {
	for _, p := range c.pops {
		if p.agent == agent {
			return p
		}
	}
	return nil
}

// only gives the agent of the one pop in a state; empty when there are several.
func (c *call) only(state string) string {
	found := ""
	for _, p := range c.pops {
		if p.state == state {
			if found != "" {
				return ""
			}
			found = p.agent
		}
	}
	return found
}

// maxPops bounds the agents of one call that may ring one after the other.
const maxPops = 64

// handle applies an event.
func (s *Service) handle(e *Event) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.At.IsZero() {
		e.At = time.Now()
	}
	if e.Kind == EventIdentified {
		return s.onIdentified(e)
	}
	c := s.calls[e.CallID]
	if c == nil || !c.live() {
		return ErrNoCall
	}
	c.active = e.At
	agent := e.Extension
	switch {
	case agent != "":
		if !s.access.known(agent) {
			return ErrUnknownAgent
		}
		c.byPBX = true
	case !c.byPBX:
		agent = s.extension(&e.Agent)
	}
	switch e.Kind {
	case EventRinging:
		s.onRinging(c, agent, e.At)
	case EventAnswered:
		s.onAnswered(c, agent, e.At)
	case EventMoved:
		s.onMoved(c, agent, e.At)
	case EventEnded:
		s.onEnded(c, agent, e.At)
	}
	return nil
}

func (s *Service) onIdentified(e *Event) error {
	if old := s.calls[e.CallID]; old != nil {
		if old.live() {
			return nil // an INVITE sent again, or to another target
		}
		old.gone = true
	} else if len(s.calls) >= s.o.Limits.Calls && !s.forgetOldest() {
		s.metrics.dropped.Inc()
		return nil
	}
	c := &call{id: e.CallID, known: *e.Call, started: e.At, active: e.At}
	c.data.status = s.dataAtStart(&c.known)
	s.calls[c.id] = c
	s.wall.identified(&c.known, e.At)
	if s.o.ClaimAt == ClaimAtInvite {
		s.claimFirst(c)
	}
	return nil
}

func (s *Service) onRinging(c *call, agent string, at time.Time) {
	if agent == "" {
		return
	}
	p := s.popFor(c, agent, at)
	if p == nil || p.state == StateAnswered || p.state == StateRinging && p.version > 0 {
		return
	}
	p.state, p.rang = StateRinging, at
	if s.o.ClaimAt != ClaimAtAnswer {
		s.claimFirst(c)
	}
	s.changed(p, "ringing")
	s.metrics.delay.Observe(time.Since(at).Seconds())
}

func (s *Service) onAnswered(c *call, agent string, at time.Time) {
	if c.answered.IsZero() {
		c.answered = at
	}
	if agent == "" {
		// Only where one rings is it clear who answered.
		if agent = c.only(StateRinging); agent == "" {
			return
		}
	}
	s.give(c, agent, at, StateEnded)
}

func (s *Service) onMoved(c *call, agent string, at time.Time) {
	switch {
	case agent == "":
	case c.answered.IsZero() && !c.byPBX:
		s.onRinging(c, agent, at) // an UPDATE before the answer
	default:
		s.give(c, agent, at, StateMoved)
	}
}

// give makes one agent the one who has the call. left is what it is for the one
// who had it; whoever else rings has nothing more to do with it.
func (s *Service) give(c *call, agent string, at time.Time, left string) {
	p := s.popFor(c, agent, at)
	if p == nil || p.state == StateAnswered {
		return
	}
	for _, other := range c.pops {
		switch {
		case other == p:
		case other.state == StateAnswered:
			s.leave(other, left, at)
		case other.state == StateRinging:
			s.leave(other, StateEnded, at)
		}
	}
	p.state, p.answered, p.ended = StateAnswered, at, time.Time{}
	s.claimFirst(c)
	s.changed(p, "answered")
}

func (s *Service) leave(p *pop, state string, at time.Time) {
	p.state, p.ended = state, at
	s.changed(p, state)
}

func (s *Service) onEnded(c *call, agent string, at time.Time) {
	for _, p := range c.pops {
		if p.over() || agent != "" && p.agent != agent {
			continue
		}
		s.leave(p, StateEnded, at)
	}
	if agent == "" {
		c.ended = at
		s.over = append(s.over, c)
	}
}
