package report

import (
	"fmt"
	"time"

	"sipid/record"
)

// Rung is one SIP message of a call, or the want of one.
type Rung struct {
	AfterMS float64   `json:"after_ms"` // since the INVITE came
	At      time.Time `json:"at"`
	From    string    `json:"from"` // trunk, sipid, or a target's URI
	To      string    `json:"to"`
	What    string    `json:"what"`
	Attempt int       `json:"attempt,omitempty"`
}

const (
	trunkSide = "trunk"
	ownSide   = "sipid"
)

// ladder puts what happened into SIP's words.
func ladder(c *record.Call) []Rung {
	rungs := []Rung{}
	pbx := c.Target()
	for i := range c.Events {
		e := &c.Events[i]
		r := Rung{AfterMS: float64(e.After.Microseconds()) / 1000, At: c.At.Add(e.After).UTC(), Attempt: e.Attempt}
		r.From, r.To, r.What = sides(e, pbx)
		rungs = append(rungs, r)
	}
	return rungs
}

// sides says who sent what to whom; pbx is who has the call.
func sides(e *record.Event, pbx string) (from, to, what string) {
	switch e.Kind {
	case record.KindInvite:
		return trunkSide, ownSide, "INVITE"
	case record.KindAgain:
		return trunkSide, ownSide, "INVITE, again"
	case record.KindTried:
		return ownSide, e.Target, "INVITE"
	case record.KindProvisional:
		if e.Status > 100 {
			return e.Target, trunkSide, fmt.Sprint(e.Status)
		}
		return e.Target, ownSide, fmt.Sprint(e.Status)
	case record.KindFinal:
		return e.Target, ownSide, fmt.Sprint(e.Status)
	case record.KindSilent:
		return e.Target, ownSide, "nothing: no answer in time"
	case record.KindUnreachable:
		return ownSide, e.Target, "nothing: not reachable"
	case record.KindUp:
		return ownSide, trunkSide, fmt.Sprint(e.Status)
	case record.KindCancel:
		return trunkSide, ownSide, "CANCEL"
	case record.KindCancelDown:
		return ownSide, e.Target, "CANCEL"
	case record.KindAck:
		return trunkSide, pbx, "ACK"
	case record.KindByeTrunk:
		return trunkSide, pbx, "BYE"
	case record.KindByeTarget:
		return pbx, trunkSide, "BYE"
	}
	return "", "", e.Kind.String()
}
