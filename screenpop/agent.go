package screenpop

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"sipid/sipmsg"
)

// AgentSource is a header that may say which agent has a call.
type AgentSource uint8

// The headers, in the order they are asked when nothing else is configured.
const (
	FromAssertedIdentity AgentSource = iota // p-asserted-identity
	FromRemoteParty                         // remote-party-id
	FromContact                             // contact
)

var agentSources = [...]string{"p-asserted-identity", "remote-party-id", "contact"}

// String gives the name used in the configuration.
func (s AgentSource) String() string { return agentSources[s] }

// ParseAgentSource reads the name used in the configuration.
func ParseAgentSource(name string) (AgentSource, error) {
	i := slices.Index(agentSources[:], name)
	if i < 0 {
		return 0, fmt.Errorf("%q: %s is expected", name, strings.Join(agentSources[:], ", "))
	}
	return AgentSource(i), nil
}

func (a *Agent) value(s AgentSource) string {
	return [...]string{a.AssertedIdentity, a.RemoteParty, a.Contact}[s]
}

// maxExtension bounds what is taken for an extension.
const maxExtension = 32

// ValidExtension says whether a name can be an agent's extension: it stands in
// URLs, cookies and logs as it is.
func ValidExtension(s string) bool {
	dots := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '.':
			dots++
		case c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '*', c == '+', c == '-', c == '_':
		default:
			return false
		}
	}
	return len(s) <= maxExtension && dots < len(s)
}

// extension finds the agent in the first header, in the configured order, that
// names one we know. A Contact is often the PBX itself: that is nobody's desk.
func (s *Service) extension(a *Agent) string {
	for _, source := range s.o.AgentFrom {
		list := []byte(a.value(source))
		// P-Asserted-Identity may hold a sip and a tel URI (RFC 3325 9.1).
		for range 4 {
			var value []byte
			if value, list = sipmsg.NextValue(list); len(value) == 0 {
				break
			}
			if user := userOf(value); s.access.known(user) {
				return user
			}
		}
	}
	return ""
}

// userOf gives the user part of an address, without password and parameters;
// empty when there is none that could be an extension.
func userOf(value []byte) string {
	address, err := sipmsg.ParseNameAddr(value)
	if err != nil {
		return ""
	}
	uri, err := sipmsg.ParseURI(address.URI)
	if err != nil {
		return ""
	}
	user := string(uri.User)
	if end := strings.IndexAny(user, ":;"); end >= 0 {
		user = user[:end]
	}
	if user, err = url.PathUnescape(user); err != nil || !ValidExtension(user) {
		return ""
	}
	return user
}
