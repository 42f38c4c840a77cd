package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"sipid/decode"
	"sipid/internal/sipsim"
	"sipid/screenpop"
	"sipid/sipi"
	"sipid/sipmsg"
	"sipid/vas"
)

// messageLines makes a SIP message readable: the head and text parts as they
// are, ISUP as octets and parameters.
func messageLines(raw []byte) []string {
	head, body, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	lines := strings.Split(string(head), "\r\n")
	var m sipmsg.Message
	contentType := []byte(nil)
	if err := m.Parse(raw); err == nil {
		if h, ok := m.First(sipmsg.IDContentType); ok {
			contentType = m.Bytes(h.Value)
		}
	}
	lines = append(lines, "")
	var b sipi.Body
	if err := b.Split(sipi.Headers{ContentType: contentType}, body); err != nil {
		return append(lines, textLines(body)...)
	}
	if !b.IsMultipart() {
		return append(lines, contentLines(b.Parts[0])...)
	}
	delimiter, _, _ := strings.Cut(string(body), "\r\n") // the trunk writes no preamble
	for _, p := range b.Parts {
		lines = append(lines, delimiter)
		lines = append(lines, textLines(p.Header)...)
		lines = append(lines, "")
		lines = append(lines, contentLines(p)...)
	}
	return append(lines, delimiter+"--")
}

func contentLines(p sipi.Part) []string {
	if p.Kind == sipi.ISUP {
		return isupLines(p.Content)
	}
	return textLines(p.Content)
}

func textLines(text []byte) []string {
	trimmed := strings.TrimRight(string(text), "\r\n")
	if trimmed == "" {
		return nil
	}
	return strings.Split(strings.ReplaceAll(trimmed, "\r\n", "\n"), "\n")
}

// isupLines prints a message as octets, and as "sipid decode" shows it.
func isupLines(octets []byte) []string {
	var lines []string
	for row := range slices.Chunk(octets, 16) {
		lines = append(lines, fmt.Sprintf("% x", row))
	}
	var tree bytes.Buffer
	_ = decode.Tree(&tree, octets) // a buffer takes everything
	return append(lines, textLines(tree.Bytes())...)
}

// common marks the lines that stand in both texts in the same order: a longest
// common subsequence.
func common(a, b []string) (inA, inB []bool) {
	// length[i][j] is that of a[i:] and b[j:].
	length := make([][]int, len(a)+1)
	for i := range length {
		length[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			length[i][j] = max(length[i+1][j], length[i][j+1])
			if a[i] == b[j] {
				length[i][j] = length[i+1][j+1] + 1
			}
		}
	}
	inA, inB = make([]bool, len(a)), make([]bool, len(b))
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			inA[i], inB[j] = true, true
			i, j = i+1, j+1
		case length[i+1][j] >= length[i][j+1]:
			i++
		default:
			j++
		}
	}
	return inA, inB
}

// unchangedRun is how many lines in a row that stayed the same are printed.
const unchangedRun = 7

// printChange prints two texts as one: what went, what came, and what stayed,
// without the middle of what stayed for long.
func printChange(out io.Writer, a, b []string) {
	inA, inB := common(a, b)
	for i, j := 0, 0; i < len(a) || j < len(b); {
		switch {
		case i < len(a) && !inA[i]:
			printLine(out, "-", a[i])
			i++
		case j < len(b) && !inB[j]:
			printLine(out, "+", b[j])
			j++
		default:
			n := 0
			for i+n < len(a) && j+n < len(b) && inA[i+n] && inB[j+n] {
				n++
			}
			printUnchanged(out, a[i:i+n])
			i, j = i+n, j+n
		}
	}
}

func printUnchanged(out io.Writer, lines []string) {
	rest := 0
	if len(lines) > unchangedRun {
		rest = len(lines) - unchangedRun + 1
		lines = lines[:unchangedRun-1]
	}
	for _, line := range lines {
		printLine(out, " ", line)
	}
	if rest > 0 {
		printLine(out, " ", fmt.Sprintf("(and %d more lines as they came)", rest))
	}
}

func printLine(out io.Writer, mark, line string) {
	fmt.Fprintln(out, strings.TrimRight(" "+mark+" "+decode.Visible(line), " "))
}

