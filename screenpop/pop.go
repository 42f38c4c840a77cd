package screenpop

import (
	"strconv"
	"time"
)

// The states of a pop, as streams tell them.
const (
	StateRinging  = "ringing"
	StateAnswered = "answered"
	StateMoved    = "moved" // another agent has the call now
	StateEnded    = "ended"
)

// pop is what one agent sees of one call.
type pop struct {
	id       string
	agent    string
	call     *call
	state    string
	event    string // the last thing that happened
	rang     time.Time
	answered time.Time
	ended    time.Time
	version  int
	seq      uint64 // of the last change
}

func (p *pop) over() bool { return p.state == StateEnded || p.state == StateMoved }

// desk is an agent's pops, oldest first, and who looks at them.
type desk struct {
	pops     []*pop
	watchers map[*watcher]struct{}
}

// popFor finds an agent's pop of a call, or makes it; nil: there is no room.
func (s *Service) popFor(c *call, agent string, at time.Time) *pop {
	if p := c.popOf(agent); p != nil {
		return p
	}
	d := s.desk(agent)
	if d == nil || len(c.pops) == maxPops {
		return nil
	}
	s.made++
	p := &pop{id: "p" + s.epoch + "-" + strconv.FormatUint(s.made, 10), agent: agent, call: c, state: StateRinging, rang: at}
	c.pops = append(c.pops, p)
	if d.pops = append(d.pops, p); len(d.pops) > s.o.Limits.History {
		d.pops[0] = nil
		d.pops = d.pops[1:]
	}
	s.metrics.pops.Inc()
	return p
}

// desk finds an agent's desk, or makes it; nil: there are too many.
func (s *Service) desk(agent string) *desk {
	d := s.desks[agent]
	if d == nil && (!s.access.open || len(s.desks) < s.o.Limits.Desks) {
		d = &desk{watchers: map[*watcher]struct{}{}}
		s.desks[agent] = d
	}
	return d
}

// changed gives a pop its place behind all others and wakes who looks.
func (s *Service) changed(p *pop, event string) {
	s.seq++
	p.seq, p.event = s.seq, event
	p.version++
	if d := s.desks[p.agent]; d != nil {
		for w := range d.watchers {
			w.notify()
		}
	}
}

// Pop is what an agent sees of a call: the data of a stream's event.
type Pop struct {
	PopID          string     `json:"pop_id"`
	Version        int        `json:"version"` // grows with every change
	Event          string     `json:"event"`   // what happened last: ringing, answered, moved, ended, data
	State          string     `json:"state"`
	Agent          string     `json:"agent"`
	CallID         string     `json:"call_id"`
	IdentifyStatus string     `json:"identify_status"`
	IdentifySource string     `json:"identify_source"`
	AccessID       string     `json:"access_id"`
	Client         string     `json:"client"`
	Serial         string     `json:"serial"`
	CallingNumber  string     `json:"calling_number"`
	Withheld       bool       `json:"calling_number_withheld"`
	Called         string     `json:"called"`
	RangAt         time.Time  `json:"rang_at"`
	AnsweredAt     *time.Time `json:"answered_at"`
	EndedAt        *time.Time `json:"ended_at"`
	URL            string     `json:"url"`
	Data           Data       `json:"data"`
}

func (s *Service) view(p *pop) Pop {
	c := p.call
	return Pop{
		PopID: p.id, Version: p.version, Event: p.event, State: p.state, Agent: p.agent, CallID: c.id,
		IdentifyStatus: c.known.Status, IdentifySource: c.known.Source,
		AccessID: c.known.AccessID, Client: c.known.Client, Serial: c.known.Serial,
		CallingNumber: c.known.CallingNumber, Withheld: c.known.Withheld, Called: c.known.Called,
		RangAt: p.rang.UTC(), AnsweredAt: moment(p.answered), EndedAt: moment(p.ended),
		URL: s.url(p), Data: c.data.view(p),
	}
}

// moment is nil for a time that has not come.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
