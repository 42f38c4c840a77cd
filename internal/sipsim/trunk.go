package sipsim

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"
)

// TrunkConfig says how a Trunk is built.
type TrunkConfig struct {
	Listen string        // "HOST:PORT", port 0 picks one; "udp:" in front is allowed
	T1     time.Duration // RFC 3261 timer T1; 0: 500 ms
}

// Trunk places SIP-I calls from one socket, any number at a time.
type Trunk struct {
	*endpoint
	done chan error

	placing sync.Mutex
	calls   map[string]*placed // by Call-ID
}

// NewTrunk binds the trunk's socket and starts to read from it.
func NewTrunk(config TrunkConfig) (*Trunk, error) {
	e, err := listen(config.Listen, config.T1)
	if err != nil {
		return nil, err
	}
	t := &Trunk{endpoint: e, done: make(chan error, 1), calls: make(map[string]*placed)}
	e.onRequest = t.request
	e.onUnreachable = t.unreachable
	go func() { t.done <- e.read() }()
	return t, nil
}

// Addr is the address the trunk sends from and listens on.
func (t *Trunk) Addr() netip.AddrPort { return t.addr }

// Close frees the socket. Calls under way fail.
func (t *Trunk) Close() error {
	err := t.close()
	if readErr := <-t.done; err == nil {
		err = readErr
	}
	return err
}

// Call is one call to place, and its script.
type Call struct {
	To         netip.AddrPort // where the INVITE is sent
	RequestURI string         // empty: sip:CALLED@TO

	AccessID string // original called number: access ID
	Serial   string // followed by the serial
	Called   string // called party number; a leading + makes it international
	Calling  string // calling party number; empty: none is sent

	Hold    time.Duration // from the answer to our BYE
	Timeout time.Duration // from the INVITE to giving up; 0: 60 s

	Headers     []string // lines "Name: value" added to the INVITE
	ISUP        []byte   // sent in place of the IAM
	ContentType string   // sent with Body in place of SDP + ISUP
	Body        []byte

	CancelOn int // send CANCEL once a response with this provisional status is there
	// During runs after the answer, before Hold begins; its error clears the
	// call and is what Call returns.
	During  func(context.Context, *Session) error
	OnEvent func(Event) // each message, one at a time
}

// Result is how a call went, as far as it went.
type Result struct {
	CallID      string
	Invite      []byte // the datagram
	Answer      []byte // the datagram with the final response
	Status      int    // of the final response; 0: none
	Reason      string
	Provisional []int // statuses of the provisional responses, in order
	RingAfter   time.Duration
	AnswerAfter time.Duration
	Talk        time.Duration
	ClearedBy   string // "caller", "called side"; empty: was not answered
}

// Call places a call and returns when it is over. A nil error means that it was
// answered and cleared in order; what failed else is a *CallError. When ctx
// ends the call is given up: CANCEL before the answer, BYE after it.
func (t *Trunk) Call(ctx context.Context, call Call) (Result, error) {
	p, err := t.place(call)
	if err != nil {
		return Result{}, err
	}
	defer t.forget(p)
	err = p.run(ctx)
	return p.result, err
}

func (t *Trunk) forget(p *placed) {
	t.placing.Lock()
	defer t.placing.Unlock()
	delete(t.calls, p.result.CallID)
}

func (t *Trunk) find(callID string) *placed {
	t.placing.Lock()
	defer t.placing.Unlock()
	return t.calls[callID]
}

// unreachable ends the calls to a host that does not listen.
func (t *Trunk) unreachable(peer netip.AddrPort) {
	t.placing.Lock()
	defer t.placing.Unlock()
	for _, p := range t.calls {
		if p.call.To == peer {
			select {
			case p.refused <- struct{}{}:
			default:
			}
		}
	}
}

// request answers what the called side sends inside a call, in the reading
// goroutine.
func (t *Trunk) request(m *message) {
	p := t.find(m.callID())
	method := m.cseqMethod()
	switch {
	case method == "ACK":
		if p != nil {
			p.emit(Event{Method: method, Peer: m.from})
		}
	case p != nil && m.toTag() == p.tag:
		p.inDialog(m)
	case method == "OPTIONS" && m.toTag() == "":
		t.respond(m, 200, "", nil)
	default:
		t.respond(m, 481, "", nil)
	}
}

func (t *Trunk) respond(m *message, status int, contentType string, body []byte) {
	r, to := reply(m, status, ReasonPhrase(status), newToken())
	r.AppendHeader(sip.NewHeader("Contact", "<sip:trunk@"+t.hostFor(m.from).String()+">"))
	addLines(r, []string{allow})
	// A response that cannot be sent is one that was lost: the request comes again.
	_ = t.send(octets(r, contentType, body), to)
}
