package router

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Client is a client system: a row of the client access table.
type Client struct {
	AccessID     string   // decimal, 1 to 15 digits, leading zeros count
	Name         string   // UTF-8, shown to agents
	Endpoint     string   // absolute URI without user information
	SerialDigits int      // digits behind the access ID, 1 to 32
	PBX          string   // PBX group; empty means default
	Calling      []string // numbers this client calls with
	Enabled      bool

	ValidFrom     Moment  // its calls are identified from here on
	ValidTo       Moment  // and until here; a day counts to its end
	MaxCPS        float64 // calls per second; 0: no limit
	MaxCalls      int     // calls at the same time; 0: no limit
	HeaderProfile string  // which headers its calls get; empty: those of the PBX group
	Notes         string  // UTF-8, for people; shown to nobody else
}

// DefaultSerialDigits is the serial's length where nobody says otherwise.
const DefaultSerialDigits = 8

// DefaultGroupName is the PBX group of clients that name none, and of calls
// that are not identified.
const DefaultGroupName = "default"

// The limits of a client's fields. A header that carries one has to fit into a
// datagram beside everything else (RFC 3261 section 18.1.1).
const (
	maxAccessID     = 15 // the table's keys hold four bits a digit
	maxSerialDigits = 32
	maxName         = 256
	maxEndpoint     = 1024
	maxPBX          = 64
	maxCalling      = 32
	maxNotes        = 1024
)

// Validate checks every field but what depends on other clients. The error is
// a *FieldError.
func (c *Client) Validate() error {
	if rule := accessIDRule(c.AccessID); rule != "" {
		return &FieldError{Field: "access_id", Rule: rule}
	}
	if rule := nameRule(c.Name); rule != "" {
		return &FieldError{Field: "name", Rule: rule}
	}
	if rule := endpointRule(c.Endpoint); rule != "" {
		return &FieldError{Field: "endpoint", Rule: rule}
	}
	if c.SerialDigits < 1 || c.SerialDigits > maxSerialDigits {
		return &FieldError{Field: "serial_digits", Rule: fmt.Sprintf("%d is not between 1 and %d", c.SerialDigits, maxSerialDigits)}
	}
	if rule := pbxRule(c.PBX); rule != "" {
		return &FieldError{Field: "pbx", Rule: rule}
	}
	for _, number := range c.Calling {
		if !isDigits(strings.TrimPrefix(number, "+")) || len(number) > maxCalling {
			return &FieldError{Field: "calling", Rule: fmt.Sprintf("%q is no number: up to %d digits are expected, with or without + in front", clip(number), maxCalling)}
		}
	}
	return c.validateTerms()
}

// validateTerms checks when, how often and how a client may call.
func (c *Client) validateTerms() error {
	if c.ValidFrom != 0 && c.ValidTo != 0 && c.ValidTo.before(c.ValidFrom) {
		return &FieldError{Field: "valid_to", Rule: fmt.Sprintf("%s is before valid_from %s", c.ValidTo, c.ValidFrom)}
	}
	if !(c.MaxCPS >= 0) || math.IsInf(c.MaxCPS, 0) {
		return &FieldError{Field: "max_cps", Rule: fmt.Sprintf("%v is no number of calls a second", c.MaxCPS)}
	}
	if c.MaxCalls < 0 {
		return &FieldError{Field: "max_calls", Rule: fmt.Sprintf("%d is below 0", c.MaxCalls)}
	}
	if rule := pbxRule(c.HeaderProfile); rule != "" {
		return &FieldError{Field: "header_profile", Rule: rule}
	}
	if len(c.Notes) > maxNotes || !utf8.ValidString(c.Notes) {
		return &FieldError{Field: "notes", Rule: fmt.Sprintf("is not UTF-8 of at most %d octets", maxNotes)}
	}
	return nil
}

// inForce says whether the row's dates allow calls. Only rows that have dates
// ask for the time.
func (c *Client) inForce(now func() time.Time) bool {
	if c.ValidFrom|c.ValidTo == 0 {
		return true
	}
	at := now()
	return (c.ValidFrom == 0 || c.ValidFrom.reached(at)) && (c.ValidTo == 0 || !c.ValidTo.over(at))
}

