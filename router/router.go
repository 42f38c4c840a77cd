package router

import (
	"net/netip"
	"slices"
	"sync/atomic"
	"time"
)

// Router decides where calls go. Its configuration is fixed, its client table
// can be replaced at any time. All methods are safe for concurrent use.
type Router struct {
	trunks   []*Trunk
	groups   []*Group
	byName   map[string]*Group
	sources  map[netip.Prefix]*Trunk
	lengths  []int // the prefix lengths in sources, longest first
	now      func() time.Time
	profiles map[string]*Profile
	own      []string // header names of the profiles, in small letters
	table    atomic.Pointer[Table]
}

// New checks the configuration and builds the router. Every error names the
// field and the rule (*FieldError); all of them are reported at once
// (errors.Join).
func New(c Config) (*Router, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	r := &Router{byName: make(map[string]*Group), sources: make(map[netip.Prefix]*Trunk), now: c.Now}
	if r.now == nil {
		r.now = time.Now
	}
	r.addProfiles(c.Profiles)
	for _, t := range c.Trunks {
		r.addTrunk(t.withDefaults())
	}
	for _, g := range c.Groups {
		g = g.withDefaults()
		r.groups = append(r.groups, &g)
		r.byName[g.Name] = &g
	}
	return r, nil
}

// addProfiles keeps the header profiles by name, and what they write.
func (r *Router) addProfiles(profiles []Profile) {
	r.profiles = make(map[string]*Profile)
	for _, p := range profiles {
		p = p.withDefaults()
		r.profiles[p.Name] = &p
		for i := range p.Headers {
			own := foldName(p.Headers[i].Name)
			if slices.Contains(r.own, own) {
				continue
			}
			r.own = append(r.own, own)
			if own == "subject" {
				r.own = append(r.own, "s") // its compact form (RFC 3261 section 20.36)
			}
		}
	}
}

// addTrunk files the trunk under each of its networks. A look-up then costs one
// map access for each prefix length in use, whatever the number of trunks.
func (r *Router) addTrunk(t Trunk) {
	t.index = len(r.trunks)
	r.trunks = append(r.trunks, &t)
	for _, p := range t.Sources {
		r.sources[p] = &t
		if !slices.Contains(r.lengths, p.Bits()) {
			r.lengths = append(r.lengths, p.Bits())
		}
	}
	slices.SortFunc(r.lengths, func(a, b int) int { return b - a })
}

// SetTable puts a client table live. Calls being routed finish with the old one.
func (r *Router) SetTable(t *Table) { r.table.Store(t) }

// Table is the live client table, nil until the first SetTable.
func (r *Router) Table() *Table { return r.table.Load() }

// Trunk finds the trunk of a source address, the most specific prefix first.
// It is nil when the address is nobody's.
func (r *Router) Trunk(src netip.Addr) *Trunk {
	src = plain(src)
	for _, length := range r.lengths {
		p, err := src.Prefix(length)
		if err != nil { // longer than an IPv4 address
			continue
		}
		if t, ok := r.sources[p]; ok {
			return t
		}
	}
	return nil
}

// Group finds a PBX group by name; nil when there is none.
func (r *Router) Group(name string) *Group { return r.byName[name] }

// DefaultGroup is where calls go that are not identified.
func (r *Router) DefaultGroup() *Group { return r.byName[DefaultGroupName] }

// Groups gives the PBX groups in the order of the configuration.
func (r *Router) Groups() []*Group { return r.groups }

// Trunks gives the trunks in the order of the configuration.
func (r *Router) Trunks() []*Trunk { return r.trunks }

// HasProfile says whether there is a header profile of that name. A client that
// names another has the headers of its PBX group.
func (r *Router) HasProfile(name string) bool { return r.profiles[name] != nil }

// groupOf is the group a client's calls go to. A group the configuration does
// not have must not lose the call: the default group takes it.
func (r *Router) groupOf(c *Client) *Group {
	if g := r.byName[c.GroupName()]; g != nil {
		return g
	}
	return r.DefaultGroup()
}

// plain writes an address the one way prefixes are written: IPv4 in IPv6 as
// IPv4, no zone.
func plain(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }
