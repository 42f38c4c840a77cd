package router

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"
)

// faults collects everything that is wrong with a configuration.
type faults struct{ list []error }

func (f *faults) add(field, format string, args ...any) {
	f.list = append(f.list, &FieldError{Field: field, Rule: fmt.Sprintf(format, args...)})
}

func (c *Config) validate() error {
	var f faults
	if len(c.Trunks) == 0 {
		f.add("trunks", "at least one is needed: without one nobody may call")
	}
	names, owners := map[string]bool{}, map[netip.Prefix]string{}
	for i := range c.Trunks {
		path := fmt.Sprintf("trunks[%d]", i)
		checkName(&f, path, c.Trunks[i].Name, names)
		c.Trunks[i].validate(&f, path, owners)
	}
	names = map[string]bool{}
	for i := range c.Groups {
		path := fmt.Sprintf("pbx_groups[%d]", i)
		checkName(&f, path, c.Groups[i].Name, names)
		c.Groups[i].validate(&f, path)
	}
	if !names[DefaultGroupName] {
		f.add("pbx_groups", "one must be named %s: it takes the calls that are not identified", DefaultGroupName)
	}
	c.validateProfiles(&f)
	return errors.Join(f.list...)
}

func checkName(f *faults, path, name string, seen map[string]bool) {
	switch {
	case pbxRule(name) != "":
		f.add(path+".name", "%s", pbxRule(name))
	case name == "":
		f.add(path+".name", "must not be empty")
	case seen[name]:
		f.add(path+".name", "%q is there twice", name)
	}
	seen[name] = true
}

func (t *Trunk) validate(f *faults, path string, owners map[netip.Prefix]string) {
	if len(t.Sources) == 0 {
		f.add(path+".sources", "at least one address is needed")
	}
	for i, p := range t.Sources {
		at := fmt.Sprintf("%s.sources[%d]", path, i)
		if !p.IsValid() {
			f.add(at, "is no network")
			continue
		}
		if owner, taken := owners[plainPrefix(p)]; taken {
			f.add(at, "%s is already a source of trunk %q", p, owner)
		}
		owners[plainPrefix(p)] = t.Name
	}
	checkNetworks(f, path, t.Networks)
	t.validateIdentify(f, path+".identify")
	for i, p := range t.StripPrefix {
		if p != "+" && !isDigits(strings.TrimPrefix(p, "+")) {
			f.add(fmt.Sprintf("%s.strip_prefix[%d]", path, i), "%q is neither digits, with or without + in front, nor +", p)
		}
	}
	for i, p := range t.AccessIDs {
		if p != "*" && !isDigits(strings.TrimSuffix(p, "*")) {
			f.add(fmt.Sprintf("%s.access_ids[%d]", path, i), "%q is neither an access ID nor the beginning of some, like 10*", p)
		}
	}
	t.validateCallers(f, path)
	t.validateReplies(f, path)
	if !(t.MaxCPS >= 0) || math.IsInf(t.MaxCPS, 0) {
		f.add(path+".max_cps", "%v is no number of calls a second", t.MaxCPS)
	}
}

// validateCallers checks what belongs to the sources called-suffix and calling.
func (t *Trunk) validateCallers(f *faults, path string) {
	for i, s := range t.MayUse {
		if s == SourceNone || int(s) >= len(sourceNames) {
			f.add(fmt.Sprintf("%s.methods[%d]", path, i), "%s is no source", s)
		}
	}
	t.Calling.validate(f, path+".numbers.calling")
	t.Called.validate(f, path+".numbers.called")
	t.OriginalCalled.validate(f, path+".numbers.original_called")
	for i, n := range t.AccessNumbers {
		if !isDigits(n) || slices.Contains(t.AccessNumbers[:i], n) {
			f.add(fmt.Sprintf("%s.access_numbers[%d]", path, i), "%q is not digits, or there twice", n)
		}
	}
	if len(t.AccessNumbers) == 0 && slices.Contains(t.Identify, SourceCalledSuffix) {
		f.add(path+".access_numbers", "needed with the source %s", SourceCalledSuffix)
	}
	if _, err := ParseNumberPlan(t.NumberPlan); err != nil {
		f.add(path+".number_plan", "%v", err)
	}
	if rule := accessIDRule(t.DirectClient); t.DirectClient != "" && rule != "" {
		f.add(path+".direct_client", "%s", rule)
	}
}

func (t *Trunk) validateIdentify(f *faults, path string) {
	for i, s := range t.Identify {
		at := fmt.Sprintf("%s[%d]", path, i)
		switch {
		case s == SourceNone || int(s) >= len(sourceNames):
			f.add(at, "%s is no source", s)
		case slices.Contains(t.Identify[:i], s):
			f.add(at, "%s is there twice", s)
		}
	}
}

func (g *Group) validate(f *faults, path string) {
	if len(g.Targets) == 0 {
		f.add(path+".targets", "at least one is needed")
	}
	for i := range g.Targets {
		at := fmt.Sprintf("%s.targets[%d]", path, i)
		g.Targets[i].validate(f, at)
		if slices.ContainsFunc(g.Targets[:i], func(t Target) bool { return t.URI == g.Targets[i].URI }) {
			f.add(at+".uri", "%q is there twice", g.Targets[i].URI)
		}
	}
	checkNetworks(f, path, g.Networks)
	if g.Body != BodySDP && g.Body != BodyKeep {
		f.add(path+".body", "is neither %s nor %s", BodySDP, BodyKeep)
	}
	oneOf(f, path+".isup_info", g.ISUPInfo, InfoAnswer, InfoPass)
	for i, status := range g.FailoverOn {
		if status < 300 || status > 699 {
			f.add(fmt.Sprintf("%s.failover_on[%d]", path, i), "%d is no final SIP status but 2xx", status)
		}
	}
	g.Probe.validate(f, path+".probe")
}

func (t *Target) validate(f *faults, path string) {
	if t.URI == "" {
		f.add(path+".uri", "must not be empty")
	}
	if !t.Named && (!t.Addr.IsValid() || t.Addr.Port() == 0) {
		f.add(path+".uri", "%q has no address and port to send to", t.URI)
	}
	oneOf(f, path+".transport", t.Transport, "udp", "tcp", "tls")
	if t.Weight < 0 {
		f.add(path+".weight", "%d is below 0", t.Weight)
	}
	if t.Priority < 0 {
		f.add(path+".priority", "%d is below 0", t.Priority)
	}
}

func (p *Probe) validate(f *faults, path string) {
	if p.Interval < 0 || p.Timeout < 0 {
		f.add(path, "interval and timeout must not be below 0")
	}
	if p.DownAfter < 0 || p.UpAfter < 0 {
		f.add(path, "down_after and up_after must not be below 0")
	}
}

func checkNetworks(f *faults, path string, networks []netip.Prefix) {
	for i, p := range networks {
		if !p.IsValid() {
			f.add(fmt.Sprintf("%s.networks[%d]", path, i), "is no network")
		}
	}
}

// oneOf allows an empty value: the default stands for it.
func oneOf(f *faults, path, value string, allowed ...string) {
	if value != "" && !slices.Contains(allowed, value) {
		f.add(path, "%q is not one of %s", value, strings.Join(allowed, ", "))
	}
}
