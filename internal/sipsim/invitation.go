package sipsim

import (
	"sync"
	"time"
)

// invitation is an INVITE client transaction together with the ACKs it needs:
// RFC 3261 sections 13.2.2.4 and 17.1.1.
type invitation struct {
	*outgoing
	endpoint  *endpoint
	raw       []byte
	responses chan *message // the provisional ones and the first final one

	mu    sync.Mutex
	ack   *outgoing // set when the final response was acknowledged
	ackOf []byte
}

func newInvitation(e *endpoint, out *outgoing, raw []byte) *invitation {
	return &invitation{outgoing: out, endpoint: e, raw: raw, responses: make(chan *message, 64)}
}

// listen has responses put into the channel, and after acknowledge answered
// with the ACK again: a repeated final response means that the ACK was lost.
func (i *invitation) listen() {
	i.endpoint.expect(i.branch, "INVITE", func(m *message) {
		i.mu.Lock()
		ack, raw := i.ack, i.ackOf
		i.mu.Unlock()
		if ack != nil {
			if m.response.StatusCode >= 200 {
				_ = i.endpoint.send(raw, ack.to)
			}
			return
		}
		select {
		case i.responses <- m:
		default: // nobody reads: as good as lost on the way
		}
	})
}

// acknowledge sends the ACK and repeats it for as long as the final response
// may be repeated.
func (i *invitation) acknowledge(ack *outgoing) error {
	raw := octets(ack, "", nil)
	i.mu.Lock()
	i.ack, i.ackOf = ack, raw
	i.mu.Unlock()
	time.AfterFunc(64*i.endpoint.t1, i.forget)
	return i.endpoint.send(raw, ack.to)
}

func (i *invitation) forget() { i.endpoint.expect(i.branch, "INVITE", nil) }
