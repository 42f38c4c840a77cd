package router

import (
	"net/netip"
	"slices"

	"sipid/isupbody"
)

func (t Trunk) withDefaults() Trunk {
	t.Sources = plainPrefixes(t.Sources)
	t.Networks = plainPrefixes(t.Networks)
	if len(t.Networks) == 0 {
		t.Networks = t.Sources
	}
	if len(t.Identify) == 0 {
		t.Identify = DefaultSources()
	}
	if t.ISUPReplies == "" {
		t.ISUPReplies = ISUPAuto
	}
	if t.CauseProfile == "" {
		t.CauseProfile = CauseQ1912
	}
	if t.ISUPEncoding == "" {
		t.ISUPEncoding = EncodingBinary
	}
	if t.ISUP.Base == "" && t.ISUPVariant == VariantANSI {
		t.ISUP.Base = isupbody.BaseANSI00.String()
	}
	base, _ := isupbody.ParseBase(t.ISUP.Base) // validated
	t.variant = base.Variant()
	if len(t.NumberPlan) == 0 {
		t.NumberPlan = ChinaPlan()
	}
	t.plan, _ = ParseNumberPlan(t.NumberPlan) // validated
	t.needs = slices.Contains(t.Identify, SourceCalledSuffix) || slices.Contains(t.Identify, SourceCalling)
	if len(t.MayUse) > 0 {
		t.refuses = ^uint32(0)
	}
	for _, s := range t.MayUse {
		t.refuses &^= 1 << s
	}
	return t
}

func (g Group) withDefaults() Group {
	g.Targets = append([]Target(nil), g.Targets...)
	for i := range g.Targets {
		g.Targets[i] = g.Targets[i].withDefaults()
	}
	g.Networks = plainPrefixes(g.Networks)
	if len(g.Networks) == 0 {
		for i := range g.Targets {
			if g.Targets[i].Named {
				continue
			}
			addr := plain(g.Targets[i].Addr.Addr())
			g.Networks = append(g.Networks, netip.PrefixFrom(addr, addr.BitLen()))
		}
	}
	return g
}

func (t Target) withDefaults() Target {
	t.Addr = netip.AddrPortFrom(t.Addr.Addr().Unmap(), t.Addr.Port())
	if t.Transport == "" && !t.Named {
		t.Transport = "udp"
	}
	t.Weight, t.Priority = atLeastOne(t.Weight), atLeastOne(t.Priority)
	return t
}

func plainPrefixes(list []netip.Prefix) []netip.Prefix {
	plain := make([]netip.Prefix, len(list))
	for i, p := range list {
		plain[i] = plainPrefix(p)
	}
	return plain
}

// plainPrefix cuts the host bits, so that 10.1.2.3/16 means 10.1.0.0/16, and
// writes IPv4 in IPv6 as IPv4.
func plainPrefix(p netip.Prefix) netip.Prefix {
	if a := p.Addr(); a.Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(a.Unmap(), p.Bits()-96)
	}
	return p.Masked()
}
