package config

import (
	"fmt"
	"strings"

	"sipid/screenpop"
	"sipid/vas"
)

// minToken is how long a token must be: 16 random characters are out of reach
// of guessing.
const minToken = 16

// TokenRef says where the token of somebody who asks us is: "env:NAME",
// "file:PATH" with one token a line, or "sha256:" with its hash.
type TokenRef string

// tokenRefs checks the form of references. What is wrong may be the token
// itself, so it is not repeated.
func tokenRefs(p *problems, path string, values textList) []TokenRef {
	list := make([]TokenRef, len(values))
	for i, v := range values {
		list[i] = TokenRef(v)
		at := path
		if len(values) > 1 {
			at = fmt.Sprintf("%s[%d]", path, i)
		}
		if hash, ok := strings.CutPrefix(string(v), "sha256:"); ok {
			if _, err := screenpop.ParseTokenHash(hash); err != nil {
				p.add(at, "sha256: %v", err)
			}
		} else if v == "" || vas.SecretRef(v).Validate() != nil {
			p.add(at, "env:NAME, file:PATH or sha256:HASH is expected; a token does not stand in this file")
		}
	}
	return list
}

// ReadTokens reads what references name.
func ReadTokens(path string, refs []TokenRef) ([]screenpop.TokenHash, error) {
	var list []screenpop.TokenHash
	for _, ref := range refs {
		if hash, ok := strings.CutPrefix(string(ref), "sha256:"); ok {
			h, err := screenpop.ParseTokenHash(hash)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
			list = append(list, h)
			continue
		}
		content, err := vas.SecretRef(ref).Read()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		for line := range strings.Lines(content) {
			token := strings.TrimSpace(line)
			if token == "" {
				continue
			}
			if len(token) < minToken {
				return nil, fmt.Errorf("%s: %s: a token of at least %d characters is expected, as from `openssl rand -hex 16`", path, ref, minToken)
			}
			list = append(list, screenpop.HashToken(token))
		}
	}
	return list, nil
}

// ReadTokens reads what the section refers to into o.
func (s *Screenpop) ReadTokens(o *screenpop.Options) (err error) {
	for _, a := range s.Agents {
		tokens, err := ReadTokens("screenpop: agent "+a.Extension, a.Tokens)
		if err != nil {
			return err
		}
		o.Agents = append(o.Agents, screenpop.AgentAccess{Extension: a.Extension, Tokens: tokens})
	}
	if o.Supervisor, err = ReadTokens("screenpop.supervisor", s.Supervisor); err != nil {
		return err
	}
	o.PBX, err = ReadTokens("screenpop.pbx", s.PBX)
	return err
}
