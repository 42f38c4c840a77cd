package isupbody

// EventInformation is the event information of a CPG, clause 3.21:
//
//	  8   7   6   5   4   3   2   1
//	+---+---------------------------+
//	| H |      event indicator      |
//	+---+---------------------------+
type EventInformation uint8

// Event indicators.
const (
	EventAlerting                 EventInformation = 1
	EventProgress                 EventInformation = 2
	EventInBand                   EventInformation = 3 // in-band information or a pattern is now available
	EventForwardedOnBusy          EventInformation = 4 // national use, as the next two
	EventForwardedOnNoReply       EventInformation = 5
	EventForwardedUnconditionally EventInformation = 6
)

// EventInformation is the event information of a CPG, clause 3.21.
func (m *Message) EventInformation() (EventInformation, error) {
	return first(m, ParamEventInformation, Parameter.EventInformation)
}

// EventInformation reads the contents as event information; the name is not looked at.
func (p Parameter) EventInformation() (EventInformation, error) {
	b, err := p.octet()
	return EventInformation(b), err
}

// Event gives the event indicator without bit H.
func (e EventInformation) Event() EventInformation { return e & 0x7F }

// Restricted gives bit H: the event must not be presented.
func (e EventInformation) Restricted() bool { return e&0x80 != 0 }

// String gives the event in words, or its number.
func (e EventInformation) String() string {
	return named([]string{
		1: "alerting", 2: "progress", 3: "in-band information available", 4: "forwarded on busy",
		5: "forwarded on no reply", 6: "forwarded unconditionally",
	}, uint8(e.Event()))
}

// AppendContents appends the parameter's contents.
func (e EventInformation) AppendContents(dst []byte) []byte { return append(dst, byte(e)) }

// WithRestricted gives the event with another bit H.
func (e EventInformation) WithRestricted(v bool) EventInformation {
	return EventInformation(withBits(byte(e), 7, 1, one(v)))
}
