package locator

import (
	"cmp"
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"

	"sipid/router"
)

// most bounds the places of one name and the records of each step: what a
// hostile answer can make us probe.
const most = 32

// service is a way into a domain: a transport, and the name its SRV records
// stand at.
type service struct {
	transport string
	srv       string
}

// The names of RFC 3263 section 4.1: of NAPTR services, and of SRV records.
var (
	naptrServices = map[string]string{"SIP+D2U": "udp", "SIP+D2T": "tcp", "SIPS+D2T": "tls"}
	srvPrefixes   = map[string]string{"udp": "_sip._udp.", "tcp": "_sip._tcp.", "tls": "_sips._tcp."}
)

// answer is where a name is.
type answer struct {
	at  []router.Endpoint
	ttl time.Duration // the least of all records it is made of
	// missing is why there may be more places than these; nil: there are not.
	missing error
}

// heed keeps the least time to live.
func (a *answer) heed(ttl time.Duration) {
	if a.ttl == 0 || ttl < a.ttl {
		a.ttl = max(ttl, time.Second)
	}
}

// find is RFC 3263 section 4 for one name.
func (l *Locator) find(ctx context.Context, n Name) (answer, error) {
	if n.Port != 0 {
		return l.addresses(ctx, n, orUDP(n.Transport), n.Port) // 4.1, 4.2: a port named means no SRV
	}
	var err error
	for _, name := range l.asker.spellings(n.Host) {
		var a answer
		if a, err = l.findDomain(ctx, n, name); err == nil || !errors.Is(err, ErrNotFound) {
			return a, err
		}
	}
	return l.addresses(ctx, n, orUDP(n.Transport), defaultPort(n.Transport))
}

// findDomain looks for the services of a domain: by NAPTR where the transport is
// open, then by SRV. ErrNotFound says that it has none.
func (l *Locator) findDomain(ctx context.Context, n Name, domain string) (answer, error) {
	if n.Transport != "" {
		return l.servers(ctx, []service{{n.Transport, srvPrefixes[n.Transport] + domain}}, answer{})
	}
	services, a, err := l.services(ctx, domain)
	if err != nil {
		return a, err
	}
	if len(services) > 0 {
		return l.servers(ctx, services, a)
	}
	for _, t := range l.o.Transports {
		if t == "tls" {
			continue // a sip: URI asks for it by NAPTR or by its transport parameter only
		}
		a, err = l.servers(ctx, []service{{t, srvPrefixes[t] + domain}}, answer{})
		if !errors.Is(err, ErrNotFound) {
			return a, err
		}
	}
	return answer{}, ErrNotFound
}

// services reads the NAPTR records of a domain: those we can use, as the domain
// prefers them.
func (l *Locator) services(ctx context.Context, domain string) ([]service, answer, error) {
	var a answer
	records, ttl, err := l.asker.ask(ctx, domain, dns.TypeNAPTR)
	if errors.Is(err, ErrNotFound) {
		return nil, a, nil
	}
	if err != nil {
		return nil, a, err
	}
	a.heed(ttl)
	slices.SortStableFunc(records, func(x, y dns.RR) int {
		p, q := x.(*dns.NAPTR), y.(*dns.NAPTR)
		return cmp.Or(cmp.Compare(p.Order, q.Order), cmp.Compare(p.Preference, q.Preference))
	})
	var list []service
	for _, r := range records {
		p := r.(*dns.NAPTR)
		t, known := naptrServices[strings.ToUpper(p.Service)]
		if known && strings.EqualFold(p.Flags, "s") && slices.Contains(l.o.Transports, t) {
			list = append(list, service{t, p.Replacement})
		}
	}
	return list, a, nil
}

// servers reads the SRV records of services, in their order, and looks up the
// hosts they name (4.2). Later services come after all of earlier ones.
func (l *Locator) servers(ctx context.Context, services []service, a answer) (answer, error) {
	rank := 0
	var last error = ErrNotFound
	for _, s := range services {
		records, ttl, err := l.asker.ask(ctx, s.srv, dns.TypeSRV)
		if err != nil {
			last = worse(last, err)
			continue
		}
		a.heed(ttl)
		if len(records) == 1 && records[0].(*dns.SRV).Target == "." {
			last = worse(last, ErrRefused)
			continue
		}
		slices.SortStableFunc(records, func(x, y dns.RR) int { return cmp.Compare(x.(*dns.SRV).Priority, y.(*dns.SRV).Priority) })
		for i, r := range records {
			if i == 0 || records[i-1].(*dns.SRV).Priority != r.(*dns.SRV).Priority {
				rank += 2 // IPv4 and IPv6
			}
			if err := l.server(ctx, r.(*dns.SRV), s.transport, rank, &a); err != nil {
				last = worse(last, err)
			}
		}
	}
	if len(a.at) == 0 {
		return answer{}, last
	}
	if errors.Is(last, ErrNoAnswer) {
		a.missing = last
	}
	return a, nil
}

// worse keeps the error that says more: no answer at all most, a domain without a
// record least.
func worse(a, b error) error {
	if errors.Is(a, ErrNotFound) || errors.Is(b, ErrNoAnswer) {
		return b
	}
	return a
}

// server adds the places of one SRV record. Its weight is shared by its
// addresses; weight 0 is a very small chance (RFC 2782).
func (l *Locator) server(ctx context.Context, r *dns.SRV, transport string, rank int, a *answer) error {
	if r.Port == 0 {
		return ErrNotFound
	}
	addrs, ttl, err := l.asker.addresses(ctx, r.Target)
	if err != nil {
		return err
	}
	a.heed(ttl)
	a.add(addrs, transport, r.Port, rank, int(r.Weight)*1000+1)
	return nil
}

// addresses gives the places of a host with a port (4.2), by the first of its
// spellings that has an address.
func (l *Locator) addresses(ctx context.Context, n Name, transport string, port uint16) (answer, error) {
	var a answer
	var err error = ErrNotFound
	for _, name := range l.asker.spellings(n.Host) {
		var addrs []netip.Addr
		var ttl time.Duration
		if addrs, ttl, err = l.asker.addresses(ctx, name); err == nil {
			a.heed(ttl)
			a.add(addrs, transport, port, 0, 1000)
			return a, nil
		}
		if !errors.Is(err, ErrNotFound) {
			break
		}
	}
	return a, err
}

// add adds places. IPv4 comes before IPv6: the listeners of a site that has both
// speak it, the other way round is not sure.
func (a *answer) add(addrs []netip.Addr, transport string, port uint16, rank, weight int) {
	for _, addr := range addrs {
		e := router.Endpoint{Transport: transport, Addr: netip.AddrPortFrom(addr, port), Priority: rank, Weight: max(weight/len(addrs), 1)}
		if addr.Is6() {
			e.Priority++
		}
		same := func(o router.Endpoint) bool { return o.Transport == e.Transport && o.Addr == e.Addr }
		if len(a.at) < most && !slices.ContainsFunc(a.at, same) {
			a.at = append(a.at, e)
		}
	}
}

func orUDP(transport string) string { return cmp.Or(transport, "udp") }

// defaultPort is the port where none is named and no SRV record either.
func defaultPort(transport string) uint16 {
	if transport == "tls" {
		return 5061
	}
	return 5060
}
