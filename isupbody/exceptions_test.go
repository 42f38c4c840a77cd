package isupbody_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// TestExceptions holds the list of what tshark cannot judge against the places in
// these tests that make use of it, both ways.
func TestExceptions(t *testing.T) {
	f, err := os.Open("testdata/tshark-exceptions.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) < 2 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	listed := map[string]bool{}
	for _, row := range rows[1:] {
		listed[row[0]] = true
	}
	sources, err := filepath.Glob("*_test.go")
	if err != nil || len(sources) == 0 {
		t.Fatal("no test sources")
	}
	used := map[string]bool{}
	mark := regexp.MustCompile(`// exception: ([a-z0-9-]+)`)
	for _, source := range sources {
		text, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range mark.FindAllSubmatch(text, -1) {
			used[string(m[1])] = true
			if !listed[string(m[1])] {
				t.Errorf("%s makes an exception %q that is not listed", source, m[1])
			}
		}
	}
	for id := range listed {
		if !used[id] {
			t.Errorf("exception %q is listed and nobody needs it", id)
		}
	}
}
