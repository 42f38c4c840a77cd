package sipsim

import (
	"net/netip"
	"time"
)

// Event is one message of a call, as the side that reports it saw it.
type Event struct {
	At     time.Duration  // since the INVITE
	Sent   bool           // sent by this side; else received
	Method string         // of the request, or of the request the response is for
	Status int            // 0: a request
	Reason string         // of a response
	Peer   netip.AddrPort // where it went to or came from
	Note   string         // what else is worth knowing: body, repetition
}

// Message is "INVITE", or "180 Ringing".
func (e Event) Message() string {
	if e.Status == 0 {
		return e.Method
	}
	return statusLine(e.Status, e.Reason)
}

// Header is one header field as it stood in the message, its value unfolded
// and trimmed.
type Header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}
