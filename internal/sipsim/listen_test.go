package sipsim_test

import (
	"context"
	"net/netip"
	"strings"
	"testing"

	"sipid/internal/sipsim"
)

// TestListenOnAllAddresses wants a Contact and an SDP address that the other
// side can reach, not the unspecified one.
func TestListenOnAllAddresses(t *testing.T) {
	pbx, seen, _ := startPBX(t, sipsim.PBXConfig{Listen: ":0"})
	trunk, err := sipsim.NewTrunk(sipsim.TrunkConfig{Listen: "0.0.0.0:0"})
	if err != nil {
		t.Fatal(err)
	}
	defer trunk.Close()
	result, err := trunk.Call(context.Background(), callTo(netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), pbx.Addr().Port())))
	if err != nil {
		t.Fatal(err)
	}
	if contact, _ := seen.first(t).Value("Contact"); !strings.HasPrefix(contact, "<sip:trunk@127.0.0.1:") {
		t.Errorf("the trunk's Contact: %s", contact)
	}
	if !strings.Contains(string(result.Answer), "Contact: <sip:pbx@127.0.0.1:") || !strings.Contains(string(result.Answer), "c=IN IP4 127.0.0.1\r\n") {
		t.Errorf("the PBX's answer:\n%s", result.Answer)
	}
}
