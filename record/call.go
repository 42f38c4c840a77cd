package record

import (
	"net/netip"
	"time"

	"sipid/router"
)

// Call is a copy of what is kept of a call.
type Call struct {
	Number   uint64 // counts the calls since the start, from 1
	At       time.Time
	CallID   string         // its first 95 octets
	From     netip.AddrPort // the packet's source: the trunk's, or the edge's
	Trunk    string
	Group    string
	Status   router.Status
	Source   router.Source
	AccessID string
	Serial   string
	Calling  string // the real caller, where the source gives one
	Revision int64  // of the client table that decided; 0: none was loaded
	Refused  int    // SIP status of a refusal by the trunk's policy; 0: forwarded
	Events   []Event
	Lost     int // further events, not kept
	// Message is the INVITE as it came; nil once newer ones took its place, and in
	// lists.
	Message []byte
}

// State says how far the call is, in one word.
func (c *Call) State() string {
	state := "offered"
	for i := range c.Events {
		switch e := &c.Events[i]; {
		case e.Kind == KindByeTrunk || e.Kind == KindByeTarget:
			return "ended"
		case e.Kind == KindProvisional && e.Status > 100 && state == "offered":
			state = "ringing"
		case e.Kind == KindUp && e.Status >= 300:
			state = "refused"
		case e.Kind == KindUp && e.Status >= 200:
			state = "answered"
		}
	}
	return state
}

// Final is the SIP status of the final response that went to the trunk; 0: none
// yet.
func (c *Call) Final() int {
	for i := range c.Events {
		if e := &c.Events[i]; e.Kind == KindUp && e.Status >= 200 {
			return e.Status
		}
	}
	return 0
}

// Target is the URI of the target that decided the call, or was tried last.
func (c *Call) Target() string {
	target := ""
	for i := range c.Events {
		switch e := &c.Events[i]; {
		case e.Kind == KindTried:
			target = e.Target
		case e.Kind == KindFinal && e.Status < 300:
			return e.Target
		}
	}
	return target
}
