package router_test

import (
	"errors"
	"math"
	"net/netip"
	"strings"
	"testing"
	"time"

	"sipid/router"
)

func TestNewErrors(t *testing.T) {
	for name, tc := range map[string]struct {
		field  string
		change func(*router.Config)
	}{
		"no trunk":              {"trunks", func(c *router.Config) { c.Trunks = nil }},
		"trunk without name":    {"trunks[0].name", func(c *router.Config) { c.Trunks[0].Name = "" }},
		"trunk twice":           {"trunks[1].name", func(c *router.Config) { c.Trunks = append(c.Trunks, trunk("default", "10.0.0.0/8")) }},
		"trunk without sources": {"trunks[0].sources", func(c *router.Config) { c.Trunks[0].Sources = nil }},
		"invalid source":        {"trunks[0].sources[1]", func(c *router.Config) { c.Trunks[0].Sources = append(c.Trunks[0].Sources, netip.Prefix{}) }},
		"source of two trunks":  {"trunks[1].sources[0]", func(c *router.Config) { c.Trunks = append(c.Trunks, trunk("b", "127.1.2.3/8")) }},
		"invalid network":       {"trunks[0].networks[0]", func(c *router.Config) { c.Trunks[0].Networks = make([]netip.Prefix, 1) }},
		"no source":             {"trunks[0].identify[0]", func(c *router.Config) { c.Trunks[0].Identify = []router.Source{router.SourceNone} }},
		"no access number":      {"trunks[0].access_numbers", func(c *router.Config) { c.Trunks[0].Identify = []router.Source{router.SourceCalledSuffix} }},
		"access number":         {"trunks[0].access_numbers[1]", func(c *router.Config) { c.Trunks[0].AccessNumbers = []string{"95165", "+1"} }},
		"access number twice":   {"trunks[0].access_numbers[1]", func(c *router.Config) { c.Trunks[0].AccessNumbers = []string{"95165", "95165"} }},
		"number plan":           {"trunks[0].number_plan", func(c *router.Config) { c.Trunks[0].NumberPlan = []string{"1[9-3]x"} }},
		"number plan, empty":    {"trunks[0].number_plan", func(c *router.Config) { c.Trunks[0].NumberPlan = []string{""} }},
		"number plan, open":     {"trunks[0].number_plan", func(c *router.Config) { c.Trunks[0].NumberPlan = []string{"1[3"} }},
		"direct client":         {"trunks[0].direct_client", func(c *router.Config) { c.Trunks[0].DirectClient = "10x" }},
		"method":                {"trunks[0].methods[0]", func(c *router.Config) { c.Trunks[0].MayUse = []router.Source{router.SourceNone} }},
		"rule strips":           {"trunks[0].numbers.calling.strip[0]", func(c *router.Config) { c.Trunks[0].Calling.Strip = []string{""} }},
		"rule adds":             {"trunks[0].numbers.called.add", func(c *router.Config) { c.Trunks[0].Called.Add = "x" }},
		"rule's form":           {"trunks[0].numbers.original_called.form", func(c *router.Config) { c.Trunks[0].OriginalCalled.Form = "local" }},
		"unknown source":        {"trunks[0].identify[0]", func(c *router.Config) { c.Trunks[0].Identify = []router.Source{99} }},
		"source twice":          {"trunks[0].identify[1]", func(c *router.Config) { c.Trunks[0].Identify = []router.Source{router.SourceTo, router.SourceTo} }},
		"strip prefix":          {"trunks[0].strip_prefix[1]", func(c *router.Config) { c.Trunks[0].StripPrefix = []string{"+86", "+x"} }},
		"strip nothing":         {"trunks[0].strip_prefix[0]", func(c *router.Config) { c.Trunks[0].StripPrefix = []string{""} }},
		"access ID pattern":     {"trunks[0].access_ids[0]", func(c *router.Config) { c.Trunks[0].AccessIDs = []string{"1*0"} }},
		"ISUP replies":          {"trunks[0].isup_replies", func(c *router.Config) { c.Trunks[0].ISUPReplies = "sometimes" }},
		"cause profile":         {"trunks[0].cause_profile", func(c *router.Config) { c.Trunks[0].CauseProfile = "q850" }},
		"cause of 200":          {"trunks[0].causes.200", func(c *router.Config) { c.Trunks[0].Causes = map[int]uint8{200: 16} }},
		"no cause":              {"trunks[0].causes.404", func(c *router.Config) { c.Trunks[0].Causes = map[int]uint8{404: 128} }},
		"ISUP base":             {"trunks[0].isup.base", func(c *router.Config) { c.Trunks[0].ISUP.Base = "nxv3" }},
		"ISUP version":          {"trunks[0].isup.version", func(c *router.Config) { c.Trunks[0].ISUP.Version = "a;b" }},
		"ISUP charge":           {"trunks[0].isup.charge", func(c *router.Config) { c.Trunks[0].ISUP.Charge = "free" }},
		"ISUP category":         {"trunks[0].isup.category", func(c *router.Config) { c.Trunks[0].ISUP.Category = "x" }},
		"ISUP interworking":     {"trunks[0].isup.interworking", func(c *router.Config) { c.Trunks[0].ISUP.Interworking = "true" }},
		"ISUP all the way":      {"trunks[0].isup.isup_all_the_way", func(c *router.Config) { c.Trunks[0].ISUP.ISUPAllTheWay = "1" }},
		"ISDN access":           {"trunks[0].isup.isdn_access", func(c *router.Config) { c.Trunks[0].ISUP.ISDNAccess = "isdn" }},
		"ISUP location":         {"trunks[0].isup.location", func(c *router.Config) { c.Trunks[0].ISUP.Location = "user" }},
		"ISUP encoding":         {"trunks[0].isup_encoding", func(c *router.Config) { c.Trunks[0].ISUPEncoding = "text" }},
		"ISUP variant":          {"trunks[0].isup_variant", func(c *router.Config) { c.Trunks[0].ISUPVariant = "spirou" }},
		"ISUP variants":         {"trunks[0].isup_variant", func(c *router.Config) { c.Trunks[0].ISUPVariant, c.Trunks[0].ISUP.Base = "itu", "ansi00" }},
		"ISUP in INFO":          {"pbx_groups[0].isup_info", func(c *router.Config) { c.Groups[0].ISUPInfo = "drop" }},
		"negative rate":         {"trunks[0].max_cps", func(c *router.Config) { c.Trunks[0].MaxCPS = -1 }},
		"no rate":               {"trunks[0].max_cps", func(c *router.Config) { c.Trunks[0].MaxCPS = math.NaN() }},
		"no default group":      {"pbx_groups", func(c *router.Config) { c.Groups = c.Groups[1:] }},
		"group twice":           {"pbx_groups[1].name", func(c *router.Config) { c.Groups[1].Name = "default" }},
		"group without targets": {"pbx_groups[1].targets", func(c *router.Config) { c.Groups[1].Targets = nil }},
		"target without URI":    {"pbx_groups[0].targets[0].uri", func(c *router.Config) { c.Groups[0].Targets[0].URI = "" }},
		"target not resolved":   {"pbx_groups[0].targets[0].uri", func(c *router.Config) { c.Groups[0].Targets[0].Addr = netip.AddrPort{} }},
		"target twice":          {"pbx_groups[1].targets[1].uri", func(c *router.Config) { c.Groups[1].Targets[1] = c.Groups[1].Targets[0] }},
		"transport":             {"pbx_groups[0].targets[0].transport", func(c *router.Config) { c.Groups[0].Targets[0].Transport = "sctp" }},
		"weight":                {"pbx_groups[0].targets[0].weight", func(c *router.Config) { c.Groups[0].Targets[0].Weight = -1 }},
		"priority":              {"pbx_groups[0].targets[0].priority", func(c *router.Config) { c.Groups[0].Targets[0].Priority = -1 }},
		"group network":         {"pbx_groups[0].networks[0]", func(c *router.Config) { c.Groups[0].Networks = make([]netip.Prefix, 1) }},
		"body":                  {"pbx_groups[0].body", func(c *router.Config) { c.Groups[0].Body = 9 }},
		"failover on 200":       {"pbx_groups[0].failover_on[0]", func(c *router.Config) { c.Groups[0].FailoverOn = []int{200} }},
		"probe interval":        {"pbx_groups[0].probe", func(c *router.Config) { c.Groups[0].Probe.Interval = -time.Second }},
		"probe counts":          {"pbx_groups[0].probe", func(c *router.Config) { c.Groups[0].Probe.UpAfter = -1 }},
	} {
		t.Run(name, func(t *testing.T) {
			c := config()
			tc.change(&c)
			_, err := router.New(c)
			var field *router.FieldError
			if !errors.As(err, &field) || field.Field != tc.field {
				t.Errorf("New: %v, want a fault of %s", err, tc.field)
			}
		})
	}
}

