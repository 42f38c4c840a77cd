package listing

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
)

// Rows is a list that can be printed in every format.
type Rows struct {
	Count  int
	Header []string
	Cells  func(i int) []string // of row i, one for each of Header: for Table and CSV
	Object func(i int) any      // row i as JSON
}

// Table prints the header in capitals and aligns by what a terminal shows, where
// text/tabwriter counts a Chinese character as one column. Empty cells are "-".
func (rows Rows) Table(out io.Writer) error {
	table := [][]string{make([]string, len(rows.Header))}
	for i, title := range rows.Header {
		table[0][i] = strings.ToUpper(title)
	}
	for i := range rows.Count {
		table = append(table, slices.Clone(rows.Cells(i)))
	}
	widths := make([]int, len(rows.Header))
	for _, line := range table {
		for i, cell := range line {
			line[i] = cmp.Or(Printable(cell), "-")
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

// Printable shows control characters as Go writes them: a name must not be able
// to move the terminal's cursor.
func Printable(s string) string {
	if strings.IndexFunc(s, unicode.IsControl) < 0 {
		return s
	}
	quoted := strconv.Quote(s)
	return quoted[1 : len(quoted)-1]
}

// JSON prints an array with one object a line.
func (rows Rows) JSON(out io.Writer) error {
	separator := "["
	for i := range rows.Count {
		text, err := JSONText(rows.Object(i))
		if err != nil {
			return err
		}
		if _, err := io.WriteString(out, separator+text); err != nil {
			return err
		}
		separator = ",\n "
	}
	end := "]\n"
	if rows.Count == 0 {
		end = "[]\n"
	}
	_, err := io.WriteString(out, end)
	return err
}

// JSONText is json.Marshal without \u0026 for & in URIs: this is no web page.
func JSONText(v any) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return strings.TrimSuffix(b.String(), "\n"), err
}

// CSV prints the header and each row as RFC 4180 has it, lines ending in LF.
func (rows Rows) CSV(out io.Writer) error {
	w := csv.NewWriter(out)
	if err := w.Write(rows.Header); err != nil {
		return err
	}
	for i := range rows.Count {
		if err := w.Write(rows.Cells(i)); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}
