package trial

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"time"

	"sipid/decode"
	"sipid/internal/sipsim"
)

// callPrinter prints a call step by step, as lines or as JSON objects.
type callPrinter struct {
	out  io.Writer
	json *json.Encoder // nil: lines
	call sipsim.Call
}

func newCallPrinter(out io.Writer, asJSON bool) *callPrinter {
	p := &callPrinter{out: out}
	if asJSON {
		p.json = newLineEncoder(out)
	}
	return p
}

// newLineEncoder writes one JSON object a line, < and > as they are.
func newLineEncoder(out io.Writer) *json.Encoder {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	return e
}

func (p *callPrinter) begin(call sipsim.Call, from netip.AddrPort) {
	p.call = call
	if p.json != nil {
		return
	}
	calling := call.Calling
	if calling == "" {
		calling = "nobody"
	}
	fmt.Fprintf(p.out, "calling %s at %s from %s at %s, original called number %s\n",
		call.Called, call.To, calling, from, call.AccessID+call.Serial)
}

// callStep is a step of --json.
type callStep struct {
	Type      string  `json:"type"`
	At        float64 `json:"at"` // seconds since the INVITE
	Direction string  `json:"direction"`
	Method    string  `json:"method"`
	Status    int     `json:"status,omitempty"`
	Reason    string  `json:"reason,omitempty"`
	Peer      string  `json:"peer"`
	Note      string  `json:"note,omitempty"`
}

func (p *callPrinter) step(ev sipsim.Event) {
	if p.json == nil {
		fmt.Fprintln(p.out, "  "+eventLine(ev))
		return
	}
	direction := "received"
	if ev.Sent {
		direction = "sent"
	}
	_ = p.json.Encode(callStep{
		Type: "step", At: ev.At.Seconds(), Direction: direction, Method: ev.Method,
		Status: ev.Status, Reason: ev.Reason, Peer: ev.Peer.String(), Note: ev.Note,
	})
}

// eventLine is one message for people: when, which way, what, who, and the rest.
func eventLine(ev sipsim.Event) string {
	arrow := "<-"
	if ev.Sent {
		arrow = "->"
	}
	note := ev.Note
	if ev.Status != 0 && ev.Method != "INVITE" {
		note = strings.Join(append([]string{"to " + ev.Method}, nonEmpty(note)...), ", ")
	}
	return strings.TrimRight(fmt.Sprintf("%8.3f s  %s %-22s %-21s  %s",
		ev.At.Seconds(), arrow, decode.Visible(ev.Message()), ev.Peer, decode.Visible(note)), " ")
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// callSummary is the last object of --json.
type callSummary struct {
	Type                 string  `json:"type"`
	Outcome              string  `json:"outcome"`
	Status               int     `json:"status"` // 0: there was no final response
	Reason               string  `json:"reason,omitempty"`
	CallID               string  `json:"call_id"`
	To                   string  `json:"to"`
	AccessID             string  `json:"access_id"`
	Serial               string  `json:"serial"`
	OriginalCalledNumber string  `json:"original_called_number"`
	Called               string  `json:"called"`
	Calling              string  `json:"calling"`
	RingAfter            float64 `json:"ring_after"` // seconds, as all times here
	AnswerAfter          float64 `json:"answer_after"`
	Talk                 float64 `json:"talk"`
	ClearedBy            string  `json:"cleared_by,omitempty"`
	Error                string  `json:"error,omitempty"`
}

func (p *callPrinter) end(r sipsim.Result, err error) {
	if p.json == nil {
		if err == nil {
			fmt.Fprintf(p.out, "answered after %s, talked for %s, cleared by the %s\n",
				seconds(r.AnswerAfter), seconds(r.Talk), r.ClearedBy)
		}
		return // the error is the caller's to print, on standard error
	}
	s := callSummary{
		Type: "summary", Outcome: outcome(r, err), Status: r.Status, Reason: r.Reason,
		CallID: r.CallID, To: p.call.To.String(), AccessID: p.call.AccessID, Serial: p.call.Serial,
		OriginalCalledNumber: p.call.AccessID + p.call.Serial, Called: p.call.Called, Calling: p.call.Calling,
		RingAfter: r.RingAfter.Seconds(), Talk: r.Talk.Seconds(), ClearedBy: r.ClearedBy,
	}
	if r.Status/100 == 2 {
		s.AnswerAfter = r.AnswerAfter.Seconds()
	}
	if err != nil {
		s.Error = err.Error()
	}
	_ = p.json.Encode(s)
}

// outcome is one word for what became of the call.
func outcome(r sipsim.Result, err error) string {
	switch {
	case err == nil:
		return "answered"
	case errors.Is(err, sipsim.ErrUnreachable):
		return "unreachable"
	case errors.Is(err, sipsim.ErrCancelled):
		return "cancelled"
	case errors.Is(err, sipsim.ErrNoAnswer):
		return "no-answer"
	case errors.Is(err, sipsim.ErrNoResponse) && r.Status == 0:
		return "no-response"
	case r.Status == 486 || r.Status == 600:
		return "busy"
	case r.Status >= 300:
		return "rejected"
	}
	return "failed"
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f s", d.Seconds()) }
