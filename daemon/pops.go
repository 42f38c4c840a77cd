package daemon

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"sipid/api"
	"sipid/config"
	"sipid/proxy"
	"sipid/router"
	"sipid/screenpop"
	"sipid/sipmsg"
	"sipid/sqlite"
)

// pops is the agents' screens with what they need: the claims and the audit log.
type pops struct {
	*screenpop.Service
	claimer *claimer
	events  *sqlite.EventStore
	open    bool
	running sync.WaitGroup
}

// newPops reads the tokens and opens the events database. Nothing runs yet. An
// events database that cannot be opened (a disk that is full or read-only) must
// not keep calls from being taken: pops are shown without an audit log then.
func newPops(ctx context.Context, s *config.Screenpop, metrics prometheus.Registerer, log *slog.Logger) (*pops, error) {
	o := screenpop.Options{
		AgentFrom: s.AgentFrom, ClaimAt: s.ClaimAt, Template: s.Template,
		Log: log, Metrics: metrics, Limits: screenpop.Limits{WrapUp: s.WrapUp},
	}
	if err := s.ReadTokens(&o); err != nil {
		return nil, err
	}
	p := &pops{claimer: newClaimer(s.Claims), open: s.Open()}
	o.Claimer = p.claimer
	events, err := sqlite.OpenEvents(ctx, s.EventsDB)
	if err != nil {
		log.Error("events database cannot be opened, there is no audit log until the next start", "err", err)
	} else {
		p.events, o.Audit = events, events
	}
	if p.Service, err = screenpop.New(o); err != nil {
		return nil, errors.Join(err, p.closeEvents())
	}
	return p, nil
}

// start runs until ctx is done.
func (p *pops) start(ctx context.Context) {
	p.running.Go(func() { p.Run(ctx) })
}

// Close waits for the end and closes the events database.
func (p *pops) Close() {
	p.running.Wait()
	p.claimer.Close()
	_ = p.closeEvents() // all of it is committed
}

func (p *pops) closeEvents() error {
	if p.events == nil {
		return nil
	}
	return p.events.Close()
}

// handler is what is served over HTTP. Where nobody has a token it is this
// machine's alone.
func (p *pops) handler() http.Handler {
	if p.open {
		return api.Local(p.Handler())
	}
	return p.Handler()
}

// observe hands an event of the call path over. It does not block.
func (p *pops) observe(e proxy.Event) {
	kinds := [...]screenpop.EventKind{
		proxy.EventIdentified: screenpop.EventIdentified, proxy.EventRinging: screenpop.EventRinging,
		proxy.EventAnswered: screenpop.EventAnswered, proxy.EventMoved: screenpop.EventMoved, proxy.EventEnded: screenpop.EventEnded,
	}
	out := screenpop.Event{Kind: kinds[e.Kind], At: e.At, CallID: e.CallID, Agent: screenpop.Agent(e.Agent)}
	if e.Call != nil {
		out.Call = popCall(e.Call)
	}
	p.Observe(out)
}

func popCall(c *proxy.Identified) *screenpop.Call {
	out := &screenpop.Call{
		Resolved: c.Status == router.StatusResolved, Status: c.Status.String(),
		Serial: c.Serial, CallingNumber: c.CallingNumber, Withheld: c.Withheld && c.CallingNumber == "", Trunk: c.Trunk, Group: c.Group,
	}
	if out.CallingNumber == "" {
		out.CallingNumber = c.Caller // of the switchboard, mostly
	}
	if uri, err := sipmsg.ParseURI([]byte(c.RequestURI)); err == nil {
		out.Called = string(uri.User)
	}
	if c.Client != nil {
		out.Source = c.Source.String()
		out.AccessID, out.Client, out.Endpoint = c.Client.AccessID, c.Client.Name, c.Client.Endpoint
	}
	return out
}
