package proxy

import (
	"time"

	"sipid/router"
	"sipid/sipmsg"
)

// EventKind says what happened to a call.
type EventKind uint8

// The kinds of events, in the order of a call's life.
const (
	EventIdentified EventKind = iota // an INVITE came and was looked at; it goes on
	EventRinging                     // a 18x went up: Agent may say who rings
	EventAnswered                    // the 2xx went up
	EventMoved                       // a re-INVITE or UPDATE came from the PBX: Agent may be another
	EventEnded                       // a BYE passed, or a final response that is no 2xx went up
)

// String names the kind.
func (k EventKind) String() string {
	return [...]string{"identified", "ringing", "answered", "moved", "ended"}[k]
}

// Event is something that happened to a call, for those beside the call path:
// records, and the agent's screen. All of it is a copy and may be kept.
type Event struct {
	Kind   EventKind
	At     time.Time
	CallID string
	Call   *Identified // of EventIdentified
	Agent  Agent       // of EventRinging, EventAnswered and EventMoved
	Status int         // SIP status of the final response; 0 after a BYE
}

// Identified is what is known of a new call.
type Identified struct {
	Trunk, Group  string
	Status        router.Status
	Source        router.Source
	Client        *router.Client // nil unless resolved; not to be changed
	Serial        string
	CallingNumber string // of X-Calling-Number: what identified the call
	Caller        string // who calls, as the trunk says it; empty when nobody says it
	Withheld      bool   // the caller wants to stay unknown: Caller is empty
	PBX           string // address of the target
	RequestURI    string // as it came
}

// Agent is what the PBX says of who rings, answers or took over: the values as
// they came. Which one to believe is the reader's to choose.
type Agent struct {
	AssertedIdentity string // P-Asserted-Identity, RFC 3325
	RemoteParty      string // Remote-Party-ID
	Contact          string
}

// observe tells the observer, if there is one.
func (p *Proxy) observe(e Event) {
	if p.observer == nil {
		return
	}
	e.At = time.Now()
	p.observer(e)
}

// observeIdentified tells of a new call that goes on.
func (w *worker) observeIdentified(trunk *router.Trunk, d *router.Decision, n *next) {
	if w.p.observer == nil {
		return
	}
	m := &w.msg
	caller, withheld := w.caller()
	w.p.observe(Event{Kind: EventIdentified, CallID: string(m.Bytes(m.CallID)), Call: &Identified{
		Trunk: trunk.Name, Group: d.Group.Name, Status: d.Status, Source: d.Source, Client: d.Client,
		Serial: string(d.Serial()), CallingNumber: string(d.CallingNumber()), Caller: caller, Withheld: withheld,
		PBX: n.down.Addr.String(), RequestURI: string(m.Bytes(m.URI)),
	}})
}

// observeAgent tells of a message of the PBX that may say who the agent is.
func (w *worker) observeAgent(kind EventKind) {
	if w.p.observer == nil {
		return
	}
	m := &w.msg
	e := Event{Kind: kind, CallID: string(m.Bytes(m.CallID)), Status: m.Status}
	for i := range m.Headers {
		switch h := &m.Headers[i]; {
		case h.Cut:
		case h.ID == sipmsg.IDPAssertedIdentity && e.Agent.AssertedIdentity == "":
			e.Agent.AssertedIdentity = string(m.Bytes(h.Value))
		case h.ID == sipmsg.IDRemotePartyID && e.Agent.RemoteParty == "":
			e.Agent.RemoteParty = string(m.Bytes(h.Value))
		case h.ID == sipmsg.IDContact && e.Agent.Contact == "":
			e.Agent.Contact = string(m.Bytes(h.Value))
		}
	}
	w.p.observe(e)
}

// observeDialog tells of a request in a dialog that changes who speaks.
func (w *worker) observeDialog(from direction) {
	switch m := w.msg.Method; {
	case m == sipmsg.MethodBye:
		w.observeBye()
	case from == fromPBX && (m == sipmsg.MethodInvite || m == sipmsg.MethodUpdate):
		w.observeAgent(EventMoved)
	}
}

// observeBye tells that a call is over.
func (w *worker) observeBye() {
	if w.p.observer != nil {
		w.p.observe(Event{Kind: EventEnded, CallID: string(w.msg.Bytes(w.msg.CallID))})
	}
}

// observeRefused tells that a call came to nothing.
func (tx *transaction) observeRefused() {
	if tx.p.observer != nil && tx.counted && tx.status >= 300 {
		tx.p.observe(Event{Kind: EventEnded, CallID: tx.unsettled.callID, Status: int(tx.status)})
	}
}
