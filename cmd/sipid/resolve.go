package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"sipid/router"
)

// lookupTimeout bounds the name look-ups at start. Calls never wait for DNS:
// a name that moves later needs a restart.
const lookupTimeout = 5 * time.Second

// lookup finds the addresses of a host name; net.Resolver.LookupNetIP is one.
type lookup func(ctx context.Context, network, host string) ([]netip.Addr, error)

// buildRouter looks up the targets that are named by host, and builds the
// router. Everything that is wrong comes back at once.
func (s *settings) buildRouter(ctx context.Context, find lookup) (*router.Router, error) {
	p := new(problems)
	s.resolveHosts(ctx, find, p)
	s.checkReach(p)
	if len(p.errors) == 0 {
		r, err := router.New(router.Config{Trunks: s.Trunks, Groups: s.Groups})
		if err == nil {
			return r, nil
		}
		addFieldErrors(p, err)
	}
	return nil, &invalidError{Problems: p.errors, where: s.where, flags: s.Origin == "flags"}
}

func (s *settings) resolveHosts(ctx context.Context, find lookup, p *problems) {
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	for _, h := range s.hosts {
		addrs, err := find(ctx, "ip", h.Host)
		if err != nil || len(addrs) == 0 {
			p.add(h.Path, "%s cannot be looked up: %s", h.Host, lookupReason(err))
			continue
		}
		addr := preferIPv4(addrs)
		s.Groups[h.Group].Targets[h.Target].Addr = netip.AddrPortFrom(addr, h.Port)
	}
}

// preferIPv4 takes an IPv4 address when there is one: the listeners of a site
// that has both speak it, the other way round is not sure.
func preferIPv4(addrs []netip.Addr) netip.Addr {
	for _, a := range addrs {
		if a.Unmap().Is4() {
			return a.Unmap()
		}
	}
	return addrs[0]
}

func lookupReason(err error) string {
	var dns *net.DNSError
	switch {
	case err == nil:
		return "it has no address"
	case errors.As(err, &dns):
		return dns.Err
	}
	return err.Error()
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
