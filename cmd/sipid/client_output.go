package main

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"strings"
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

// printTable aligns by what a terminal shows, where text/tabwriter counts a
// Chinese character as one column.
func printTable(out io.Writer, rows rowSource) error {
	table := [][]string{make([]string, len(rows.header))}
	for i, title := range rows.header {
		table[0][i] = strings.ToUpper(title)
	}
	for i := range rows.count {
		table = append(table, slices.Clone(rows.cells(i)))
	}
	widths := make([]int, len(rows.header))
	for _, line := range table {
		for i, cell := range line {
			line[i] = cmp.Or(printable(cell), "-")
			widths[i] = max(widths[i], columnsOf(line[i]))
		}
	}
	b := bufio.NewWriter(out)
	for _, line := range table {
		last := len(line) - 1
		for i, cell := range line[:last] {
			b.WriteString(cell + strings.Repeat(" ", widths[i]-columnsOf(cell)+2))
		}
		b.WriteString(line[last] + "\n")
	}
	return b.Flush() // a bufio.Writer keeps its first error for Flush
}

// columnsOf is how many columns of a terminal a text takes.
func columnsOf(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul), r >= 0x3000 && r <= 0x303F, r >= 0xFF01 && r <= 0xFF60:
			n += 2
		default:
			n++
		}
	}
	return n
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
