package config_test

import (
	"os"
	"path/filepath"
	"sipid/config"
	"sipid/screenpop"
	"strings"
	"testing"
)

func TestTokensOfAgents(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tokens")
	if err := os.WriteFile(file, []byte("first-token-of-8001\n\nsecond-token-of-8001\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	list, err := config.ReadTokens("agent", []config.TokenRef{config.TokenRef("file:" + file)})
	if err != nil || len(list) != 2 || list[1] != screenpop.HashToken("second-token-of-8001") {
		t.Errorf("%x, %v", list, err)
	}
	t.Setenv("SHORT", "hunter2")
	for _, ref := range []config.TokenRef{"env:SHORT", "env:NOT_SET_AT_ALL", "file:/not/there"} {
		if _, err := config.ReadTokens("agent", []config.TokenRef{ref}); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", ref, err)
		}
	}
}
