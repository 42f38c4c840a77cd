package main

import (
	"bytes"
	"strconv"
	"sync"
)

// state of a call, at the calling side.
type state uint8

const (
	stateFree state = iota
	stateInvited
	stateProceeding
	stateTalking // the 200 came, the ACK is sent
	stateBye     // the BYE is sent, by either side
	stateDone
	stateFailed
	stateCount
)

// timedOutIn names a state in which a call may be when its time is up.
func (s state) timedOutIn() string {
	switch s {
	case stateInvited:
		return "no_answer_at_all"
	case stateProceeding:
		return "no_final"
	case stateTalking:
		return "talking"
	case stateBye:
		return "no_bye_200"
	default:
		return "other"
	}
}

// call is one call, both sides of it. What is below the mutex changes under it;
// the rest is set before the INVITE leaves.
type call struct {
	client   *client
	serial   uint64
	calling  uint32
	socket   uint8
	byUAS    bool // the answering side hangs up
	measured bool // it starts in the measured window
	invite   []byte

	mu        sync.Mutex
	state     state
	wrong     check
	started   int64 // when the INVITE was sent
	waitFrom  int64 // when the 200 or the BYE was sent, for its delay
	resendAt  int64 // INVITE or BYE
	resendGap int64

	// at the answering side
	seen        bool
	acked       bool
	byeAnswered bool
	byeFirst    bool // the BYE overtook the ACK
	viaHash     uint64
	answerAt    int64 // when to send the 200 again; 0: it was not sent yet
	answerGap   int64
	answerTo    address

	ack, bye, ringing, ok []byte
}

// arena hands out copies that live as long as the run.
type arena struct{ free []byte }

func (a *arena) keep(b []byte) []byte {
	if len(a.free) < len(b) {
		a.free = make([]byte, 1<<20)
	}
	n := copy(a.free, b)
	out := a.free[:n:n]
	a.free = a.free[n:]
	return out
}

// appendID writes "<index>-<run>", by which a packet's call is found.
func (g *generator) appendID(b []byte, i int) []byte {
	b = strconv.AppendInt(b, int64(i), 10)
	b = append(b, '-')
	return append(b, g.run...)
}

// find returns the call of a Call-ID; nil: it is of no call that was started.
// The call is locked.
func (g *generator) find(callID []byte) (int, *call) {
	id, _, _ := bytes.Cut(callID, []byte("@"))
	index, run, ok := bytes.Cut(id, []byte("-"))
	i := atoi(index)
	if !ok || string(run) != g.run || i < 0 || i >= len(g.calls) {
		return 0, nil
	}
	c := &g.calls[i]
	c.mu.Lock()
	if c.state == stateFree {
		c.mu.Unlock()
		return 0, nil
	}
	return i, c
}

// fail ends a call that is locked. One with wrong content is counted already.
func (g *generator) fail(c *call) {
	c.state = stateFailed
	if c.wrong != good {
		return
	}
	g.count.failed.Add(1)
	if c.measured {
		g.count.failedMeasured.Add(1)
	}
}

// flag notes wrong content of a call that is locked; the call goes on.
func (g *generator) flag(c *call, why check, p []byte) {
	g.count.wrongBy[why].Add(1)
	if c.wrong != good || c.state == stateFailed {
		return
	}
	c.wrong = why
	g.count.wrong.Add(1)
	if c.measured {
		g.count.failedMeasured.Add(1)
	}
	if g.c.dumpBad != "" {
		g.dumpBad.Do(func() { dump(g.c.dumpBad, append([]byte(why.String()+"\r\n"), p...)) })
	}
}
