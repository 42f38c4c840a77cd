package decode_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"sipid/isupbody"
	"sipid/sipi"
)

var (
	platform = net.IPv4(10, 1, 0, 7).To4()
	edge     = net.IPv4(10, 2, 0, 1).To4()
)

// sipInvite is a SIP-I INVITE with that original called number, at least that
// many octets long.
func sipInvite(t *testing.T, original string, size int) []byte {
	t.Helper()
	to, err := isupbody.NewNumber("95165F")
	if err != nil {
		t.Fatal(err)
	}
	n, err := isupbody.NewNumber(original)
	if err != nil {
		t.Fatal(err)
	}
	iam := isupbody.NewIAM(to)
	if err := iam.AddNumber(isupbody.ParamOriginalCalledNumber, n); err != nil {
		t.Fatal(err)
	}
	octets, err := iam.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	parts := []sipi.NewPart{
		{ContentType: sipi.TypeSDP, Content: []byte("v=0\r\n")},
		{ContentType: sipi.TypeISUP, Disposition: sipi.SignalOptional, Content: octets},
	}
	boundary := sipi.Boundary(parts...)
	body, err := sipi.Append(nil, boundary, parts...)
	if err != nil {
		t.Fatal(err)
	}
	head := "INVITE sip:95165@10.2.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.1.0.7;branch=z9hG4bK" + original +
		"\r\nFrom: <sip:a@10.1.0.7>;tag=1\r\nTo: <sip:95165@10.2.0.1>\r\nCall-ID: " + original +
		"\r\nCSeq: 1 INVITE\r\nMax-Forwards: 70\r\nMIME-Version: 1.0\r\nContent-Type: " + sipi.MediaType(boundary) + "\r\n"
	for len(head)+len(body) < size {
		head += "X-Padding: " + strings.Repeat("p", 60) + "\r\n"
	}
	return append([]byte(fmt.Sprintf("%sContent-Length: %d\r\n\r\n", head, len(body))), body...)
}

func serialize(t *testing.T, all ...gopacket.SerializableLayer) []byte {
	t.Helper()
	b := gopacket.NewSerializeBuffer()
	if err := gopacket.SerializeLayers(b, gopacket.SerializeOptions{FixLengths: true}, all...); err != nil {
		t.Fatal(err)
	}
	return bytes.Clone(b.Bytes())
}

var ethernet = &layers.Ethernet{
	SrcMAC: net.HardwareAddr{2, 0, 0, 0, 0, 1}, DstMAC: net.HardwareAddr{2, 0, 0, 0, 0, 2},
	EthernetType: layers.EthernetTypeIPv4,
}

// udpPackets are the IP packets of one datagram, cut where a 1500 octet MTU cuts.
func udpPackets(t *testing.T, id uint16, payload []byte) [][]byte {
	t.Helper()
	datagram := serialize(t, &layers.UDP{SrcPort: 5060, DstPort: 5060}, gopacket.Payload(payload))
	const most = 1480
	var packets [][]byte
	for at := 0; at < len(datagram); at += most {
		end := min(at+most, len(datagram))
		ip := &layers.IPv4{Version: 4, TTL: 64, Protocol: layers.IPProtocolUDP, SrcIP: platform, DstIP: edge, Id: id, FragOffset: uint16(at / 8)}
		if end < len(datagram) {
			ip.Flags = layers.IPv4MoreFragments
		}
		packets = append(packets, serialize(t, ip, gopacket.Payload(datagram[at:end])))
	}
	return packets
}

func tcpPacket(t *testing.T, seq uint32, syn bool, payload []byte) []byte {
	t.Helper()
	ip := &layers.IPv4{Version: 4, TTL: 64, Protocol: layers.IPProtocolTCP, SrcIP: platform, DstIP: edge}
	tcp := &layers.TCP{SrcPort: 40000, DstPort: 5060, Seq: seq, SYN: syn, ACK: !syn, Window: 65535}
	return serialize(t, ip, tcp, gopacket.Payload(payload))
}

// pcapFile writes IP packets behind an Ethernet header each.
func pcapFile(t *testing.T, packets ...[]byte) string {
	t.Helper()
	var b bytes.Buffer
	w := pcapgo.NewWriter(&b)
	if err := w.WriteFileHeader(65535, layers.LinkTypeEthernet); err != nil {
		t.Fatal(err)
	}
	for i, p := range packets {
		frame := serialize(t, ethernet, gopacket.Payload(p))
		if err := w.WritePacket(captureInfo(i, frame), frame); err != nil {
			t.Fatal(err)
		}
	}
	return saved(t, b.Bytes())
}

