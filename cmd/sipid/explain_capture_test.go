package main_test

import (
	"bytes"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"sipid/report"
)

// TestExplainCapture: every INVITE of a capture, from the address it came from;
// one that no trunk takes says so, and the others are explained all the same.
func TestExplainCapture(t *testing.T) {
	message, err := os.ReadFile(invite(t, "Diversion: <sip:100100000042@192.0.2.1>"))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := pcapgo.NewWriter(&b)
	if err := w.WriteFileHeader(65535, layers.LinkTypeRaw); err != nil {
		t.Fatal(err)
	}
	for _, source := range []string{"127.0.0.1", "10.9.9.9"} {
		ip := &layers.IPv4{Version: 4, TTL: 64, Protocol: layers.IPProtocolUDP, SrcIP: net.ParseIP(source), DstIP: net.ParseIP("127.0.0.2")}
		udp := &layers.UDP{SrcPort: 5060, DstPort: 5060}
		packet := gopacket.NewSerializeBuffer()
		if err := gopacket.SerializeLayers(packet, gopacket.SerializeOptions{FixLengths: true}, ip, udp, gopacket.Payload(message)); err != nil {
			t.Fatal(err)
		}
		n := len(packet.Bytes())
		if err := w.WritePacket(gopacket.CaptureInfo{CaptureLength: n, Length: n}, packet.Bytes()); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "t.pcap")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	var list []report.Explanation
	out := sipid(t, "route", "explain", "--json", "--message", path, "--db", explainDB(t))
	if err := json.Unmarshal([]byte(out), &list); err != nil || len(list) != 2 {
		t.Fatalf("%v: %s", err, out)
	}
	if list[0].Status != "resolved" || list[0].Serial != "00000042" || !strings.HasPrefix(list[0].Place, "packet 1, 127.0.0.1") {
		t.Errorf("%+v", list[0])
	}
	if list[1].Status != "" || !strings.Contains(list[1].Error, "10.9.9.9") {
		t.Errorf("%+v", list[1])
	}
}
