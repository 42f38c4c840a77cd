package trial

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"time"

	"sipid/decode"
	"sipid/internal/sipsim"
	"sipid/isupbody"
)

// pbxPrinter prints the calls of a PBX. That shows personal data: it is what
// the command is for. The PBX calls it one call at a time.
type pbxPrinter struct {
	out     io.Writer
	notices io.Writer     // where the address goes: with JSON not among the objects
	json    *json.Encoder // nil: lines
	numbers map[string]int
	count   int
}

func newPBXPrinter(stdout, stderr io.Writer, asJSON bool) *pbxPrinter {
	p := &pbxPrinter{out: stdout, notices: stdout, numbers: make(map[string]int)}
	if asJSON {
		p.notices, p.json = stderr, newLineEncoder(stdout)
	}
	return p
}

func (p *pbxPrinter) begin(addr netip.AddrPort) {
	fmt.Fprintf(p.notices, "listening on udp:%s\n", addr)
}

func (p *pbxPrinter) invite(r *sipsim.Received) {
	p.count++
	p.numbers[r.CallID] = p.count
	if p.json != nil {
		return
	}
	fmt.Fprintf(p.out, "\ncall %d at %s from %s, Call-ID %s\n", p.count, r.At.Format(time.TimeOnly), r.From, decode.Visible(r.CallID))
	fmt.Fprintf(p.out, "  %s\n", decode.Visible(r.StartLine))
	for _, h := range r.Extensions() {
		fmt.Fprintf(p.out, "  %s: %s\n", decode.Visible(h.Name), decode.Visible(h.Value))
	}
	fmt.Fprintf(p.out, "  body:  %s\n", decode.Visible(bodyLine(r)))
	fmt.Fprintf(p.out, "  media: %s\n", decode.Visible(r.Media))
}

// bodyLine says what the body is, and whether ISUP is left in it.
func bodyLine(r *sipsim.Received) string {
	if len(r.Body) == 0 {
		return "none"
	}
	line := fmt.Sprintf("%s, %d octets, ", r.ContentType, len(r.Body))
	switch {
	case r.BodyErr != nil:
		return line + r.BodyErr.Error()
	case r.ISUP == nil:
		return line + "no ISUP"
	}
	m, err := isupbody.Decode(r.ISUP, isupbody.VariantITU)
	line += "with ISUP: " + m.Type().String()
	if n, numberErr := m.OriginalCalledNumber(); numberErr == nil {
		line += ", original called number " + n.Digits()
	}
	if err != nil {
		line += ", " + err.Error()
	}
	return line
}

func (p *pbxPrinter) event(callID string, ev sipsim.Event) {
	if p.json == nil && !(ev.Method == "INVITE" && ev.Status == 0 && !ev.Sent && ev.Note == "") {
		fmt.Fprintf(p.out, "  %d  %s\n", p.numbers[callID], eventLine(ev))
	}
}

// pbxCall is the object of --json for one call.
type pbxCall struct {
	Call        int             `json:"call"`
	At          time.Time       `json:"at"`
	From        string          `json:"from"`
	CallID      string          `json:"call_id"`
	StartLine   string          `json:"start_line"`
	Headers     []sipsim.Header `json:"headers"` // the X- ones, in order
	ContentType string          `json:"content_type"`
	ISUPLeft    bool            `json:"isup_left"`
	ISUP        string          `json:"isup,omitempty"` // hex
	Media       string          `json:"media"`
	BodyError   string          `json:"body_error,omitempty"`
	Status      int             `json:"status"`
	Outcome     string          `json:"outcome"`
	Duration    float64         `json:"duration"` // seconds
	Talk        float64         `json:"talk"`
}

func (p *pbxPrinter) end(r sipsim.Report) {
	number := p.numbers[r.Invite.CallID]
	if p.json == nil {
		fmt.Fprintf(p.out, "  %d  %8.3f s  over: %s\n", number, r.Duration.Seconds(), decode.Visible(r.Outcome))
		return
	}
	delete(p.numbers, r.Invite.CallID)
	i := r.Invite
	call := pbxCall{
		Call: number, At: i.At, From: i.From.String(), CallID: i.CallID, StartLine: i.StartLine,
		Headers: i.Extensions(), ContentType: i.ContentType, ISUPLeft: i.ISUP != nil, ISUP: hex.EncodeToString(i.ISUP),
		Media: i.Media, Status: r.Status, Outcome: r.Outcome, Duration: r.Duration.Seconds(), Talk: r.Talk.Seconds(),
	}
	if call.Headers == nil {
		call.Headers = []sipsim.Header{}
	}
	if i.BodyErr != nil {
		call.BodyError = i.BodyErr.Error()
	}
	_ = p.json.Encode(call)
}
