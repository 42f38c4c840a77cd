package main_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	main "sipid/cmd/sipid"
)

// TestConfigFiles checks every file of config/testdata. Comments at its top
// say what `sipid check` must answer:
//
//	# want: LINE: FIELD: RULE     an error; all errors must be named
//	# want: > TEXT                a line of the excerpt with the caret
//	# want: !TEXT                 an error of another file
//	# warn: LINE: FIELD: RULE     a warning; all warnings must be named
//
// A text may end in "...". A file without wants is valid.
func TestConfigFiles(t *testing.T) {
	paths, err := filepath.Glob("../../config/testdata/*.yaml")
	if err != nil || len(paths) < 25 {
		t.Fatalf("%d configuration files found: %v", len(paths), err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".yaml"), func(t *testing.T) {
			path, err := filepath.Abs(path)
			if err != nil {
				t.Fatal(err)
			}
			t.Chdir(t.TempDir())
			wants, warns := expectations(t, path)
			var stdout, stderr bytes.Buffer
			args := []string{"sipid", "check", "--config", path}
			code := main.Run(context.Background(), args, &stdout, &stderr)
			if valid := len(wants) == 0; valid != (code == 0) || code > 1 {
				t.Fatalf("exit code %d, stderr:\n%s", code, stderr.String())
			}
			compareMessages(t, "errors", path, strings.TrimPrefix(stderr.String(), "sipid: "), wants)
			compareMessages(t, "warnings", path, warningsOf(stdout.String()), warns)
		})
	}
}

func expectations(t *testing.T, path string) (wants, warns []string) {
	t.Helper()
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(source)) {
		if want, ok := strings.CutPrefix(line, "# want: "); ok {
			wants = append(wants, strings.TrimSpace(want))
		}
		if warn, ok := strings.CutPrefix(line, "# warn: "); ok {
			warns = append(warns, strings.TrimSpace(warn))
		}
	}
	return wants, warns
}

var (
	numbered = regexp.MustCompile(`^\d+: `)
	located  = regexp.MustCompile(`^\d+:\d+: `)
)

// compareMessages wants every message named, and no others. Errors of YAML
// itself come with an excerpt, of which only some lines are named.
func compareMessages(t *testing.T, what, path, output string, wants []string) {
	t.Helper()
	got := strings.Split(strings.TrimSpace(output), "\n")
	if output == "" {
		got = nil
	}
	excerpt := slices.ContainsFunc(wants, located.MatchString)
	for _, want := range wants {
		switch {
		case numbered.MatchString(want), located.MatchString(want):
			want = path + ":" + want
		case want[0] == '!':
			want = want[1:] // of another file than this one
		case want[0] != '>':
			want = path + ": " + want
		}
		prefix, open := strings.CutSuffix(want, "...")
		found := slices.ContainsFunc(got, func(line string) bool {
			return line == want || (open || excerpt) && strings.HasPrefix(line, prefix)
		})
		if !found {
			t.Errorf("%s: missing: %s\ngot:\n%s", what, want, output)
		}
	}
	if !excerpt && len(got) != len(wants) {
		t.Errorf("%s: %d, want %d:\n%s", what, len(got), len(wants), output)
	}
	if excerpt && !strings.Contains(output, "^") {
		t.Errorf("%s: no caret:\n%s", what, output)
	}
}

func warningsOf(output string) string {
	var lines []string
	for line := range strings.Lines(output) {
		if text, ok := strings.CutPrefix(line, "warning: "); ok {
			lines = append(lines, strings.TrimSpace(text))
		}
	}
	return strings.Join(lines, "\n")
}