func captureInfo(i int, data []byte) gopacket.CaptureInfo {
	return gopacket.CaptureInfo{Timestamp: time.Unix(1700000000, int64(i)*1e6), CaptureLength: len(data), Length: len(data)}
}

func saved(t *testing.T, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "capture")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// originalsOf gives the original called numbers in a capture, as decode sees them.
func originalsOf(t *testing.T, path string) string {
	t.Helper()
	stdout, stderr, err := runDecode(nil, "--json", path)
	if err != nil || stderr != "" {
		t.Fatalf("%v, %q", err, stderr)
	}
	var all []struct {
		Original struct{ Digits string } `json:"original_called_number"`
		Warnings []string
	}
	if err := json.Unmarshal([]byte(stdout), &all); err != nil {
		t.Fatalf("%q: %v", stdout, err)
	}
	var digits []string
	for _, m := range all {
		digits = append(digits, m.Original.Digits)
		if len(m.Warnings) > 0 {
			t.Errorf("warnings %q", m.Warnings)
		}
	}
	return strings.Join(digits, " ")
}

func TestDecodeFragments(t *testing.T) {
	large := udpPackets(t, 7, sipInvite(t, "100100000042", 4000))
	if len(large) < 3 {
		t.Fatalf("%d fragments", len(large))
	}
	small := udpPackets(t, 8, sipInvite(t, "100100000043", 0))
	other := udpPackets(t, 9, sipInvite(t, "100100000044", 2000))
	for name, c := range map[string]struct {
		packets [][]byte
		want    string
	}{
		"InOrder":     {append(append([][]byte{}, large...), small...), "100100000042 100100000043"},
		"Reversed":    {[][]byte{large[2], large[1], large[0]}, "100100000042"},
		"Interleaved": {[][]byte{large[0], other[0], large[2], small[0], other[1], large[1]}, "100100000043 100100000044 100100000042"},
		"OneMissing":  {[][]byte{large[0], large[2], small[0]}, "100100000043"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := originalsOf(t, pcapFile(t, c.packets...)); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func TestDecodeStreams(t *testing.T) {
	first, second := sipInvite(t, "100100000042", 3000), sipInvite(t, "100100000043", 0)
	stream := append([]byte("\r\n\r\n"), first...) // a keep-alive in front
	stream = append(append(stream, second...), "\r\n"...)
	const start = 1000
	at := func(from, to int) []byte {
		return tcpPacket(t, start+1+uint32(from), false, stream[from:min(to, len(stream))])
	}
	syn := tcpPacket(t, start, true, nil)
	end := len(stream)
	for name, c := range map[string]struct {
		packets [][]byte
		want    string
	}{
		"InOrder":       {[][]byte{syn, at(0, 1400), at(1400, 2800), at(2800, end)}, "100100000042 100100000043"},
		"OutOfOrder":    {[][]byte{syn, at(1400, 2800), at(0, 1400), at(2800, end)}, "100100000042 100100000043"},
		"Retransmitted": {[][]byte{syn, at(0, 1400), at(0, 1400), at(700, 2800), at(2800, end)}, "100100000042 100100000043"},
		"WithoutSYN":    {[][]byte{at(0, 1400), at(1400, 2800), at(2800, end)}, "100100000042 100100000043"},
		"BegunInside":   {[][]byte{at(1400, 2800), at(2800, end)}, "100100000043"},
		"Hole":          {[][]byte{syn, at(0, 1400), at(2800, end)}, "100100000043"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := originalsOf(t, pcapFile(t, c.packets...)); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

// TestDecodeFormats reads pcapng with two kinds of links, and a raw IP capture.
func TestDecodeFormats(t *testing.T) {
	packet := udpPackets(t, 7, sipInvite(t, "100100000042", 0))[0]
	frame := serialize(t, ethernet, gopacket.Payload(packet))
	t.Run("Pcapng", func(t *testing.T) {
		var b bytes.Buffer
		w, err := pcapgo.NewNgWriterInterface(&b, pcapgo.NgInterface{LinkType: layers.LinkTypeEthernet}, pcapgo.NgWriterOptions{})
		if err != nil {
			t.Fatal(err)
		}
		raw, err := w.AddInterface(pcapgo.NgInterface{LinkType: layers.LinkTypeRaw})
		if err != nil {
			t.Fatal(err)
		}
		info := captureInfo(0, frame)
		if err := w.WritePacket(info, frame); err != nil {
			t.Fatal(err)
		}
		info = captureInfo(1, packet)
		info.InterfaceIndex = raw
		if err := w.WritePacket(info, packet); err != nil {
			t.Fatal(err)
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		if got := originalsOf(t, saved(t, b.Bytes())); got != "100100000042 100100000042" {
			t.Errorf("got %s", got)
		}
	})
	t.Run("RawNanoseconds", func(t *testing.T) {
		var b bytes.Buffer
		w := pcapgo.NewWriterNanos(&b)
		if err := w.WriteFileHeader(65535, layers.LinkTypeRaw); err != nil {
			t.Fatal(err)
		}
		if err := w.WritePacket(captureInfo(0, packet), packet); err != nil {
			t.Fatal(err)
		}
		if got := originalsOf(t, saved(t, b.Bytes())); got != "100100000042" {
			t.Errorf("got %s", got)
		}
	})
}

// TestDecodeCutCapture shows what is there of a capture that ends in a packet.
func TestDecodeCutCapture(t *testing.T) {
	packet := udpPackets(t, 7, sipInvite(t, "100100000042", 0))[0]
	path := pcapFile(t, packet, packet)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, missing := range []int{10, len(packet), len(packet) + 1} { // in the packet, behind its header, in that
		path = saved(t, content[:len(content)-missing])
		stdout, _, err := runDecode(nil, "--json", path)
		if got := messagesOf(t, stdout); got != "IAM" {
			t.Errorf("got %s", got)
		}
		if want := path + ": after packet 1: unexpected EOF"; err == nil || err.Error() != want {
			t.Errorf("%d octets missing: error %v, want %s", missing, err, want)
		}
	}
}

// TestDecodePlace shows where in a capture a message is.
func TestDecodePlace(t *testing.T) {
	packets := udpPackets(t, 7, sipInvite(t, "100100000042", 2000))
	stdout, _, err := runDecode(nil, pcapFile(t, packets...))
	want := "packet 2, 10.1.0.7 port 5060 to 10.2.0.1 port 5060, INVITE sip:95165@10.2.0.1 SIP/2.0\nIAM: "
	if err != nil || !strings.HasPrefix(stdout, want) {
		t.Errorf("%v\n%s", err, stdout)
	}
}

// TestDecodeRandomCaptures feeds captures with damaged octets: no panic, and
// always a whole JSON array.
func TestDecodeRandomCaptures(t *testing.T) {
	good, err := os.ReadFile(pcapFile(t, append(udpPackets(t, 7, sipInvite(t, "100100000042", 3000)),
		tcpPacket(t, 1000, true, nil), tcpPacket(t, 1001, false, sipInvite(t, "100100000043", 0)))...))
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		b := bytes.Clone(good)
		for range 1 + r.IntN(8) {
			b[r.IntN(len(b))] = byte(r.UintN(256))
		}
		stdout, _, _ := runDecode(bytes.NewReader(b), "--json", "-")
		if stdout != "" && !json.Valid([]byte(stdout)) {
			t.Fatalf("no JSON: %q\n%x", stdout, b)
		}
	}
}

// TestDecodeAgreesWithTshark gives one capture to both and compares the numbers.
func TestDecodeAgreesWithTshark(t *testing.T) {
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		t.Fatal("tshark is not installed: scripts/test installs it, or apt-get install tshark")
	}
	r := rand.New(rand.NewPCG(3, 4))
	var packets [][]byte
	for i := range 200 {
		original := fmt.Sprintf("%0*d", 1+r.IntN(18), r.IntN(1e9))
		packets = append(packets, udpPackets(t, uint16(i), sipInvite(t, original, r.IntN(6000)))...)
	}
	path := pcapFile(t, packets...)
	out, err := exec.Command(tshark, "-r", path, "-Y", "isup", "-T", "fields", "-e", "isup.original_called_number").Output()
	if err != nil {
		t.Fatal(err)
	}
	theirs := strings.Join(strings.Fields(string(out)), " ")
	if ours := originalsOf(t, path); ours != theirs || strings.Count(ours, " ") != 199 {
		t.Errorf("we  %s\nthey %s", ours, theirs)
	}
}
