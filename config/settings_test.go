package config_test

import (
	"fmt"
	"net/netip"
	"sipid/config"
	"sipid/router"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestFlagsAlone(t *testing.T) {
	s, err := config.Load(config.Flags{})
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Listen[0].String(); len(s.Listen) != 1 || got != "udp:127.0.0.1:5060" {
		t.Errorf("listen %v", s.Listen)
	}
	if s.DB != "sipid.db" || s.HTTP != "127.0.0.1:8060" || s.KeyFile != "sipid.key" || s.Drain != config.DefaultDrain {
		t.Errorf("db %s, http %s, key %s, drain %s", s.DB, s.HTTP, s.KeyFile, s.Drain)
	}
	trunk := s.Trunks[0]
	if len(s.Trunks) != 1 || trunk.Name != "default" || trunk.Reject {
		t.Errorf("trunks %+v", s.Trunks)
	}
	wantSources := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	if !slices.Equal(trunk.Sources, wantSources) {
		t.Errorf("sources %v, want loopback only", trunk.Sources)
	}
	var names []string
	for _, source := range trunk.Identify {
		names = append(names, source.String())
	}
	if got := strings.Join(names, " "); got != "isup-original-called diversion history-info" {
		t.Errorf("identify %s", got)
	}
	group := s.Groups[0]
	if len(s.Groups) != 1 || group.Name != "default" || group.Body.String() != "sdp" ||
		len(group.Targets) != 1 || group.Targets[0].URI != "sip:127.0.0.1:5080" {
		t.Errorf("groups %+v", s.Groups)
	}
	if got := fmt.Sprint(group.FailoverOn); got != "[408 500 502 503 504]" || group.Probe.Interval != 0 {
		t.Errorf("failover on %s, probe %v", got, group.Probe)
	}
	if len(s.Warnings) != 0 {
		t.Errorf("warnings %q", s.Warnings)
	}
}

func TestFlagsAloneWarnsBeyondLoopback(t *testing.T) {
	s, err := config.Load(config.Flags{
		DB: "data/clients.db", Listen: []string{"udp:127.0.0.1:5060", "udp:0.0.0.0:5070"}, PBX: []string{"sip:10.0.0.1", "sip:10.0.0.2:5090"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Warnings) != 1 || !strings.Contains(s.Warnings[0], "udp:0.0.0.0:5070 can be reached") {
		t.Errorf("warnings %q", s.Warnings)
	}
	if s.KeyFile != "data/sipid.key" {
		t.Errorf("key file %s, want it beside the database", s.KeyFile)
	}
	targets := s.Groups[0].Targets
	if len(targets) != 2 || targets[0].Addr.String() != "10.0.0.1:5060" || targets[0].Host != "10.0.0.1" || targets[1].Host != "10.0.0.2:5090" {
		t.Errorf("targets %+v", targets)
	}
}

func TestFlagsWinOverFile(t *testing.T) {
	s, err := config.Load(config.Flags{
		Config: "testdata/ok-whole.yaml", DB: "other.db", HTTP: "127.0.0.1:9999",
		Listen: []string{"udp:127.0.0.1:5999"}, KeyFile: "other.key", LogLevel: "debug", LogFormat: "text", Drain: "5s",
	})
	if err != nil {
		t.Fatal(err)
	}
	if s.DB != "other.db" || s.HTTP != "127.0.0.1:9999" || len(s.Listen) != 1 || s.Listen[0].String() != "udp:127.0.0.1:5999" ||
		s.KeyFile != "other.key" || s.LogLevel.String() != "DEBUG" || s.LogJSON || s.Drain.Seconds() != 5 {
		t.Errorf("settings %+v", s)
	}
}

// Digits are text: YAML would make 8 of 010.
func TestUnquotedDigitsKeepTheirZeros(t *testing.T) {
	s, err := config.Load(config.Flags{Config: "testdata/ok-unquoted-digits.yaml"})
	if err != nil {
		t.Fatal(err)
	}
	trunk := s.Trunks[0]
	if trunk.Name != "007" || !slices.Equal(trunk.AccessIDs, []string{"010", "0100*"}) || !slices.Equal(trunk.StripPrefix, []string{"0086"}) {
		t.Errorf("trunk %+v", trunk)
	}
}

func TestFailoverAndProbe(t *testing.T) {
	load := func(name string) router.Group {
		t.Helper()
		s, err := config.Load(config.Flags{Config: "testdata/" + name + ".yaml"})
		if err != nil {
			t.Fatal(err)
		}
		return s.Groups[0]
	}
	if g := load("ok-spare-target"); len(g.FailoverOn) != 0 || g.Targets[1].Priority != 2 || g.Targets[1].Transport != "udp" {
		t.Errorf("an empty list means no failover by status: %+v", g)
	}
	if g := load("ok-tcp"); g.Targets[0].Transport != "tcp" || len(g.FailoverOn) != 5 {
		t.Errorf("%+v", g)
	}
	want := router.Probe{Interval: 5 * time.Second, Timeout: 2 * time.Second, DownAfter: 2, UpAfter: 2}
	if g := load("ok-whole"); g.Probe != want {
		t.Errorf("probe %+v", g.Probe)
	}
}
