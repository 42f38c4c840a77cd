package vas_test

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"sipid/vas"
)

func TestParseTokens(t *testing.T) {
	file := "\ufeff# rotated in July\r\n\nplain\n" +
		"issuer issue\n  claimer\tclaim   callcentre-1 \n" +
		fmt.Sprintf("sha256:%x claim cc-2\n", sha256.Sum256([]byte("hashed"))) +
		fmt.Sprintf("sha256:%X\n", sha256.Sum256([]byte("upper")))
	tokens, err := vas.ParseTokens(strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	for bearer, want := range map[string]string{
		"plain": "true true ", "issuer": "true false ", "claimer": "false true callcentre-1", "hashed": "false true cc-2", "upper": "true true ",
	} {
		got, ok := tokens.Identify(bearer)
		if text := fmt.Sprint(got.Issue, got.Claim, " ", got.Claimant); !ok || text != want {
			t.Errorf("%s: %s, %v, want %s", bearer, text, ok, want)
		}
	}
	for _, bearer := range []string{"", "#", "plain ", "Plain", "plainx", "plai", fmt.Sprintf("sha256:%x", sha256.Sum256([]byte("hashed")))} {
		if got, ok := tokens.Identify(bearer); ok || got.Issue || got.Claim {
			t.Errorf("%q is let in", bearer)
		}
	}
}

func TestParseTokensErr(t *testing.T) {
	for file, want := range map[string]string{
		"":                             "no token",
		"# nothing\n":                  "no token",
		"secret-1 admin":               "line 1: the role",
		"a\n\nsecret-1 claim b c":      "line 3: more than",
		"a\nsha256:abcd":               "line 2: sha256",
		"sha256:zz" + zeros(62):        "line 1: sha256",
		"secret-1\nb\nsecret-1 issue":  "line 3: the same token",
		"x" + strings.Repeat("y", 1e5): "too long",
	} {
		_, err := vas.ParseTokens(strings.NewReader(file))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%.20q: %v, want %s", file, err, want)
		}
	}
}

func zeros(n int) string { return strings.Repeat("0", n) }