func TestNewReportsAll(t *testing.T) {
	c := config()
	c.Trunks[0].Name, c.Groups[0].Name = "", ""
	_, err := router.New(c)
	if got := strings.Count(err.Error(), "\n") + 1; got != 3 { // and no group is named default now
		t.Errorf("%d faults reported:\n%v", got, err)
	}
}

func TestNewDefaults(t *testing.T) {
	c := config()
	c.Trunks[0].Sources = []netip.Prefix{netip.MustParsePrefix("10.1.2.3/16")}
	r, err := router.New(c)
	if err != nil {
		t.Fatal(err)
	}
	trunk := r.Trunks()[0]
	if len(trunk.Identify) != 3 || trunk.ISUPReplies != "auto" || trunk.CauseProfile != "q1912.5" {
		t.Errorf("trunk %+v", trunk)
	}
	if len(trunk.Networks) != 1 || trunk.Networks[0].String() != "10.1.0.0/16" {
		t.Errorf("networks %v, want the sources", trunk.Networks)
	}
	g := r.Groups()[1]
	if len(g.Networks) != 2 || g.Networks[1].String() != "10.2.1.11/32" {
		t.Errorf("networks %v, want the targets", g.Networks)
	}
	if target := g.Targets[0]; target.Transport != "udp" || target.Weight != 1 || target.Priority != 1 {
		t.Errorf("target %+v", target)
	}
	if c.Groups[1].Targets[0].Weight != 0 {
		t.Error("New changed the caller's configuration")
	}
}

