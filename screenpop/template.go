package screenpop

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// variables are the names a URL template may use. The user's data are not among
// them: a URL ends up in the logs of servers and the history of browsers.
var variables = []string{"access_id", "agent", "call_id", "called", "calling_number", "client", "serial", "status"}

// Template makes the address of a call's page in a CRM, as in
// https://crm.example/?serial={serial}.
type Template struct {
	text  []string // one more than names
	names []string
	query []bool // whether the variable stands behind the path
}

// ParseTemplate reads a template. It must be an https URL at one of the hosts,
// and variables may stand behind the host only, so that no call decides where
// an agent's browser goes.
func ParseTemplate(s string, hosts []string) (*Template, error) {
	t := new(Template)
	for rest := s; ; {
		text, behind, found := strings.Cut(rest, "{")
		if strings.Contains(text, "}") {
			return nil, errors.New("a } without a { before it")
		}
		t.text = append(t.text, text)
		if !found {
			break
		}
		name, after, closed := strings.Cut(behind, "}")
		if !closed || !slices.Contains(variables, name) {
			return nil, fmt.Errorf("{%s}: there is no such variable, there are %s", name, strings.Join(variables, ", "))
		}
		t.names = append(t.names, name)
		t.query = append(t.query, strings.ContainsAny(strings.Join(t.text, ""), "?#"))
		rest = after
	}
	return t, t.checkPlace(hosts)
}

func (t *Template) checkPlace(hosts []string) error {
	// Only what stands in front of the first variable may decide the host: a
	// slash has to end it there.
	host, ok := strings.CutPrefix(t.text[0], "https://")
	if ok && len(t.names) > 0 && !strings.ContainsAny(host, "/?#") {
		return errors.New("a variable may stand behind the host only")
	}
	u, err := url.Parse(t.text[0])
	switch {
	case err != nil || !ok || u.Host == "" || u.User != nil:
		return errors.New("an https URL is expected, without user information")
	case !slices.Contains(hosts, u.Host):
		return fmt.Errorf("%s is not among the allowed hosts", u.Host)
	}
	if _, err := url.Parse(strings.Join(t.text, "0")); err != nil || strings.ContainsAny(strings.Join(t.text, ""), " \"<>\\^`") {
		return errors.New("an https URL is expected, with escapes where RFC 3986 wants them")
	}
	return nil
}

// expand puts the values in, each escaped. It gives nothing when a value would
// climb up the path.
func (t *Template) expand(value func(name string) string) string {
	var b strings.Builder
	for i, name := range t.names {
		b.WriteString(t.text[i])
		v := value(name)
		if v != "" && !t.query[i] && strings.Trim(v, ".") == "" {
			return ""
		}
		escape(&b, v)
	}
	b.WriteString(t.text[len(t.names)])
	return b.String()
}

// escape writes all but the unreserved characters of RFC 3986 2.3 as escapes, so
// that a value stays one value wherever it stands.
func escape(b *strings.Builder, s string) {
	const unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
	for i := range len(s) {
		if strings.IndexByte(unreserved, s[i]) >= 0 {
			b.WriteByte(s[i])
		} else {
			fmt.Fprintf(b, "%%%02X", s[i])
		}
	}
}

// url is the address of a pop's page in the CRM; empty without
// a template, and for a caller of whom nothing is known.
func (s *Service) url(p *pop) string {
	if s.o.Template == nil || !p.call.known.Resolved {
		return ""
	}
	c := &p.call.known
	return s.o.Template.expand(func(name string) string {
		switch name {
		case "access_id":
			return c.AccessID
		case "agent":
			return p.agent
		case "call_id":
			return p.call.id
		case "called":
			return c.Called
		case "calling_number":
			return c.CallingNumber
		case "client":
			return c.Client
		case "serial":
			return c.Serial
		}
		return c.Status
	})
}
