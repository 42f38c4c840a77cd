package listing_test

import (
	"io"
	"strings"
	"testing"

	"sipid/listing"
)

// Each format, of a name that is wide on a terminal, one that would move its
// cursor, and one with what CSV and JSON write in another way.
func TestFormats(t *testing.T) {
	cells := [][]string{{"宁波", "1"}, {"a\x1b[2J", ""}, {`"b", <c>`, "3"}}
	rows := listing.Rows{
		Count: len(cells), Header: []string{"name", "n"},
		Cells:  func(i int) []string { return cells[i] },
		Object: func(i int) any { return map[string]string{"name": cells[i][0]} },
	}
	for name, test := range map[string]struct {
		print func(io.Writer) error
		want  string
	}{
		"Table": {rows.Table, "NAME      N\n宁波      1\na\\x1b[2J  -\n\"b\", <c>  3\n"},
		"JSON":  {rows.JSON, "[{\"name\":\"宁波\"},\n {\"name\":\"a\\u001b[2J\"},\n {\"name\":\"\\\"b\\\", <c>\"}]\n"},
		"CSV":   {rows.CSV, "name,n\n宁波,1\na\x1b[2J,\n\"\"\"b\"\", <c>\",3\n"},
		"None":  {listing.Rows{Header: rows.Header}.JSON, "[]\n"},
	} {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			if err := test.print(&b); err != nil || b.String() != test.want {
				t.Errorf("%v, printed is\n%q\nwant\n%q", err, b.String(), test.want)
			}
		})
	}
}