// Equal says whether two clients are the same in every field.
func (c *Client) Equal(other *Client) bool {
	return c.AccessID == other.AccessID && c.Name == other.Name && c.Endpoint == other.Endpoint &&
		c.SerialDigits == other.SerialDigits && c.PBX == other.PBX && c.Enabled == other.Enabled &&
		c.ValidFrom == other.ValidFrom && c.ValidTo == other.ValidTo && c.MaxCPS == other.MaxCPS && c.MaxCalls == other.MaxCalls &&
		c.HeaderProfile == other.HeaderProfile && c.Notes == other.Notes && slices.Equal(c.Calling, other.Calling)
}

// GroupName is the PBX group the client's calls go to.
func (c *Client) GroupName() string {
	if c.PBX == "" {
		return DefaultGroupName
	}
	return c.PBX
}

func accessIDRule(id string) string {
	if !isDigits(id) || len(id) > maxAccessID {
		return fmt.Sprintf("%q is not 1 to %d decimal digits", clip(id), maxAccessID)
	}
	return ""
}

// nameRule allows control characters inside: the header shows them
// percent-encoded. White space at the ends would get lost on the way, as
// readers of headers trim it.
func nameRule(name string) string {
	switch {
	case name == "":
		return "must not be empty"
	case len(name) > maxName:
		return fmt.Sprintf("is %d octets long, at most %d are allowed", len(name), maxName)
	case !utf8.ValidString(name):
		return "is not valid UTF-8"
	case strings.TrimSpace(name) != name:
		return "must not begin or end with white space"
	}
	return ""
}

func pbxRule(pbx string) string {
	if len(pbx) > maxPBX || !utf8.ValidString(pbx) {
		return fmt.Sprintf("is not UTF-8 of at most %d octets", maxPBX)
	}
	for _, r := range pbx {
		if r <= ' ' || isControl(r) {
			return fmt.Sprintf("%q has white space or a control character", pbx)
		}
	}
	return ""
}

// endpointRule wants an absolute URI (RFC 3986 section 4.3) without user
// information: the PBX and whoever reads its logs see it. Octets that RFC 3986
// does not allow are refused, as control characters among them would break the
// header. It is written out because it runs for each of a million rows.
func endpointRule(uri string) string {
	if len(uri) > maxEndpoint {
		return fmt.Sprintf("is %d octets long, at most %d are allowed", len(uri), maxEndpoint)
	}
	for i := range len(uri) {
		if uri[i] <= ' ' || uri[i] >= 0x7F {
			return fmt.Sprintf("octet %d is %#02x: a URI is printable ASCII without spaces, write others percent-encoded", i, uri[i])
		}
	}
	scheme, rest, ok := strings.Cut(uri, ":")
	if !ok || !isScheme(scheme) || rest == "" || rest == "//" {
		return fmt.Sprintf("%q is no absolute URI like https://host/path", clip(uri))
	}
	if hasUserInfo(scheme, rest) {
		return "must not carry user information (the part before @)"
	}
	return ""
}

// isScheme: a letter, then letters, digits, + - . (RFC 3986 section 3.1).
func isScheme(s string) bool {
	for i := range len(s) {
		c := s[i] | 0x20
		letter := c >= 'a' && c <= 'z'
		if !letter && (i == 0 || (s[i] < '0' || s[i] > '9') && s[i] != '+' && s[i] != '-' && s[i] != '.') {
			return false
		}
	}
	return s != ""
}

// hasUserInfo looks into the authority, and into the whole of a SIP URI, which
// has a user in front of @ without being hierarchical.
func hasUserInfo(scheme, rest string) bool {
	if authority, ok := strings.CutPrefix(rest, "//"); ok {
		if end := strings.IndexAny(authority, "/?#"); end >= 0 {
			authority = authority[:end]
		}
		return strings.Contains(authority, "@")
	}
	sip := strings.EqualFold(scheme, "sip") || strings.EqualFold(scheme, "sips")
	return sip && strings.Contains(rest, "@")
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// clip shortens a refused value, so that an error stays one readable line.
func clip(s string) string {
	const most = 40
	if len(s) > most {
		return s[:most] + "..."
	}
	return s
}
