package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var updateClient = flag.Bool("update-client", false, "rewrite the transcripts in testdata/client")

// clientProcessEnv makes the test binary be sipid.
const clientProcessEnv = "SIPID_TEST_CLIENT_PROCESS"

// TestClientProcess is not a test: the transcripts run it as their sipid.
func TestClientProcess(t *testing.T) {
	if os.Getenv(clientProcessEnv) == "" {
		t.Skip("runs within TestClientTranscripts")
	}
	os.Exit(run(context.Background(), append([]string{"sipid"}, flag.Args()...), os.Stdout, os.Stderr))
}

// Each file in testdata/client is a terminal's transcript: "$ " and a line for
// the shell, then what it printed on both outputs, then "? " and the exit code
// where that is not 0. Lines with # are comments.
func TestClientTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/client/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := replay(t, string(want))
			if *updateClient {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			compareLines(t, got, string(want))
		})
	}
}

// replay runs the commands of a transcript in an empty directory, and gives the
// transcript as it is now.
func replay(t *testing.T, transcript string) string {
	t.Helper()
	dir, env := t.TempDir(), shellEnv(t)
	var b strings.Builder
	commands := 0
	for line := range strings.Lines(transcript) {
		command, ok := strings.CutPrefix(line, "$ ")
		if !ok {
			if line == "\n" || strings.HasPrefix(line, "#") {
				b.WriteString(line)
			}
			continue
		}
		commands++
		shell := exec.Command("sh", "-c", command)
		shell.Dir, shell.Env = dir, env
		out, err := shell.CombinedOutput()
		b.WriteString(line + string(out))
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			fmt.Fprintf(&b, "? %d\n", exit.ExitCode())
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if commands == 0 {
		t.Error("no commands in the transcript")
	}
	return b.String()
}

// shellEnv is an environment in which sipid is this test binary.
func shellEnv(t *testing.T) []string {
	t.Helper()
	bin := t.TempDir()
	script := fmt.Sprintf("#!/bin/sh\n%s=1 exec '%s' -test.run='^TestClientProcess$' -- \"$@\"\n", clientProcessEnv, os.Args[0])
	if err := os.WriteFile(filepath.Join(bin, "sipid"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return []string{"PATH=" + bin + ":" + os.Getenv("PATH"), "SIPID_BY=tester", "TMPDIR=" + t.TempDir()}
}

func compareLines(t *testing.T, got, want string) {
	t.Helper()
	if got == want {
		return
	}
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			t.Fatalf("line %d is\n%s\nwant\n%s", i+1, g[i], w[i])
		}
	}
	t.Fatalf("%d lines, want %d:\n%s", len(g), len(w), got)
}
