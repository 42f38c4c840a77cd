package config

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

func (c *file) listeners(p *problems) []Listener {
	if len(c.Listen) == 0 {
		p.add("listen", `at least one address is needed, as in - {on: "udp:127.0.0.1:5060"}`)
	}
	list := make([]Listener, len(c.Listen))
	seen := map[string]int{}
	for i, l := range c.Listen {
		path := fmt.Sprintf("listen[%d]", i)
		network, addr, ok := listenAddress(p, path+".on", l.On)
		if first, twice := seen[string(l.On)]; ok && twice && addr.Port() != 0 {
			p.add(path+".on", "%s is already listen[%d]", l.On, first)
		}
		seen[string(l.On)] = i
		if l.Advertise != "" && !isHostPort(string(l.Advertise)) {
			p.add(path+".advertise", "%q: a host name or an IP address is expected, with or without a port", l.Advertise)
		}
		list[i] = Listener{Network: network, Addr: addr, Advertise: string(l.Advertise)}
	}
	return list
}

func listenAddress(p *problems, path string, on text) (network string, addr netip.AddrPort, ok bool) {
	network, hostport, _ := strings.Cut(string(on), ":")
	if network != "udp" && network != "tcp" && network != "tls" {
		p.add(path, "%q: udp:ADDRESS:PORT is expected, or tcp: or tls: in front", on)
		return "", netip.AddrPort{}, false
	}
	addr, err := netip.ParseAddrPort(hostport)
	if err != nil {
		p.add(path, "%q: %s:ADDRESS:PORT is expected, the address in figures (0.0.0.0 for all)", on, network)
		return "", netip.AddrPort{}, false
	}
	return network, addr, true
}

// isHost tells whether s may stand as the host of a Via or a SIP URI
// (RFC 3261 section 25.1, host): a name, or an address, IPv6 in brackets or
// bare.
func isHost(s string) bool {
	if net.ParseIP(strings.Trim(s, "[]")) != nil {
		return true
	}
	if len(s) > 253 {
		return false
	}
	labels := strings.Split(strings.TrimSuffix(s, "."), ".")
	for _, label := range labels {
		if !isLabel(label) {
			return false
		}
	}
	// The last label begins with a letter: 300.1.1.1 is no name.
	last := labels[len(labels)-1][0]
	return last > '9'
}

// isHostPort is isHost with or without a port behind it.
func isHostPort(s string) bool {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return isHost(s)
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return isHost(host) && err == nil && n > 0
}

func isLabel(s string) bool {
	if s == "" || len(s) > 63 || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == ""
}
