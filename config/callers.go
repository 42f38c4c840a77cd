package config

import (
	"fmt"
	"slices"
	"strings"

	"sipid/router"
)

// callers reads what belongs to callers' numbers, and which sources a trunk may
// use.
func (t *trunkConfig) callers(p *problems, path string, trunk *router.Trunk) {
	trunk.MayUse = methods(p, path+".methods", t.Methods)
	oneOf(p, path+".first_source_wins", t.FirstWins, "true", "false")
	trunk.FirstWins = t.FirstWins == "true"
	trunk.Calling = t.Numbers.Calling.validate(p, path+".numbers.calling")
	trunk.Called = t.Numbers.Called.validate(p, path+".numbers.called")
	trunk.OriginalCalled = t.Numbers.OriginalCalled.validate(p, path+".numbers.original_called")
	trunk.AccessNumbers = accessNumbers(p, path+".access_numbers", t.Access)
	suffix := slices.Contains(trunk.Identify, router.SourceCalledSuffix)
	switch {
	case suffix && len(t.Access) == 0:
		p.add(path+".access_numbers", "at least one is needed with the source %s", router.SourceCalledSuffix)
	case !suffix && len(t.Access) > 0:
		p.warn(path+".access_numbers", "without the source %s they have no effect", router.SourceCalledSuffix)
	}
	trunk.NumberPlan = numberPlan(p, path+".number_plan", t.NumberPlan)
	t.directClient(p, path+".direct_client", trunk)
}

func (t *trunkConfig) directClient(p *problems, path string, trunk *router.Trunk) {
	trunk.DirectClient = string(t.DirectClient)
	switch {
	case t.DirectClient == "":
	case !isDigits(trunk.DirectClient) || len(trunk.DirectClient) > 15:
		p.add(path, "%q: an access ID is expected, up to 15 decimal digits", t.DirectClient)
	case !slices.Contains(trunk.Identify, router.SourceCalledSuffix) && !slices.Contains(trunk.Identify, router.SourceCalling):
		p.warn(path, "without the source %s or %s it has no effect", router.SourceCalledSuffix, router.SourceCalling)
	}
}

// methods reads which sources may identify: by method, as access-id is several
// sources, or by name.
func methods(p *problems, path string, names []text) []router.Source {
	var list []router.Source
	for i, name := range names {
		if name == "access-id" {
			for _, s := range router.Sources() {
				if s.ByAccessID() {
					list = append(list, s)
				}
			}
			continue
		}
		source, err := router.ParseSource(string(name))
		if err != nil {
			p.add(fmt.Sprintf("%s[%d]", path, i), "%q: access-id, called-suffix, calling or the name of a source is expected", name)
			continue
		}
		list = append(list, source)
	}
	return list
}

func (n *numberConfig) validate(p *problems, path string) router.NumberRule {
	rule := router.NumberRule{Add: string(n.Add), Form: string(n.Form)}
	for i, v := range n.Strip {
		if v != "+" && !isDigits(strings.TrimPrefix(string(v), "+")) {
			p.add(fmt.Sprintf("%s.strip[%d]", path, i), "%q: digits are expected, with or without + in front", v)
		}
		rule.Strip = append(rule.Strip, string(v))
	}
	if n.Add != "" && !isDigits(strings.TrimPrefix(rule.Add, "+")) {
		p.add(path+".add", "%q: digits are expected, with or without + in front", n.Add)
	}
	oneOf(p, path+".form", n.Form, router.FormAsSent, router.FormNational, router.FormInternational)
	return rule
}

func accessNumbers(p *problems, path string, numbers []text) []string {
	var list []string
	for i, n := range numbers {
		at := fmt.Sprintf("%s[%d]", path, i)
		switch {
		case !isDigits(string(n)):
			p.add(at, "%q: digits are expected", n)
		case slices.Contains(list, string(n)):
			p.add(at, "%s is listed twice", n)
		}
		list = append(list, string(n))
	}
	return list
}

func numberPlan(p *problems, path string, patterns []text) []string {
	var list []string
	for i, pattern := range patterns {
		if _, err := router.ParseNumberPlan([]string{string(pattern)}); err != nil {
			p.add(fmt.Sprintf("%s[%d]", path, i), "%v", err)
		}
		list = append(list, string(pattern))
	}
	return list
}