// show prints what became of the call, step by step, and fails when something
// is wrong.
func (d *demo) show(ctx context.Context, serial issued, result sipsim.Result) error {
	r, err := await(ctx, d, d.received)
	if err != nil {
		return err
	}
	d.step(fmt.Sprintf("S3, S4  sipid reads the number, finds the client system, and changes the INVITE\n"+
		"    (-: as it arrived, %d octets; +: as it left for the PBX, %d octets).", len(result.Invite), len(r.Raw)))
	printChange(d.out, messageLines(result.Invite), messageLines(r.Raw))
	claimed, err := d.showClaim(ctx, serial.Serial)
	if err != nil {
		return err
	}
	d.step("S6  The agent's screen, as its stream got it.")
	shown, err := d.showScreen(ctx, result.CallID)
	if err != nil {
		return err
	}
	if err := d.check(serial, result, r, claimed, shown); err != nil {
		return err
	}
	d.step("Outcome")
	fmt.Fprintf(d.out, "   answered after %s, talked for %s, cleared by the %s; the PBX got plain SDP and no forged header;\n"+
		"   what agent %s saw is what the serial was issued for.\n   It works.\n",
		seconds(result.AnswerAfter), seconds(result.Talk), result.ClearedBy, agentNumber)
	return nil
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f s", d.Seconds()) }

// showClaim prints who claimed the serial, as the client system noted it: S5.
func (d *demo) showClaim(ctx context.Context, serial string) (vas.Row, error) {
	rows, err := d.store.List(ctx, "", 1, time.Now()) // there is one
	if err != nil || len(rows) != 1 || rows[0].Serial != serial {
		return vas.Row{}, errors.Join(errors.New("the serial is not in the temporary table"), err)
	}
	row := rows[0]
	d.step("S5  When agent "+agentNumber+" rings, the call centre claims the data from the client system.",
		"sipid vas list")
	if row.ClaimedAt.IsZero() {
		fmt.Fprintf(d.out, "   serial %s was not claimed\n", row.Serial)
		return row, nil
	}
	fmt.Fprintf(d.out, "   serial %s was claimed by %q for call %s\n", row.Serial, row.Bound.Claimant, row.Bound.CallID)
	return row, nil
}

// check names everything that is not as it should be.
func (d *demo) check(serial issued, result sipsim.Result, r *sipsim.Received, claimed vas.Row, shown screenpop.Pop) error {
	problems := d.checkCall(serial, result, r)
	if claimed.Bound != (vas.Binding{Claimant: vas.DefaultClaimant, CallID: result.CallID}) {
		problems = append(problems, fmt.Sprintf("the serial is bound to %+v", claimed.Bound))
	}
	if shown.Agent != agentNumber || shown.Serial != serial.Serial || !slices.Equal(shown.Data.Fields, userData()) {
		problems = append(problems, fmt.Sprintf("the screen of agent %s showed %+v, issued was %+v", agentNumber, shown.Data.Fields, userData()))
	}
	if len(problems) > 0 {
		return errors.New("not as it should be: " + strings.Join(problems, "; "))
	}
	return nil
}

// checkCall names what is wrong with the call at the PBX.
func (d *demo) checkCall(serial issued, result sipsim.Result, r *sipsim.Received) (problems []string) {
	wrong := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	for _, want := range []sipsim.Header{
		{Name: sipmsg.HeaderAccessID, Value: accessID}, {Name: sipmsg.HeaderSerial, Value: serial.Serial},
		{Name: sipmsg.HeaderClientName, Value: clientName}, {Name: sipmsg.HeaderClientEndpoint, Value: d.platform},
		{Name: sipmsg.HeaderIdentifyStatus, Value: "resolved"}, {Name: sipmsg.HeaderIdentifySource, Value: "isup-original-called"},
	} {
		var values []string
		for _, h := range r.Headers {
			if strings.EqualFold(h.Name, want.Name) {
				values = append(values, h.Value)
			}
		}
		if len(values) != 1 || values[0] != want.Value {
			wrong("%s at the PBX: %q, want %q", want.Name, values, want.Value)
		}
	}
	if r.ISUP != nil {
		wrong("ISUP is left in the body at the PBX")
	}
	if len(r.Body) == 0 || !bytes.Contains(result.Invite, r.Body) || r.ContentType != sipi.TypeSDP {
		wrong("the body at the PBX is not the SDP part as it was sent")
	}
	if result.ClearedBy != "caller" {
		wrong("the call was cleared by the %s", result.ClearedBy)
	}
	return problems
}
