package report

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// Print shows a call to people: what it was, the ladder, the ISUP, the steps.
func (c *Call) Print(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.DiscardEmptyColumns)
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(t, "%s\t%s\n", name, printable(value))
		}
	}
	line("call", fmt.Sprint(c.ID))
	line("at", c.At.Format(time.RFC3339Nano))
	line("Call-ID", c.CallID)
	line("from", c.From)
	line("called", c.Called)
	line("calling", c.Calling)
	line("state", strings.TrimSuffix(fmt.Sprintf("%s, %d", c.State, c.Code), ", 0"))
	line("decided", decided(c))
	if m := c.Media; m != nil {
		line("media", fmt.Sprintf("%s port %d, %s", m.Address, m.Port, strings.Join(m.Codecs, " ")))
	}
	for _, text := range c.Warnings {
		line("warning", text)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if err := c.printLadder(w); err != nil {
		return err
	}
	if err := c.printISUP(w); err != nil || c.Explanation == nil {
		return err
	}
	fmt.Fprintln(w)
	return c.Explanation.Print(w)
}

// decided is what serve decided when the call came.
func decided(c *Call) string {
	words := []string{c.Status}
	for _, s := range []string{c.Source, c.AccessID, c.Serial} {
		if s != "" {
			words = append(words, s)
		}
	}
	return fmt.Sprintf("%s; trunk %s, PBX group %s", strings.Join(words, " "), c.Trunk, c.PBXGroup)
}

func (c *Call) printLadder(w io.Writer) error {
	fmt.Fprintln(w, "\nSIP, milliseconds since the INVITE:")
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, r := range c.Ladder {
		fmt.Fprintf(t, "%.3f\t%s\t-> %s\t%s\n", r.AfterMS, printable(r.From), printable(r.To), r.What)
	}
	return t.Flush()
}

func (c *Call) printISUP(w io.Writer) error {
	for _, m := range c.ISUP {
		fmt.Fprintf(w, "\n%s: %s (%s, %d octets)\n", m.Message, m.Title, m.Variant, m.Octets)
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.DiscardEmptyColumns)
		for _, p := range m.Parameters {
			fmt.Fprintf(t, "  %s\t%s\t%s\n", p.Name, p.Hex, printable(p.Meaning))
		}
		if m.Error != "" {
			fmt.Fprintf(t, "  error: %s\n", printable(m.Error))
		}
		if err := t.Flush(); err != nil {
			return err
		}
	}
	return nil
}
