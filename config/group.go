package config

import (
	"fmt"
	"strconv"
	"time"

	"sipid/router"
)

func (c *file) groups(p *problems) ([]router.Group, []pendingHost) {
	list := make([]router.Group, len(c.Groups))
	names := map[text]int{}
	var hosts []pendingHost
	for i := range c.Groups {
		path := fmt.Sprintf("pbx_groups[%d]", i)
		checkName(p, path, c.Groups[i].Name, names, i)
		var pending []pendingHost
		list[i], pending = c.Groups[i].validate(p, path)
		for _, h := range pending {
			h.Group = i
			hosts = append(hosts, h)
		}
	}
	if _, ok := names[router.DefaultGroupName]; !ok {
		p.add("pbx_groups", "a group named %s is needed: it takes the calls that are not identified", router.DefaultGroupName)
	}
	return list, hosts
}

func (g *groupConfig) validate(p *problems, path string) (router.Group, []pendingHost) {
	oneOf(p, path+".body", g.Body, "sdp", "keep")
	oneOf(p, path+".personal_headers", g.Personal, "true", "false")
	oneOf(p, path+".isup_info", g.ISUPInfo, router.InfoAnswer, router.InfoPass)
	group := router.Group{
		Name:          string(g.Name),
		Networks:      prefixes(p, path+".networks", g.Networks),
		Body:          router.BodySDP,
		ISUPInfo:      string(g.ISUPInfo),
		HeaderProfile: string(g.HeaderProfile),
		Personal:      g.Personal == "true",
		FailoverOn:    g.failoverOn(p, path+".failover_on"),
		MaxCalls:      whole(p, path+".max_calls", g.MaxCalls, 0, 1, limitMost),
		Probe:         g.Probe.validate(p, path+".probe"),
	}
	if g.Body == "keep" {
		group.Body = router.BodyKeep
	}
	if len(g.Targets) == 0 {
		p.add(path+".targets", "at least one target is needed")
	}
	var hosts []pendingHost
	seen := map[string]int{}
	for i := range g.Targets {
		at := fmt.Sprintf("%s.targets[%d]", path, i)
		target, host := g.Targets[i].validate(p, at)
		if first, twice := seen[target.URI]; twice {
			p.add(at+".uri", "%s is already targets[%d]", target.URI, first)
		}
		seen[target.URI] = i
		if host != nil {
			host.Target = i
			hosts = append(hosts, *host)
		}
		group.Targets = append(group.Targets, target)
	}
	return group, hosts
}

// defaultFailover are the answers that say "not I, ask another".
func defaultFailover() []int { return []int{408, 500, 502, 503, 504} }

// failoverOn reads the statuses that send a call to the next target. A status
// that says something of the call (busy, declined, moved, not understood) must
// not: the agents' phones would ring once more at the next PBX.
func (g *groupConfig) failoverOn(p *problems, path string) []int {
	if g.FailoverOn == nil {
		return defaultFailover()
	}
	list := make([]int, 0, len(g.FailoverOn))
	for i, v := range g.FailoverOn {
		at := fmt.Sprintf("%s[%d]", path, i)
		status, err := strconv.Atoi(string(v))
		switch {
		case err != nil || status < 300 || status > 699:
			p.add(at, "%q: a SIP status from 300 to 699 is expected", v)
		case !ofTarget(status):
			p.add(at, "%d says something of the call, not of the PBX; possible are 403, 404, 408, 480 and 5xx but 501, 505, 513", status)
		}
		list = append(list, status)
	}
	return list
}

// ofTarget tells whether a status may say something of the PBX that gave it.
func ofTarget(status int) bool {
	switch status {
	case 403, 404, 408, 480:
		return true
	case 501, 505, 513:
		return false
	}
	return status >= 500 && status <= 599
}

// validate reads how targets are watched; without the section they are not.
func (c *probeConfig) validate(p *problems, path string) router.Probe {
	if c == nil {
		return router.Probe{}
	}
	return router.Probe{
		Interval:  span(p, path+".interval", c.Interval, 5*time.Second),
		Timeout:   span(p, path+".timeout", c.Timeout, 2*time.Second),
		DownAfter: whole(p, path+".down_after", c.DownAfter, 2, 1, 100),
		UpAfter:   whole(p, path+".up_after", c.UpAfter, 2, 1, 100),
	}
}
