package vas

import (
	"bufio"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Identity is who a request comes from, and what it may do.
type Identity struct {
	Claimant string // empty: the request says it
	Issue    bool   // issue and delete
	Claim    bool
	limit    string // what its limits are counted under
}

// Tokens are the bearer tokens that are valid, several at a time so that one can
// be replaced while the other is still in use. Only their SHA-256 is kept.
type Tokens struct{ list []token }

type token struct {
	hash     [sha256.Size]byte
	identity Identity
}

const hashMark = "sha256:"

// ParseTokens reads one token a line: the token itself, or "sha256:" and the
// SHA-256 of it in hex, then optionally the role (issue or claim; without one,
// both) and the claimant's name. Empty lines and lines with # are passed over.
// An error names the line, never what stands in it.
func ParseTokens(r io.Reader) (*Tokens, error) {
	t := &Tokens{}
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\ufeff"))
		if line == "" || line[0] == '#' {
			continue
		}
		one, err := parseToken(strings.Fields(line))
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		for _, other := range t.list {
			if other.hash == one.hash {
				return nil, fmt.Errorf("line %d: the same token as in a line before", n)
			}
		}
		t.list = append(t.list, one)
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if len(t.list) == 0 {
		return nil, errors.New("no token")
	}
	return t, nil
}

func parseToken(words []string) (token, error) {
	one := token{identity: Identity{Issue: true, Claim: true}}
	if digits, ok := strings.CutPrefix(words[0], hashMark); ok {
		hash, err := hex.DecodeString(digits)
		if err != nil || len(hash) != sha256.Size {
			return one, errors.New("sha256: 64 hex digits follow")
		}
		copy(one.hash[:], hash)
	} else {
		one.hash = sha256.Sum256([]byte(words[0]))
	}
	if len(words) > 1 {
		one.identity.Issue, one.identity.Claim = words[1] == "issue", words[1] == "claim"
		if !one.identity.Issue && !one.identity.Claim {
			return one, errors.New("the role is issue or claim")
		}
	}
	if len(words) > 2 {
		one.identity.Claimant = words[2]
	}
	if len(words) > 3 {
		return one, errors.New("more than token, role and claimant")
	}
	one.identity.limit = "token " + hex.EncodeToString(one.hash[:8])
	return one, nil
}

// Identify says whose token it is. It takes the same time for any token, right
// or wrong: hashes are compared whole, and all of them.
func (t *Tokens) Identify(bearer string) (Identity, bool) {
	hash := sha256.Sum256([]byte(bearer))
	found := -1
	for i := range t.list {
		equal := subtle.ConstantTimeCompare(hash[:], t.list[i].hash[:])
		found = subtle.ConstantTimeSelect(equal, i, found)
	}
	if found < 0 {
		return Identity{}, false
	}
	return t.list[found].identity, true
}
