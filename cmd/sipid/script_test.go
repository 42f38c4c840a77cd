package main_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	main "sipid/cmd/sipid"
)

// TestScripts runs testdata/script/*.txt, which read like a terminal:
//
//	$ sipid version x
//	! sipid: unexpected argument "x"...
//	? 2
//
// A line with $ is a command, > a line on standard output, ! one on standard
// error, ? the exit code (0 when not said); ... stands for anything. All output
// must be named, in order. "-- NAME --" begins a file, which goes on to the
// next such line. Each script has an empty directory of its own.
func TestScripts(t *testing.T) {
	paths, err := filepath.Glob("testdata/script/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no scripts found: %v", err)
	}
	for _, path := range paths {
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			for _, name := range os.Environ() {
				if name, _, _ := strings.Cut(name, "="); strings.HasPrefix(name, "SIPID_") {
					t.Setenv(name, "")
					os.Unsetenv(name)
				}
			}
			t.Chdir(t.TempDir())
			runScript(t, path, string(source))
		})
	}
}

type scriptStep struct {
	line           int
	command        string
	stdout, stderr []string
	exit           string
}

func runScript(t *testing.T, name, source string) {
	t.Helper()
	steps := parseScript(t, name, source)
	if len(steps) == 0 {
		t.Fatalf("%s: no command", name)
	}
	for _, step := range steps {
		var stdout, stderr bytes.Buffer
		code := main.Run(context.Background(), splitWords(step.command), &stdout, &stderr)
		at := fmt.Sprintf("%s:%d: %s", name, step.line, step.command)
		compareLines(t, at+": stdout", stdout.String(), step.stdout)
		compareLines(t, at+": stderr", stderr.String(), step.stderr)
		if fmt.Sprint(code) != step.exit {
			t.Errorf("%s: exit code %d, want %s", at, code, step.exit)
		}
	}
}

func parseScript(t *testing.T, name, source string) []*scriptStep {
	t.Helper()
	var steps []*scriptStep
	var file string
	for i, line := range strings.Split(source, "\n") {
		if header, ok := strings.CutPrefix(line, "-- "); ok && strings.HasSuffix(header, " --") {
			file = strings.TrimSuffix(header, " --")
			line = ""
			if err := os.WriteFile(file, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if file != "" {
			appendLine(t, file, line)
			continue
		}
		mark, text, _ := strings.Cut(line, " ")
		if mark == "$" {
			steps = append(steps, &scriptStep{line: i + 1, command: text, exit: "0"})
			continue
		}
		if line == "" || mark == "#" {
			continue
		}
		if len(steps) == 0 {
			t.Fatalf("%s:%d: output before a command", name, i+1)
		}
		last := steps[len(steps)-1]
		switch mark {
		case ">":
			last.stdout = append(last.stdout, text)
		case "!":
			last.stderr = append(last.stderr, text)
		case "?":
			last.exit = text
		default:
			t.Fatalf("%s:%d: a line starts with $ > ! ? or #", name, i+1)
		}
	}
	return steps
}

func appendLine(t *testing.T, path, line string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(line + "\n"); err != nil {
		t.Fatal(err)
	}
}

// splitWords splits as a shell does for words and double quotes.
func splitWords(command string) []string {
	var words []string
	for _, m := range regexp.MustCompile(`(?:[^\s"]|"[^"]*")+`).FindAllString(command, -1) {
		words = append(words, strings.ReplaceAll(m, `"`, ""))
	}
	return words
}

func compareLines(t *testing.T, what, got string, want []string) {
	t.Helper()
	pattern := ""
	for _, line := range want {
		parts := strings.Split(line, "...")
		for i := range parts {
			parts[i] = regexp.QuoteMeta(parts[i])
		}
		pattern += strings.Join(parts, ".*") + `\n`
	}
	// Trailing blanks cannot be seen in a script.
	got = regexp.MustCompile(`[ \t]+\n`).ReplaceAllString(got, "\n")
	if !regexp.MustCompile(`^` + pattern + `$`).MatchString(got) {
		t.Errorf("%s:\n%s\nwant:\n%s", what, got, strings.Join(want, "\n"))
	}
}
