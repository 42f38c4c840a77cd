package proxy

import (
	"net"
	"net/netip"
	"strconv"

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

// peers knows who may send and where we may send, all from the configuration.
type peers struct {
	router  *router.Router
	edges   []netip.Prefix
	targets map[netip.AddrPort]transport.Network
	hosts   map[string]netip.Addr // hosts of target URIs: names resolved at the start
	trunks  map[uint32]*router.Trunk
	groups  map[uint32]*router.Group
	trunkID map[*router.Trunk]uint32
	groupID map[*router.Group]uint32
}

func newPeers(r *router.Router, edges []netip.Prefix) *peers {
	p := &peers{
		router: r, edges: edges,
		targets: make(map[netip.AddrPort]transport.Network), hosts: make(map[string]netip.Addr),
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
		for i := range g.Targets {
			t := &g.Targets[i]
			p.targets[t.Addr], _ = transport.ParseNetwork(t.Transport)
			host, _, err := net.SplitHostPort(t.Host)
			if err != nil {
				host = t.Host
			}
			p.hosts[host] = t.Addr.Addr()
		}
	}
	return p
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
		if inGroup(g, src.Addr()) {
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
	peer peer
}

// peerOf is peers.of, remembered: nearly all messages come from few addresses.
func (w *worker) peerOf(src netip.AddrPort) peer {
	octets := src.Addr().As16()
	s := &w.seen[(octets[15]^octets[14]^uint8(src.Port()))%seenPeers]
	if s.addr != src {
		*s = seenPeer{src, w.p.peers.of(src)}
	}
	return s.peer
}

// hostOf is the host of a target's URI, for the name its certificate must have;
// the address itself for any other.
func (p *peers) hostOf(a netip.Addr) string {
	for host, addr := range p.hosts {
		if addr == a {
			return host
		}
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
func inGroup(g *router.Group, a netip.Addr) bool {
	for i := range g.Targets {
		if g.Targets[i].Addr.Addr() == a {
			return true
		}
	}
	return within(g.Networks, a)
}

// takesNoISUP tells whether an address is a PBX's whose group gets SDP alone.
func (p *peers) takesNoISUP(a netip.AddrPort) bool {
	if p.of(a).side != sidePBX {
		return false
	}
	for _, g := range p.router.Groups() {
		if g.Body == router.BodySDP && inGroup(g, a.Addr()) {
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
