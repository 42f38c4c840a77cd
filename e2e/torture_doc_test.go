package e2e_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/torture.md anew")

// tortureRows begins the part of docs/torture.md that is written here; what stands before it is the author's.
const tortureRows = "\n| message | allowed | sipid | what it is |\n|---|---|---|---|\n"

// checkTortureDoc compares the table in docs/torture.md with what happened.
func checkTortureDoc(t *testing.T, entries []*tortureEntry, results map[string]tortureResult) {
	t.Helper()
	var table strings.Builder
	rows := 0
	for _, e := range entries {
		if len(e.AlsoOK) == 0 && e.ByDecision == "" {
			continue
		}
		rows++
		why := e.Note
		if e.ByDecision != "" {
			why += " " + e.ByDecision
		}
		fmt.Fprintf(&table, "| %s | %s | %s | %s |\n", e.Name, strings.Join(e.wants(), ", "), results[e.Name].got, strings.ReplaceAll(why, "|", `\|`))
	}
	if rows < 100 {
		t.Errorf("%d rows, something is missing", rows)
	}
	file := filepath.Join(repoRoot(t), "docs", "torture.md")
	doc, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	intro, old, found := strings.Cut(string(doc), tortureRows)
	switch {
	case !found:
		t.Errorf("%s has no table with the heads of %q", file, tortureRows)
	case *update:
		if err := os.WriteFile(file, []byte(intro+tortureRows+table.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	case old != table.String():
		t.Errorf("%s says something else: read what changed and run with -update\n%s", file, changedRows(old, table.String()))
	}
}

// changedRows are the rows that one of the tables has and the other has not.
func changedRows(old, now string) string {
	var changed strings.Builder
	in := func(table, row string) bool { return strings.Contains("\n"+table, "\n"+row+"\n") }
	for row := range strings.Lines(old) {
		if !in(now, strings.TrimSuffix(row, "\n")) {
			changed.WriteString("- " + row)
		}
	}
	for row := range strings.Lines(now) {
		if !in(old, strings.TrimSuffix(row, "\n")) {
			changed.WriteString("+ " + row)
		}
	}
	return changed.String()
}
