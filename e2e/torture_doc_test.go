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

One octet, or two, more before or behind a trusted name: 131 584 spellings of each of the eight, by connections and with a sound
message behind each that is no legal name (` + "`scripts/failure/streams.sh`" + `, TestTrustedNamesSweepByStreams). Of a name 11 053 reach the PBX, as
headers of their own or without the line, 120 532 end their connection, and nothing behind these is read. Readers at the PBX: a strict
one, one that ends lines at LF, one that skips what is no letter. By TCP all 1 052 672 were sent, in 13 minutes on two processors
with much other work: no reader saw a trusted name. By TLS, which takes ten minutes a name there, X-Edge-Source and X-Access-ID were
sent whole: none either; the others in the sample that ` + "`scripts/test`" + ` sends, 608 of each.

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
