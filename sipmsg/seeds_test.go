package sipmsg_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// seed is one message of testdata.
type seed struct {
	name string
	raw  []byte
}

// loadSeeds reads all messages of the given folders of testdata. Each folder
// must have some: a test or a fuzz target that silently runs on nothing proves
// nothing.
func loadSeeds(tb testing.TB, folders ...string) []seed {
	tb.Helper()
	var seeds []seed
	for _, folder := range folders {
		files, err := filepath.Glob(filepath.Join("testdata", folder, "*.sip"))
		if err != nil || len(files) == 0 {
			tb.Fatalf("no messages in testdata/%s (%v)", folder, err)
		}
		for _, file := range files {
			seeds = append(seeds, readSeed(tb, file))
		}
	}
	return seeds
}

func readSeed(tb testing.TB, file string) seed {
	tb.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	if len(raw) == 0 {
		tb.Fatalf("%s is empty", file)
	}
	return seed{strings.TrimSuffix(strings.TrimSuffix(filepath.Base(file), ".sip"), ".dat"), raw}
}

// loadRFC4475 reads the messages of RFC 4475 from the sipgo module, which ships
// their octets.
func loadRFC4475(tb testing.TB) map[string][]byte {
	tb.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/emiago/sipgo").Output()
	if err != nil {
		tb.Fatalf("find the sipgo module: %v", err)
	}
	files, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(dir)), "sip", "testdata", "torture", "*", "*.dat"))
	if err != nil || len(files) == 0 {
		tb.Fatalf("no RFC 4475 messages in the sipgo module (%v)", err)
	}
	messages := make(map[string][]byte)
	for _, file := range files {
		s := readSeed(tb, file)
		messages[s.name] = s.raw
	}
	delete(messages, "test") // sipgo's own, not from the RFC
	return messages
}
