package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"unicode"
)

// Print shows an explanation to people: the outcome, then how it came about.
func (e *Explanation) Print(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if e.Place != "" {
		fmt.Fprintln(t, printable(e.Place))
	}
	if e.Error != "" {
		fmt.Fprintf(t, "not explained\t%s\n", printable(e.Error))
		return t.Flush()
	}
	e.printOutcome(func(name, value string) {
		if value != "" {
			fmt.Fprintf(t, "%s\t%s\n", name, printable(value))
		}
	})
	fmt.Fprintln(t, "\nhow it came about:")
	width := len(strconv.Itoa(len(e.Steps)))
	for i, s := range e.Steps {
		fmt.Fprintf(t, "%*d %s\t%s\n", width, i+1, printable(s.Step), printable(s.Detail))
	}
	return t.Flush()
}

func (e *Explanation) printOutcome(line func(name, value string)) {
	line("status", e.Status)
	line("source", e.Source)
	line("access ID", e.AccessID)
	line("serial", e.Serial)
	if e.Client != nil {
		line("client", e.Client.Name)
		line("endpoint", e.Client.Endpoint)
	}
	line("calling number", e.CallingNumber)
	line("trunk", e.Trunk)
	line("refused with", e.refused())
	line("PBX group", e.PBXGroup)
	line("target", e.Target)
	line("Request-URI", e.RequestURI)
	for _, h := range e.HeadersAdded {
		line("header added", h.Name+": "+h.Value)
	}
	for _, name := range e.HeadersRemoved {
		line("header removed", name)
	}
	for _, text := range e.Warnings {
		line("warning", text)
	}
}

// printable shows control characters as Go writes them: what came in a message
// must not be able to move the terminal's cursor.
func printable(s string) string {
	if strings.IndexFunc(s, unicode.IsControl) < 0 {
		return s
	}
	quoted := strconv.Quote(s)
	return quoted[1 : len(quoted)-1]
}
