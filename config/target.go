package config

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"sipid/router"
	"sipid/sipmsg"
)

// pendingHost is a target whose host is a name: it is looked up at start, and
// again while we run.
type pendingHost struct {
	Path          string
	Group, Target int
	Host          string
	Port          uint16 // 0: not named
	Transport     string // empty: not named
}

func (t *targetConfig) validate(p *problems, path string) (router.Target, *pendingHost) {
	target := router.Target{
		URI:      string(t.URI),
		Weight:   whole(p, path+".weight", t.Weight, 1, 1, 1000),
		Priority: whole(p, path+".priority", t.Priority, 1, 1, 100),
		MaxCalls: whole(p, path+".max_calls", t.MaxCalls, 0, 1, limitMost),
		Large:    t.large(p, path+".large"),
	}
	path += ".uri"
	host, port, transport, err := targetHost(string(t.URI))
	if err != nil {
		p.add(path, "%q: %v", t.URI, err)
		return target, nil
	}
	target.Host = host
	if port != 0 {
		target.Host += ":" + strconv.Itoa(port)
	}
	if addr, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		if addr.IsUnspecified() {
			p.add(path, "%q: no call can be sent to the address of all", t.URI)
		}
		target.Transport = cmp.Or(transport, "udp")
		target.Addr = netip.AddrPortFrom(addr.Unmap(), cmp.Or(uint16(port), defaultPort(transport)))
		return target, nil
	}
	target.Named, target.Transport = true, transport
	return target, &pendingHost{Path: path, Host: host, Port: uint16(port), Transport: transport}
}

func (t *targetConfig) large(p *problems, path string) router.Large {
	switch t.Large {
	case "", "auto":
		return router.LargeAuto
	case "tcp":
		return router.LargeTCP
	case "udp":
		return router.LargeUDP
	}
	p.add(path, "%q: auto, tcp or udp is expected", t.Large)
	return router.LargeAuto
}

// The ports where a URI names none (RFC 3261 section 19.1.2).
const (
	DefaultPort     = 5060
	defaultSIPSPort = 5061
)

func defaultPort(transport string) uint16 {
	if transport == "tls" {
		return defaultSIPSPort
	}
	return DefaultPort
}

// targetHost reads sip:HOST[:PORT][;transport=udp|tcp|tls] (RFC 3261 section
// 19.1). Port is 0 and transport empty when the URI names none.
func targetHost(uri string) (host string, port int, transport string, err error) {
	u, err := sipmsg.ParseURI([]byte(uri))
	if err != nil || len(u.Host) == 0 {
		return "", 0, "", fmt.Errorf("sip:HOST[:PORT] is expected")
	}
	scheme := strings.ToLower(string(u.Scheme))
	if value, given := sipmsg.Param(u.Params, "transport"); given {
		transport = strings.ToLower(string(value))
	}
	switch {
	case scheme == "sips":
		return "", 0, "", fmt.Errorf("sips promises TLS on every hop, which sipid cannot; write sip:HOST;transport=tls")
	case scheme != "sip" || len(u.User) > 0 || len(u.Headers) > 0:
		return "", 0, "", fmt.Errorf("sip:HOST[:PORT] is expected, without user and headers")
	case transport != "" && transport != "udp" && transport != "tcp" && transport != "tls":
		return "", 0, "", fmt.Errorf("transport %s: udp, tcp or tls is expected", transport)
	case !isHost(string(u.Host)):
		return "", 0, "", fmt.Errorf("%q is no host name and no IP address", u.Host)
	case u.Port < 0 || u.Port > 65535:
		return "", 0, "", fmt.Errorf("the port is out of range")
	}
	return string(u.Host), u.Port, transport, nil
}

// checkLoops refuses a target that is one of our own listeners.
func (c *file) checkLoops(p *problems, s *Settings) {
	for i, g := range s.Groups {
		for k, t := range g.Targets {
			if n := ownListener(s.Listen, t); n >= 0 {
				p.add(fmt.Sprintf("pbx_groups[%d].targets[%d].uri", i, k), "%s is sipid itself, listen[%d]", t.URI, n)
			}
		}
	}
}

func ownListener(listen []Listener, t router.Target) int {
	for i, l := range listen {
		sameHost := l.Addr.Addr() == t.Addr.Addr() || l.Addr.Addr().IsUnspecified() && t.Addr.Addr().IsLoopback()
		if t.Addr.IsValid() && l.Network == t.Transport && sameHost && l.Addr.Port() == t.Addr.Port() {
			return i
		}
	}
	return -1
}

// checkReach wants a listener for every target: what goes to a PBX leaves by a
// listener of its transport and address family, and by one on a loopback
// address it goes nowhere else.
func (s *Settings) checkReach(p *problems) {
	for i, g := range s.Groups {
		for k, t := range g.Targets {
			if t.Addr.IsValid() && !slices.ContainsFunc(s.Listen, func(l Listener) bool { return l.reaches(t) }) {
				p.add(fmt.Sprintf("pbx_groups[%d].targets[%d].uri", i, k),
					"no listener reaches %s: one for %s is needed that is %s", t.Addr, t.Transport, family(t.Addr.Addr()))
			}
			stream := t
			stream.Transport = "tcp"
			if t.Large == router.LargeTCP && t.Addr.IsValid() && !slices.ContainsFunc(s.Listen, func(l Listener) bool { return l.reaches(stream) }) {
				p.add(fmt.Sprintf("pbx_groups[%d].targets[%d].large", i, k),
					"no listener reaches %s by TCP: one for tcp is needed that is %s", t.Addr, family(t.Addr.Addr()))
			}
		}
	}
}

func (l Listener) reaches(t router.Target) bool {
	from, to := l.Addr.Addr(), t.Addr.Addr()
	return l.Network == t.Transport && from.Is4() == to.Is4() && (!from.IsLoopback() || to.IsLoopback())
}

func family(target netip.Addr) string {
	version := "IPv6"
	if target.Is4() {
		version = "IPv4"
	}
	if target.IsLoopback() {
		return version
	}
	return version + " and not on a loopback address"
}

// CheckTarget says what is wrong with the URI of a PBX, or nothing.
func CheckTarget(uri string) error {
	_, _, _, err := targetHost(uri)
	return err
}
