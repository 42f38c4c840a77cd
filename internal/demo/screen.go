package demo

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"sipid/decode"
	"sipid/screenpop"
)

// agentScreen is the agent's screen: a reader of the event stream.
type agentScreen struct {
	since time.Time // the times of events are shown from here on
	pops  chan seenPop
}

type seenPop struct {
	screenpop.Pop
	at time.Time
}

// openScreen opens the agent's stream, as the desk page does.
func (d *demo) openScreen(ctx context.Context) error {
	d.screen.pops = make(chan seenPop, 64)
	streaming, stop := context.WithCancel(context.WithoutCancel(ctx))
	response, err := d.ask(streaming, http.MethodGet, d.desk+"/v1/pops/stream?agent="+agentNumber, d.agentToken, nil)
	if err != nil {
		stop()
		return fmt.Errorf("the agent's stream: %w", err)
	}
	over := make(chan struct{})
	d.ends = append(d.ends, func() error { stop(); <-over; return nil })
	if response.StatusCode != http.StatusOK {
		close(over)
		return errors.Join(fmt.Errorf("the agent's stream: %s", response.Status), response.Body.Close())
	}
	go func() {
		defer close(over)
		defer response.Body.Close()
		d.screen.read(response.Body)
	}()
	return nil
}

// read takes the pops out of a stream of events.
func (s *agentScreen) read(stream io.Reader) {
	for lines := bufio.NewScanner(stream); lines.Scan(); {
		var p screenpop.Pop
		data, ok := bytes.CutPrefix(lines.Bytes(), []byte("data: "))
		if !ok || json.Unmarshal(data, &p) != nil || p.PopID == "" {
			continue
		}
		select {
		case s.pops <- seenPop{p, time.Now()}:
		default: // nobody waits for them any longer
		}
	}
}

// showScreen prints what the screen got until the call is over there, and gives
// the last pop that had the user's data.
func (d *demo) showScreen(ctx context.Context, callID string) (screenpop.Pop, error) {
	var shown screenpop.Pop
	for {
		p, err := await(ctx, d, d.screen.pops)
		if err != nil {
			return shown, fmt.Errorf("the agent's screen: %w", err)
		}
		if p.CallID != callID {
			continue
		}
		line := fmt.Sprintf("%-9s %s, access ID %s, serial %s", p.Event, p.Client, p.AccessID, p.Serial)
		if p.Data.Status == screenpop.DataOK {
			shown = p.Pop
		}
		if p.Event == "data" {
			line = "data      " + string(p.Data.Status) + " " + string(p.Data.Reason)
			for _, f := range p.Data.Fields {
				line += "  " + f.Name + ": " + f.Value
			}
		}
		fmt.Fprintf(d.out, "   %8.3f s  %s\n", p.at.Sub(d.screen.since).Seconds(), decode.Visible(line))
		if p.State == screenpop.StateEnded && p.Data.Status != screenpop.DataPending {
			return shown, nil
		}
	}
}
