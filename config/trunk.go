package config

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"sipid/router"
)

func (c *file) trunks(p *problems) []router.Trunk {
	if len(c.Trunks) == 0 {
		p.add("trunks", "at least one trunk is needed: without one nobody may call")
	}
	list := make([]router.Trunk, len(c.Trunks))
	names := map[text]int{}
	owners := map[netip.Prefix]string{}
	for i := range c.Trunks {
		path := fmt.Sprintf("trunks[%d]", i)
		checkName(p, path, c.Trunks[i].Name, names, i)
		list[i] = c.Trunks[i].validate(p, path)
		checkOwners(p, path, list[i], owners)
	}
	return list
}

func (t *trunkConfig) validate(p *problems, path string) router.Trunk {
	if len(t.Sources) == 0 {
		p.add(path+".sources", "at least one address or network is needed")
	}
	oneOf(p, path+".unidentified", t.Unidentified, "forward", "reject")
	oneOf(p, path+".isup_replies", t.ISUPReplies, router.ISUPAuto, router.ISUPAlways, router.ISUPNever)
	oneOf(p, path+".isup_encoding", t.ISUPEncoding, router.EncodingBinary, router.EncodingHex, router.EncodingBase64)
	oneOf(p, path+".isup_variant", t.ISUPVariant, router.VariantITU, router.VariantANSI)
	oneOf(p, path+".cause_profile", t.CauseProfile, router.CauseQ1912, router.CauseRFC3398)
	oneOf(p, path+".limit_answer", t.LimitAnswer, "503", "486")
	trunk := router.Trunk{
		Name:         string(t.Name),
		Sources:      prefixes(p, path+".sources", t.Sources),
		Networks:     prefixes(p, path+".networks", t.Networks),
		Identify:     identify(p, path+".identify", t.Identify),
		StripPrefix:  t.stripPrefix(p, path+".strip_prefix"),
		AccessIDs:    t.accessIDs(p, path+".access_ids"),
		ISUPReplies:  string(t.ISUPReplies),
		CauseProfile: string(t.CauseProfile),
		Causes:       t.causes(p, path+".causes"),
		ISUP:         t.ISUP.validate(p, path+".isup"),
		ISUPEncoding: string(t.ISUPEncoding),
		ISUPVariant:  string(t.ISUPVariant),
		Reject:       t.Unidentified == "reject",
		MaxCPS:       t.maxCPS(p, path+".max_cps"),
		MaxCalls:     whole(p, path+".max_calls", t.MaxCalls, 0, 1, limitMost),
		LimitBusy:    t.LimitAnswer == "486",
	}
	if trunk.VariantDisputed() {
		p.add(path+".isup_variant", "%s is not the variant of isup.base %s", t.ISUPVariant, t.ISUP.Base)
	}
	t.callers(p, path, &trunk)
	if len(trunk.Networks) == 0 {
		trunk.Networks = trunk.Sources
	}
	return trunk
}

// limitMost is the highest limit of calls at one time that makes sense to write.
const limitMost = 1_000_000

func (t *trunkConfig) maxCPS(p *problems, path string) float64 {
	if t.MaxCPS == "" {
		return 0
	}
	n, err := strconv.ParseFloat(string(t.MaxCPS), 64)
	if err != nil || !(n > 0 && n <= 1e6) {
		p.add(path, "%q: calls a second are expected, above 0", t.MaxCPS)
	}
	return n
}

func identify(p *problems, path string, names []text) []router.Source {
	if len(names) == 0 {
		return router.DefaultSources()
	}
	list := make([]router.Source, 0, len(names))
	seen := map[text]bool{}
	for i, name := range names {
		at := fmt.Sprintf("%s[%d]", path, i)
		source, err := router.ParseSource(string(name))
		switch {
		case err != nil:
			p.add(at, "%v", err)
		case seen[name]:
			p.add(at, "%s is listed twice", name)
		default:
			list = append(list, source)
		}
		seen[name] = true
	}
	return list
}

func (t *trunkConfig) stripPrefix(p *problems, path string) []string {
	var list []string
	for i, v := range t.StripPrefix {
		if !isDigits(strings.TrimPrefix(string(v), "+")) {
			p.add(fmt.Sprintf("%s[%d]", path, i), "%q: digits are expected, with or without + in front", v)
		}
		list = append(list, string(v))
	}
	return list
}

func (t *trunkConfig) accessIDs(p *problems, path string) []string {
	var list []string
	for i, v := range t.AccessIDs {
		if v != "*" && !isDigits(strings.TrimSuffix(string(v), "*")) {
			p.add(fmt.Sprintf("%s[%d]", path, i), "%q: an access ID or the beginning of some is expected, as in 1001 or 10*", v)
		}
		list = append(list, string(v))
	}
	return list
}

// checkOwners refuses one network in two trunks: the most specific wins, and
// between equals nobody could tell which.
func checkOwners(p *problems, path string, t router.Trunk, owners map[netip.Prefix]string) {
	for i, prefix := range t.Sources {
		if owner, taken := owners[prefix]; taken {
			p.add(fmt.Sprintf("%s.sources[%d]", path, i), "%s is already a source of trunk %s", prefix, owner)
		}
		owners[prefix] = t.Name
	}
}

// checkName wants a short word: names stand in metrics, logs and, signed, in
// Record-Route.
func checkName(p *problems, path string, name text, seen map[text]int, i int) {
	path += ".name"
	first, twice := seen[name]
	switch {
	case name == "":
		p.add(path, "a name is needed")
	case len(name) > 32 || strings.Trim(string(name), "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") != "":
		p.add(path, "%q: at most 32 letters, digits, - _ or . are expected", name)
	case twice:
		p.add(path, "%s is already the name of number %d", name, first+1)
	}
	seen[name] = i
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
