package screenpop

import (
	"slices"
	"time"
)

// forget drops what is old: the data of calls that ended a while ago, calls
// whose end was never seen, pops of yesterday.
func (s *Service) forget(now time.Time) {
	s.mu.Lock()
	for len(s.over) > 0 && now.Sub(s.over[0].ended) >= s.o.Limits.WrapUp {
		s.forgetOldest()
	}
	due := now.Sub(s.wall.swept) >= time.Minute
	if due {
		s.wall.swept = now
		s.sweep(now)
	}
	s.mu.Unlock()
	if due {
		s.access.sweep(now)
	}
}

// forgetOldest forgets the call that ended first; false: none has ended.
func (s *Service) forgetOldest() bool {
	if len(s.over) == 0 {
		return false
	}
	c := s.over[0]
	s.over[0] = nil
	s.over = s.over[1:]
	if s.calls[c.id] == c {
		delete(s.calls, c.id)
	}
	c.gone = true
	if c.data.status != DataNone {
		c.data = userData{status: DataDropped}
		s.dataChanged(c)
	}
	return true
}

func (s *Service) sweep(now time.Time) {
	for _, c := range s.calls {
		if c.live() && now.Sub(c.active) >= s.o.Limits.Call {
			s.onEnded(c, "", now)
		}
	}
	for agent, d := range s.desks {
		d.pops = slices.DeleteFunc(d.pops, func(p *pop) bool {
			return p.call.gone && now.Sub(p.rang) >= s.o.Limits.Call
		})
		if len(d.pops) == 0 && len(d.watchers) == 0 {
			delete(s.desks, agent)
		}
	}
}
