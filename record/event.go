package record

import "time"

// Kind says what happened to a call.
type Kind uint8

// The kinds of events. Trunk is the side that calls, target the agent PBX.
const (
	KindInvite      Kind = iota + 1 // the trunk's INVITE came
	KindAgain                       // and came once more
	KindTried                       // the INVITE went to a target
	KindProvisional                 // a 1xx came from a target
	KindFinal                       // a final response came from a target
	KindSilent                      // a target said nothing for too long
	KindUnreachable                 // the INVITE could not be sent to a target
	KindUp                          // a response went to the trunk
	KindCancel                      // the trunk's CANCEL came
	KindCancelDown                  // a CANCEL went to a target
	KindAck                         // the trunk's ACK came
	KindByeTrunk                    // a BYE of the trunk went to the target
	KindByeTarget                   // a BYE of the target went to the trunk
)

var kindNames = [...]string{
	KindInvite: "invite", KindAgain: "invite-again", KindTried: "tried", KindProvisional: "provisional", KindFinal: "final",
	KindSilent: "silent", KindUnreachable: "unreachable", KindUp: "up", KindCancel: "cancel", KindCancelDown: "cancel-down",
	KindAck: "ack", KindByeTrunk: "bye-trunk", KindByeTarget: "bye-target",
}

// String gives the name of the kind.
func (k Kind) String() string {
	if int(k) < len(kindNames) && kindNames[k] != "" {
		return kindNames[k]
	}
	return "unknown"
}

// Event is one thing that happened to a call.
type Event struct {
	After   time.Duration // since the INVITE came
	Kind    Kind
	Attempt int    // the number of the target tried, from 1; 0: of none
	Target  string // its URI
	Status  int    // of a response
}

// event is an Event in a slot.
type event struct {
	after  int64 // nanoseconds
	status uint16
	kind   Kind
	try    uint8  // from 1; 0: of none
	target uint16 // of its group, from 1; 0: none
}

// Step is what the call path has to say of an Event.
type Step struct {
	Kind    Kind
	Attempt int // from 1; 0: of none
	Target  int // index in its group, where Attempt is not 0
	Status  int
}
