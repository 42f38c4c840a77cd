package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"unicode"

	"github.com/urfave/cli/v2"
)

func outputFlag() cli.Flag {
	return &cli.StringFlag{
		Name: "output", Aliases: []string{"o"}, EnvVars: []string{"SIPID_OUTPUT"}, Value: "table",
		Usage: "`FORMAT`: table, json or csv",
	}
}

// rowSource is a list that can be printed in every format.
type rowSource struct {
	count  int
	header []string
	cells  func(i int) []string // table and csv
	object func(i int) any      // json
}

// printRows prints a list as --output says.
func printRows(c *cli.Context, rows rowSource) error {
	switch format := c.String("output"); format {
	case "table":
		return printTable(c.App.Writer, rows)
	case "json":
		return printJSON(c.App.Writer, rows)
	case "csv":
		return printCSV(c.App.Writer, rows)
	default:
		return usagef("--output %q: table, json or csv", format)
	}
}

func printTable(out io.Writer, rows rowSource) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	line := func(cells []string) {
		for i, cell := range cells {
			if cell = printable(cell); cell == "" {
				cell = "-"
			}
			end := "\t"
			if i == len(cells)-1 {
				end = "\n"
			}
			// A tabwriter keeps its first error for Flush.
			_, _ = io.WriteString(t, cell+end)
		}
	}
	titles := make([]string, len(rows.header))
	for i, title := range rows.header {
		titles[i] = strings.ToUpper(title)
	}
	line(titles)
	for i := range rows.count {
		line(rows.cells(i))
	}
	return t.Flush()
}

// printable shows control characters as Go writes them: a name must not be able
// to move the terminal's cursor.
func printable(s string) string {
	if strings.IndexFunc(s, unicode.IsControl) < 0 {
		return s
	}
	quoted := strconv.Quote(s)
	return quoted[1 : len(quoted)-1]
}

// printJSON prints an array with one object a line.
func printJSON(out io.Writer, rows rowSource) error {
	separator := "["
	for i := range rows.count {
		text, err := jsonText(rows.object(i))
		if err != nil {
			return err
		}
		if _, err := io.WriteString(out, separator+text); err != nil {
			return err
		}
		separator = ",\n "
	}
	end := "]\n"
	if rows.count == 0 {
		end = "[]\n"
	}
	_, err := io.WriteString(out, end)
	return err
}

// jsonText is json.Marshal without \u0026 for & in URIs: this is no web page.
func jsonText(v any) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return strings.TrimSuffix(b.String(), "\n"), err
}

func printCSV(out io.Writer, rows rowSource) error {
	w := csv.NewWriter(out)
	if err := w.Write(rows.header); err != nil {
		return err
	}
	for i := range rows.count {
		if err := w.Write(rows.cells(i)); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}
