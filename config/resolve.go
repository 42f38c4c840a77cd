package config

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"sipid/locator"
	"sipid/pbx"
	"sipid/router"
)

// lookupTimeout bounds the name look-ups at start.
const lookupTimeout = 5 * time.Second

// Router builds the router. Everything that is wrong comes back at once.
func (s *Settings) Router() (*router.Router, error) {
	p := new(problems)
	s.checkReach(p)
	if len(p.errors) == 0 {
		r, err := router.New(router.Config{Trunks: s.Trunks, Groups: s.Groups, Profiles: s.Profiles})
		if err == nil {
			return r, nil
		}
		addFieldErrors(p, err)
	}
	return nil, s.invalid(p)
}

func (s *Settings) invalid(p *problems) error {
	return &InvalidError{Problems: p.errors, where: s.where, flags: s.Origin == "flags"}
}

// Locator finds the targets that have names; found is told of changes while it runs.
func (s *Settings) Locator(log *slog.Logger, found func(string, []router.Endpoint)) (*locator.Locator, error) {
	o := locator.Options{Servers: s.DNS, Usable: s.usable, Found: found, Log: log}
	for _, h := range s.hosts {
		n := locator.Name{URI: s.Groups[h.Group].Targets[h.Target].URI, Host: h.Host, Port: h.Port, Transport: h.Transport}
		if !slices.ContainsFunc(o.Names, func(other locator.Name) bool { return other.URI == n.URI }) {
			o.Names = append(o.Names, n)
		}
	}
	for _, t := range [...]string{"udp", "tcp", "tls"} {
		if slices.ContainsFunc(s.Listen, func(l Listener) bool { return l.Network == t }) {
			o.Transports = append(o.Transports, t)
		}
	}
	return locator.New(o)
}

// usable tells whether a listener of ours reaches a place, and that it is not one
// of them.
func (s *Settings) usable(e router.Endpoint) error {
	t := router.Target{Transport: e.Transport, Addr: e.Addr}
	switch {
	case ownListener(s.Listen, t) >= 0:
		return fmt.Errorf("%s is sipid itself", e.Addr)
	case !slices.ContainsFunc(s.Listen, func(l Listener) bool { return l.reaches(t) }):
		return fmt.Errorf("no listener reaches %s:%s", e.Transport, e.Addr)
	}
	return nil
}

// Locate looks for all names once. Those that are not found are warnings, each
// with its place in the file, unless there is no target at all: then they are why
// serving makes no sense.
func (s *Settings) Locate(ctx context.Context, l *locator.Locator) (pbx.Endpoints, []string, error) {
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	at, p := make(pbx.Endpoints), new(problems)
	states := l.Locate(ctx)
	for _, h := range s.hosts {
		for _, state := range states {
			switch {
			case state.URI != s.Groups[h.Group].Targets[h.Target].URI:
			case state.Err != nil:
				p.add(h.Path, "%s cannot be looked up: %v", h.Host, state.Err)
			default:
				at[state.URI] = state.At
			}
		}
	}
	if len(at) == 0 && len(p.errors) > 0 && !s.anyAddress() {
		return nil, nil, s.invalid(p)
	}
	var warnings []string
	for _, one := range p.errors {
		warnings = append(warnings, describe([]Problem{one}, s.where))
	}
	return at, warnings, nil
}

// anyAddress tells whether there is a target that needs no look-up.
func (s *Settings) anyAddress() bool {
	return slices.ContainsFunc(s.Groups, func(g router.Group) bool {
		return slices.ContainsFunc(g.Targets, func(t router.Target) bool { return !t.Named })
	})
}

// dnsServers reads the servers that names are asked for; none are the system's.
func (c *file) dnsServers(p *problems) []string {
	var list []string
	for i, v := range c.DNS {
		addr, err := netip.ParseAddrPort(string(v))
		if err != nil {
			var host netip.Addr
			host, err = netip.ParseAddr(strings.Trim(string(v), "[]"))
			addr = netip.AddrPortFrom(host, 53)
		}
		if err != nil {
			p.add(fmt.Sprintf("dns[%d]", i), "%q: the address of a DNS server is expected, with or without a port", v)
			continue
		}
		list = append(list, net.JoinHostPort(addr.Addr().String(), fmt.Sprint(addr.Port())))
	}
	return list
}

// addFieldErrors takes the router's errors apart, so that they are shown at
// their place in the file like all others.
func addFieldErrors(p *problems, err error) {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range many.Unwrap() {
			addFieldErrors(p, one)
		}
		return
	}
	var field *router.FieldError
	if errors.As(err, &field) {
		p.add(field.Field, "%s", field.Rule)
		return
	}
	p.add("", "%s", fmt.Sprint(err))
}
