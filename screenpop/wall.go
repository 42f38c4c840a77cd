package screenpop

import (
	"cmp"
	"slices"
	"time"
)

const (
	wallMinutes = 60
	wallClients = 2000 // counted one by one; further ones together
	wallCalls   = 100  // live calls listed
	wallTop     = 12   // clients listed
)

// wall is what the supervisor's page counts. Nothing in it is about a caller.
type wall struct {
	since   time.Time
	swept   time.Time
	total   int
	clients map[string]*clientCount
	minutes [wallMinutes]minute
}

type clientCount struct {
	name  string
	calls int
}

type minute struct {
	at              int64 // minutes since 1970
	calls, resolved int
}

func (w *wall) identified(c *Call, at time.Time) {
	w.total++
	m := at.Unix() / 60
	slot := &w.minutes[m%wallMinutes]
	if slot.at != m {
		*slot = minute{at: m}
	}
	slot.calls++
	if !c.Resolved {
		return
	}
	slot.resolved++
	if w.clients == nil {
		w.clients = map[string]*clientCount{}
	}
	count := w.clients[c.AccessID]
	if count == nil {
		count = w.newClient(c)
	}
	count.calls++
}

// newClient begins to count a client, or gives the count of all further ones.
func (w *wall) newClient(c *Call) *clientCount {
	id := c.AccessID
	if len(w.clients) >= wallClients {
		id = ""
	}
	count := w.clients[id]
	if count == nil {
		count = &clientCount{name: c.Client}
		w.clients[id] = count
	}
	return count
}

// Wall is what the supervisor sees.
type Wall struct {
	At      time.Time    `json:"at"`
	Since   time.Time    `json:"since"` // when counting began
	Calls   int          `json:"calls"`
	Live    int          `json:"live"`
	Ringing int          `json:"ringing"`
	Talking int          `json:"talking"`
	Waiting int          `json:"waiting"` // with no agent yet
	List    []WallCall   `json:"list"`    // of live calls, longest first, shortened
	Clients []WallClient `json:"clients"` // with the most calls
	Minutes []WallMinute `json:"minutes"` // the last hour, oldest first
}

// WallCall is a live call.
type WallCall struct {
	Client   string    `json:"client"`
	AccessID string    `json:"access_id"`
	Status   string    `json:"identify_status"`
	Agent    string    `json:"agent"`
	State    string    `json:"state"` // waiting, ringing or answered
	Since    time.Time `json:"since"`
}

// WallClient is how often a client's users called.
type WallClient struct {
	AccessID string `json:"access_id"` // empty: all further ones
	Client   string `json:"client"`
	Calls    int    `json:"calls"`
}

// WallMinute is a minute's calls, and how many of them were identified.
type WallMinute struct {
	At       time.Time `json:"at"`
	Calls    int       `json:"calls"`
	Resolved int       `json:"resolved"`
}

// Wall counts.
func (s *Service) Wall(now time.Time) Wall {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := Wall{At: now.UTC(), Since: s.wall.since.UTC(), Calls: s.wall.total, List: []WallCall{}, Clients: []WallClient{}}
	for _, c := range s.calls {
		if !c.live() {
			continue
		}
		w.Live++
		v := c.wallView()
		switch v.State {
		case StateAnswered:
			w.Talking++
		case StateRinging:
			w.Ringing++
		default:
			w.Waiting++
		}
		w.List = append(w.List, v)
	}
	slices.SortFunc(w.List, func(a, b WallCall) int {
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Agent, b.Agent))
	})
	w.List = w.List[:min(len(w.List), wallCalls)]
	w.Clients = s.wall.top()
	w.Minutes = s.wall.hour(now)
	return w
}

func (c *call) wallView() WallCall {
	v := WallCall{Client: c.known.Client, AccessID: c.known.AccessID, Status: c.known.Status, State: "waiting", Since: c.started.UTC()}
	if !c.answered.IsZero() {
		v.State = StateAnswered // also where nobody knows by whom
	}
	for _, p := range c.pops {
		if p.over() {
			continue
		}
		v.Agent, v.State = p.agent, p.state
		if p.state == StateAnswered {
			break
		}
	}
	return v
}

func (w *wall) top() []WallClient {
	list := []WallClient{}
	for id, c := range w.clients {
		name := c.name
		if id == "" {
			name = ""
		}
		list = append(list, WallClient{AccessID: id, Client: name, Calls: c.calls})
	}
	slices.SortFunc(list, func(a, b WallClient) int {
		return cmp.Or(cmp.Compare(b.Calls, a.Calls), cmp.Compare(a.AccessID, b.AccessID))
	})
	return list[:min(len(list), wallTop)]
}

func (w *wall) hour(now time.Time) []WallMinute {
	list := make([]WallMinute, 0, wallMinutes)
	last := now.Unix() / 60
	for m := last - wallMinutes + 1; m <= last; m++ {
		v := WallMinute{At: time.Unix(m*60, 0).UTC()}
		if slot := w.minutes[m%wallMinutes]; slot.at == m {
			v.Calls, v.Resolved = slot.calls, slot.resolved
		}
		list = append(list, v)
	}
	return list
}
