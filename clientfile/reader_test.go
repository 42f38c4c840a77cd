package clientfile

import (
	"bytes"
	"encoding/csv"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// FuzzClientCSV: whatever is read can be written and reads back the same,
// octet for octet; nothing makes the reader panic or loop.
func FuzzClientCSV(f *testing.F) {
	seeds, err := filepath.Glob("testdata/csv/*.csv")
	if err != nil || len(seeds) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, seed := range seeds {
		text, err := os.ReadFile(seed)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		records, err := readRecords(text)
		if err != nil {
			return
		}
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		if err := w.WriteAll(records); err != nil {
			t.Fatal(err)
		}
		again, err := readRecords(b.String())
		// A record of one empty field is an empty line, which is none.
		records = slices.DeleteFunc(records, func(r []string) bool { return len(r) == 1 && r[0] == "" })
		if err != nil || !slices.EqualFunc(records, again, slices.Equal) {
			t.Fatalf("%q\nwritten as %q\nreads as %q (%v)", records, b.String(), again, err)
		}
	})
}

func readRecords(text string) ([][]string, error) {
	r := newCSVReader([]byte(text))
	var records [][]string
	for {
		fields, _, err := r.next()
		if err == io.EOF {
			return records, nil
		}
		if err != nil {
			return nil, err
		}
		records = append(records, fields)
	}
}

// Rows are lines of the file, so that an editor finds them.
func TestCSVRows(t *testing.T) {
	tests := []struct {
		text string
		rows []int
	}{
		{"", nil},
		{"\n\n", nil},
		{"a,b\nc,d", []int{1, 2}},
		{"a,b\r\nc,d\r\n", []int{1, 2}},
		{"\na,b\n\n\nc,d\n\n", []int{2, 5}},
		{"a,\"b\nb\r\nb\"\nc,d\n", []int{1, 4}},
	}
	for _, test := range tests {
		r := newCSVReader([]byte(test.text))
		var rows []int
		for {
			_, row, err := r.next()
			if err != nil {
				break
			}
			rows = append(rows, row)
		}
		if !slices.Equal(rows, test.rows) {
			t.Errorf("%q: rows %v, want %v", test.text, rows, test.rows)
		}
	}
}

// Where encoding/csv and this reader both take a file, they agree but for line
// ends within quotes.
func TestCSVAgreesWithEncodingCSV(t *testing.T) {
	for _, text := range []string{
		"a,b,c\n1,2,3\n", "a\r\nb\r\n", "\"a,b\",\"c\"\"d\"\n", ",,\n\"\",x,\n", " a , b \n", "ä,\"ö\nü\"\n", "a,b",
	} {
		got, err := readRecords(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		want, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if !slices.EqualFunc(got, want, slices.Equal) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
