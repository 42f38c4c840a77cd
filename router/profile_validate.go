package router

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"sipid/sipmsg"
)

// The header profile of who names none.
const trustedProfile = ""

// CheckProfiles checks header profiles, and that each group's is one of them; an
// empty name are the trusted headers. Every error is a *FieldError. New does the
// same; this is for who has to tell all that is wrong with a file.
func CheckProfiles(profiles []Profile, ofGroups []string) []error {
	var f faults
	names := map[string]bool{}
	for i := range profiles {
		path := fmt.Sprintf("header_profiles[%d]", i)
		checkName(&f, path, profiles[i].Name, names)
		profiles[i].validate(&f, path)
	}
	for i, p := range ofGroups {
		if p != trustedProfile && !names[p] {
			f.add(fmt.Sprintf("pbx_groups[%d].header_profile", i), "%q is no profile of header_profiles", p)
		}
	}
	return f.list
}

func (c *Config) validateProfiles(f *faults) {
	groups := make([]string, len(c.Groups))
	for i := range c.Groups {
		groups[i] = c.Groups[i].HeaderProfile
	}
	f.list = append(f.list, CheckProfiles(c.Profiles, groups)...)
}

func (p *Profile) validate(f *faults, path string) {
	if p.Budget < 0 {
		f.add(path+".budget", "%d is below 0", p.Budget)
	}
	if len(p.Headers) == 0 {
		f.add(path+".headers", "at least one is needed")
	}
	seen, uui := map[string]bool{}, false
	for i := range p.Headers {
		h, at := &p.Headers[i], fmt.Sprintf("%s.headers[%d]", path, i)
		own := foldName(h.Name)
		if rule := ownNameRule(h.Name); rule != "" {
			f.add(at+".name", "%s", rule)
		} else if seen[own] {
			f.add(at+".name", "%q is there twice", h.Name)
		}
		seen[own] = true
		if isUUI := h.Value == ValueUUIGenesys || h.Value == ValueUUIAvaya; isUUI || own == "user-to-user" || own == "x-user-to-user" {
			if uui {
				f.add(at, "one header with User-to-User information is the most: two make PBXs discard both")
			}
			uui = true
		}
		h.validate(f, at)
	}
}

func (h *ProfileHeader) validate(f *faults, path string) {
	values := []string{
		ValueAccessID, ValueSerial, ValueName, ValueEndpoint, ValueStatus, ValueSource, ValueCalling,
		ValueUUIGenesys, ValueUUIAvaya, ValueCallInfo,
	}
	switch {
	case !slices.Contains(values, h.Value):
		f.add(path+".value", "%q is not one of %s", h.Value, strings.Join(values, ", "))
	case h.Value == ValueCallInfo:
		if rule := callInfoRule(h.Text); rule != "" {
			f.add(path+".text", "%s", rule)
		}
	case h.Value == ValueUUIGenesys || h.Value == ValueUUIAvaya:
		if rule := holdersRule(h.Text, holderAccessID, holderSerial, holderCalling); rule != "" || len(h.Text) > maxUUI {
			f.add(path+".text", "%q: up to %d octets of ASCII with %s, %s and %s are expected", clip(h.Text), maxUUI, holderAccessID, holderSerial, holderCalling)
		}
	case h.Text != "":
		f.add(path+".text", "goes with %s, %s and %s only", ValueUUIGenesys, ValueUUIAvaya, ValueCallInfo)
	}
}

// callInfoRule wants an https URL that is worth one call, so it has the serial in
// it, which can be claimed once; and nothing personal: URLs stand in many logs.
func callInfoRule(text string) string {
	u, err := url.Parse(strings.NewReplacer(holderAccessID, "1", holderSerial, "1").Replace(text))
	switch {
	case err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || strings.ContainsAny(text, "<>\" "):
		return fmt.Sprintf("%q is no https URL without user information", clip(text))
	case !strings.Contains(text, holderSerial):
		return holderSerial + " is missing: the URL has to be good for one call only"
	}
	return holdersRule(text, holderAccessID, holderSerial)
}

// holdersRule allows printable ASCII and these placeholders.
func holdersRule(text string, holders ...string) string {
	for _, h := range holders {
		text = strings.ReplaceAll(text, h, "")
	}
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' || text[i] == '{' || text[i] == '}' {
			return "printable ASCII is expected, with " + strings.Join(holders, " and ")
		}
	}
	return ""
}

// ownNameRule keeps profiles away from the headers that SIP itself needs: one
// that a profile writes is removed from what others send.
func ownNameRule(name string) string {
	if _, err := sipmsg.AppendHeader(nil, name, ""); err != nil || len(name) < 2 || len(name) > 64 {
		return fmt.Sprintf("%q is no header name", clip(name))
	}
	switch own := foldName(name); {
	case own == "user-to-user" || own == "call-info" || sipmsg.TrustedName([]byte(name)) && own != "x-edge-source":
		return ""
	case own == "x-edge-source" || sipmsg.Known([]byte(name)) || slices.Contains(strings.Fields(neededBySIP), own):
		return fmt.Sprintf("%q has another meaning in SIP", name)
	}
	return ""
}

// neededBySIP are further headers that must not be taken from their senders.
const neededBySIP = `accept accept-contact accept-encoding accept-language accept-resource-priority allow allow-events
	authentication-info authorization event expires feature-caps flow-timer geolocation geolocation-error geolocation-routing
	in-reply-to info-package join max-breadth min-expires min-se organization p-access-network-info p-called-party-id
	p-charging-function-addresses p-charging-vector p-early-media p-preferred-identity p-visited-network-id priority
	proxy-authenticate proxy-authorization proxy-require rack reason recv-info refer-sub refer-to referred-by reject-contact
	replaces reply-to request-disposition require resource-priority retry-after rseq security-client security-server
	security-verify server session-expires session-id sip-etag sip-if-match subscription-state supported target-dialog timestamp
	unsupported user-agent warning www-authenticate date identity identity-info path service-route privacy`

func foldName(name string) string { return strings.ReplaceAll(strings.ToLower(name), "_", "-") }

// withDefaults gives the text that User-to-User carries.
func (p Profile) withDefaults() Profile {
	p.Headers = slices.Clone(p.Headers)
	for i := range p.Headers {
		if h := &p.Headers[i]; h.Text == "" && (h.Value == ValueUUIGenesys || h.Value == ValueUUIAvaya) {
			h.Text = DefaultUUIText
		}
	}
	return p
}
