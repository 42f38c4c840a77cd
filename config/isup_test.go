package config_test

import (
	"maps"
	"testing"

	"sipid/config"
	"sipid/router"
)

// What a trunk's file says of the ISUP for it arrives.
func TestISUPOfTrunk(t *testing.T) {
	s, err := config.Load(config.Flags{Config: "testdata/ok-isup.yaml"})
	if err != nil {
		t.Fatal(err)
	}
	trunk := s.Trunks[0]
	want := router.ISUP{
		Base: "etsi356", Version: "spirou", Charge: "no-charge", Category: "payphone", Interworking: "no",
		ISUPAllTheWay: "yes", ISDNAccess: "yes", Location: "ln",
	}
	if trunk.ISUP != want || trunk.ISUPReplies != "always" || trunk.CauseProfile != "rfc3398" ||
		trunk.ISUPEncoding != "hex" || trunk.ISUPVariant != "itu" {
		t.Errorf("trunk %+v", trunk)
	}
	if !maps.Equal(trunk.Causes, map[int]uint8{480: 19, 503: 42}) {
		t.Errorf("causes %v", trunk.Causes)
	}
	if s.Groups[0].ISUPInfo != "pass" {
		t.Errorf("group %+v", s.Groups[0])
	}
}
