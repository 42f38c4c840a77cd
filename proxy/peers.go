package proxy

import (
	"net"
	"net/netip"
	"strconv"

	"sipid/pbx"
	"sipid/router"
	"sipid/transport"
)

// side says in what part of the picture a peer stands.
type side uint8

const (
	sideNobody side = iota // not configured: gets nothing
	sideTrunk
	sideEdge // a SIP proxy of ours in front; the trunk is known by X-Edge-Source
	sidePBX
)

// peer is who sent a packet.
type peer struct {
	side  side
	trunk *router.Trunk // of sideTrunk, and of sideEdge once X-Edge-Source was read
}

// callsOut tells who begins calls: a trunk, or an edge, which checked the trunk. A
// CANCEL of an edge is its own (RFC 3261 16.10) and names no trunk.
func (p peer) callsOut() bool { return p.side == sideTrunk || p.side == sideEdge }

// peers knows who may send and where we may send, all from the configuration and,
// for the targets that have names, from DNS.
type peers struct {
	router  *router.Router
	edges   []netip.Prefix
	targets map[netip.AddrPort]transport.Network
	hosts   map[string][]*pbx.Target // places by the host of their target's URI
	names   map[netip.Addr]string    // that host by address
	inside  map[*router.Group]map[netip.Addr]bool
	trunks  map[uint32]*router.Trunk
	groups  map[uint32]*router.Group
	trunkID map[*router.Trunk]uint32
	groupID map[*router.Group]uint32
}

func newPeers(r *router.Router, edges []netip.Prefix, groups *pbx.Groups) *peers {
	p := &peers{
		router: r, edges: edges,
		targets: make(map[netip.AddrPort]transport.Network), hosts: make(map[string][]*pbx.Target),
		names: make(map[netip.Addr]string), inside: make(map[*router.Group]map[netip.Addr]bool),
		trunks: make(map[uint32]*router.Trunk), groups: make(map[uint32]*router.Group),
		trunkID: make(map[*router.Trunk]uint32), groupID: make(map[*router.Group]uint32),
	}
	for _, t := range r.Trunks() {
		p.trunkID[t] = nameHash(t.Name)
		p.trunks[p.trunkID[t]] = t
	}
	for _, g := range r.Groups() {
		p.groupID[g] = nameHash(g.Name)
		p.groups[p.groupID[g]] = g
		p.inside[g] = make(map[netip.Addr]bool)
		for _, t := range groups.Of(g).Targets() {
			host := hostOfTarget(t)
			p.hosts[host] = append(p.hosts[host], t)
			p.add(t, host)
		}
	}
	for _, t := range groups.Former() {
		p.add(t, hostOfTarget(t))
	}
	return p
}

// add makes a place known; where two say different things the first one counts.
func (p *peers) add(t *pbx.Target, host string) {
	if _, there := p.targets[t.At.Addr]; !there {
		p.targets[t.At.Addr] = t.Network
	}
	if _, there := p.names[t.At.Addr.Addr()]; !there {
		p.names[t.At.Addr.Addr()] = host
	}
	p.inside[t.Group][t.At.Addr.Addr()] = true
}

// hostOfTarget is the host of a target's URI.
func hostOfTarget(t *pbx.Target) string {
	if host, _, err := net.SplitHostPort(t.Conf.Host); err == nil {
		return host
	}
	return t.Conf.Host
}

// of tells who sends from this address. A target of ours is a PBX, whatever
// trunk its network belongs to; an edge comes before trunks for the same reason.
func (p *peers) of(src netip.AddrPort) peer {
	if _, ok := p.targets[src]; ok {
		return peer{side: sidePBX}
	}
	if within(p.edges, src.Addr()) {
		return peer{side: sideEdge}
	}
	if t := p.router.Trunk(src.Addr()); t != nil {
		return peer{side: sideTrunk, trunk: t}
	}
	for _, t := range p.router.Trunks() {
		if within(t.Networks, src.Addr()) {
			return peer{side: sideTrunk}
		}
	}
	for _, g := range p.router.Groups() {
		if p.inGroup(g, src.Addr()) {
			return peer{side: sidePBX}
		}
	}
	return peer{}
}

// seenPeers is how many senders a worker remembers; a power of two.
const seenPeers = 16

// seenPeer is a sender with what the configuration says of it, which never
// changes while the process runs.
type seenPeer struct {
	addr netip.AddrPort
	by   *peers // a name that moves makes another one
	peer peer
}

// peerOf is peers.of, remembered: nearly all messages come from few addresses.
func (w *worker) peerOf(src netip.AddrPort) peer {
	octets := src.Addr().As16()
	s := &w.seen[(octets[15]^octets[14]^uint8(src.Port()))%seenPeers]
	if now := w.p.peers(); s.addr != src || s.by != now {
		*s = seenPeer{src, now, now.of(src)}
	}
	return s.peer
}

// hostOf is the host of a target's URI, for the name its certificate must have;
// the address itself for any other.
func (p *peers) hostOf(a netip.Addr) string {
	if host, ok := p.names[a]; ok {
		return host
	}
	return a.String()
}

// behindEdge finds the trunk an edge names, by the value of X-Edge-Source.
func (p *peers) behindEdge(source []byte) *router.Trunk {
	addr, err := netip.ParseAddrPort(string(source))
	if err != nil {
		return nil
	}
	return p.router.Trunk(addr.Addr().Unmap())
}

// onTrunkSide tells whether a dialog's requests may go to this address, or come
// from it, on the side of the trunk.
func (p *peers) onTrunkSide(t *router.Trunk, a netip.Addr) bool {
	networks := t.Networks
	if len(networks) == 0 {
		networks = t.Sources
	}
	return within(networks, a) || within(t.Sources, a) || within(p.edges, a)
}

// inGroup tells the same for the side of a PBX group.
func (p *peers) inGroup(g *router.Group, a netip.Addr) bool {
	return p.inside[g][a] || within(g.Networks, a)
}

// takesNoISUP tells whether an address is a PBX's whose group gets SDP alone.
func (p *peers) takesNoISUP(a netip.AddrPort) bool {
	if p.of(a).side != sidePBX {
		return false
	}
	for _, g := range p.router.Groups() {
		if g.Body == router.BodySDP && p.inGroup(g, a.Addr()) {
			return true
		}
	}
	return false
}

func within(networks []netip.Prefix, a netip.Addr) bool {
	for _, n := range networks {
		if n.Contains(a) {
			return true
		}
	}
	return false
}

// ownNames are the host:port forms under which a Route may name us.
func ownNames(bound []*transport.Listener) map[string]bool {
	names := make(map[string]bool)
	for _, s := range bound {
		port := strconv.Itoa(int(s.Local.Port()))
		if s.Advertise != "" {
			names[s.WithPort(s.Advertise)] = true
		}
		if !s.Local.Addr().IsUnspecified() {
			names[s.Local.String()] = true
			continue
		}
		addrs, _ := net.InterfaceAddrs() // without them a Route to us is refused, as any foreign one
		for _, a := range addrs {
			if n, ok := a.(*net.IPNet); ok {
				names[net.JoinHostPort(n.IP.String(), port)] = true
			}
		}
	}
	return names
}
