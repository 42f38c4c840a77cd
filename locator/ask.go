package locator

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"
)

const (
	resolvConf = "/etc/resolv.conf"
	// serverTime is how long one server may take for one question, rounds how
	// often all are asked.
	serverTime = 2 * time.Second
	rounds     = 2
	// answerSize is the largest answer by UDP that no network cuts (RFC 9715).
	answerSize = 1232
	// fileTime is how long an address of the hosts file is good for.
	fileTime = 30 * time.Second
)

// asker asks DNS servers.
type asker struct {
	fixed []string // servers, when they were named
}

func newAsker(servers []string) (asker, error) {
	for _, s := range servers {
		if _, _, err := net.SplitHostPort(s); err != nil {
			return asker{}, fmt.Errorf("DNS server %q: HOST:PORT is expected", s)
		}
	}
	return asker{fixed: servers}, nil
}

// config reads /etc/resolv.conf, anew each time: it changes while we run.
func (k asker) config() *dns.ClientConfig {
	c, err := dns.ClientConfigFromFile(resolvConf)
	if err != nil {
		c = &dns.ClientConfig{Port: "53", Ndots: 1}
	}
	if len(k.fixed) > 0 {
		c.Search = nil
	}
	return c
}

// servers are who is asked, in order.
func (k asker) servers(c *dns.ClientConfig) []string {
	if len(k.fixed) > 0 {
		return k.fixed
	}
	list := make([]string, len(c.Servers))
	for i, s := range c.Servers {
		list[i] = net.JoinHostPort(s, c.Port)
	}
	return list
}

// spellings are the full names a host may mean, by the search list.
func (k asker) spellings(host string) []string { return k.config().NameList(host) }

// ask gives the records of a type that a name has, and the least time to live of
// what led to them. No records is ErrNotFound.
func (k asker) ask(ctx context.Context, name string, kind uint16) ([]dns.RR, time.Duration, error) {
	m := new(dns.Msg)
	m.SetQuestion(dns.Fqdn(name), kind)
	m.SetEdns0(answerSize, false)
	servers := k.servers(k.config())
	err := ErrNoAnswer
	for range rounds {
		for _, s := range servers {
			r, fault := exchange(ctx, m, s)
			if ctx.Err() != nil {
				return nil, 0, fmt.Errorf("%w: %w", ErrNoAnswer, ctx.Err())
			}
			if fault != nil {
				err = fmt.Errorf("%w: %w", ErrNoAnswer, fault)
				continue
			}
			records, ttl := read(r, kind)
			if len(records) == 0 {
				return nil, 0, ErrNotFound
			}
			return records, ttl, nil
		}
	}
	return nil, 0, err
}

// exchange asks one server, by TCP too when the answer does not fit a datagram.
// Only an answer to the question, and one that a server stands for, counts.
func exchange(ctx context.Context, m *dns.Msg, server string) (*dns.Msg, error) {
	m.Id = dns.Id()
	for _, network := range [...]string{"udp", "tcp"} {
		c := dns.Client{Net: network, Timeout: serverTime}
		r, _, err := c.ExchangeContext(ctx, m, server)
		switch {
		case err != nil:
			return nil, err
		case r.Truncated && network == "udp":
			continue
		case len(r.Question) != 1 || r.Question[0].Qtype != m.Question[0].Qtype || !strings.EqualFold(r.Question[0].Name, m.Question[0].Name):
			return nil, errors.New(server + " answers another question")
		case r.Rcode != dns.RcodeSuccess && r.Rcode != dns.RcodeNameError:
			return nil, fmt.Errorf("%s says %s", server, dns.RcodeToString[r.Rcode])
		}
		return r, nil
	}
	return nil, errors.New(server + " cuts its answer off by TCP")
}

// read takes the records of a type out of an answer, for the name asked and those
// it is an alias of.
func read(r *dns.Msg, kind uint16) (records []dns.RR, ttl time.Duration) {
	name := r.Question[0].Name
	least := uint32(1<<31 - 1)
	for range most { // aliases of aliases
		for _, rr := range r.Answer {
			if strings.EqualFold(rr.Header().Name, name) && rr.Header().Rrtype == kind && len(records) < most {
				records, least = append(records, rr), min(least, rr.Header().Ttl)
			}
		}
		at := slices.IndexFunc(r.Answer, func(rr dns.RR) bool {
			return strings.EqualFold(rr.Header().Name, name) && rr.Header().Rrtype == dns.TypeCNAME
		})
		if len(records) > 0 || at < 0 {
			break
		}
		name, least = r.Answer[at].(*dns.CNAME).Target, min(least, r.Answer[at].Header().Ttl)
	}
	return records, time.Duration(least) * time.Second
}

// addresses gives the addresses of a host, in a fixed order: those of the hosts
// file, else what DNS says of A and AAAA. One of the two may fail.
func (k asker) addresses(ctx context.Context, host string) ([]netip.Addr, time.Duration, error) {
	if list := fromFile(ctx, host); len(list) > 0 {
		return list, fileTime, nil
	}
	var list []netip.Addr
	var ttl time.Duration
	var errs [2]error
	for i, kind := range [...]uint16{dns.TypeA, dns.TypeAAAA} {
		var records []dns.RR
		var t time.Duration
		records, t, errs[i] = k.ask(ctx, host, kind)
		if errs[i] == nil && (ttl == 0 || t < ttl) {
			ttl = max(t, time.Second)
		}
		for _, r := range records {
			if a, ok := address(r); ok {
				list = append(list, a)
			}
		}
	}
	switch {
	case errors.Is(errs[0], ErrNoAnswer):
		return nil, 0, errs[0] // half an answer would take the IPv4 places away
	case len(list) == 0:
		return nil, 0, worse(orNotFound(errs[0]), orNotFound(errs[1]))
	}
	slices.SortFunc(list, netip.Addr.Compare)
	return list, ttl, nil
}

// orNotFound is err, or ErrNotFound for records that held nothing.
func orNotFound(err error) error {
	if err == nil {
		return ErrNotFound
	}
	return err
}

// address reads an A or AAAA record. To some addresses no call can go.
func address(r dns.RR) (netip.Addr, bool) {
	var ip net.IP
	switch r := r.(type) {
	case *dns.A:
		ip = r.A
	case *dns.AAAA:
		ip = r.AAAA
	}
	a, ok := netip.AddrFromSlice(ip)
	a = a.Unmap()
	return a, ok && !a.IsUnspecified() && !a.IsMulticast() && a != netip.AddrFrom4([4]byte{255, 255, 255, 255})
}

// fromFile looks into the hosts file alone: a resolver that reaches no server.
func fromFile(ctx context.Context, host string) []netip.Addr {
	files := net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) { return nil, ErrNoAnswer }}
	found, err := files.LookupNetIP(ctx, "ip", strings.TrimSuffix(host, "."))
	if err != nil {
		return nil
	}
	list := make([]netip.Addr, len(found))
	for i, a := range found {
		list[i] = a.Unmap()
	}
	slices.SortFunc(list, netip.Addr.Compare)
	return list
}
