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

const tortureIntro = `# What sipid does with odd messages

Written by TestTorture in e2e (` + "`go test ./e2e -run TestTorture -update`" + `). Where standards or good sense allow more than one
answer, this is the one that sipid gives, over UDP with ` + "`body: sdp`" + `, and why. The rules behind the rows:

- **reject:400** What two readers could read differently goes nowhere, and whoever sent it is told.
- **forward** What is merely odd, or somebody else's business, passes as it came. A proxy that mends or refuses what it
  need not understand breaks calls.
- **forward, not identified** A call whose ISUP or MIME can be read in two ways, or not at all, is not lost, but it gets
  no name: a wrong one is worse than none.
- **close** On a stream, when it is in doubt where a message ends, nothing behind that place is read.
- **ignore** Responses and ACKs cannot be refused; where they may not go on they are dropped.

| message | allowed | sipid | what it is |
|---|---|---|---|
`

// checkTortureDoc compares docs/torture.md with what happened.
func checkTortureDoc(t *testing.T, entries []*tortureEntry, results map[string]tortureResult) {
	t.Helper()
	var doc strings.Builder
	doc.WriteString(tortureIntro)
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
		fmt.Fprintf(&doc, "| %s | %s | %s | %s |\n", e.Name, strings.Join(e.wants(), ", "), results[e.Name].got, strings.ReplaceAll(why, "|", `\|`))
	}
	if rows < 100 {
		t.Errorf("%d rows, something is missing", rows)
	}
	file := filepath.Join(repoRoot(t), "docs", "torture.md")
	if *update {
		if err := os.WriteFile(file, []byte(doc.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if old, err := os.ReadFile(file); err != nil || string(old) != doc.String() {
		t.Errorf("%s says something else (%v): read what changed and run with -update", file, err)
	}
}