func TestTrunkOfAddress(t *testing.T) {
	c := config()
	c.Trunks = []router.Trunk{
		trunk("wide", "10.0.0.0/8"), trunk("narrow", "10.1.0.0/16"), trunk("host", "10.1.2.3/32"),
		trunk("v6", "2001:db8::/32"), trunk("mapped", "::ffff:192.0.2.0/120"),
	}
	r, err := router.New(c)
	if err != nil {
		t.Fatal(err)
	}
	for addr, want := range map[string]string{
		"10.9.9.9":        "wide",
		"10.1.9.9":        "narrow",
		"10.1.2.3":        "host",
		"::ffff:10.1.2.3": "host",
		"2001:db8:1::1":   "v6",
		"2001:db8::1%en0": "v6",
		"192.0.2.77":      "mapped",
		"11.0.0.1":        "",
		"2001:db9::1":     "",
		"127.0.0.1":       "",
	} {
		got := ""
		if t := r.Trunk(netip.MustParseAddr(addr)); t != nil {
			got = t.Name
		}
		if got != want {
			t.Errorf("%s belongs to %q, want %q", addr, got, want)
		}
	}
	if r.Trunk(netip.Addr{}) != nil {
		t.Error("no address has a trunk")
	}
}

func TestGroups(t *testing.T) {
	r := newRouter(t, config())
	if g := r.Group("hangzhou"); g == nil || g != r.Groups()[1] {
		t.Error("group hangzhou is not found")
	}
	if r.Group("gone") != nil || r.DefaultGroup() != r.Groups()[0] {
		t.Error("groups are mixed up")
	}
}
