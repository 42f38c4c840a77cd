package screenpop

import (
	"strings"
	"time"
)

// EventKind says what happened to a call.
type EventKind uint8

// The kinds of events, in the order of a call's life.
const (
	EventIdentified EventKind = iota // a new call goes on to a PBX
	EventRinging                     // somebody rings; Agent or Extension may say who
	EventAnswered                    // the call was answered
	EventMoved                       // the PBX renewed the session: another agent may have it
	EventEnded                       // the call is over, or with Extension: this agent is out of it
)

// Event is something that happened to a call.
type Event struct {
	Kind   EventKind
	At     time.Time
	CallID string
	Call   *Call // of EventIdentified
	Agent  Agent // as the PBX's SIP messages say it
	// Extension is the agent by the word of POST /v1/pbx/events. Once it was
	// given for a call, Agent no longer counts for that call.
	Extension string
}

// Call is what is known of a call when it comes in.
type Call struct {
	Resolved      bool   // a client was found
	Status        string // X-Identify-Status
	Source        string // X-Identify-Source
	AccessID      string
	Client        string // the client's name
	Endpoint      string // where the data can be claimed
	Serial        string // empty: identified without one
	CallingNumber string // the real caller where that is known, or else what the trunk gave
	Withheld      bool   // the caller wants to stay unknown: there is no CallingNumber
	Called        string // user part of the Request-URI
	Trunk, Group  string
}

// claimable says whether there is something to ask the client system for, and
// an endpoint to ask. Endpoints that cannot be asked, such as sip:, are only
// passed on to the PBX: that is how the client table is meant, and no news.
func (c *Call) claimable() bool {
	scheme, _, _ := strings.Cut(c.Endpoint, ":")
	switch strings.ToLower(scheme) {
	case "https", "http", "postgres", "postgresql":
		return c.Resolved && c.Serial != ""
	}
	return false
}

// Agent is what a SIP message of the PBX says of who rings, answers or took
// over: header values as they came.
type Agent struct {
	AssertedIdentity string // P-Asserted-Identity, RFC 3325
	RemoteParty      string // Remote-Party-ID
	Contact          string
}
