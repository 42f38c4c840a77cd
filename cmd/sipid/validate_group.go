package main

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"sipid/router"
	"sipid/sipmsg"
)

// pendingHost is a target whose host is a name: it is looked up at start.
type pendingHost struct {
	Path          string
	Group, Target int
	Host          string
	Port          uint16
}

func (c *config) groups(p *problems) ([]router.Group, []pendingHost) {
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
	group := router.Group{
		Name:       string(g.Name),
		Networks:   prefixes(p, path+".networks", g.Networks),
		Body:       router.BodySDP,
		FailoverOn: g.failoverOn(p, path+".failover_on"),
		Probe:      g.Probe.validate(p, path+".probe"),
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
	warnSpare(p, path+".targets", group.Targets)
	return group, hosts
}

// warnSpare says that targets behind the best priority wait for failover.
func warnSpare(p *problems, path string, targets []router.Target) {
	for i, t := range targets {
		if t.Priority != targets[0].Priority {
			p.warn(fmt.Sprintf("%s[%d].priority", path, i), "failover is not in this release, only the targets of the lowest priority number get calls")
			return
		}
	}
}

func (t *targetConfig) validate(p *problems, path string) (router.Target, *pendingHost) {
	target := router.Target{
		URI:       string(t.URI),
		Transport: "udp",
		Weight:    whole(p, path+".weight", t.Weight, 1, 1, 1000),
		Priority:  whole(p, path+".priority", t.Priority, 1, 1, 100),
	}
	path += ".uri"
	host, port, err := targetHost(string(t.URI))
	if err != nil {
		p.add(path, "%q: %v", t.URI, err)
		return target, nil
	}
	target.Host = host
	if port != 0 {
		target.Host += ":" + strconv.Itoa(port)
	} else {
		port = defaultSIPPort
	}
	if addr, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		if addr.IsUnspecified() {
			p.add(path, "%q: no call can be sent to the address of all", t.URI)
		}
		target.Addr = netip.AddrPortFrom(addr.Unmap(), uint16(port))
		return target, nil
	}
	return target, &pendingHost{Path: path, Host: host, Port: uint16(port)}
}

const defaultSIPPort = 5060

// targetHost reads sip:HOST[:PORT][;transport=udp] (RFC 3261 section 19.1).
// Port is 0 when the URI names none.
func targetHost(uri string) (host string, port int, err error) {
	u, err := sipmsg.ParseURI([]byte(uri))
	if err != nil || len(u.Host) == 0 {
		return "", 0, fmt.Errorf("sip:HOST[:PORT] is expected")
	}
	scheme := strings.ToLower(string(u.Scheme))
	transport, given := sipmsg.Param(u.Params, "transport")
	switch {
	case scheme == "sips":
		return "", 0, fmt.Errorf("sips (TLS) is not in this release")
	case scheme != "sip" || len(u.User) > 0 || len(u.Headers) > 0:
		return "", 0, fmt.Errorf("sip:HOST[:PORT] is expected, without user and headers")
	case given && !strings.EqualFold(string(transport), "udp"):
		return "", 0, fmt.Errorf("transport %s is not in this release, only udp", transport)
	case !isHost(string(u.Host)):
		return "", 0, fmt.Errorf("%q is no host name and no IP address", u.Host)
	case u.Port < 0 || u.Port > 65535:
		return "", 0, fmt.Errorf("the port is out of range")
	}
	return string(u.Host), u.Port, nil
}

func (g *groupConfig) failoverOn(p *problems, path string) []int {
	list := make([]int, 0, len(g.FailoverOn))
	for i, v := range g.FailoverOn {
		list = append(list, whole(p, fmt.Sprintf("%s[%d]", path, i), v, 0, 300, 699))
	}
	if len(list) > 0 {
		p.warn(path, "failover is not in this release, a call goes to one target and its answer comes back")
	}
	return list
}

func (c *probeConfig) validate(p *problems, path string) router.Probe {
	if c == nil {
		return router.Probe{}
	}
	p.warn(path, "probing is not in this release, targets are always taken as up")
	return router.Probe{
		Interval:  span(p, path+".interval", c.Interval, 5*time.Second),
		Timeout:   span(p, path+".timeout", c.Timeout, 2*time.Second),
		DownAfter: whole(p, path+".down_after", c.DownAfter, 2, 1, 100),
		UpAfter:   whole(p, path+".up_after", c.UpAfter, 2, 1, 100),
	}
}

// checkLoops refuses a target that is one of our own listeners.
func (c *config) checkLoops(p *problems, s *settings) {
	for i, g := range s.Groups {
		for k, t := range g.Targets {
			if n := ownListener(s.Listen, t.Addr); n >= 0 {
				p.add(fmt.Sprintf("pbx_groups[%d].targets[%d].uri", i, k), "%s is sipid itself, listen[%d]", t.URI, n)
			}
		}
	}
}

func ownListener(listen []listener, target netip.AddrPort) int {
	for i, l := range listen {
		sameHost := l.Addr.Addr() == target.Addr() || l.Addr.Addr().IsUnspecified() && target.Addr().IsLoopback()
		if target.IsValid() && l.Addr.IsValid() && sameHost && l.Addr.Port() == target.Port() {
			return i
		}
	}
	return -1
}
